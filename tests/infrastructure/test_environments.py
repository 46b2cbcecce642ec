"""What holds for the values of every environment."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import cast, get_args

import pytest

from app import add_stacks, main
from chat.team.strategies import STRATEGIES
from stacks.environment import Assignment, Environment, Throttle
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
    for name, environment in ENVIRONMENTS.items():
        # What is kept is of customers, or of those who stand in for them.
        is_kept = environment.removal_policy is PRODUCTION.removal_policy
        assert environment.unknown_sellers == ("refuse" if is_kept else "accept"), name


def test_a_new_environment_is_its_values_and_nothing_else_needs_to_know_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(cast("dict[str, Environment]", ENVIRONMENTS), "qa", replace(STAGING, name="qa"))
    app = new_app(builtin_cloud_formation_validation=False)
    app.node.set_context("env", "qa")
    main(app)
    model = {
        name.replace("staging", "qa"): json.dumps(template).replace("staging", "qa")
        for name, template in synthesize(STAGING).items()
    }

    assert {stack.stack_name: without_hashes(json.dumps(stack.template)) for stack in app.synth().stacks} == {
        name: without_hashes(text) for name, text in model.items()
    }


def without_hashes(text: str) -> str:
    """Without those of names, versions and assets, in which the environment's own name is."""
    return re.sub(
        r"(?<=CurrentVersion)[0-9A-Fa-f]{40}|[0-9A-F]{8,16}|[0-9a-f]{64}|(?<=cr-owned:)[0-9a-f]{8}", "#", text
    )


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
