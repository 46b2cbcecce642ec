"""What holds data stays what it is: a change that would replace it, or make it unreadable, is refused.

`kept.json` is written by hand and by no option of a test. What may be changed, and in which steps, says
docs/operations.md.
"""

from __future__ import annotations

import json
from copy import deepcopy

import pytest

from stacks.context import select_environment
from stacks.environments import ENVIRONMENTS
from tests.infrastructure.cloud_formation import Json
from tests.infrastructure.synthesis import PROJECT, synthesize

KEPT: dict[str, Json] = json.loads((PROJECT / "tests" / "infrastructure" / "kept.json").read_text(encoding="utf-8"))
ON_AWS = [name for name in ENVIRONMENTS if name != "local"]
HOLD_DATA = ("AWS::DynamoDB::GlobalTable", "AWS::DynamoDB::Table", "AWS::SecretsManager::Secret", "AWS::KMS::Key")


def kept(template: Json) -> dict[str, Json]:
    """What decides of each resource that holds data whether it is still the same one, and can be read."""
    found = {id_: each for id_, each in template["Resources"].items() if each["Type"] in HOLD_DATA}
    return {id_: {"Type": each["Type"], **_identity(each.get("Properties", {}))} for id_, each in found.items()}


def _identity(properties: Json) -> Json:
    named: Json = {name: properties[name] for name in ("TableName", "Name") if name in properties}
    if "KeySchema" not in properties:
        return named
    indexes = {
        each["IndexName"]: {"keys": _keys(each["KeySchema"]), "projection": each["Projection"]}
        for each in properties.get("GlobalSecondaryIndexes", [])
    }
    return {
        **named,
        "keys": _keys(properties["KeySchema"]),
        "types": {each["AttributeName"]: each["AttributeType"] for each in properties["AttributeDefinitions"]},
        "indexes": indexes,
        "expires": properties.get("TimeToLiveSpecification", {}).get("AttributeName"),
        "stream": properties.get("StreamSpecification", {}).get("StreamViewType"),
    }


def _keys(schema: list[Json]) -> list[str]:
    return [each["AttributeName"] for each in schema]


def data_template(name: str) -> Json:
    environment = select_environment(name, php_api_url="https://shop.example/chat")
    document: Json = synthesize(environment)[f"SellerChat-{name}-Data"]
    return document


@pytest.mark.parametrize("name", ON_AWS)
def test_what_holds_data_is_what_it_was(name: str) -> None:
    assert kept(data_template(name)) == KEPT, (
        "What holds data would be replaced, lost or unreadable. Read docs/operations.md, Changing data, first; what "
        "only comes in addition is then written into tests/infrastructure/kept.json by hand."
    )


@pytest.mark.parametrize("name", ["staging", "production"])
def test_what_holds_data_outlives_its_stack_and_every_replacement(name: str) -> None:
    resources = data_template(name)["Resources"]
    holding = [resources[id_] for id_ in kept({"Resources": resources})]
    policies = {(each.get("DeletionPolicy"), each.get("UpdateReplacePolicy")) for each in holding}

    assert policies <= {("RetainExceptOnCreate", "Retain"), ("Retain", "Retain")}


def renamed(resources: Json, id_: str) -> None:
    resources[f"{id_}X"] = resources.pop(id_)


def another_key(resources: Json, id_: str) -> None:
    resources[id_]["Properties"]["KeySchema"][0]["AttributeName"] = "another"


def no_index(resources: Json, id_: str) -> None:
    resources[id_]["Properties"]["GlobalSecondaryIndexes"].pop()


def less_in_an_index(resources: Json, id_: str) -> None:
    resources[id_]["Properties"]["GlobalSecondaryIndexes"][0]["Projection"] = {"ProjectionType": "KEYS_ONLY"}


def another_type(resources: Json, id_: str) -> None:
    resources[id_]["Properties"]["AttributeDefinitions"][0]["AttributeType"] = "N"


def another_expiry(resources: Json, id_: str) -> None:
    resources[id_]["Properties"]["TimeToLiveSpecification"] = {"AttributeName": "ttl", "Enabled": True}


def a_name(resources: Json, id_: str) -> None:
    resources[id_]["Properties"]["TableName"] = "conversations"


CHANGES = (renamed, another_key, no_index, less_in_an_index, another_type, another_expiry, a_name)


def test_each_change_that_would_lose_something_is_seen() -> None:
    template = data_template("production")
    tables = [id_ for id_, each in template["Resources"].items() if each["Type"] == "AWS::DynamoDB::GlobalTable"]
    for id_ in tables:
        for change in CHANGES:
            broken = deepcopy(template)
            change(broken["Resources"], id_)
            assert kept(broken) != KEPT, (id_, change.__name__)
