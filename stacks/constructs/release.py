"""How new code comes to be called: by a few at first, and by nobody once it does harm."""

from __future__ import annotations

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_codedeploy as codedeploy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from ..environment import TrafficShift
from .acknowledgement import acknowledge
from .chat_function import ChatFunction
from .objective_watch import ObjectiveWatch

CANARY_PERCENT = 10
"""How many of all calls the configuration `canary` below lets reach new code at first."""

_CONFIGURATIONS = {
    "canary": codedeploy.LambdaDeploymentConfig.CANARY_10_PERCENT_5_MINUTES,
    "at_once": codedeploy.LambdaDeploymentConfig.ALL_AT_ONCE,
}


class Release(Construct):
    """Shifts calls of each function to its new version, and back where an alarm rings meanwhile.

    CodeDeploy does so for all functions side by side, as part of the stack's update; where it goes back with one of
    them, the update fails and takes all others back, too
    (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-updatepolicy.html).

    CodeDeploy begins nothing while an alarm rings. What mends what is broken goes `at_once`, and heeds no alarm.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        shift: TrafficShift,
        functions: Sequence[ChatFunction],
        objectives: Sequence[ObjectiveWatch],
    ) -> None:
        super().__init__(scope, construct_id)
        self._shift = shift
        self._application = codedeploy.LambdaApplication(self, "Application")
        self._role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("codedeploy.amazonaws.com"))
        promised = [each.seen_in(CANARY_PERCENT) for each in objectives]
        for function in functions:
            if function.live is not None:
                self._shift_to(function, function.live, promised)
        self._role.add_to_principal_policy(iam.PolicyStatement(actions=["cloudwatch:DescribeAlarms"], resources=["*"]))
        reason = "AWS's own policy for it has the star, too, and to see how an alarm is changes nothing."
        acknowledge(self._role, "IAM5", reason, finding="Resource::*")

    def _shift_to(self, function: ChatFunction, live: lambda_.Alias, promised: Sequence[cloudwatch.Alarm]) -> None:
        actions = ["lambda:GetAlias", "lambda:UpdateAlias", "lambda:GetProvisionedConcurrencyConfig"]
        # By name, so that the alias, which follows its group, may follow the permission, too.
        arn = function.function.function_arn
        own = [arn, f"{arn}:{live.alias_name}"]
        self._role.add_to_principal_policy(iam.PolicyStatement(actions=actions, resources=own))
        group = codedeploy.LambdaDeploymentGroup(
            self,
            function.name,
            application=self._application,
            alias=live,
            # Or the construct adds AWS's own policy, which is for every function of the account.
            role=self._role.without_policy_updates(),
            deployment_config=_CONFIGURATIONS[self._shift],
            alarms=[*promised, self._raising(function, live)],
            ignore_alarm_configuration=self._shift == "at_once",
            auto_rollback=codedeploy.AutoRollbackConfig(
                failed_deployment=True, stopped_deployment=True, deployment_in_alarm=self._shift != "at_once"
            ),
        )
        group.node.add_dependency(self._role)

    def _raising(self, function: ChatFunction, live: lambda_.Alias) -> cloudwatch.Alarm:
        """Whether the new version raises: one that cannot be imported counts nothing by itself.

        Lambda counts by version while two are called.
        """
        errors = live.metric_errors(
            period=cdk.Duration.minutes(1),
            dimensions_map={
                "FunctionName": function.function.function_name,
                "Resource": f"{function.function.function_name}:{live.alias_name}",
                "ExecutedVersion": function.function.current_version.version,
            },
        )
        return cloudwatch.Alarm(
            self,
            f"{function.name}Raises",
            alarm_description=(
                f"The new version of the {function.name} function raised while a part of all calls went to it."
            ),
            metric=errors,
            threshold=0,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
