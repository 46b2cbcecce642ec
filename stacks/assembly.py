"""What a synthesis leaves in its folder, also when it is interrupted."""

from __future__ import annotations

import shutil
from pathlib import Path

import aws_cdk as cdk

MANIFEST = "manifest.json"
"""The CDK writes it last, and deploys nothing without it."""

_NEVER = 10**12


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


def leave_no_trace_of_this_run(app: cdk.App) -> None:
    """Leave out where in the CDK's code a construct was made, which is a temporary folder, and how long all took."""
    for name in ("aws:cdk:disable-stack-trace", "aws:cdk:disable-creation-stack-traces"):
        app.node.set_context(name, True)
    app.node.set_context("@aws-cdk/core.slowSynthThreshold", _NEVER)
