"""What is deployed and what runs there say the same, though neither may import the other."""

from __future__ import annotations

from typing import Any

from chat import events
from chat.adapters.dynamodb import tickets
from chat.api.rest import Rest
from chat.protocol import frames
from chat.protocol.frames import KNOWN
from stacks import chat_stack
from stacks.chat_stack import TICKETS, conversation_actions, rest_routes
from stacks.constructs import attendant, chat_bus
from stacks.environments import PRODUCTION
from tests.infrastructure.cloud_formation import Stacks
from tests.openapi import operations


def test_every_action_that_is_known_is_routed() -> None:
    assert set(conversation_actions(PRODUCTION.throttles)) == set(KNOWN) - {"ping"}


def test_nothing_goes_back_on_the_routes_of_what_is_not_answered() -> None:
    assert chat_stack.UNANSWERED == frames.UNANSWERED


def test_every_rest_call_that_is_answered_is_routed_and_documented() -> None:
    unused: Any = None
    rest = Rest(services=unused, tickets=unused, seller_of=unused, ids=unused, journal=unused, allowed_origins=unused)

    assert set(rest_routes(PRODUCTION.throttles)) == set(rest._routes) == set(operations())


def test_events_are_listened_for_under_the_name_that_they_are_sent_under() -> None:
    assert chat_bus.SOURCE == events.SOURCE


def test_the_attendant_listens_for_events_that_there_are() -> None:
    assert set(attendant.TOLD) == set(events.TYPES.values()) - {
        "contact.identified",
        "contact.opened",
        "message.created",
    }


def test_concurrency_is_reserved_for_every_function_that_there_is(with_shop: Stacks) -> None:
    assert set(PRODUCTION.reserved_concurrency) == set(with_shop.chat.functions())


def test_functions_may_touch_tickets_under_the_key_that_tickets_have() -> None:
    assert f"{tickets.PREFIX}*" == TICKETS
