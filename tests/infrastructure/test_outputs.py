"""What the stacks tell whoever deploys them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from stacks.environment import Environment
from stacks.environments import PRODUCTION
from stacks.pipeline_stack import PipelineStack
from tests.infrastructure.cloud_formation import Json, Stacks, Template
from tests.infrastructure.synthesis import new_app, synthesize


def undescribed(template: Json) -> list[str]:
    """The outputs for people that do not say what they are for; those that are exported are for other stacks."""
    outputs = template.get("Outputs", {})
    return [name for name, output in outputs.items() if "Export" not in output and not output.get("Description")]


def test_every_output_says_what_it_is_for(environment: Environment, templates: dict[str, Any]) -> None:
    told = [name for template in templates.values() for name in Template(template).outputs()]

    assert {"WebSocketUrl", "RestUrl", "SellerTable", "AlarmTopic"} <= set(told)
    assert [name for template in templates.values() for name in undescribed(template)] == []


def test_those_of_a_shop_and_of_names_do_too(with_shop: Stacks) -> None:
    arn = "arn:aws:acm:us-east-1:123456789012:certificate/0"
    named = synthesize(replace(PRODUCTION, host="chat.shop.example", certificate=arn, widget_certificate=arn))

    assert "SocketsRecord" in str(named)
    for template in (with_shop.chat.document, with_shop.data.document, *named.values()):
        assert undescribed(template) == []


def test_those_of_the_roles_that_github_takes_do_too() -> None:
    app = new_app()
    PipelineStack(app, "SellerChat-Pipeline", environment="production", repository="acme/chat")
    (stack,) = app.synth().stacks

    assert Template(stack.template).outputs()
    assert undescribed(stack.template) == []


@pytest.mark.parametrize("name", ["ConversationTable", "SellerTokenSecret", "Given"])
def test_one_that_says_nothing_would_be_found(name: str, stacks: Stacks) -> None:
    document = stacks.data.document
    silent = {**document["Outputs"][name], "Description": ""}

    assert undescribed({**document, "Outputs": {**document["Outputs"], name: silent}}) == [name]
