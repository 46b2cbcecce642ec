"""What warns of runaway cost."""

from __future__ import annotations

from aws_cdk import aws_budgets as budgets
from constructs import Construct


class MonthlyBudget(Construct):
    """Mails when four fifths of a month's budget are spent, and when the month is going to cost more than all of it.

    It is the whole account's: costs can be told apart by tags only after somebody activates them for billing.
    """

    def __init__(self, scope: Construct, construct_id: str, *, name: str, dollars: int, email: str) -> None:
        super().__init__(scope, construct_id)
        budgets.CfnBudget(
            self,
            "Budget",
            budget=budgets.CfnBudget.BudgetDataProperty(
                budget_name=name,
                budget_type="COST",
                time_unit="MONTHLY",
                budget_limit=budgets.CfnBudget.SpendProperty(amount=dollars, unit="USD"),
            ),
            notifications_with_subscribers=[
                _notification("ACTUAL", percent=80, email=email),
                _notification("FORECASTED", percent=100, email=email),
            ],
        )


def _notification(kind: str, *, percent: int, email: str) -> budgets.CfnBudget.NotificationWithSubscribersProperty:
    return budgets.CfnBudget.NotificationWithSubscribersProperty(
        notification=budgets.CfnBudget.NotificationProperty(
            comparison_operator="GREATER_THAN", notification_type=kind, threshold=percent, threshold_type="PERCENTAGE"
        ),
        subscribers=[budgets.CfnBudget.SubscriberProperty(address=email, subscription_type="EMAIL")],
    )
