"""How large the functions' bundle is, and what of it is whose."""

from __future__ import annotations

import tempfile
import zlib
from collections.abc import Iterable
from pathlib import Path

from stacks.bundling import HOST, LAMBDAS, bundle

OURS = ("chat", "handlers")
LARGEST = 6
"""So many of what it depends on have a row of their own."""


def rows() -> list[list[str]]:
    """The whole, our own code, and each of the largest that it depends on, as this machine bundles them."""
    with tempfile.TemporaryDirectory() as folder:
        bundle(LAMBDAS, HOST, Path(folder))
        found = {part: _files(part) for part in Path(folder).iterdir()}
        ours = [file for part, files in found.items() if part.name in OURS for file in files]
        others = sorted((each for each in found if each.name not in OURS), key=lambda each: -_bytes(found[each]))
        everything = [file for files in found.values() for file in files]
        return [
            _row("all of it, for every function", everything),
            _row("of it our own", ours),
            *(_row(f"of it {each.name}", found[each]) for each in others[:LARGEST]),
        ]


def _files(part: Path) -> list[Path]:
    return [each for each in (part.rglob("*") if part.is_dir() else [part]) if each.is_file()]


def _bytes(files: Iterable[Path]) -> int:
    return sum(each.stat().st_size for each in files)


def _row(name: str, files: list[Path]) -> list[str]:
    zipped = sum(len(zlib.compress(each.read_bytes(), 9)) for each in files)
    return [name, f"{len(files):,}", f"{_bytes(files):,}", f"{zipped:,}"]
