"""The deployed tables on moto, made from the reviewed template and from nothing else."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# The infrastructure tests hold this file to what is synthesized.
_TEMPLATE = (
    Path(__file__).parents[1]
    / "infrastructure/__snapshots__/test_snapshots/test_a_template_is_as_reviewed[local-Data].json"
)
_TABLE = "AWS::DynamoDB::GlobalTable"
_CREATE_ARGUMENTS = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")

CONNECTIONS = "seller-connections-local"
CONVERSATIONS = "seller-conversations-local"
SELLERS = "seller-sellers-local"
# The template leaves the names to CloudFormation.
_NAMES = {"Connections": CONNECTIONS, "Conversations": CONVERSATIONS, "Sellers": SELLERS}


def create_tables(client: DynamoDBClient) -> None:
    """Create every table of the template."""
    for name, properties in _tables().items():
        arguments = {key: properties[key] for key in _CREATE_ARGUMENTS if key in properties}
        client.create_table(TableName=name, **arguments)


@cache
def key_names(table: str) -> tuple[tuple[str, ...], ...]:
    """The names of a table's keys, and after them those of each of its indexes."""
    properties = _tables()[table]
    schemas = [properties["KeySchema"], *(each["KeySchema"] for each in properties.get("GlobalSecondaryIndexes", ()))]
    return tuple(tuple(each["AttributeName"] for each in schema) for schema in schemas)


def _tables() -> dict[str, Any]:
    resources = json.loads(_TEMPLATE.read_text(encoding="utf-8"))["Resources"].items()
    return {
        next(name for id_, name in _NAMES.items() if logical_id.startswith(id_)): resource["Properties"]
        for logical_id, resource in resources
        if resource["Type"] == _TABLE
    }
