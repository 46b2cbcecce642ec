"""The sources of the last release, out of git, and of today."""

from __future__ import annotations

import io
import subprocess
import tarfile
from collections.abc import Sequence
from pathlib import Path

from tests.infrastructure.synthesis import PROJECT

BEFORE_RELEASES = "1fa8c0701ccdcd0e0f3d80136e65cd0f2818c080"
"""What stands for the last release as long as no commit has a tag `v…`."""

NEEDED = ("lambdas", "docs/asyncapi.yaml")


class NoReleaseError(Exception):
    """The last release is not in this checkout."""


def last_release() -> str:
    """The last tag before this commit, or what stands for it."""
    described = _git("describe", "--tags", "--abbrev=0", "--match", "v*", "HEAD")
    return described.stdout.decode().strip() if described.returncode == 0 else BEFORE_RELEASES


def unpack(revision: str, folder: Path, needed: Sequence[str] = NEEDED) -> Path:
    """The sources of a revision that are needed, below `folder`. Raises `NoReleaseError`, with what to do about it."""
    archive = _git("archive", "--format", "tar", revision, *needed)
    if archive.returncode != 0:
        # A shallow checkout has no past; one commit of it is enough.
        _git("fetch", "--quiet", "--depth", "1", "origin", revision)
        archive = _git("archive", "--format", "tar", revision, *needed)
    if archive.returncode != 0:
        raise NoReleaseError(f"{revision} is not here: git fetch --unshallow, and run this again.")
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as files:
        files.extractall(folder, filter="data")
    return folder


def _git(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["git", "-C", str(PROJECT), *arguments], capture_output=True, check=False)  # noqa: S603, S607
