"""An app that embeds the installed package, and says with which CDK and what came along; see `make lowest-cdk`."""

from __future__ import annotations

import importlib
import sys
from dataclasses import replace
from importlib.metadata import version

import aws_cdk as cdk


def main() -> int:
    """Synthesize; return 0 if every stack is there."""
    # Not from the checkout: its folder has another name.
    package = importlib.import_module("seller_chat")
    # What is bundled is a test of its own.
    app = cdk.App(context={"aws:cdk:bundling-stacks": []})
    here = cdk.Environment(account="123456789012", region="eu-west-1")
    package.SellerChat(app, "AcmeChat", environment=replace(package.PRODUCTION, name="acme"), env=here)
    stacks = app.synth().stacks
    sys.stdout.write(f"aws-cdk-lib {version('aws-cdk-lib')}: {', '.join(each.stack_name for each in stacks)}\n")
    return 0 if len(stacks) == 4 else 1


if __name__ == "__main__":
    sys.exit(main())
