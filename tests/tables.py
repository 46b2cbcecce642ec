"""The deployed tables on moto, made from the reviewed template and from nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# The infrastructure tests hold this file to what is synthesized.
_TEMPLATE = (
    Path(__file__).parent
    / "infrastructure/__snapshots__/test_snapshots/test_a_template_is_as_reviewed[local-Data].json"
)
_TABLE = "AWS::DynamoDB::GlobalTable"
_CREATE_ARGUMENTS = ("TableName", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")

CONNECTIONS = "seller-connections-local"
CONVERSATIONS = "seller-conversations-local"
SELLERS = "seller-sellers-local"


def create_tables(client: DynamoDBClient) -> None:
    """Create every table of the template."""
    for properties in _tables():
        client.create_table(**{name: properties[name] for name in _CREATE_ARGUMENTS if name in properties})


def _tables() -> list[dict[str, Any]]:
    resources = json.loads(_TEMPLATE.read_text(encoding="utf-8"))["Resources"].values()
    return [resource["Properties"] for resource in resources if resource["Type"] == _TABLE]
