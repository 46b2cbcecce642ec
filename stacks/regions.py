"""Where Seller Chat can be deployed."""

from __future__ import annotations

SUPPORTED_REGIONS = (
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
)
"""The Regions that are on in every account and know every type of resource that is used, budgets included.

`make synth-regions` synthesizes them one by one with every option. In China and GovCloud there is no CloudFront as it
is used here. Regions that an account has to opt in to know no budgets, and have a fourth of the others' quotas.
"""
