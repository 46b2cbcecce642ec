"""Every change of a template shows in review: `pytest tests/infrastructure --snapshot-update` accepts it."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from stacks.environment import Environment
from stacks.environments import ENVIRONMENTS
from tests.infrastructure.cloud_formation import Stacks
from tests.infrastructure.synthesis import synthesize

IF_IT_DIFFERS = (
    "read what differs: if it is what you wanted to change, accept it with "
    "`.venv/bin/pytest tests/infrastructure/test_snapshots.py --snapshot-update` and commit the files with the change; "
    "if you wanted something else, or a test of a specification fails as well, mend that first"
)
ASSET_HASH = re.compile(r"\b[0-9a-f]{64}\b")
VERSION_HASH = re.compile(r"(?<=CurrentVersion)([0-9A-F]{8})[0-9a-f]{32}\b")
"""What changes of a version's logical id with all that the version is made of."""


def masked(template: dict[str, Any]) -> Any:
    """The template with each asset's hash replaced by its number, so that it still shows which asset is used where."""
    numbers: dict[str, str] = {}
    document = ASSET_HASH.sub(
        lambda found: numbers.setdefault(found[0], f"asset-{len(numbers) + 1}"), json.dumps(template)
    )
    document = VERSION_HASH.sub(r"\1-of-this-code", document)
    return json.loads(document)


@pytest.mark.parametrize("stack", ["Data", "Chat", "Operations"])
def test_a_template_is_as_reviewed(
    stack: str, environment: Environment, templates: dict[str, Any], snapshot: SnapshotAssertion
) -> None:
    name = f"SellerChat-{environment.name}-{stack}"
    assert masked(templates[name]) == snapshot(extension_class=JSONSnapshotExtension), IF_IT_DIFFERS


@pytest.mark.parametrize("name", [name for name, each in ENVIRONMENTS.items() if each.web_hosting])
def test_a_web_template_is_as_reviewed(name: str, snapshot: SnapshotAssertion) -> None:
    template = synthesize(ENVIRONMENTS[name])[f"SellerChat-{name}-Web"]
    assert masked(template) == snapshot(extension_class=JSONSnapshotExtension), IF_IT_DIFFERS


def test_a_template_with_a_shops_back_end_is_as_reviewed(with_shop: Stacks, snapshot: SnapshotAssertion) -> None:
    assert masked(with_shop.chat.document) == snapshot(extension_class=JSONSnapshotExtension), IF_IT_DIFFERS


def test_two_builds_give_identical_templates(environment: Environment, templates: dict[str, Any]) -> None:
    assert json.dumps(synthesize(environment)) == json.dumps(templates)
