"""What browsers load is never older than its sources, however the stacks are deployed."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from stacks.widget_build import WidgetNotBuiltError, bring_up_quickly, bring_up_to_date, is_current, pinned_tag

NPM = """#!/bin/sh
rm -rf "$2/dist"
mkdir "$2/dist"
cat "$2"/src/* > "$2/dist/widget.js"
"""


def lock(vite: str) -> str:
    return json.dumps({"packages": {"": {"name": "widget"}, "node_modules/vite": {"version": vite}}})


@pytest.fixture
def npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A builder that is quick: it puts the sources one after another."""
    npm = tmp_path / "bin" / "npm"
    npm.parent.mkdir()
    npm.write_text(NPM, encoding="utf-8")
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", f"{npm.parent}:/usr/bin:/bin")
    return npm


@pytest.fixture
def widget(tmp_path: Path, npm: Path) -> Path:
    """A widget that is built and current."""
    widget = tmp_path / "widget"
    (widget / "src" / "strings").mkdir(parents=True)
    (widget / "node_modules").mkdir()
    (widget / "src" / "index.ts").write_text("chat", encoding="utf-8")
    (widget / "src" / "old.ts").write_text("old", encoding="utf-8")
    (widget / "package-lock.json").write_text(lock("8"), encoding="utf-8")
    (widget / "node_modules" / ".package-lock.json").write_text(lock("8"), encoding="utf-8")
    npm.write_text(NPM.replace("/*", "/*.ts"), encoding="utf-8")
    assert bring_up_to_date(widget)
    return widget


def test_it_is_built_once(widget: Path) -> None:
    assert is_current(widget)
    assert not bring_up_to_date(widget)


def test_a_changed_source_is_built(widget: Path) -> None:
    (widget / "src" / "index.ts").write_text("another title", encoding="utf-8")

    assert bring_up_to_date(widget)
    assert (widget / "dist" / "widget.js").read_text(encoding="utf-8") == "another titleold"


def test_what_is_built_quickly_while_somebody_works_is_built_whole_the_next_time(widget: Path) -> None:
    (widget / "src" / "index.ts").write_text("another title", encoding="utf-8")
    bring_up_quickly(widget)

    assert (widget / "dist" / "widget.js").read_text(encoding="utf-8") == "another titleold"
    assert not is_current(widget)
    assert bring_up_to_date(widget)


def test_so_is_a_source_that_was_taken_away_which_no_time_stamp_tells(widget: Path) -> None:
    (widget / "src" / "old.ts").unlink()

    assert bring_up_to_date(widget)


@pytest.mark.parametrize("setting", ["vite.config.ts", "package.json", "src/strings/en.json"])
def test_what_decides_the_build_is_a_source_too(setting: str, widget: Path) -> None:
    (widget / setting).write_text("{}", encoding="utf-8")

    assert not is_current(widget)


def test_what_an_editor_leaves_behind_is_none(widget: Path) -> None:
    (widget / "src" / ".index.ts.swp").write_text("", encoding="utf-8")

    assert is_current(widget)


def test_a_result_that_somebody_has_touched_is_built_anew(widget: Path) -> None:
    (widget / "dist" / "widget.js").write_text("by hand", encoding="utf-8")

    assert bring_up_to_date(widget)


def test_a_build_that_fails_ends_in_one_line_and_is_no_result(widget: Path, npm: Path) -> None:
    (widget / "src" / "index.ts").write_text("no TypeScript", encoding="utf-8")
    npm.write_text("#!/bin/sh\necho index.ts:\necho what is this >&2\nexit 1\n", encoding="utf-8")

    with pytest.raises(WidgetNotBuiltError, match=r"^the widget cannot be built: index\.ts: what is this$"):
        bring_up_to_date(widget)
    assert not is_current(widget)


@pytest.mark.parametrize(
    ("installed", "said"),
    [
        (None, "its tools are not installed: run `npm --prefix widget ci`"),
        ("7", "its tools are not as pinned: run `npm"),
    ],
)
def test_tools_that_are_missing_or_others_are_said_in_one_line(installed: str | None, said: str, widget: Path) -> None:
    (widget / "src" / "index.ts").write_text("changed", encoding="utf-8")
    tools = widget / "node_modules" / ".package-lock.json"
    tools.unlink() if installed is None else tools.write_text(lock(installed), encoding="utf-8")

    with pytest.raises(WidgetNotBuiltError, match=f"^[^\n]*{re.escape(said)}[^\n]*$"):
        bring_up_to_date(widget)


def test_a_machine_without_npm_is_told_so(widget: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (widget / "src" / "index.ts").write_text("changed", encoding="utf-8")
    monkeypatch.setenv("PATH", "/nowhere")

    with pytest.raises(WidgetNotBuiltError, match=r"there is no npm: install Node\.js"):
        bring_up_to_date(widget)


def test_a_build_says_how_a_page_pins_it(widget: Path) -> None:
    (widget / "dist" / "pinned.json").write_text('{"path":"v/0/widget.js","integrity":"sha384-A"}', encoding="ascii")

    assert pinned_tag(widget) == 'src="https://HOST/v/0/widget.js" integrity="sha384-A" crossorigin="anonymous"'
