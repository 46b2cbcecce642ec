"""The app of staging as it would be on an emulator: what staging keeps is kept."""

from __future__ import annotations

import os
from dataclasses import replace

import aws_cdk as cdk

from stacks.context import select_environment
from stacks.seller_chat import SellerChat
from stacks.target import EMULATOR


def main() -> None:
    """Build every stack but the pages', which the emulator cannot serve."""
    staging = select_environment("staging", php_api_url="https://shop.example/chat")
    target = EMULATOR.at(os.environ["AWS_ENDPOINT_URL"])
    app = cdk.App()
    SellerChat(app, staging.stack_prefix, environment=replace(staging, target=target, web_hosting=None))
    app.synth()


if __name__ == "__main__":
    main()
