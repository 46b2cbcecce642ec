"""What adapters ask of DynamoDB is what the functions' own client can ask: their tests use boto3's, which can more."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from chat.adapters.aws.clients import DynamoDB

ADAPTERS = Path(__file__).parents[4] / "lambdas" / "chat" / "adapters" / "dynamodb"
OF_OPERATORS = {"DynamoDBVisitorData"}
"""What no function has."""


def asked_for(tree: ast.Module) -> Iterator[str]:
    """The methods of its client that a module's classes call."""
    for each in tree.body:
        if isinstance(each, ast.ClassDef) and each.name in OF_OPERATORS:
            continue
        for node in ast.walk(each):
            if isinstance(node, ast.Attribute) and getattr(node.value, "attr", "") == "_client":
                yield node.attr


@pytest.mark.parametrize("path", sorted(ADAPTERS.glob("*.py")), ids=lambda path: path.stem)
def test_an_adapter_asks_for_nothing_that_the_functions_client_cannot(path: Path) -> None:
    assert {name for name in asked_for(ast.parse(path.read_text())) if not hasattr(DynamoDB, name)} == set()


def test_adapters_do_ask() -> None:
    assert {"query", "put_item"} <= {
        name for path in ADAPTERS.glob("*.py") for name in asked_for(ast.parse(path.read_text()))
    }
