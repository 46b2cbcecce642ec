"""Names of the environment's own, which shops write into their pages once and for all."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from app import add_stacks
from stacks.context import InvalidContextError, select_environment
from stacks.environments import PRODUCTION
from tests.infrastructure.cloud_formation import Template, text
from tests.infrastructure.synthesis import PROJECT, names, new_app, synthesize

SOCKETS, REST, PAGES = "ws.chat.shop.example", "rest.chat.shop.example", "chat.shop.example"
NAMES = names("eu-central-1")
BY_HAND = {name: value for name, value in NAMES.items() if name != "hosted_zone"}


@pytest.fixture(scope="module")
def named() -> dict[str, Template]:
    """Production with names, by the last word of its stacks' names."""
    return templates(NAMES)


def templates(given: dict[str, str]) -> dict[str, Template]:
    found = synthesize(select_environment("production", **given))
    return {name.rpartition("-")[2]: Template(template) for name, template in found.items()}


def test_sockets_and_rest_have_a_name_each_with_the_regions_certificate(named: dict[str, Template]) -> None:
    made = named["Hosts"].properties("AWS::ApiGatewayV2::DomainName")

    assert {each["DomainName"] for each in made} == {SOCKETS, REST}
    for each in made:
        assert each["DomainNameConfigurations"] == [
            {"CertificateArn": NAMES["certificate"], "EndpointType": "REGIONAL", "SecurityPolicy": "TLS_1_2"}
        ]


def test_each_api_answers_at_the_root_of_its_name_and_can_be_made_anew_behind_it(named: dict[str, Template]) -> None:
    mappings = {each["DomainName"]: each for each in named["Chat"].properties("AWS::ApiGatewayV2::ApiMapping")}

    assert "WebSocketApi" in text(mappings[SOCKETS]["ApiId"])
    assert "RestApi" in text(mappings[REST]["ApiId"])
    assert all("ApiMappingKey" not in each for each in mappings.values())
    # Nothing of the names' stack hangs on an API.
    assert "ImportValue" not in json.dumps(named["Hosts"].document)


def test_the_names_are_there_before_the_apis() -> None:
    app = new_app()
    add_stacks(app, select_environment("production", **NAMES))
    chat = app.synth().get_stack_by_name("SellerChat-production-Chat")

    assert "SellerChat-production-Hosts" in [each.id for each in chat.dependencies]


def test_pages_come_from_the_name_with_a_certificate_that_cloud_front_sees(named: dict[str, Template]) -> None:
    configuration = named["Web"].only("AWS::CloudFront::Distribution")["DistributionConfig"]

    assert configuration["Aliases"] == [PAGES]
    assert configuration["ViewerCertificate"]["AcmCertificateArn"] == NAMES["widget_certificate"]
    assert configuration["ViewerCertificate"]["MinimumProtocolVersion"] == "TLSv1.2_2021"


def test_nobody_is_told_a_name_of_awss(named: dict[str, Template]) -> None:
    outputs = {name: value for each in named.values() for name, value in each.outputs().items()}
    told = {name: value for name, value in outputs.items() if name.endswith("Url")}

    assert told == {
        "WebSocketUrl": f"wss://{SOCKETS}",
        "RestUrl": f"https://{REST}",
        "WidgetUrl": f"https://{PAGES}/widget.js",
        "ConsoleUrl": f"https://{PAGES}/console.html",
    }
    assert not [value for value in outputs.values() if "execute-api" in value or "cloudfront.net" in value]
    assert f"connect-src 'self' wss://{SOCKETS} https://{REST};" in json.dumps(named["Web"].document)


def test_functions_still_post_to_where_open_connections_are_served(named: dict[str, Template]) -> None:
    told = named["Chat"].functions()["conversation"]["Environment"]["Variables"]

    assert ".execute-api." in text(told["AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI"])


def test_the_hosted_zone_learns_each_name(named: dict[str, Template]) -> None:
    records = [
        (each["Name"], each["Type"], each["HostedZoneId"])
        for stack in ("Hosts", "Web")
        for each in named[stack].properties("AWS::Route53::RecordSet")
    ]

    zone = NAMES["hosted_zone"]
    assert sorted(records) == [
        (f"{PAGES}.", "A", zone),
        (f"{PAGES}.", "AAAA", zone),
        (f"{REST}.", "A", zone),
        (f"{SOCKETS}.", "A", zone),
    ]


def test_without_a_hosted_zone_the_records_are_told() -> None:
    by_hand = templates(BY_HAND)
    told = {**by_hand["Hosts"].outputs(), **by_hand["Web"].outputs()}

    assert not by_hand["Hosts"].resources("AWS::Route53::RecordSet")
    assert told["SocketsRecord"].startswith(f"{SOCKETS} CNAME ${{Sockets")
    assert told["RestRecord"].startswith(f"{REST} CNAME ${{Rest")
    assert told["WidgetRecord"].startswith(f"{PAGES} CNAME ${{Distribution")


def test_the_consoles_origin_may_connect_before_anything_is_deployed() -> None:
    environment = replace(select_environment("production", **NAMES), allowed_origins=("https://shop.example",))

    assert environment.origins == ("https://shop.example", f"https://{PAGES}")
    assert replace(environment, allowed_origins=("*",)).origins == ("*",)


def test_without_names_there_is_no_stack_of_them() -> None:
    assert "Hosts" not in templates({})


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"host": "https://chat.shop.example"}, "is no host: use -c host=chat.shop.example"),
        ({"host": "Chat.shop.example"}, "is no host"),
        ({"host": "localhost"}, "is no host"),
        ({"certificate": None}, "add -c certificate=ARN for ws.chat.shop.example and rest.chat.shop.example"),
        ({"widget_certificate": None}, "-c widget_certificate=ARN of us-east-1 for chat.shop.example"),
        ({"certificate": "a"}, "'a' is no certificate"),
        ({"certificate": names("eu-west-1")["certificate"]}, "is not of eu-central-1, where the APIs are"),
        ({"widget_certificate": NAMES["certificate"]}, "is not of us-east-1, where CloudFront looks"),
        ({"hosted_zone": "shop.example"}, "is no hosted zone"),
    ],
)
def test_a_name_that_cannot_be_is_answered_with_what_to_do(
    changed: dict[str, Any], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CDK_DEFAULT_REGION", "eu-central-1")
    with pytest.raises(InvalidContextError, match=said):
        select_environment("production", **{**NAMES, **changed})


def test_an_emulator_has_no_names() -> None:
    with pytest.raises(InvalidContextError, match="local has no names of its own"):
        select_environment("local", **NAMES)


def test_the_widget_looks_for_both_apis_where_they_are_named() -> None:
    environment = replace(PRODUCTION, host="${host}")
    source = (PROJECT / "widget" / "src" / "widget" / "api.ts").read_text(encoding="utf-8")

    assert f"`wss://{environment.sockets_host}`" in source
    assert f"`https://{environment.rest_host}`" in source
