"""What must not be lost: the tables, and the keys that are shared with the shop's back end."""

from __future__ import annotations

import json
from typing import Unpack, cast

from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from .constructs.acknowledgement import acknowledge
from .constructs.encryption_key import EncryptionKey, serve_tables_and_secrets
from .constructs.output import output
from .environment import Environment, WarmThroughput
from .environment_stack import EnvironmentStack
from .stack_props import StackProps

USER_ID_INDEX = "UserIdIndex"
INBOX_INDEX = "InboxIndex"
TEAM_INDEX = "TeamIndex"


class DataStack(EnvironmentStack):
    """The stateful half; docs/data-model.md describes the tables."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        key: kms.IKey | None = None,
        **props: Unpack[StackProps],
    ) -> None:
        super().__init__(scope, construct_id, environment=environment, purpose="tables and secrets", **props)
        self._environment = environment
        self.environment_name = environment.name
        """What all that has a name of ours is called after."""

        self.key = key or self._own_key()
        """What everything kept is encrypted with, here and in the other stacks; None for AWS's own keys."""
        if self.key is not None:
            serve_tables_and_secrets(self.key, self)
        self.connections = self._table(
            "Connections",
            partition_key="connectionId",
            indexes=[self._index(USER_ID_INDEX, partition_key="userId", sort_key="role")],
        )
        self.conversations = self._table(
            "Conversations",
            partition_key="contact_id",
            sort_key="item",
            indexes=[self._index(INBOX_INDEX, partition_key="inbox", sort_key="since")],
            stream=dynamodb.StreamViewType.NEW_IMAGE,
        )
        self.sellers = self._table(
            "Sellers",
            partition_key="seller_id",
            indexes=[self._index(TEAM_INDEX, partition_key="team", sort_key="seller_id")],
            expires=False,
        )
        output(self, "ConnectionTable", self.connections.table_name, "The table of who is connected.")
        output(self, "ConversationTable", self.conversations.table_name, "The table of conversations and their logs.")
        output(self, "SellerTable", self.sellers.table_name, "The table of sellers.")
        self.seller_token_key_arn = self._shared_key(
            "SellerToken", "Signs seller tokens (JWT, HS256); shared with the shop's back end."
        )
        self.php_api_key_arn: str | None = None
        if environment.php_api_url is not None:
            self.php_api_key_arn = self._shared_key(
                "PhpApi", "Proves to the shop's back end that a call comes from here, and signs events."
            )

        given = json.dumps(dict(environment.given), sort_keys=True)
        output(self, "Given", given, "What was said on the command line; make deploy refuses to forget any of it.")

    def _own_key(self) -> kms.IKey | None:
        if not self._environment.customer_managed_key:
            return None
        return EncryptionKey(self, "Key", environment=self._environment)

    def _table(
        self,
        construct_id: str,
        *,
        partition_key: str,
        sort_key: str | None = None,
        indexes: list[dynamodb.GlobalSecondaryIndexPropsV2],
        stream: dynamodb.StreamViewType | None = None,
        expires: bool = True,
    ) -> dynamodb.TableV2:
        """A table whose name CloudFormation makes up: one that is kept must not stand in the way of the next."""
        return dynamodb.TableV2(
            self,
            construct_id,
            partition_key=_text(partition_key),
            sort_key=_text(sort_key) if sort_key else None,
            global_secondary_indexes=indexes,
            time_to_live_attribute="expiresAt" if expires else None,
            billing=dynamodb.Billing.on_demand(),
            warm_throughput=_warm(self._environment.warm_throughput),
            dynamo_stream=stream,
            encryption=dynamodb.TableEncryptionV2.customer_managed_key(self.key) if self.key else None,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=self._environment.point_in_time_recovery
            ),
            deletion_protection=self._environment.deletion_protection,
            removal_policy=self._environment.removal_policy,
        )

    def _index(self, name: str, *, partition_key: str, sort_key: str) -> dynamodb.GlobalSecondaryIndexPropsV2:
        return dynamodb.GlobalSecondaryIndexPropsV2(
            index_name=name,
            partition_key=_text(partition_key),
            sort_key=_text(sort_key),
            warm_throughput=_warm(self._environment.warm_throughput),
        )

    def _shared_key(self, purpose: str, description: str) -> str:
        """The ARN of a key that AWS makes; it has no name of ours, as the tables have none."""
        secret = secretsmanager.Secret(
            self,
            f"{purpose}Key",
            description=description,
            encryption_key=self.key,
            generate_secret_string=secretsmanager.SecretStringGenerator(password_length=64, exclude_punctuation=True),
            removal_policy=self._environment.removal_policy,
        )
        acknowledge(secret, "SMG4", "The shop's back end holds the same key; only its owner can replace both at once.")
        arn = cast("secretsmanager.CfnSecret", secret.node.default_child).attr_id
        output(self, f"{purpose}Secret", arn, description)
        return arn


def _warm(throughput: WarmThroughput | None) -> dynamodb.WarmThroughput | None:
    if throughput is None:
        return None
    return dynamodb.WarmThroughput(read_units_per_second=throughput.reads, write_units_per_second=throughput.writes)


def _text(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)
