"""CloudFormation's own rules hold in two Regions with every option, but for those acknowledged here with a reason."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import cfnlint.core
import pytest
from cfnlint.api import lint
from cfnlint.config import ManualArgs
from cfnlint.rules import RulesCollection

import account
from stacks.context import CHANGES
from stacks.environment import Environment
from stacks.environments import ENVIRONMENTS, PRODUCTION
from tests.infrastructure.synthesis import new_app, synthesize, with_every_option

REGIONS = ["eu-central-1", "us-east-1"]
ACKNOWLEDGED = {
    "I1022": "The CDK joins texts with Fn::Join; Fn::Sub would say the same.",
    "W3005": "The CDK writes down every dependency, also those that CloudFormation sees by itself.",
}


@pytest.fixture(scope="module")
def rules() -> RulesCollection:
    """All of them, those that only advise, too."""
    return cfnlint.core.get_rules([], [], ["I"], {}, False)


def found(template: Any, rules: RulesCollection, regions: list[str] = REGIONS) -> set[str]:
    """Each finding in a template as `RULE: what about`, but for those that are acknowledged."""
    matches = lint(json.dumps(template), rules=rules, config=ManualArgs(regions=regions, include_checks=["I"]))
    return {f"{match.rule.id}: {match.message}" for match in matches if match.rule.id not in ACKNOWLEDGED}


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_every_finding_is_acknowledged(name: str, rules: RulesCollection, monkeypatch: pytest.MonkeyPatch) -> None:
    # A table with a key of the account needs a Region that is known.
    monkeypatch.setenv("CDK_DEFAULT_ACCOUNT", "123456789012")
    monkeypatch.setenv("CDK_DEFAULT_REGION", REGIONS[0])
    templates = synthesize(with_every_option(name))

    assert [each for template in templates.values() for each in found(template, rules)] == []


def test_every_finding_in_what_an_account_needs_once_is_acknowledged(rules: RulesCollection) -> None:
    app = new_app()
    account.add_stacks(app, repository="shop/chat", environment="production")

    assert [each for stack in app.synth().stacks for each in found(stack.template, rules)] == []


def test_a_broken_rule_would_be_noticed(rules: RulesCollection) -> None:
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": "long"}}
    rules_broken = {each[:5] for each in found({"Resources": {"Queue": queue}}, rules)}

    assert rules_broken >= {"E3012", "I3011", "I3013"}


def test_a_type_that_one_of_the_regions_does_not_know_would_be_noticed(rules: RulesCollection) -> None:
    budget = {"Type": "AWS::Budgets::Budget", "Properties": {"Budget": {"BudgetType": "COST", "TimeUnit": "MONTHLY"}}}

    assert found({"Resources": {"Budget": budget}}, rules) == set()
    assert {each[:5] for each in found({"Resources": {"Budget": budget}}, rules, [*REGIONS, "af-south-1"])} == {"E3006"}


def test_every_option_is_chosen() -> None:
    plain, chosen = PRODUCTION, with_every_option("production")
    left = {each.name for each in fields(Environment) if getattr(plain, each.name) == getattr(chosen, each.name)}
    optional = {each for each in left if getattr(plain, each) in (None, "none", False, ("*",))}

    assert optional == set()
    # How calls come to new code is said anew with each deployment.
    assert set(chosen.given) == set(CHANGES) - {"emulator_url", "traffic_shift"}
