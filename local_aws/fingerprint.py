"""Tells whether the stacks would come out as they are deployed, without the seconds that synthesizing them takes."""

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

PINS = ("cdk.json", "package-lock.json", "requirements.txt")


def sources_fingerprint(root: Path, *context: str) -> str:
    """Return the SHA-256 of everything the stacks are made of.

    Args:
        root: the project's folder; `watch.include` of its cdk.json says what the app is made of.
        context: what else decides the outcome, such as the CDK context values.
    """
    digest = hashlib.sha256(json.dumps([sys.version, *context]).encode())
    for path in sorted({*_watched(root), *(root / name for name in PINS)}):
        digest.update(json.dumps([path.relative_to(root).as_posix(), len(path.read_bytes())]).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _watched(root: Path) -> Iterator[Path]:
    patterns = json.loads((root / "cdk.json").read_text(encoding="utf-8"))["watch"]["include"]
    for pattern in patterns:
        # To the CDK a trailing ** means every file below; to Python's glob, every folder.
        for path in root.glob(f"{pattern}/*" if pattern.endswith("**") else pattern):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path
