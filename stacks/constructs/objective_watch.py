"""How well an objective is kept, as alarms and as a line over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import aws_cdk as cdk
from aws_cdk import aws_apigatewayv2 as apigw
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from ..objectives import BURNS, FAST, Burn, Counted, Objective

NAMESPACE = "SellerChat"


def measured(metric: str, environment: str, statistic: str = "Sum") -> cloudwatch.Metric:
    """A metric that the functions write."""
    return cloudwatch.Metric(
        namespace=NAMESPACE,
        metric_name=metric,
        dimensions_map={"environment": environment},
        statistic=statistic,
        period=cdk.Duration.minutes(5),
    )


class ObjectiveWatch(Construct):
    """An alarm for each burn rate and each of its two times; these call nobody by themselves."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        objective: Objective,
        *,
        environment: str,
        sockets: apigw.WebSocketStage,
    ) -> None:
        super().__init__(scope, construct_id)
        self.objective = objective
        self._environment = environment
        self._sockets = sockets
        self._alarms = {
            (burn.name, over.to_minutes()): self._alarm(burn, over)
            for burn in BURNS
            for over in (burn.long, burn.short)
        }

    @property
    def rule(self) -> cloudwatch.IAlarmRule:
        """Whether one of the burn rates has gone on for long, and still does."""
        return cloudwatch.AlarmRule.any_of(
            *(
                cloudwatch.AlarmRule.all_of(*(self._of(burn, over) for over in (burn.long, burn.short)))
                for burn in BURNS
            )
        )

    def seen_in(self, percent: float) -> cloudwatch.Alarm:
        """The alarm that sees a fault first, also where only so many percent of all go to who makes it.

        Who fails with all of theirs makes so many percent bad: an alarm that is to see it rings at half of that.
        """
        soonest = self._alarms[FAST.name, FAST.short.to_minutes()]
        if self.objective.threshold(FAST.rate) <= percent / 2:
            return soonest
        return self._ringing(
            "Part",
            f"{self.objective.promise} Over {FAST.short.to_minutes():.0f} minutes {percent / 2:g} % were not so.",
            FAST.short,
            threshold=percent / 2,
        )

    @property
    def kept(self) -> cloudwatch.MathExpression:
        """How many percent were good, over time."""
        return self._formula("100 - 100 * ({bad}) / ({all})", cdk.Duration.minutes(5), label=self.objective.promise)

    def _of(self, burn: Burn, over: cdk.Duration) -> cloudwatch.IAlarmRule:
        return cloudwatch.AlarmRule.from_alarm(self._alarms[burn.name, over.to_minutes()], cloudwatch.AlarmState.ALARM)

    def _alarm(self, burn: Burn, over: cdk.Duration) -> cloudwatch.Alarm:
        minutes = int(over.to_minutes())
        return self._ringing(
            f"{burn.name}{minutes}",
            f"{self.objective.promise} Over {minutes} minutes it was not so, {burn.rate} times too often.",
            over,
            threshold=self.objective.threshold(burn.rate),
        )

    def _ringing(
        self, construct_id: str, description: str, over: cdk.Duration, *, threshold: float
    ) -> cloudwatch.Alarm:
        return cloudwatch.Alarm(
            self,
            construct_id,
            alarm_description=description,
            # One that fails among a few is no trend.
            metric=self._formula("IF(({bad}) > 1, 100 * ({bad}) / ({all}), 0)", over, label="percent"),
            threshold=threshold,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )

    def _formula(self, formula: str, over: cdk.Duration, label: str) -> cloudwatch.MathExpression:
        counted = list(dict.fromkeys((*self.objective.bad, *self.objective.all)))
        names: Mapping[Counted, str] = {each: f"m{number}" for number, each in enumerate(counted)}

        def total(metrics: Sequence[Counted]) -> str:
            # What was never counted is none.
            return " + ".join(f"FILL({names[each]}, 0)" for each in metrics)

        return cloudwatch.MathExpression(
            expression=formula.format(bad=total(self.objective.bad), all=total(self.objective.all)),
            using_metrics={names[each]: self._metric(each) for each in counted},
            period=over,
            label=label,
        )

    def _metric(self, counted: Counted) -> cloudwatch.IMetric:
        if counted.of == "sockets":
            return self._sockets.metric(counted.name, statistic=counted.statistic)
        return measured(counted.name, self._environment, counted.statistic)
