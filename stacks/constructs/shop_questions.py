"""What a shop asks about its chat, as graphs."""

from __future__ import annotations

from aws_cdk import aws_cloudwatch as cloudwatch

from .objective_watch import NAMESPACE, measured

_WIDTH = 8
_PERCENTILES = ("p50", "p95")


def questions(environment: str) -> list[cloudwatch.GraphWidget]:
    """The graphs of an environment."""

    def sums(title: str, *metrics: str) -> cloudwatch.GraphWidget:
        return _graph(title, [measured(each, environment) for each in metrics])

    def times(title: str, metric: str) -> cloudwatch.GraphWidget:
        return _graph(title, [measured(metric, environment, each) for each in _PERCENTILES])

    return [
        sums("Chats", "ContactsOpened", "ContactsReopened", "ContactsQueued", "ContactsAssigned"),
        sums("Chats that went wrong", "ContactsAbandoned", "ContactsMoved", "LateAssignments"),
        sums("Messages", "VisitorMessages", "RestMessages", "SellerMessages"),
        times("Seconds until a chat has a seller", "AssignmentSeconds"),
        times("Seconds until a seller writes", "FirstAnswerSeconds"),
        times("Milliseconds until a message is pushed", "PushMs"),
        _graph("Percent of visitors' messages that come over REST", [_share_of_rest(environment)]),
        sums("What failed", "FailedSends", "FailedConnects", "FailedPushes", "FailedLookups", "GonePushes"),
        _graph("Refusals", [_refusals(environment)]),
        sums("What one in four pages in trouble tells", "TroubledPages", "PageReconnects", "PageFailedSends"),
        times("Milliseconds that the slowest message of such a page takes", "PageSlowestSendMs"),
        sums("Races that were lost", "AppendConflicts"),
        times("Milliseconds of the shop's back end", "DirectoryMs"),
        sums("Contacts that the shop's back end did not register", "DirectoryFailures"),
    ]


def _graph(title: str, metrics: list[cloudwatch.IMetric]) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(title=title, left=metrics, width=_WIDTH, left_y_axis=cloudwatch.YAxisProps(min=0))


def _share_of_rest(environment: str) -> cloudwatch.MathExpression:
    return cloudwatch.MathExpression(
        expression="100 * FILL(rest, 0) / (FILL(rest, 0) + FILL(sockets, 0))",
        using_metrics={
            "rest": measured("RestMessages", environment),
            "sockets": measured("VisitorMessages", environment),
        },
        label="REST",
    )


def _refusals(environment: str) -> cloudwatch.MathExpression:
    """By code; which there are is told by what was refused."""
    dimensions = f"{NAMESPACE},environment,code"
    search = f"SEARCH('{{{dimensions}}} MetricName=\"ProtocolErrors\" environment=\"{environment}\"', 'Sum')"
    return cloudwatch.MathExpression(expression=search, using_metrics={}, label="")
