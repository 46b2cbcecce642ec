"""Alarms, and the dashboard that shows what they watch."""

from __future__ import annotations

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

PERIOD = cdk.Duration.minutes(1)
_COLUMNS = 3
_WIDEST = 24


class AlarmPanel(Construct):
    """Raises alarms to a topic, and draws each with its threshold."""

    def __init__(self, scope: Construct, construct_id: str, *, topic: sns.ITopic, dashboard_name: str) -> None:
        super().__init__(scope, construct_id)
        self._action = actions.SnsAction(topic)
        self._dashboard = cloudwatch.Dashboard(self, "Dashboard", dashboard_name=dashboard_name)

    def section(self, title: str, alarms: list[cloudwatch.Alarm]) -> None:
        """A heading, and below it what these alarms watch."""
        self._dashboard.add_widgets(cloudwatch.TextWidget(markdown=f"## {title}", width=_WIDEST, height=1))
        for start in range(0, len(alarms), _COLUMNS):
            self._dashboard.add_widgets(
                *(
                    cloudwatch.AlarmWidget(title=alarm.node.id, alarm=alarm, width=_WIDEST // _COLUMNS)
                    for alarm in alarms[start : start + _COLUMNS]
                )
            )

    def graphs(self, title: str, graphs: Sequence[cloudwatch.IWidget], *, columns: int = _COLUMNS) -> None:
        """A heading, and below it graphs that ring no alarm."""
        self._dashboard.add_widgets(cloudwatch.TextWidget(markdown=f"## {title}", width=_WIDEST, height=1))
        for start in range(0, len(graphs), columns):
            self._dashboard.add_widgets(*graphs[start : start + columns])

    def composed(
        self, construct_id: str, description: str, rule: cloudwatch.IAlarmRule, *, section: str
    ) -> cloudwatch.CompositeAlarm:
        """An alarm that is made of others."""
        described = _with_section(description, section)
        alarm = cloudwatch.CompositeAlarm(self, construct_id, alarm_description=described, alarm_rule=rule)
        alarm.add_alarm_action(self._action)
        alarm.add_ok_action(self._action)
        return alarm

    def alarm(
        self,
        construct_id: str,
        description: str,
        metric: cloudwatch.IMetric,
        *,
        section: str,
        above: float = 0,
        minutes: int = 1,
    ) -> cloudwatch.Alarm:
        """An alarm once `metric` has been `above` for so many `minutes`; silence is no alarm.

        The runbook's `section` says what to do.
        """
        alarm = cloudwatch.Alarm(
            self,
            construct_id,
            alarm_description=_with_section(description, section),
            metric=metric,
            threshold=above,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=minutes,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        alarm.add_alarm_action(self._action)
        alarm.add_ok_action(self._action)
        return alarm


def _with_section(description: str, section: str) -> str:
    """With where docs/runbook.md says what to do, by the section's heading."""
    return f"{description} docs/runbook.md#{section.lower().replace(' ', '-')}"
