"""Who may do what, and what reaches whom."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from graphlib import TopologicalSorter

import pytest

from administration.visitor_data import FINISHED_SECONDS
from stacks.chat_stack import conversation_actions
from stacks.environment import Environment, Throttle
from stacks.environments import PRODUCTION
from tests.infrastructure.cloud_formation import Json, Stacks, Template, as_list, role_of, text
from tests.infrastructure.permissions import (
    TAKING_PART,
    grants_beside_logs,
    matches,
    own_logs,
    secret_arn,
    table_arn,
    taking_part,
)
from tests.infrastructure.synthesis import synthesize

FUNCTIONS = ["attendant", "authorizer", "connection", "conversation", "fallback", "publisher", "rest"]


class TestFunctions:
    def test_there_is_one_for_each_set_of_permissions(self, stacks: Stacks) -> None:
        assert sorted(stacks.chat.functions()) == FUNCTIONS

    def test_each_has_a_role_of_its_own(self, stacks: Stacks) -> None:
        roles = {role_of(function) for function in stacks.chat.functions().values()}
        assert len(roles) == len(FUNCTIONS)

    def test_each_has_a_log_group_of_its_own_that_forgets(self, stacks: Stacks) -> None:
        groups = stacks.chat.resources("AWS::Logs::LogGroup")
        used = {function["LoggingConfig"]["LogGroup"]["Ref"] for function in stacks.chat.functions().values()}
        assert len(used & set(groups)) == len(FUNCTIONS)
        assert {bool(group["Properties"].get("RetentionInDays")) for group in groups.values()} == {True}

    @pytest.mark.parametrize("name", FUNCTIONS)
    def test_each_may_write_its_own_logs_only(self, name: str, stacks: Stacks) -> None:
        function = stacks.chat.functions()[name]
        grants = stacks.chat.grants(role_of(function))
        assert grants[own_logs(function)] == {"logs:CreateLogStream", "logs:PutLogEvents"}
        assert [resource for resource in grants if ":logs:" in resource or "Logs" in resource] == [own_logs(function)]

    def test_all_share_one_bundle_so_that_it_is_built_and_uploaded_once(self, stacks: Stacks) -> None:
        keys = {text(function["Code"]["S3Key"]) for function in stacks.chat.functions().values()}
        assert len(keys) == 1

    def test_each_runs_on_arm_with_the_environments_memory(self, stacks: Stacks, environment: Environment) -> None:
        for function in stacks.chat.functions().values():
            assert function["Runtime"] == "python3.14"
            assert function["Architectures"] == ["arm64"]
            assert function["MemorySize"] == environment.memory_mb
            assert function["Timeout"] < 29

    def test_an_erasure_waits_for_longer_than_any_is_at_work(self, stacks: Stacks) -> None:
        assert max(function["Timeout"] for function in stacks.chat.functions().values()) < FINISHED_SECONDS

    def test_none_reserves_what_a_new_account_lacks(self, stacks: Stacks) -> None:
        # A new account runs ten functions at once, and Lambda refuses to reserve any of them.
        for function in stacks.chat.functions().values():
            assert "ReservedConcurrentExecutions" not in function

    def test_each_is_told_only_what_it_needs(self, stacks: Stacks) -> None:
        told = {
            name: set(function["Environment"]["Variables"]) - {"LOG_LEVEL", "ENVIRONMENT", "AWS_CA_BUNDLE"}
            for name, function in stacks.chat.functions().items()
        }
        assert told == {
            "attendant": TAKING_PART
            | {"CHECK_UP_QUEUE_URL", "CHECK_UP_QUEUE_ARN", "CHECK_UP_GROUP", "CHECK_UP_ROLE_ARN", "LEASE_SECONDS"},
            "authorizer": {"SELLER_TOKEN_SECRET", "ALLOWED_ORIGINS", "CONNECTION_TABLE"},
            "connection": {"CONNECTION_TABLE", "SELLER_TABLE"},
            "conversation": TAKING_PART,
            "rest": TAKING_PART | {"SELLER_TOKEN_SECRET", "ALLOWED_ORIGINS"},
            "fallback": set(),
            "publisher": {"EVENT_BUS", "DEAD_LETTER_QUEUE_URL", "CONVERSATION_TABLE"},
        }

    def test_each_trusts_amazons_roots_where_endpoints_speak_tls(
        self, stacks: Stacks, environment: Environment
    ) -> None:
        trusted = {f["Environment"]["Variables"].get("AWS_CA_BUNDLE") for f in stacks.chat.functions().values()}
        assert trusted == {None if environment.target.emulator_url else "/var/task/amazon-roots.pem"}

    def test_none_is_told_a_secret_but_where_it_is(self, stacks: Stacks, environment: Environment) -> None:
        variables = stacks.chat.functions()["authorizer"]["Environment"]["Variables"]
        assert re.fullmatch(secret_arn(environment, "SellerTokenKey"), text(variables["SELLER_TOKEN_SECRET"]))


class TestPermissions:
    def test_the_authorizer_may_read_the_key_of_seller_tokens_and_take_tickets(
        self, stacks: Stacks, environment: Environment
    ) -> None:
        assert matches(
            grants_beside_logs(stacks.chat, "authorizer"),
            {
                secret_arn(environment, "SellerTokenKey"): {"secretsmanager:GetSecretValue"},
                f"{table_arn(environment, 'Connections')} where key like ticket#\\*": {"dynamodb:DeleteItem"},
            },
        )

    def test_the_connection_function_may_add_find_and_remove_connections_and_note_that_a_seller_left(
        self, stacks: Stacks, environment: Environment
    ) -> None:
        connections = table_arn(environment, "Connections")
        assert matches(
            grants_beside_logs(stacks.chat, "connection"),
            {
                connections: {"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem"},
                f"{connections}/index/UserIdIndex": {"dynamodb:Query"},
                table_arn(environment, "Sellers"): {"dynamodb:UpdateItem"},
            },
        )

    def test_the_conversation_function_may_do_what_the_access_patterns_need(
        self, stacks: Stacks, environment: Environment
    ) -> None:
        grants = taking_part(environment)
        grants[table_arn(environment, "Conversations")] |= {"dynamodb:ConditionCheckItem", "dynamodb:BatchGetItem"}
        grants[f"{table_arn(environment, 'Sellers')}/index/TeamIndex"].add("dynamodb:Scan")
        if environment.unknown_sellers == "accept":
            grants[table_arn(environment, "Sellers")].add("dynamodb:PutItem")
        assert matches(grants_beside_logs(stacks.chat, "conversation"), grants)

    def test_the_rest_function_may_do_the_same_and_issue_tickets_to_sellers(
        self, stacks: Stacks, environment: Environment
    ) -> None:
        assert matches(
            grants_beside_logs(stacks.chat, "rest"),
            {
                **taking_part(environment),
                secret_arn(environment, "SellerTokenKey"): {"secretsmanager:GetSecretValue"},
                f"{table_arn(environment, 'Connections')} where key like ticket#\\*": {"dynamodb:PutItem"},
            },
        )

    @pytest.mark.parametrize("name", ["conversation", "rest", "attendant"])
    def test_a_shops_back_end_is_called_with_its_key(self, name: str, with_shop: Stacks) -> None:
        variables = with_shop.chat.functions()[name]["Environment"]["Variables"]
        assert variables["PHP_API_URL"] == "https://shop.example/chat"
        assert re.fullmatch(secret_arn(PRODUCTION, "PhpApiKey"), text(variables["PHP_API_KEY_SECRET"]))
        readable = [
            resource
            for resource, actions in grants_beside_logs(with_shop.chat, name).items()
            if "secretsmanager:GetSecretValue" in actions
        ]
        assert any(re.fullmatch(secret_arn(PRODUCTION, "PhpApiKey"), resource) for resource in readable)

    def test_the_fallback_may_do_nothing(self, stacks: Stacks) -> None:
        assert grants_beside_logs(stacks.chat, "fallback") == {}

    def test_only_those_who_take_part_post_to_connections(self, stacks: Stacks) -> None:
        posting = [name for name in FUNCTIONS if "ManageConnections" in str(grants_beside_logs(stacks.chat, name))]
        assert posting == ["attendant", "conversation", "rest"]

    def test_no_action_is_a_wildcard(self, stacks: Stacks) -> None:
        statements = [
            statement
            for policy in stacks.chat.properties("AWS::IAM::Policy")
            for statement in policy["PolicyDocument"]["Statement"]
        ]
        assert statements
        assert not [action for statement in statements for action in as_list(statement["Action"]) if "*" in action]

    def test_no_policy_is_somebody_elses(self, stacks: Stacks) -> None:
        assert not [role for role in stacks.chat.properties("AWS::IAM::Role") if "ManagedPolicyArns" in role]


def api(chat: Template, protocol: str) -> str:
    """The logical id of the one API of a protocol."""
    (found,) = [
        logical_id
        for logical_id, each in chat.resources("AWS::ApiGatewayV2::Api").items()
        if each["Properties"]["ProtocolType"] == protocol
    ]
    return found


def routes(chat: Template, protocol: str = "WEBSOCKET") -> dict[str, Json]:
    of_api = {"Ref": api(chat, protocol)}
    return {
        route["RouteKey"]: route for route in chat.properties("AWS::ApiGatewayV2::Route") if route["ApiId"] == of_api
    }


def stage_of(chat: Template, protocol: str) -> Json:
    of_api = {"Ref": api(chat, protocol)}
    (stage,) = [
        each for each in chat.resources("AWS::ApiGatewayV2::Stage").values() if each["Properties"]["ApiId"] == of_api
    ]
    return stage


def integration_of(chat: Template, action: str) -> Json:
    target = text({**routes(chat, "HTTP"), **routes(chat)}[action]["Target"])
    found = re.fullmatch(r"integrations/\$\{(\w+)\}", target)
    assert found
    properties: Json = chat.resources("AWS::ApiGatewayV2::Integration")[found[1]]["Properties"]
    return properties


def function_behind(chat: Template, action: str) -> str:
    called = chat.called(integration_of(chat, action).get("IntegrationUri"))
    if called is None:
        return "nobody"
    handler: str = chat.resources("AWS::Lambda::Function")[called]["Properties"]["Handler"]
    return handler.split(".")[1]


def throttled(throttle: Throttle) -> Json:
    """A stage's settings for a route with this throttle."""
    return {
        "ThrottlingRateLimit": throttle.requests_per_second,
        "ThrottlingBurstLimit": throttle.burst,
    }


class TestRoutes:
    def test_frames_are_routed_on_their_action(self, stacks: Stacks) -> None:
        web_socket = stacks.chat.resources("AWS::ApiGatewayV2::Api")[api(stacks.chat, "WEBSOCKET")]
        assert web_socket["Properties"]["RouteSelectionExpression"] == "$request.body.action"

    def test_each_action_has_its_function(self, stacks: Stacks, environment: Environment) -> None:
        behind = {action: function_behind(stacks.chat, action) for action in routes(stacks.chat)}
        assert behind == {
            "$connect": "connection",
            "$disconnect": "connection",
            **dict.fromkeys(conversation_actions(environment.throttles), "conversation"),
            "$default": "fallback",
            "ping": "nobody",
        }

    def test_api_gateway_may_call_each_function_for_its_own_actions_only(self, stacks: Stacks) -> None:
        allowed = {
            text(permission["SourceArn"]).partition("/")[2]
            for permission in stacks.chat.properties("AWS::Lambda::Permission")
            if api(stacks.chat, "WEBSOCKET") in text(permission["SourceArn"])
        }
        called = {f"*{action}" for action in routes(stacks.chat) if function_behind(stacks.chat, action) != "nobody"}
        (authorizer,) = stacks.chat.resources("AWS::ApiGatewayV2::Authorizer")
        assert allowed == called | {f"authorizers/${{{authorizer}}}"}

    def test_who_connects_is_asked_who_he_is(self, stacks: Stacks) -> None:
        (authorizer_id,) = stacks.chat.resources("AWS::ApiGatewayV2::Authorizer")
        authorizer = stacks.chat.only("AWS::ApiGatewayV2::Authorizer")
        assert routes(stacks.chat)["$connect"]["AuthorizationType"] == "CUSTOM"
        assert routes(stacks.chat)["$connect"]["AuthorizerId"] == {"Ref": authorizer_id}
        assert authorizer["AuthorizerType"] == "REQUEST"
        assert authorizer["IdentitySource"] == ["route.request.querystring.userId"]

    def test_every_answer_reaches_its_sender(self, stacks: Stacks) -> None:
        answering = set(routes(stacks.chat)) - {"$connect", "$disconnect", "receipt", "typing"}
        by_id = {
            logical_id: route["Properties"]["RouteKey"]
            for logical_id, route in stacks.chat.resources("AWS::ApiGatewayV2::Route").items()
        }
        responses = stacks.chat.properties("AWS::ApiGatewayV2::RouteResponse")
        assert {by_id[response["RouteId"]["Ref"]] for response in responses} == answering
        assert {response["RouteResponseKey"] for response in responses} == {"$default"}
        assert {routes(stacks.chat)[action]["RouteResponseSelectionExpression"] for action in answering} == {"$default"}

    def test_a_ping_costs_no_function(self, stacks: Stacks) -> None:
        integration = integration_of(stacks.chat, "ping")
        assert integration["IntegrationType"] == "MOCK"
        response = stacks.chat.only("AWS::ApiGatewayV2::IntegrationResponse")
        assert response["IntegrationResponseKey"] == "$default"
        # Without a selection, API Gateway looks for a template of the content type, and a frame has none.
        selected = [each["TemplateSelectionExpression"] for each in (integration, response)]
        assert selected == ["\\$default", "\\$default"]
        assert {name: json.loads(body) for name, body in integration["RequestTemplates"].items()} == {
            "$default": {"statusCode": 200}
        }
        assert {name: json.loads(body) for name, body in response["ResponseTemplates"].items()} == {
            "$default": {"action": "pong"}
        }

    def test_without_search_there_is_nothing_of_it(self) -> None:
        production = Stacks.of(synthesize(replace(PRODUCTION, searches=False))).chat
        assert "search" not in routes(production)
        assert "search" not in stage_of(production, "WEBSOCKET")["Properties"]["RouteSettings"]
        assert "search" not in json.dumps(production.resources("AWS::ApiGatewayV2::Route"))


class TestStage:
    def test_it_is_deployed_with_every_change_and_throttled(self, stacks: Stacks, environment: Environment) -> None:
        stage = stage_of(stacks.chat, "WEBSOCKET")["Properties"]
        assert stage["StageName"] == environment.name
        assert stage["AutoDeploy"] is True
        assert stage["DefaultRouteSettings"] == throttled(environment.throttles.other)

    def test_every_route_is_throttled_by_itself(self, stacks: Stacks, environment: Environment) -> None:
        throttles = environment.throttles
        assert stage_of(stacks.chat, "WEBSOCKET")["Properties"]["RouteSettings"] == {
            "$connect": throttled(throttles.connect),
            "InitChat": throttled(throttles.start),
            "initiateChat": throttled(throttles.start),
            "sendMessage": throttled(throttles.message),
            "identify": throttled(throttles.message),
            "sync": throttled(throttles.read),
            "earlier": throttled(throttles.read),
            "readEarlier": throttled(throttles.read),
            "inbox": throttled(throttles.read),
            "receipt": throttled(throttles.signal),
            "typing": throttled(throttles.signal),
            "presence": throttled(throttles.signal),
            "transferChat": throttled(throttles.manage),
            "takeChat": throttled(throttles.manage),
            "closeChat": throttled(throttles.manage),
            "note": throttled(throttles.manage),
            "notes": throttled(throttles.read),
            "tag": throttled(throttles.manage),
            "replies": throttled(throttles.read),
            "shareReply": throttled(throttles.manage),
            "snooze": throttled(throttles.manage),
            "blockVisitor": throttled(throttles.manage),
            "unblockVisitor": throttled(throttles.manage),
            "blocks": throttled(throttles.read),
            "search": throttled(throttles.manage),
            "signOut": throttled(throttles.manage),
            "team": throttled(throttles.read),
            "ping": throttled(throttles.ping),
            "$default": throttled(throttles.other),
        }
        assert set(routes(stacks.chat)) - {"$disconnect"} == set(
            stage_of(stacks.chat, "WEBSOCKET")["Properties"]["RouteSettings"]
        )

    @pytest.mark.parametrize("protocol", ["WEBSOCKET", "HTTP"])
    def test_no_throttle_is_set_before_its_route_is_there(self, protocol: str, stacks: Stacks) -> None:
        stage, of_api = stage_of(stacks.chat, protocol), {"Ref": api(stacks.chat, protocol)}
        awaited = {
            route["Properties"]["RouteKey"]
            for logical_id, route in stacks.chat.resources("AWS::ApiGatewayV2::Route").items()
            if route["Properties"]["ApiId"] == of_api and logical_id in stage["DependsOn"]
        }
        assert awaited == set(stage["Properties"]["RouteSettings"])

    def test_nothing_waits_for_itself(self, stacks: Stacks) -> None:
        TopologicalSorter(stacks.chat.dependencies()).prepare()

    def test_its_access_log_holds_no_device_id(self, stacks: Stacks) -> None:
        fields = json.loads(stage_of(stacks.chat, "WEBSOCKET")["Properties"]["AccessLogSettings"]["Format"])
        # The query string carries the device id, headers carry tokens, and the authorizer's context carries both.
        harmless = re.compile(
            r"\$context\.(requestId|requestTimeEpoch|connectionId|eventType|routeKey|status|error\.message"
            r"|integrationStatus|integrationErrorMessage|integrationLatency|authorizer\.(status|error))"
        )
        assert fields["requestId"] == "$context.requestId"
        assert [value for value in fields.values() if not harmless.fullmatch(value)] == []

    def test_functions_post_to_the_stage_that_clients_connect_to(
        self, stacks: Stacks, environment: Environment
    ) -> None:
        variables = stacks.chat.functions()["conversation"]["Environment"]["Variables"]
        callback = text(variables["AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI"])
        url = stacks.chat.outputs()["WebSocketUrl"]
        assert f"${{{api(stacks.chat, 'WEBSOCKET')}}}" in url
        assert url == callback.replace("http", "ws", 1)
        assert url.endswith(f"/{environment.name}")
        assert callback.startswith(
            "https://" if environment.target.emulator_url is None else "http://127.0.0.1:4566/_aws/"
        )


class TestRest:
    def test_every_call_has_the_one_function_that_speaks_rest(self, stacks: Stacks) -> None:
        behind = {route: function_behind(stacks.chat, route) for route in routes(stacks.chat, "HTTP")}
        assert behind == dict.fromkeys(
            [
                "POST /sendmessage",
                "POST /chats",
                "GET /chats/{contact_id}/entries",
                "POST /chats/{contact_id}/receipts",
                "POST /chats/{contact_id}/identify",
                "POST /chats/{contact_id}/close",
                "POST /tickets",
                "POST /reports",
            ],
            "rest",
        )

    def test_calls_arrive_in_the_format_that_the_function_reads(self, stacks: Stacks) -> None:
        versions = {integration_of(stacks.chat, route)["PayloadFormatVersion"] for route in routes(stacks.chat, "HTTP")}
        assert versions == {"2.0"}

    def test_pages_call_it_without_cookies(self, stacks: Stacks) -> None:
        rest = stacks.chat.resources("AWS::ApiGatewayV2::Api")[api(stacks.chat, "HTTP")]
        cors = rest["Properties"]["CorsConfiguration"]
        assert sorted(cors["AllowMethods"]) == ["GET", "OPTIONS", "POST"]
        assert {"authorization", "content-type", "baggage", "sentry-trace", "traceparent"} <= set(cors["AllowHeaders"])
        assert "*" not in cors["AllowHeaders"]
        assert "AllowCredentials" not in cors

    def test_it_is_deployed_with_every_change_and_throttled(self, stacks: Stacks, environment: Environment) -> None:
        stage = stage_of(stacks.chat, "HTTP")["Properties"]
        assert stage["StageName"] == "$default"
        assert stage["AutoDeploy"] is True
        assert stage["DefaultRouteSettings"] == throttled(environment.throttles.other)

    def test_every_call_is_throttled_like_the_action_that_does_the_same(
        self, stacks: Stacks, environment: Environment
    ) -> None:
        throttles = environment.throttles
        assert stage_of(stacks.chat, "HTTP")["Properties"]["RouteSettings"] == {
            "POST /sendmessage": throttled(throttles.message),
            "POST /chats": throttled(throttles.start),
            "GET /chats/{contact_id}/entries": throttled(throttles.read),
            "POST /chats/{contact_id}/receipts": throttled(throttles.signal),
            "POST /chats/{contact_id}/identify": throttled(throttles.message),
            "POST /chats/{contact_id}/close": throttled(throttles.manage),
            "POST /tickets": throttled(throttles.manage),
            "POST /reports": throttled(throttles.report),
        }

    def test_its_access_log_holds_no_query_string_and_no_header(self, stacks: Stacks) -> None:
        fields = json.loads(stage_of(stacks.chat, "HTTP")["Properties"]["AccessLogSettings"]["Format"])
        harmless = re.compile(
            r"\$context\.(requestId|requestTimeEpoch|routeKey|status|error\.message|integrationStatus"
            r"|integrationErrorMessage|integrationLatency|responseLatency)"
        )
        assert fields["routeKey"] == "$context.routeKey"
        assert [value for value in fields.values() if not harmless.fullmatch(value)] == []

    def test_its_address_is_ready_for_paths(self, stacks: Stacks, environment: Environment) -> None:
        url = stacks.chat.outputs()["RestUrl"]
        assert f"${{{api(stacks.chat, 'HTTP')}" in url
        assert not url.endswith("/")
        if environment.target.emulator_url is not None:
            assert url.startswith(f"{environment.target.emulator_url}/_aws/execute-api/")


def test_no_environment_replaces_what_is_set_for_all_apis_of_the_account(stacks: Stacks) -> None:
    assert not stacks.chat.resources("AWS::ApiGateway::Account")


def stages(chat: Template) -> list[Json]:
    return chat.properties("AWS::ApiGatewayV2::Stage")


def test_a_line_of_an_access_log_is_json_also_when_it_tells_of_an_error(stacks: Stacks) -> None:
    # `$context.error.messageString` is the one variable that comes with its quotes.
    for stage in stages(stacks.chat):
        line = re.sub(r"\$context\.[\w.]+", "x", stage["AccessLogSettings"]["Format"])
        assert "x" in set(json.loads(line).values())
        assert "messageString" not in stage["AccessLogSettings"]["Format"]


def test_no_metrics_are_paid_for_that_nobody_looks_at(stacks: Stacks) -> None:
    assert "DetailedMetricsEnabled" not in json.dumps(stages(stacks.chat))


def test_the_http_apis_log_does_not_fill_up_the_accounts_policy_for_logs(
    stacks: Stacks, environment: Environment
) -> None:
    group = id_of_group(stage_of(stacks.chat, "HTTP"))
    properties = stacks.chat.resources("AWS::Logs::LogGroup")[group]["Properties"]

    assert properties["LogGroupName"] == f"/aws/vendedlogs/apigateway/SellerChat-{environment.name}-Rest"


def id_of_group(stage: Json) -> str:
    found = re.search(r"\{(\w+)\.Arn\}", text(stage["Properties"]["AccessLogSettings"]["DestinationArn"]))
    assert found
    return found[1]
