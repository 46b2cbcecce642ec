"""What a synthesis leaves in its folder, also when it is interrupted."""

from __future__ import annotations

import shutil
from pathlib import Path

MANIFEST = "manifest.json"
"""The CDK writes it last, and deploys nothing without it."""


def begin(folder: Path) -> None:
    """Take the mark of a whole synthesis away, and whatever one without that mark has left.

    The CDK takes a file or a folder that has the right name for the right one, however little had been written of it
    when somebody pressed Ctrl-C or the network went.
    """
    manifest = folder / MANIFEST
    if not manifest.is_file():
        for asset in folder.glob("asset.*"):
            if asset.is_dir():
                shutil.rmtree(asset)
            else:
                asset.unlink()
    manifest.unlink(missing_ok=True)
