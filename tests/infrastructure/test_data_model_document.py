"""docs/data-model.md says what is deployed."""

from __future__ import annotations

import re

import pytest

from tests.infrastructure.cloud_formation import Json, Stacks
from tests.infrastructure.synthesis import PROJECT

TABLE = "AWS::DynamoDB::GlobalTable"


def sections() -> dict[str, str]:
    """The sections about tables, by the table's id."""
    document = (PROJECT / "docs" / "data-model.md").read_text(encoding="utf-8")
    named = ((re.search(r"^Table `(\w+)`, whose", part, re.MULTILINE), part) for part in document.split("\n## "))
    return {found[1]: part for found, part in named if found}


def documented_key(section: str) -> list[str]:
    """The table's key, from `key X (S) + Y (S)` or else from the rows of attributes marked as key."""
    if found := re.search(r"key `(\w+)` \(S\) \+ `(\w+)` \(S\)", section):
        return [found[1], found[2]]
    return re.findall(r"^\| `(\w+)` \| S, partition key \|", section, re.MULTILINE)


def documented_indexes(section: str) -> dict[str, tuple[str, str, str]]:
    rows = re.findall(r"^\| `(\w+Index)` \| `(\w+)` \| `(\w+)` \| (\w+) \|", section, re.MULTILINE)
    return {name: (partition, sort, projection.upper()) for name, partition, sort, projection in rows}


def table_properties(stacks: Stacks) -> dict[str, Json]:
    return {logical_id[:-8]: each["Properties"] for logical_id, each in stacks.data.resources(TABLE).items()}


def key_names(schema: list[Json]) -> list[str]:
    return [key["AttributeName"] for key in schema]


def test_it_names_every_table(stacks: Stacks) -> None:
    assert sorted(sections()) == sorted(table_properties(stacks))


@pytest.mark.parametrize("name", sorted(sections()))
def test_it_names_keys_indexes_and_expiry(name: str, stacks: Stacks) -> None:
    section, properties = sections()[name], table_properties(stacks)[name]
    assert documented_key(section) == key_names(properties["KeySchema"])
    assert documented_indexes(section) == {
        index["IndexName"]: (*key_names(index["KeySchema"]), index["Projection"]["ProjectionType"])
        for index in properties["GlobalSecondaryIndexes"]
    }
    expiry = properties.get("TimeToLiveSpecification")
    assert (f"`{expiry['AttributeName']}`" in section) if expiry else ("expiresAt" not in section)
    assert {attribute["AttributeType"] for attribute in properties["AttributeDefinitions"]} == {"S"}


@pytest.mark.parametrize("name", sorted(sections()))
def test_the_variable_it_names_holds_the_tables_name(name: str, stacks: Stacks) -> None:
    found = re.search(r"\(`(\w+_TABLE)`\)", sections()[name])
    assert found
    variables = stacks.chat.functions()["conversation"]["Environment"]["Variables"]
    assert f"Ref{name}" in variables[found[1]]["Fn::ImportValue"]
