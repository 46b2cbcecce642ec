"""What an operator's commands do to an environment on AWS, and what they say where there is none."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest

from administration import deployments, seed_sellers, seller_token
from administration.command_line import deployment_asked_for, parser_for
from administration.deployments import deployment_called, deployment_of
from administration.errors import AdministrationError
from administration.seed_sellers import TeamMember
from administration.visitor_data import carry_out
from chat.access.tokens import seller_of
from chat.adapters.dynamodb.sellers import DynamoDBSellers
from tests.doubles.machine import RecordingJournal
from tests.worlds.tables import CONNECTIONS, CONVERSATIONS, SELLERS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KEY = "k" * 64
SECRET = "seller-chat/staging/seller-token-key"
TEAM = [{"seller_id": "ana", "team": "support", "name": "Ana", "capacity": 10}]
OUTPUTS = {
    "Data": {
        "ConnectionTable": CONNECTIONS,
        "ConversationTable": CONVERSATIONS,
        "SellerTable": SELLERS,
        "SellerTokenSecret": SECRET,
    },
    "Chat": {
        "WebSocketUrl": "wss://abcdef1234.execute-api.eu-central-1.amazonaws.com/staging",
        "EventBus": "seller-chat-staging",
    },
}


@pytest.fixture
def staging(dynamodb: DynamoDBClient) -> DynamoDBClient:
    """An account with the tables, the secret and the stacks of staging, and nothing of production."""
    boto3.client("secretsmanager").create_secret(Name=SECRET, SecretString=KEY)
    create_stacks("SellerChat-staging")
    return dynamodb


def create_stacks(prefix: str, **tags: str) -> None:
    formation = boto3.client("cloudformation")
    for part, outputs in OUTPUTS.items():
        template = {
            "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
            "Outputs": {name: {"Value": value} for name, value in outputs.items()},
        }
        formation.create_stack(
            StackName=f"{prefix}-{part}",
            TemplateBody=json.dumps(template),
            Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
        )


@pytest.fixture
def team(tmp_path: Path) -> list[TeamMember]:
    path = tmp_path / "team.json"
    path.write_text(json.dumps(TEAM), encoding="utf-8")
    return seed_sellers.read_team(path)


def test_a_team_is_registered_with_the_environment_that_is_named(
    staging: DynamoDBClient, team: list[TeamMember]
) -> None:
    assert seed_sellers.register(deployment_of("staging"), team) == "ana of support, up to 10 contacts"

    assert [each.id for each in DynamoDBSellers(staging, SELLERS, RecordingJournal()).team("support")] == ["ana"]


@pytest.mark.usefixtures("staging")
def test_the_team_for_trying_things_is_registered_with_no_environment_on_aws() -> None:
    with pytest.raises(AdministrationError, match=r"make seed-sellers ENV=staging TEAM=team\.json"):
        seed_sellers.register(deployment_of("staging"), None)


@pytest.mark.usefixtures("staging")
def test_a_sellers_token_for_an_environment_is_signed_with_its_own_secret() -> None:
    assert seller_of(seller_token.issue(deployment_of("staging"), "ana"), KEY).user_id == "ana"


@pytest.mark.usefixtures("staging")
@pytest.mark.parametrize("seller_id", ["", "two words", "system"])
def test_no_token_is_issued_to_what_cannot_be_a_seller(seller_id: str) -> None:
    with pytest.raises(AdministrationError, match="is no seller_id"):
        seller_token.issue(deployment_of("staging"), seller_id)


@pytest.mark.usefixtures("staging")
def test_visitors_are_looked_for_in_the_environment_that_is_named() -> None:
    with pytest.raises(AdministrationError, match="Nothing is kept"):
        carry_out("export", deployment_of("staging"), contact="no-such-contact", device=None)


@pytest.mark.usefixtures("staging")
def test_an_environment_that_is_not_deployed_is_named_with_the_region() -> None:
    with pytest.raises(AdministrationError, match="There is no stack SellerChat-production-Data in eu-central-1"):
        deployment_of("production")


@pytest.mark.usefixtures("staging")
def test_the_region_is_the_one_that_the_cdk_deploys_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "ap-south-1")
    with pytest.raises(AdministrationError, match="There is no stack SellerChat-staging-Data in ap-south-1"):
        deployment_of("staging")


def test_without_a_region_nothing_is_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    with pytest.raises(AdministrationError, match="set AWS_REGION"):
        deployment_of("staging")


class TestAnotherAppsStacks:
    """Whoever embeds the stacks calls them as they like; the commands find them by that name."""

    @pytest.fixture(autouse=True)
    def acme(self, staging: DynamoDBClient) -> None:
        create_stacks("Beta-AcmeChat", service="seller-chat", environment="acme")
        create_stacks("Other", service="billing")

    def test_they_are_found_by_what_their_names_begin_with_and_say_which_environment_they_are(self) -> None:
        found = deployment_asked_for(parser_for(None).parse_args(["--stack", "Beta-AcmeChat"]))

        assert (found.environment, found.outputs["SellerTable"]) == ("acme", SELLERS)
        assert found.stack("Operations") == "Beta-AcmeChat-Operations"
        assert deployment_of("staging").stack("Operations") == "SellerChat-staging-Operations"

    def test_a_token_and_a_team_are_made_as_for_any_other(self, team: list[TeamMember]) -> None:
        acme = deployment_called("Beta-AcmeChat")

        assert seller_of(seller_token.issue(acme, "ana"), KEY).user_id == "ana"
        assert seed_sellers.register(acme, team) == "ana of support, up to 10 contacts"
        with pytest.raises(AdministrationError, match=r"make seed-sellers STACK=Beta-AcmeChat TEAM=team\.json"):
            seed_sellers.register(acme, None)

    @pytest.mark.parametrize("name", ["Beta-AcmeChat-Data", "AcmeChat", "", "two words"])
    def test_a_name_that_none_begins_with_is_answered_with_how_to_say_it(self, name: str) -> None:
        with pytest.raises(AdministrationError, match=f"There is no stack {name}-Data in eu-central-1: say STACK=NAME"):
            deployment_called(name)

    def test_stacks_of_something_else_are_left_alone(self) -> None:
        with pytest.raises(AdministrationError, match="Other-Data is no stack of Seller Chat"):
            deployment_called("Other")

    def test_an_environment_and_a_name_at_once_are_refused(self, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit):
            parser_for(None).parse_args(["--env", "staging", "--stack", "AcmeChat"])
        assert "--stack: not allowed with argument --env" in capsys.readouterr().err


def test_a_local_system_that_is_not_running_is_started_with_make_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What a system leaves that was killed.
    monkeypatch.setattr(deployments, "LOCAL_OUTPUTS", tmp_path / "outputs.json")
    monkeypatch.setattr(deployments, "LOCAL_LOCK", tmp_path / "lock")
    (tmp_path / "outputs.json").write_text("{}", encoding="utf-8")
    (tmp_path / "lock").touch()

    with pytest.raises(AdministrationError, match="start it with `make run`"):
        deployment_of("local")
