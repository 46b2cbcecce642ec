"""What GitHub Actions may do in an account: by roles for one environment of one repository, and no key."""

from __future__ import annotations

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from .constructs.acknowledgement import acknowledge, reported
from .constructs.output import output

ISSUER = "token.actions.githubusercontent.com"
AUDIENCE = "sts.amazonaws.com"
PLAN = "plan"
"""What the GitHub environment is called, behind the environment's name, in which a deployment is only looked at."""

_QUALIFIER = cdk.DefaultStackSynthesizer.DEFAULT_QUALIFIER
_WHY_A_PATTERN = (
    "CloudFormation makes up the names of what is deployed, which begin with the environment's; what no name limits "
    "only reads, or is limited by tags."
)
_BOOTSTRAP_PARAMETER = f"parameter/cdk-bootstrap/{_QUALIFIER}/version"


class GitHubStack(cdk.Stack):
    """That the account believes GitHub. It is one setting for all repositories, so it outlives this stack."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id, description="Seller Chat: the account believes GitHub's tokens")
        provider = iam.CfnOIDCProvider(self, "Provider", url=f"https://{ISSUER}", client_id_list=[AUDIENCE])
        provider.apply_removal_policy(cdk.RemovalPolicy.RETAIN)


class PipelineStack(cdk.Stack):
    """Three roles for one environment, each for what its steps do and nothing else.

    `plan` reads what a deployment would change, in the GitHub environment `NAME-plan`, which nobody has to approve.
    `deploy` takes on the roles that `cdk bootstrap` made, and `verify` chats with what was deployed; both only in the
    GitHub environment `NAME`, where reviewers may be asked for.
    """

    def __init__(self, scope: Construct, construct_id: str, *, repository: str, environment: str) -> None:
        super().__init__(
            scope,
            construct_id,
            description=f"Seller Chat ({environment}): what {repository} may do",
            tags={"service": "seller-chat", "environment": environment},
        )
        self._repository = repository
        self._environment = environment
        plan = self._role("Plan", f"{environment}-{PLAN}", [self._bootstrapped("lookup"), *self._looks()])
        self._let_read(plan)
        bootstrapped = self._bootstrapped("deploy", "file-publishing", "lookup")
        self._role("Deploy", environment, [bootstrapped])
        self._role("Verify", environment, [*self._reads(), *self._chats()])

    def _role(self, name: str, github_environment: str, statements: Sequence[iam.PolicyStatement]) -> iam.Role:
        provider = f"arn:{self.partition}:iam::{self.account}:oidc-provider/{ISSUER}"
        subject = f"repo:{self._repository}:environment:{github_environment}"
        conditions = {"StringEquals": {f"{ISSUER}:aud": AUDIENCE, f"{ISSUER}:sub": subject}}
        role = iam.Role(
            self,
            name,
            description=f"{self._repository}, in its environment {github_environment}",
            assumed_by=iam.WebIdentityPrincipal(provider, conditions),
        )
        policy = iam.Policy(self, f"{name}Policy", roles=[role], statements=list(statements))
        for each in (resource for statement in statements for resource in statement.resources if "*" in resource):
            acknowledge(policy, "IAM5", _WHY_A_PATTERN, finding=f"Resource::{reported(self, each)}")
        output(self, f"{name}Role", role.role_arn, f"The role of the environment {github_environment} on GitHub.")
        return role

    def _let_read(self, role: iam.Role) -> None:
        """What drift is detected by: CloudFormation reads every resource with the rights of who asks, for whom the CDK
        takes on no role. The role that it takes on for a look at templates has the same policy."""
        policy = iam.ManagedPolicy.from_aws_managed_policy_name("ReadOnlyAccess")
        role.add_managed_policy(policy)
        acknowledge(
            role,
            "IAM4",
            "Drift is detected by reading every type of resource, and only AWS keeps up with what that needs.",
            finding=f"Policy::{reported(self, policy.managed_policy_arn)}",
        )

    def _bootstrapped(self, *roles: str) -> iam.PolicyStatement:
        """The roles of `cdk bootstrap`, of this account and Region alone."""
        return iam.PolicyStatement(
            actions=["sts:AssumeRole"],
            resources=[
                f"arn:{self.partition}:iam::{self.account}:role/cdk-{_QUALIFIER}-{role}-role-{self.account}-{self.region}"
                for role in roles
            ],
        )

    def _looks(self) -> list[iam.PolicyStatement]:
        """What the look at the account needs, before a deployment."""
        return [
            self._may(["ssm:GetParameter"], [self._arn("ssm", _BOOTSTRAP_PARAMETER)]),
            self._may(["apigateway:GET"], [f"arn:{self.partition}:apigateway:{self.region}::/account"]),
            self._may(["sns:ListSubscriptionsByTopic"], [self._arn("sns", self._named())]),
            self._may(
                [
                    "acm:DescribeCertificate",
                    "cloudformation:DescribeStacks",
                    "lambda:GetAccountSettings",
                    "route53:GetHostedZone",
                    "servicequotas:GetAWSDefaultServiceQuota",
                    "servicequotas:GetServiceQuota",
                    "servicequotas:ListAWSDefaultServiceQuotas",
                    "servicequotas:ListServiceQuotas",
                ],
                ["*"],
            ),
        ]

    def _reads(self) -> list[iam.PolicyStatement]:
        """What `make verify` reads of the stacks."""
        name = self._named()
        return [
            self._may(
                [
                    "cloudformation:DescribeStacks",
                    "cloudwatch:DescribeAlarms",
                    "lambda:GetAccountSettings",
                    "lambda:GetEventSourceMapping",
                    "logs:DescribeLogGroups",
                ],
                ["*"],
            ),
            self._may(["cloudformation:ListStackResources"], [self._arn("cloudformation", f"stack/{name}/*")]),
            self._may(
                [
                    "lambda:GetFunctionConcurrency",
                    "lambda:GetFunctionConfiguration",
                    "lambda:GetFunctionRecursionConfig",
                ],
                [self._arn("lambda", f"function:{name}")],
            ),
            self._may(["sqs:GetQueueAttributes"], [self._arn("sqs", name)]),
            self._may(["sns:ListSubscriptionsByTopic"], [self._arn("sns", name)]),
            self._may(["scheduler:GetSchedule"], [self._arn("scheduler", f"schedule/{name}/*")]),
            self._may(
                ["logs:FilterLogEvents"],
                [
                    self._arn("logs", f"log-group:{name}"),
                    self._arn("logs", f"log-group:/aws/vendedlogs/apigateway/{name}"),
                ],
            ),
        ]

    def _chats(self) -> list[iam.PolicyStatement]:
        """What it does as a seller and as a visitor, whom it deletes afterwards."""
        tables = f"table/{self._named('Data-')}"
        mine = {"StringEquals": {f"aws:ResourceTag/{name}": value for name, value in self._tags().items()}}
        return [
            self._may(
                [f"dynamodb:{action}" for action in ("DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem")],
                [self._arn("dynamodb", tables), self._arn("dynamodb", f"{tables}/index/*")],
            ),
            self._may(
                ["execute-api:ManageConnections"], [self._arn("execute-api", f"*/{self._environment}/*/@connections/*")]
            ),
            iam.PolicyStatement(
                actions=["secretsmanager:GetSecretValue"],
                resources=[self._arn("secretsmanager", "secret:SellerTokenKey*")],
                conditions=mine,
            ),
            iam.PolicyStatement(
                actions=["kms:Decrypt", "kms:GenerateDataKey"], resources=[self._arn("kms", "key/*")], conditions=mine
            ),
        ]

    def _tags(self) -> dict[str, str]:
        return {"service": "seller-chat", "environment": self._environment}

    def _named(self, more: str = "") -> str:
        return f"SellerChat-{self._environment}-{more}*"

    def _may(self, actions: list[str], resources: list[str]) -> iam.PolicyStatement:
        return iam.PolicyStatement(actions=actions, resources=resources)

    def _arn(self, service: str, resource: str) -> str:
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"
