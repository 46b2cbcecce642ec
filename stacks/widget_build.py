"""Builds what browsers load, where it is not what its sources say: an old widget beside a new API is never shipped."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from .places import folder

WIDGET = folder("widget")
FILES = WIDGET / "dist"
NOTE = ".built"
"""The file beside `dist` that says of which sources it was built, and what came out."""

PIN = "pinned.json"
"""The file in `dist` that says where the widget lies that pages may pin, and what its hash is."""

_INSTALL = "run `npm --prefix widget ci`"
_LONGEST_REASON = 400


class WidgetNotBuiltError(Exception):
    """The widget cannot be built; the message says what to do."""


def bring_up_to_date(widget: Path = WIDGET) -> bool:
    """Build the widget unless it is what its sources say; return whether it was built.

    Raises WidgetNotBuiltError.
    """
    if is_current(widget):
        return False
    sources = _hash_of(sources_of(widget), widget)
    _run("build", widget)
    (widget / NOTE).write_text(f"{sources} {_hash_of(_built(widget), widget)}\n", encoding="ascii")
    return True


def bring_up_quickly(widget: Path = WIDGET) -> None:
    """Build what pages load, as large as it comes; it is not current, so that the next build is whole.

    Raises WidgetNotBuiltError.
    """
    _run("quick", widget)


def _run(script: str, widget: Path) -> None:
    command = [_installed_npm(widget), "--prefix", str(widget), "--silent", "run", script]
    (widget / NOTE).unlink(missing_ok=True)
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - pinned by us
    if done.returncode != 0:
        reason = " ".join((done.stdout + done.stderr).split())[:_LONGEST_REASON]
        raise WidgetNotBuiltError(f"the widget cannot be built: {reason}")


def is_current(widget: Path = WIDGET) -> bool:
    """Whether what is built came of these sources, and nobody has touched it since."""
    note = widget / NOTE
    return note.is_file() and note.read_text(encoding="ascii").split() == [
        _hash_of(sources_of(widget), widget),
        _hash_of(_built(widget), widget),
    ]


def sources_of(widget: Path) -> list[Path]:
    """All that decides what is built: the sources, the settings and the pins."""
    return sorted([*_files_below(widget / "src"), *widget.glob("*.json"), *widget.glob("*.ts")])


def _built(widget: Path) -> list[Path]:
    return sorted(_files_below(widget / "dist"))


def _files_below(folder: Path) -> Iterable[Path]:
    return (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))


def _hash_of(files: Iterable[Path], root: Path) -> str:
    digest = hashlib.sha256()
    for path in files:
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(root).as_posix()} {content}\n".encode())
    return digest.hexdigest()


def _installed_npm(widget: Path) -> str:
    """The npm to build with, where the tools are those that are pinned."""
    npm = shutil.which("npm")
    if npm is None:
        raise WidgetNotBuiltError("the widget has to be built, and there is no npm: install Node.js 24 or newer")
    pinned, installed = (
        _packages(widget / "package-lock.json"),
        _packages(widget / "node_modules" / ".package-lock.json"),
    )
    if not installed:
        raise WidgetNotBuiltError(f"the widget has to be built, and its tools are not installed: {_INSTALL}")
    if not installed.items() <= pinned.items():
        raise WidgetNotBuiltError(f"the widget has to be built, and its tools are not as pinned: {_INSTALL}")
    return npm


def _packages(lock: Path) -> dict[str, str]:
    if not lock.is_file():
        return {}
    packages = json.loads(lock.read_text(encoding="utf-8"))["packages"]
    return {name: each["version"] for name, each in packages.items() if name}


def pinned_tag(widget: Path = WIDGET) -> str:
    """The part of a page's tag that says which file is run, and that no other one may be."""
    pin = json.loads((widget / "dist" / PIN).read_text(encoding="ascii"))
    return f'src="https://HOST/{pin["path"]}" integrity="{pin["integrity"]}" crossorigin="anonymous"'


def main(arguments: Sequence[str] = ()) -> int:
    """Build it, with `quick` as large as it comes; with `tag`, say how a page pins it.

    Return 0, or 1 after a line on standard error with the reason.
    """
    try:
        if "quick" in arguments:
            bring_up_quickly()
        else:
            bring_up_to_date()
    except WidgetNotBuiltError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    if "tag" in arguments:
        sys.stdout.write(f"This version of the widget for good: <script async {pinned_tag()} …>\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
