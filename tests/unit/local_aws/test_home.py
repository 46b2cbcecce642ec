"""What a local system leaves behind is for the account that runs it alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from administration import deployments
from administration.deployments import Access, local_access
from administration.local_credentials import as_shell
from local_aws import home
from local_aws.home import exclusive_use, published

ACCESS = Access("http://127.0.0.1:4566", "ap-south-1", "AKIAOFTHISRUN", "a%b$(c)")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home that is not the project's, on a machine whose new files everybody may read."""
    for module in (deployments, home):
        for name, file in {"HOME": ".", "OUTPUTS": "outputs.json", "LOCK": "lock", "PROFILE": "aws-config"}.items():
            monkeypatch.setattr(module, f"LOCAL_{name}", tmp_path / ".local" / file)
    before = os.umask(0o022)
    yield tmp_path / ".local"
    os.umask(before)


def modes(folder: Path) -> dict[str, str]:
    """What the account, its group and everybody else may do with each file, by path."""
    return {str(path.relative_to(folder)): oct(path.stat().st_mode)[-3:] for path in (folder, *folder.rglob("*"))}


def test_nobody_else_can_look_into_it(folder: Path) -> None:
    with exclusive_use(), published({}, ACCESS):
        (folder / "state").mkdir()
        (folder / "state" / "tables").touch()
        assert modes(folder) == {
            ".": "700",
            "lock": "600",
            "aws-config": "600",
            "outputs.json": "600",
            "state": "700",
            "state/tables": "600",
        }


def test_nor_into_what_an_older_run_has_left(folder: Path) -> None:
    (folder / "state").mkdir(parents=True, mode=0o755)
    (folder / "state" / "tables").touch(mode=0o644)
    with exclusive_use():
        assert set(modes(folder).values()) == {"700", "600"}


def test_the_key_goes_with_the_run(folder: Path) -> None:
    with exclusive_use(), published({}, ACCESS):
        assert local_access() == ACCESS
    assert {path.name for path in folder.iterdir()} == {"lock"}


def test_a_shell_is_told_what_an_aws_client_needs_and_nothing_that_is_run() -> None:
    assert as_shell(ACCESS).splitlines() == [
        "unset AWS_PROFILE AWS_SESSION_TOKEN",
        "export AWS_ENDPOINT_URL=http://127.0.0.1:4566",
        "export AWS_ACCESS_KEY_ID=AKIAOFTHISRUN",
        "export AWS_SECRET_ACCESS_KEY='a%b$(c)'",
        "export AWS_REGION=ap-south-1",
        "export AWS_DEFAULT_REGION=ap-south-1",
    ]
