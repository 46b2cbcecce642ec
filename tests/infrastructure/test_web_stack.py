"""How the widget's script and the console's page are hosted."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from app import add_stacks
from local_aws.web_pages import OF_PAGES, OF_SCRIPTS, security_headers
from stacks.environment import Environment
from stacks.environments import DEV, ENVIRONMENTS
from stacks.web_stack import HASHED_FILES
from stacks.widget_build import FILES
from tests.infrastructure.cloud_formation import Json, Template, text
from tests.infrastructure.synthesis import new_app, synthesize

HOSTED = [name for name, environment in ENVIRONMENTS.items() if environment.web_hosting]


@pytest.fixture(scope="module", params=HOSTED)
def hosted(request: pytest.FixtureRequest) -> Environment:
    """An environment that hosts the pages."""
    return ENVIRONMENTS[request.param]


@pytest.fixture(scope="module")
def web(hosted: Environment) -> Template:
    """Its web stack."""
    return Template(synthesize(hosted)[f"SellerChat-{hosted.name}-Web"])


def headers(web: Template, answer: Json) -> Json:
    """What CloudFront adds to the answers of a behaviour."""
    policies = web.resources("AWS::CloudFront::ResponseHeadersPolicy")
    found: Json = policies[answer["ResponseHeadersPolicyId"]["Ref"]]["Properties"]["ResponseHeadersPolicyConfig"]
    return found


def custom(web: Template, answer: Json) -> dict[str, str]:
    """Those that have no name of their own in CloudFront's settings."""
    return {each["Header"]: each["Value"] for each in headers(web, answer)["CustomHeadersConfig"]["Items"]}


def policy(web: Template) -> dict[str, str]:
    """The Content-Security-Policy by directive."""
    return directives_of(
        text(headers(web, pages(web))["SecurityHeadersConfig"]["ContentSecurityPolicy"]["ContentSecurityPolicy"])
    )


def directives_of(value: str) -> dict[str, str]:
    """A Content-Security-Policy by directive."""
    return dict(directive.split(" ", 1) for directive in value.split("; "))


def pages(web: Template) -> Json:
    """How the console and what it reads are answered."""
    default: Json = web.only("AWS::CloudFront::Distribution")["DistributionConfig"]["DefaultCacheBehavior"]
    return default


def scripts(web: Template) -> Json:
    """How scripts are answered, in whichever folder."""
    (answer,) = web.only("AWS::CloudFront::Distribution")["DistributionConfig"]["CacheBehaviors"]
    assert answer["PathPattern"] == "*.js"
    found: Json = answer
    return found


def test_the_emulator_hosts_nothing() -> None:
    assert "SellerChat-local-Web" not in synthesize(ENVIRONMENTS["local"])


def test_the_console_runs_its_own_scripts_and_styles_alone(web: Template) -> None:
    directives = policy(web)
    assert directives["default-src"] == "'none'"
    assert directives["script-src"] == directives["style-src"] == "'self'"
    assert directives["require-trusted-types-for"] == "'script'"
    assert not [value for value in directives.values() if "unsafe" in value or "*" in value]


def test_the_console_talks_to_its_own_apis_alone(web: Template) -> None:
    own, web_socket, rest = policy(web)["connect-src"].split(" ")
    assert own == "'self'"
    assert web_socket.startswith("wss://")
    assert rest.startswith(("https://", "${"))


def test_the_local_pages_have_the_same_policy(web: Template) -> None:
    urls = {"WebSocketUrl": "ws://127.0.0.1:4566/a", "RestUrl": "http://127.0.0.1:4566/b"}
    local = directives_of(security_headers(urls)["Content-Security-Policy"])
    hosted = policy(web)
    assert local.pop("connect-src") == "'self' http://127.0.0.1:4566 ws://127.0.0.1:4566"
    assert hosted.pop("connect-src")
    assert local == hosted


def test_no_page_can_put_the_console_in_a_frame(web: Template) -> None:
    assert policy(web)["frame-ancestors"] == "'none'"
    assert headers(web, pages(web))["SecurityHeadersConfig"]["FrameOptions"]["FrameOption"] == "DENY"


@pytest.mark.parametrize("answer", [pages, scripts])
def test_browsers_come_back_over_https_only(answer: Callable[[Template], Json], web: Template) -> None:
    assert answer(web)["ViewerProtocolPolicy"] == "redirect-to-https"
    security = headers(web, answer(web))["SecurityHeadersConfig"]
    assert security["StrictTransportSecurity"]["AccessControlMaxAgeSec"] == 365 * 86_400


@pytest.mark.parametrize("answer", [pages, scripts])
def test_nothing_is_taken_for_what_it_is_not_and_no_address_is_passed_on(
    answer: Callable[[Template], Json], web: Template
) -> None:
    security = headers(web, answer(web))["SecurityHeadersConfig"]
    assert security["ContentTypeOptions"] == {"Override": True}
    assert security["ReferrerPolicy"] == {"Override": True, "ReferrerPolicy": "no-referrer"}


def test_every_shop_s_page_may_load_the_chat_and_its_translations(web: Template) -> None:
    cors = headers(web, scripts(web))["CorsConfig"]
    assert cors["AccessControlAllowOrigins"] == {"Items": ["*"]}
    assert cors["AccessControlAllowCredentials"] is False
    assert {**custom(web, scripts(web)), "Access-Control-Allow-Origin": "*"} == OF_SCRIPTS


def test_no_other_page_reads_the_console_s_or_reaches_its_window(web: Template) -> None:
    assert "CorsConfig" not in headers(web, pages(web))
    assert custom(web, pages(web)) == OF_PAGES
    assert {name: value for name, value in OF_PAGES.items() if name.startswith("Cross-Origin")} == {
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    assert "camera=()" in OF_PAGES["Permissions-Policy"]


def test_what_is_loaded_is_compressed(web: Template) -> None:
    assert pages(web)["Compress"] is scripts(web)["Compress"] is True


def test_nobody_reads_a_bucket_past_cloud_front(web: Template) -> None:
    for bucket in web.properties("AWS::S3::Bucket"):
        assert bucket["PublicAccessBlockConfiguration"] == {
            "BlockPublicAcls": True,
            "BlockPublicPolicy": True,
            "IgnorePublicAcls": True,
            "RestrictPublicBuckets": True,
        }
    readers = [
        statement
        for each in web.properties("AWS::S3::BucketPolicy")
        for statement in each["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Allow" and statement["Action"] == "s3:GetObject"
    ]
    assert [statement["Principal"] for statement in readers] == [{"Service": "cloudfront.amazonaws.com"}]
    assert all("AWS:SourceArn" in statement["Condition"]["StringEquals"] for statement in readers)


def test_nobody_reads_a_bucket_over_plain_http(web: Template) -> None:
    denied = [
        statement["Condition"]
        for each in web.properties("AWS::S3::BucketPolicy")
        for statement in each["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Deny"
    ]
    assert denied == [{"Bool": {"aws:SecureTransport": "false"}}]


def deployments(web: Template) -> tuple[Json, Json]:
    """The upload of the files with a hash in their names, and that of the others."""
    kept, others = sorted(web.properties("Custom::CDKBucketDeployment"), key=lambda each: "Include" not in each)
    return kept, others


def test_a_new_widget_reaches_everybody_within_the_environment_s_time(web: Template, hosted: Environment) -> None:
    assert hosted.web_hosting is not None
    _, others = deployments(web)
    seconds = hosted.web_hosting.browser_cache.to_seconds()
    assert others["SystemMetadata"] == {"cache-control": f"max-age={int(seconds)}"}
    # CloudFront forgets what it holds with every deployment, so that browsers' own time is all there is.
    assert others["DistributionId"] == {"Ref": next(iter(web.resources("AWS::CloudFront::Distribution")))}


def test_what_the_widget_loads_on_demand_is_kept_for_good(web: Template) -> None:
    kept, others = deployments(web)
    assert kept["SystemMetadata"] == {"cache-control": f"max-age={365 * 86_400}, immutable"}
    assert (kept["Exclude"], kept["Include"]) == (["*"], ["chat/*", "v/*"])
    # A widget.js from before asks for the files from before.
    assert kept["Prune"] is False
    assert others["Exclude"] == ["chat/*", "v/*"]
    assert "Include" not in others


def test_no_widget_names_a_file_that_is_not_there_yet(web: Template) -> None:
    uploads = web.resources("Custom::CDKBucketDeployment")
    (first,) = [name for name, upload in uploads.items() if "Include" in upload["Properties"]]
    (second,) = [upload for name, upload in uploads.items() if name != first]
    assert first in second["DependsOn"]


def test_what_is_kept_for_good_is_named_by_its_contents() -> None:
    chat, pinned = ([path.name for path in FILES.glob(files)] for files in HASHED_FILES)
    assert chat
    assert not [name for name in chat if not re.fullmatch(r"[\w-]+-[\w-]{8}\.js", name)]
    assert [len(name) for name in pinned] == [16]


def test_the_address_and_the_integrity_of_a_pinned_widget_are_those_of_its_contents() -> None:
    pin = json.loads((FILES / "pinned.json").read_text(encoding="utf-8"))
    digest = hashlib.sha384((FILES / pin["path"]).read_bytes()).digest()

    assert pin["integrity"] == f"sha384-{base64.b64encode(digest).decode()}"
    assert pin["path"] == f"v/{digest.hex()[:16]}/widget.js"
    assert [path.relative_to(FILES).as_posix() for path in FILES.glob("v/*/*")] == [pin["path"]]


def test_the_pages_learn_where_their_apis_are(web: Template) -> None:
    _, others = deployments(web)
    markers = json.dumps(others["SourceMarkers"])
    assert "WebSocket" in markers
    assert "Rest" in markers


@pytest.mark.parametrize(("name", "told"), [(None, []), ("Café Ana", ["Café Ana"])])
def test_the_console_calls_the_shop_as_its_environment_does(name: str | None, told: list[str]) -> None:
    app = new_app(builtin_cloud_formation_validation=False)
    add_stacks(app, replace(DEV, shop_name=name))
    (config,) = (path.read_text(encoding="utf-8") for path in Path(app.synth().directory).glob("asset.*/config.json"))

    assert re.findall(r'"shopName":"([^"]*)"', config) == told


def test_buckets_are_emptied_where_they_are_deleted_and_nowhere_else(web: Template, hosted: Environment) -> None:
    deleted = [each for each in web.resources("AWS::S3::Bucket").values() if each["DeletionPolicy"] == "Delete"]
    emptied = web.resources("Custom::S3AutoDeleteObjects")

    assert len(deleted) == len(emptied) == (1 if hosted.name == "dev" else 0)


def test_two_regions_of_an_account_have_names_of_their_own(web: Template) -> None:
    names = [
        *(text(headers(web, answer(web))["Name"]) for answer in (pages, scripts)),
        text(web.only("AWS::CloudFront::OriginAccessControl")["OriginAccessControlConfig"]["Name"]),
    ]

    assert all("${AWS::Region}" in name for name in names)


def test_nothing_is_written_down_of_who_loads_the_pages(web: Template) -> None:
    # The log would come to a bucket that is being deleted, too, and to none in some Regions.
    assert "Logging" not in web.only("AWS::CloudFront::Distribution")["DistributionConfig"]
