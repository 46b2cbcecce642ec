"""`make synth-regions`: production with every option, for each Region that is supported."""

from __future__ import annotations

import os
import sys

from app import add_stacks
from stacks.regions import SUPPORTED_REGIONS
from tests.infrastructure.synthesis import new_app, with_every_option


def main() -> int:
    """Synthesize for one Region after the other, and return 1 after all of them if one could not be."""
    os.environ["CDK_DEFAULT_ACCOUNT"] = "123456789012"
    refused = [region for region in SUPPORTED_REGIONS if not _can_be_in(region)]
    if refused:
        sys.stderr.write(f"Production cannot be in {', '.join(refused)}: take that out of stacks/regions.py.\n")
    return 1 if refused else 0


def _can_be_in(region: str) -> bool:
    """Whether every type of resource is known there; the CDK says on standard error which is not."""
    sys.stdout.write(f"{region}\n")
    sys.stdout.flush()
    os.environ["CDK_DEFAULT_REGION"] = region
    app = new_app()
    add_stacks(app, with_every_option("production"))
    try:
        app.synth()
    except RuntimeError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
