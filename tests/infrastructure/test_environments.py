"""What holds for the values of every environment."""

from __future__ import annotations

import json
from typing import get_args

import pytest

from app import add_stacks
from chat.team.strategies import STRATEGIES
from stacks.environment import Assignment, Throttle
from stacks.environments import ENVIRONMENTS, LOCAL, PRODUCTION, STAGING
from tests.infrastructure.synthesis import new_app, synthesize, with_every_option


def test_every_assignment_is_known_to_the_functions() -> None:
    assert set(get_args(Assignment)) == {*STRATEGIES, "external"}


def test_sellers_are_chosen_by_load_unless_said_otherwise() -> None:
    assert {environment.assignment for environment in ENVIRONMENTS.values()} == {"least_loaded"}


def test_everything_says_what_it_belongs_to_and_which_commit_it_is() -> None:
    app = new_app(commit="0123abc")
    add_stacks(app, PRODUCTION)
    for stack in app.synth().stacks:
        assert stack.tags == {"service": "seller-chat", "environment": "production", "commit": "0123abc"}


def test_sellers_must_be_known_where_customers_are() -> None:
    refusing = {name for name, environment in ENVIRONMENTS.items() if environment.unknown_sellers == "refuse"}
    assert refusing == {STAGING.name, PRODUCTION.name}


def test_contacts_idle_out_long_before_their_messages_expire() -> None:
    for environment in ENVIRONMENTS.values():
        assert environment.idle_close_seconds < environment.message_retention_days * 24 * 3600


def test_throttles_leave_room_in_what_an_account_may_do() -> None:
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
    for name, environment in ENVIRONMENTS.items():
        throttles: list[Throttle] = list(vars(environment.throttles).values())
        assert environment.throttles.connect.requests_per_second <= 500, name
        assert max(throttle.requests_per_second for throttle in throttles) <= 10_000 / 2, name
        assert all(throttle.requests_per_second <= throttle.burst <= 5000 for throttle in throttles), name


def test_no_person_alone_meets_a_throttle() -> None:
    for name, environment in ENVIRONMENTS.items() - {("local", LOCAL)}:
        assert environment.throttles.message.requests_per_second > environment.visitor_rate.per_second, name
        assert environment.throttles.message.burst > environment.seller_rate.burst, name


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_what_one_stack_takes_of_another_can_neither_change_nor_go_unseen(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A table with a key of the account needs a Region that is known.
    monkeypatch.setenv("CDK_DEFAULT_ACCOUNT", "123456789012")
    monkeypatch.setenv("CDK_DEFAULT_REGION", "eu-central-1")
    text = json.dumps(synthesize(with_every_option(name)))

    assert "Fn::ImportValue" in text
    # What is looked up once is the old value for ever, and its stack may be deleted meanwhile.
    assert "Fn::GetStackOutput" not in text
