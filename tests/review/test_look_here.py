"""What a reviewer reads first: pairs of templates, and the lines with which each review begins."""

from __future__ import annotations

from typing import Any

import pytest

from review.report import NOTHING_TO_LOOK_AT, looked_at
from tests.review.templates import Json, allow, compared, kept, policy, resource, role

ALARM = {"Threshold": 1, "ComparisonOperator": "GreaterThanThreshold", "AlarmActions": ["topic"]}
PROTECTED = [
    {
        "Region": "eu-central-1",
        "DeletionProtectionEnabled": True,
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
    }
]
INDEXED = {"GlobalSecondaryIndexes": [{"IndexName": "TeamIndex"}]}
SLOW = {"ThrottlingRateLimit": 20, "ThrottlingBurstLimit": 50}
TABLE = {"Fn::GetAtt": ["SellersD2CEFAAA", "Arn"]}
LAMBDA = {"Service": "lambda.amazonaws.com"}


def of(**resources: Json) -> Json:
    return resources


def function(**variables: str) -> Json:
    return resource("Lambda::Function", {"Environment": {"Variables": variables}})


PAIRS: dict[str, tuple[Json, Json, list[str]]] = {
    "a table that is renamed": (
        of(Sellers=kept("DynamoDB::GlobalTable", {"TableName": "sellers"})),
        of(Sellers=kept("DynamoDB::GlobalTable", {"TableName": "team"})),
        ["**Lost**: Data: Sellers (DynamoDB::GlobalTable): is replaced and starts empty: TableName changes"],
    ),
    "a table with another key, which is deleted": (
        of(Sellers=resource("DynamoDB::Table", {"KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]})),
        of(Sellers=resource("DynamoDB::Table", {"KeySchema": [{"AttributeName": "name", "KeyType": "HASH"}]})),
        [
            "**Lost**: Data: Sellers (DynamoDB::Table): may be replaced and starts empty, and what it held is deleted: "
            "KeySchema changes"
        ],
    ),
    "a secret that goes and a queue that moves": (
        of(Secret=kept("SecretsManager::Secret"), Queue=resource("SQS::Queue")),
        of(Elsewhere=resource("SQS::Queue")),
        [
            "**Lost**: Data: Queue (SQS::Queue): is removed: what it holds is deleted",
            "**Lost**: Data: Secret (SecretsManager::Secret): is removed: what it holds is kept in the account, "
            "and nothing reads it",
            "**Fixed cost**: Data: the stack: costs $0.40 less a month, used or not: $0.40 → $0.00 (estimated)",
        ],
    ),
    "protection that is taken away": (
        of(Table=kept("DynamoDB::GlobalTable", {"Replicas": PROTECTED})),
        of(Table=resource("DynamoDB::GlobalTable", {"Replicas": [{"Region": "eu-central-1"}]})),
        [
            "**Protection**: Data: Table: is deleted when it leaves the stack, and was kept",
            "**Protection**: Data: Table: is deleted when it is replaced, and was kept",
            "**Protection**: Data: Table: is no longer protected against deletion: "
            "Replicas.eu-central-1.DeletionProtectionEnabled true → nothing",
            "**Protection**: Data: Table: can no longer be restored to a point in time: "
            "Replicas.eu-central-1.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled true → nothing",
        ],
    ),
    "encryption that is taken away": (
        of(Queue=resource("SQS::Queue", {"KmsMasterKeyId": "key"}), Key=kept("KMS::Key", {"EnableKeyRotation": True})),
        of(Queue=resource("SQS::Queue"), Key=kept("KMS::Key", {"EnableKeyRotation": False})),
        [
            "**Encryption**: Data: Key: no longer rotates: EnableKeyRotation true → false",
            "**Encryption**: Data: Queue: is no longer encrypted with the account's key: KmsMasterKeyId key → nothing",
        ],
    ),
    "logs and messages that are kept for less long": (
        of(
            Logs=kept("Logs::LogGroup", {"RetentionInDays": 90}),
            Old=kept("Logs::LogGroup", {}),
            Function=resource("Lambda::Function", {"Environment": {"Variables": {"RETENTION_DAYS": "365"}}}),
        ),
        of(
            Logs=kept("Logs::LogGroup", {"RetentionInDays": 7}),
            Old=kept("Logs::LogGroup", {"RetentionInDays": 7}),
            Function=resource("Lambda::Function", {"Environment": {"Variables": {"RETENTION_DAYS": "30"}}}),
        ),
        [
            "**Kept for less long**: Data: Function: less long: Environment.Variables.RETENTION_DAYS 365 → 30",
            "**Kept for less long**: Data: Logs: less long: RetentionInDays 90 → 7",
            "**Kept for less long**: Data: Old: less long: RetentionInDays nothing → 7",
        ],
    ),
    "alarms that go, are silent and come later": (
        of(**{name: resource("CloudWatch::Alarm", ALARM) for name in ("Errors", "Late", "Silent")}),
        of(
            Late=resource("CloudWatch::Alarm", {**ALARM, "Threshold": 1000}),
            Silent=resource("CloudWatch::Alarm", {**ALARM, "AlarmActions": []}),
        ),
        [
            "**Alarms**: Data: Errors (CloudWatch::Alarm): is removed",
            "**Alarms**: Data: Late: tells later: Threshold 1 → 1000",
            "**Alarms**: Data: Silent: tells fewer: AlarmActions - topic",
            "**Fixed cost**: Data: the stack: costs $0.10 less a month, used or not: $0.30 → $0.20 (estimated)",
        ],
    ),
    "trust that is widened": (
        of(ConversationRole=role(LAMBDA)),
        of(ConversationRole=role({"AWS": "arn:aws:iam::210987654321:root", **LAMBDA})),
        ["**Trust**: Data: arn:aws:iam::210987654321:root: may sts:AssumeRole on ConversationRole"],
    ),
    "trust of several roles that is widened": (
        of(First=role(LAMBDA), Second=role(LAMBDA)),
        of(First=role({"AWS": ["arn:aws:iam::210987654321:root"], **LAMBDA}), Second=role({"AWS": "*", **LAMBDA})),
        [
            "**Public**: Data: anybody: may sts:AssumeRole on Second",
            "**Trust**: Data: arn:aws:iam::210987654321:root: may sts:AssumeRole on First",
        ],
    ),
    "a permission on several things": (
        of(Policy=policy(allow("sqs:SendMessage", "first"))),
        of(Policy=policy(allow("sqs:SendMessage", ["first", "second", "third"]))),
        ["**Permissions**: Data: ConversationRole: may sqs:SendMessage on second, third"],
    ),
    "a role that anybody may assume": (
        of(ConversationRole=role(LAMBDA)),
        of(ConversationRole=role({"AWS": "*"})),
        ["**Public**: Data: anybody: may sts:AssumeRole on ConversationRole"],
    ),
    "permissions that are widened": (
        of(Policy=policy(allow(["dynamodb:GetItem"], TABLE), role="ConversationRole7EBE5EA6")),
        of(Policy=policy(allow(["dynamodb:*"], TABLE), allow("s3:GetObject", ["*"]), role="ConversationRole7EBE5EA6")),
        [
            "**Permissions**: Data: ConversationRole7EBE5EA6: may dynamodb:* on SellersD2CEFAAA",
            "**Permissions**: Data: ConversationRole7EBE5EA6: may s3:GetObject on *",
        ],
    ),
    "a bucket and an API that become public": (
        of(
            Files=kept("S3::Bucket", {"PublicAccessBlockConfiguration": {"BlockPublicPolicy": True}}),
            Route=resource("ApiGatewayV2::Route", {"AuthorizationType": "CUSTOM", "AuthorizerId": "authorizer"}),
        ),
        of(
            Files=kept("S3::Bucket", {"PublicAccessBlockConfiguration": {}}),
            Route=resource("ApiGatewayV2::Route", {"AuthorizationType": "NONE"}),
        ),
        [
            "**Public**: Data: Files: may become public: "
            "PublicAccessBlockConfiguration.BlockPublicPolicy true → nothing",
            "**Public**: Data: Route: lets anybody in: AuthorizationType CUSTOM → NONE",
            "**Protection**: Data: Route: is no longer guarded: AuthorizerId authorizer → nothing",
        ],
    ),
    "a table that tells nothing and has no index": (
        of(Sellers=kept("DynamoDB::GlobalTable", {**INDEXED, "StreamSpecification": {"StreamViewType": "NEW_IMAGE"}})),
        of(Sellers=kept("DynamoDB::GlobalTable")),
        [
            "**Lost**: Data: Sellers: loses an index, and what looks there fails: "
            "GlobalSecondaryIndexes.TeamIndex.IndexName TeamIndex → nothing",
            "**Protection**: Data: Sellers: no longer tells what happens in it: "
            "StreamSpecification.StreamViewType NEW_IMAGE → nothing",
        ],
    ),
    "queues and streams that give up sooner": (
        of(
            Dead=kept("SQS::Queue", {"MessageRetentionPeriod": 1209600}),
            Waiting=kept("SQS::Queue", {"RedrivePolicy": {"maxReceiveCount": 5}}),
            Follows=resource("Lambda::EventSourceMapping", {"MaximumRecordAgeInSeconds": 82800, "Enabled": True}),
        ),
        of(
            Dead=kept("SQS::Queue"),
            Waiting=kept("SQS::Queue", {"RedrivePolicy": {"maxReceiveCount": 1}}),
            Follows=resource("Lambda::EventSourceMapping", {"MaximumRecordAgeInSeconds": 60, "Enabled": False}),
        ),
        [
            "**Protection**: Data: Follows: is switched off: Enabled true → false",
            "**Kept for less long**: Data: Dead: less long: MessageRetentionPeriod 1209600 → nothing",
            "**Kept for less long**: Data: Follows: gives up sooner: MaximumRecordAgeInSeconds 82800 → 60",
            "**Kept for less long**: Data: Waiting: gives up sooner: RedrivePolicy.maxReceiveCount 5 → 1",
        ],
    ),
    "functions that let more people in": (
        of(Connect=function(UNKNOWN_SELLERS="refuse", VISITOR_TOKENS="required", ALLOWED_ORIGINS="https://shop")),
        of(Connect=function(UNKNOWN_SELLERS="accept", VISITOR_TOKENS="none", ALLOWED_ORIGINS="https://shop,null")),
        [
            "**Public**: Data: Connect: lets pages of more origins in: "
            "Environment.Variables.ALLOWED_ORIGINS https://shop → https://shop,null",
            "**Public**: Data: Connect: accepts sellers whom nobody has registered: "
            "Environment.Variables.UNKNOWN_SELLERS refuse → accept",
            "**Public**: Data: Connect: lets visitors in without a token: "
            "Environment.Variables.VISITOR_TOKENS required → none",
        ],
    ),
    "a route that is throttled later, and one that is gone": (
        of(
            Route=resource("ApiGatewayV2::Route", {"RouteKey": "sync"}),
            Gone=resource("ApiGatewayV2::Route", {"RouteKey": "typing"}),
            Stage=resource("ApiGatewayV2::Stage", {"RouteSettings": {"sync": SLOW, "typing": SLOW}}),
        ),
        of(
            Route=resource("ApiGatewayV2::Route", {"RouteKey": "sync"}),
            Stage=resource("ApiGatewayV2::Stage", {"RouteSettings": {"sync": {**SLOW, "ThrottlingRateLimit": 9000}}}),
        ),
        [
            "**Protection**: Data: Stage: is throttled later: RouteSettings.sync.ThrottlingRateLimit 20 → 9000",
        ],
    ),
    "a name that leads nowhere": (
        of(
            Record=resource("Route53::RecordSet", {"Name": "chat.shop.example."}),
            Pages=resource("CloudFront::Distribution", {"DistributionConfig": {"Aliases": ["chat.shop.example"]}}),
        ),
        of(Pages=resource("CloudFront::Distribution", {"DistributionConfig": {}})),
        [
            "**Lost**: Data: Pages: no longer answers under a name: DistributionConfig.Aliases - chat.shop.example",
            "**Lost**: Data: Record (Route53::RecordSet): is removed: its address leads nowhere",
        ],
    ),
    "a budget and a count that tell later": (
        of(
            Budget=resource("Budgets::Budget", {"Budget": {"BudgetLimit": {"Amount": 50}}}),
            Failures=resource("Logs::MetricFilter", {"FilterPattern": '?"push_failed" ?"check_up_failed"'}),
        ),
        of(
            Budget=resource("Budgets::Budget", {"Budget": {"BudgetLimit": {"Amount": 5000}}}),
            Failures=resource("Logs::MetricFilter", {"FilterPattern": '?"push_failed"'}),
        ),
        [
            "**Alarms**: Data: Budget: tells later: Budget.BudgetLimit.Amount 50 → 5000",
            "**Alarms**: Data: Failures: counts fewer lines: "
            'FilterPattern ?"push_failed" ?"check_up_failed" → ?"push_failed"',
        ],
    ),
    "events that nobody hears": (
        of(
            Ended=resource("Events::Rule", {"EventPattern": {"source": ["seller-chat"]}}),
            Fewer=resource(
                "Events::Rule",
                {
                    "EventPattern": {"source": ["seller-chat"], "detail-type": ["opened", "closed"]},
                    "Targets": [{"Id": "Target0", "Arn": "queue"}, {"Id": "Target1", "Arn": "shop"}],
                },
            ),
            Choosier=resource("Events::Rule", {"EventPattern": {"source": ["seller-chat"]}}),
            Follows=resource("Lambda::EventSourceMapping", {"EventSourceArn": "table"}),
            Polls=resource("Lambda::EventSourceMapping", {"EventSourceArn": "queue"}),
        ),
        of(
            Fewer=resource(
                "Events::Rule",
                {
                    "EventPattern": {"source": ["seller-chat"], "detail-type": ["opened"]},
                    "Targets": [{"Id": "Target0", "Arn": "queue"}],
                },
            ),
            Choosier=resource("Events::Rule", {"EventPattern": {"source": ["seller-chat"], "account": ["ours"]}}),
            Follows=resource(
                "Lambda::EventSourceMapping",
                {"EventSourceArn": "table", "FilterCriteria": {"Filters": [{"Pattern": "entry"}]}},
            ),
        ),
        [
            "**Protection**: Data: Choosier: hears less: EventPattern.account + ours",
            "**Protection**: Data: Ended (Events::Rule), Polls (Lambda::EventSourceMapping): is removed: "
            "nobody is told of what it heard",
            "**Protection**: Data: Fewer: hears less: EventPattern.detail-type - closed",
            "**Protection**: Data: Fewer: tells one less of what it hears: Targets.Target1.Id Target1 → nothing",
            "**Protection**: Data: Follows: hears less: FilterCriteria.Filters.0.Pattern nothing → entry",
        ],
    ),
    "guards that are taken away": (
        of(
            Pages=resource("CloudFront::Distribution", {"DefaultCacheBehavior": {"ResponseHeadersPolicyId": "csp"}}),
            Chat=resource("Lambda::Function", {"ReservedConcurrentExecutions": 400}),
            Stage=resource("ApiGatewayV2::Stage", {"DefaultRouteSettings": {"DataTraceEnabled": False}}),
        ),
        of(
            Pages=resource("CloudFront::Distribution", {"DefaultCacheBehavior": {}}),
            Chat=resource("Lambda::Function", {"ReservedConcurrentExecutions": 4}),
            Stage=resource("ApiGatewayV2::Stage", {"DefaultRouteSettings": {"DataTraceEnabled": True}}),
        ),
        [
            "**Protection**: Data: Chat: has less concurrency of its own: ReservedConcurrentExecutions 400 → 4",
            "**Protection**: Data: Pages: is no longer guarded: "
            "DefaultCacheBehavior.ResponseHeadersPolicyId csp → nothing",
            "**Protection**: Data: Stage: writes down what people say: "
            "DefaultRouteSettings.DataTraceEnabled false → true",
        ],
    ),
    "another order, another way to write the same permissions, and a new name of what holds nothing": (
        of(
            FirstIntegration=resource("ApiGatewayV2::Integration", {"Uri": "function"}),
            Route=resource("ApiGatewayV2::Route", {"Target": {"Fn::Join": ["/", ["to", {"Ref": "FirstIntegration"}]]}}),
            Policy=policy(allow(["dynamodb:GetItem", "dynamodb:Query"], TABLE), allow("sqs:SendMessage", "queue")),
        ),
        of(
            Policy=policy(
                allow("sqs:SendMessage", ["queue"]),
                allow("dynamodb:Query", TABLE),
                allow(["dynamodb:GetItem"], [TABLE]),
            ),
            Route=resource("ApiGatewayV2::Route", {"Target": {"Fn::Join": ["/", ["to", {"Ref": "NextIntegration"}]]}}),
            NextIntegration=resource("ApiGatewayV2::Integration", {"Uri": "function"}),
        ),
        [NOTHING_TO_LOOK_AT],
    ),
}


@pytest.mark.parametrize("pair", PAIRS)
def test_a_review_begins_with(pair: str) -> None:
    before, after, lines = PAIRS[pair]

    assert looked_at(compared(before, after)) == lines


@pytest.mark.parametrize("pair", PAIRS)
def test_the_way_back_is_no_loss_of_protection(pair: str) -> None:
    before, after, _ = PAIRS[pair]
    weaker = ("**Protection**", "**Encryption**", "**Kept for less long**", "**Alarms**", "**Public**")

    assert [line for line in looked_at(compared(after, before)) if line.startswith(weaker)] == []
    assert looked_at(compared(before, before)) == [NOTHING_TO_LOOK_AT]


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        (
            resource("SQS::Queue", {"KmsMasterKeyId": "ours"}),
            resource("SQS::Queue", {"KmsMasterKeyId": "alias/aws/sqs"}),
            "**Encryption**: Data: It: is encrypted with another key: KmsMasterKeyId ours → alias/aws/sqs",
        ),
        (
            resource("DynamoDB::GlobalTable", {}),
            resource("DynamoDB::GlobalTable", {"TimeToLiveSpecification": {"AttributeName": "expiresAt"}}),
            "**Kept for less long**: Data: It: begins to forget what has expired: "
            "TimeToLiveSpecification.AttributeName nothing → expiresAt",
        ),
        (
            resource("ApiGatewayV2::DomainName", {"DomainNameConfigurations": [{"SecurityPolicy": "TLS_1_2"}]}),
            resource("ApiGatewayV2::DomainName", {"DomainNameConfigurations": [{"SecurityPolicy": "TLS_1_0"}]}),
            "**Encryption**: Data: It: speaks another TLS: DomainNameConfigurations.0.SecurityPolicy TLS_1_2 → TLS_1_0",
        ),
        (
            resource("CloudFront::ResponseHeadersPolicy", {"ContentSecurityPolicy": "default-src 'self'"}),
            resource("CloudFront::ResponseHeadersPolicy", {"ContentSecurityPolicy": "default-src *"}),
            "**Protection**: Data: It: sends another header that protects: "
            "ContentSecurityPolicy default-src 'self' → default-src *",
        ),
        (
            resource("CloudWatch::Alarm", {"MetricName": "Errors", "Period": 60}),
            resource("CloudWatch::Alarm", {"MetricName": "Duration", "Period": 3600}),
            "**Alarms**: Data: It: no longer watches the same: MetricName Errors → Duration; Period 60 → 3600",
        ),
        (
            resource("CloudWatch::CompositeAlarm", {"AlarmRule": "ALARM(fast)"}),
            resource("CloudWatch::CompositeAlarm", {"AlarmRule": "ALARM(fast) AND ALARM(slow)"}),
            "**Alarms**: Data: It: no longer watches the same: AlarmRule ALARM(fast) → ALARM(fast) AND ALARM(slow)",
        ),
        (
            resource("SecretsManager::Secret", {"GenerateSecretString": {"PasswordLength": 64}}),
            resource("SecretsManager::Secret", {"GenerateSecretString": {"PasswordLength": 32}}),
            "**Lost**: Data: It: may get another value: GenerateSecretString.PasswordLength 64 → 32",
        ),
        (
            resource("IAM::Role", {"PermissionsBoundary": "boundary"}),
            resource("IAM::Role", {}),
            "**Protection**: Data: It: has no boundary of permissions any more: PermissionsBoundary boundary → nothing",
        ),
        (
            resource("ApiGatewayV2::Stage", {"AccessLogSettings": {"Format": "$context.status"}}),
            resource("ApiGatewayV2::Stage", {"AccessLogSettings": {"Format": "$context.identity.sourceIp"}}),
            "**Protection**: Data: It: writes down other things, or elsewhere, of who calls: "
            "AccessLogSettings.Format $context.status → $context.identity.sourceIp",
        ),
        (
            resource("Events::Rule", {"Targets": [{"Id": "Target0", "Arn": "queue"}]}),
            resource("Events::Rule", {"Targets": [{"Id": "Target0", "Arn": "elsewhere"}]}),
            "**Protection**: Data: It: tells another one of what it hears: Targets.Target0.Arn queue → elsewhere",
        ),
        (
            resource("Lambda::EventSourceMapping", {"FilterCriteria": {"Filters": [{"Pattern": "entry"}]}}),
            resource("Lambda::EventSourceMapping", {"FilterCriteria": {"Filters": [{"Pattern": "mark"}]}}),
            "**Protection**: Data: It: hears less: FilterCriteria.Filters.0.Pattern entry → mark",
        ),
        (
            resource("SNS::Subscription", {"Endpoint": "oncall@shop.example"}),
            resource("SNS::Subscription", {"Endpoint": "nobody@shop.example"}),
            "**Alarms**: Data: It: tells somebody else: Endpoint oncall@shop.example → nobody@shop.example",
        ),
        (
            resource("ApiGatewayV2::Authorizer", {"AuthorizerUri": "ours"}),
            resource("ApiGatewayV2::Authorizer", {"AuthorizerUri": "theirs"}),
            "**Trust**: Data: It: has another function say who may come in: AuthorizerUri ours → theirs",
        ),
        (
            resource("ApiGatewayV2::Authorizer", {"AuthorizerResultTtlInSeconds": 0}),
            resource("ApiGatewayV2::Authorizer", {"AuthorizerResultTtlInSeconds": 3600}),
            "**Trust**: Data: It: believes for longer what was once said of somebody: "
            "AuthorizerResultTtlInSeconds 0 → 3600",
        ),
        (
            resource("ApiGatewayV2::Route", {"AuthorizationType": "AWS_IAM"}),
            resource("ApiGatewayV2::Route", {}),
            "**Public**: Data: It: lets anybody in: AuthorizationType AWS_IAM → nothing",
        ),
        (
            function(SELLER_TOKEN_ISSUER="https://issuer.example"),
            function(SELLER_TOKEN_ISSUER="https://elsewhere.example"),
            "**Trust**: Data: It: believes another issuer: "
            "Environment.Variables.SELLER_TOKEN_ISSUER https://issuer.example → https://elsewhere.example",
        ),
    ],
    ids=lambda each: each.rpartition("It: ")[2].partition(":")[0] if isinstance(each, str) else "",
)
def test_another_value_is_told_whichever_is_the_better(before: Json, after: Json, line: str) -> None:
    assert looked_at(compared(of(It=before), of(It=after))) == [line]


def test_many_of_one_kind_are_one_line() -> None:
    def stage(requests: int) -> Json:
        routes = {f"route{each}": {"ThrottlingRateLimit": requests} for each in range(9)}
        return of(Stage=resource("ApiGatewayV2::Stage", {"RouteSettings": routes}))

    (line,) = looked_at(compared(stage(20), stage(9000)))

    assert line.startswith("**Protection**: Data: Stage: is throttled later: RouteSettings.route0.")
    assert line.endswith("; 6 more")


def test_what_is_no_longer_denied_is_told() -> None:
    def bucket_policy(*statements: Any) -> Json:
        document = {"Statement": [*statements, {**allow("s3:GetObject", "files"), "Principal": LAMBDA}]}
        return of(Files=resource("S3::BucketPolicy", {"Bucket": "files", "PolicyDocument": document}))

    tls = {"Bool": {"aws:SecureTransport": "false"}}
    deny = {"Effect": "Deny", "Action": "s3:*", "Principal": {"AWS": "*"}, "Resource": "*", "Condition": tls}

    assert looked_at(compared(bucket_policy(deny), bucket_policy())) == [
        "**Protection**: Data: anybody: is no longer denied s3:* on Files, if aws:SecureTransport Bool false"
    ]


def test_a_condition_that_is_dropped_widens_a_permission() -> None:
    own_keys = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["ticket#*"]}}
    before = of(Policy=policy(allow("dynamodb:PutItem", TABLE, Condition=own_keys)))
    after = of(Policy=policy(allow("dynamodb:PutItem", TABLE)))

    assert looked_at(compared(before, after)) == [
        "**Permissions**: Data: ConversationRole: may dynamodb:PutItem on SellersD2CEFAAA"
    ]
    assert looked_at(compared(after, before)) == [NOTHING_TO_LOOK_AT]


def test_a_function_that_anybody_may_invoke_is_told() -> None:
    def permission(**source: str) -> Json:
        called = {"Action": "lambda:InvokeFunction", "FunctionName": "chat"}
        return of(Invoke=resource("Lambda::Permission", {**called, "Principal": "apigateway.amazonaws.com", **source}))

    assert looked_at(compared(permission(SourceArn="api"), permission())) == [
        "**Trust**: Data: apigateway.amazonaws.com: may lambda:InvokeFunction on chat"
    ]
