"""The CDK app of `make bootstrap`: what an account needs once in a Region."""

from __future__ import annotations

import aws_cdk as cdk

from stacks.account_stack import AccountStack


def main() -> None:
    """Build the one stack."""
    app = cdk.App()
    AccountStack(app, "SellerChat-Account")
    app.synth()


if __name__ == "__main__":
    main()
