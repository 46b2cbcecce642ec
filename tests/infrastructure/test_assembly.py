"""What lies in cdk.out: nothing wrong under a right name, and nothing that depends on what was there before."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import aws_cdk as cdk
import pytest

from app import main
from stacks import assembly, bundling, widget_build
from stacks.bundling import BundlingError


@pytest.fixture(autouse=True)
def _built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(widget_build, "bring_up_to_date", lambda: False)


def half_a_bundle(lambdas: Path, target: object, output: Path) -> None:
    (output / "half.py").touch()
    raise BundlingError("no network")


def a_bundle(lambdas: Path, target: object, output: Path) -> None:
    (output / "whole.py").touch()


def synthesize_into(folder: Path, name: str = "local", *, bundled: bool = True) -> None:
    context = {"env": name, "aws:cdk:bundling-stacks": ["**"] if bundled else []}
    # As in a process of its own.
    cdk.AssetStaging.clear_asset_hash_cache()
    main(cdk.App(outdir=str(folder), context=context, builtin_cloud_formation_validation=False))


def test_a_bundle_that_was_interrupted_is_never_taken_for_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundling, "bundle", half_a_bundle)
    with pytest.raises(SystemExit, match=r"^error: no network$"):
        synthesize_into(tmp_path)
    assert not (tmp_path / assembly.MANIFEST).exists(), "`cdk deploy --app cdk.out` must find nothing to deploy"

    monkeypatch.setattr(bundling, "bundle", a_bundle)
    synthesize_into(tmp_path)

    (functions,) = tmp_path.glob("asset.*")
    assert [path.name for path in functions.iterdir()] == ["whole.py"]


def test_ctrl_c_ends_the_app_in_one_line_and_leaves_nothing_to_deploy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("app.add_stacks", interrupted)
    monkeypatch.setattr("os._exit", sys.exit)
    with pytest.raises(SystemExit, match="130"):
        synthesize_into(tmp_path)
    assert re.fullmatch(r"error: interrupted: [^\n]*\n", capsys.readouterr().err)
    assert not (tmp_path / assembly.MANIFEST).exists()


def test_neither_is_a_copy_of_the_widget(tmp_path: Path) -> None:
    synthesize_into(tmp_path, "dev", bundled=False)
    (widget,) = (path.parent for path in tmp_path.glob("asset.*/widget.js"))
    (widget / "widget.js").unlink()
    (tmp_path / assembly.MANIFEST).unlink()

    synthesize_into(tmp_path, "dev", bundled=False)

    assert (widget / "widget.js").exists()


def test_what_a_whole_synthesis_has_left_is_used_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundling, "bundle", a_bundle)
    synthesize_into(tmp_path)
    monkeypatch.setattr(bundling, "bundle", half_a_bundle)
    synthesize_into(tmp_path)

    assert (tmp_path / assembly.MANIFEST).exists()


def test_files_that_were_interrupted_go_as_well_and_foreign_ones_stay(tmp_path: Path) -> None:
    for name in ("asset.0123.zip", "asset.4567/index.html", "production/asset.89ab/index.html", "notes.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()

    assembly.begin(tmp_path)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["notes.txt", "production"]
    assert (tmp_path / "production" / "asset.89ab" / "index.html").exists()


def test_a_widget_that_cannot_be_built_ends_the_app_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def cannot() -> bool:
        raise widget_build.WidgetNotBuiltError("the widget cannot be built: why")

    monkeypatch.setattr(widget_build, "bring_up_to_date", cannot)
    with pytest.raises(SystemExit, match=r"^error: the widget cannot be built: why$"):
        main(cdk.App(context={"env": "dev"}))
