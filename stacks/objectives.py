"""What is promised of the chat as it runs, written once: alarms, the dashboard and the runbook follow from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import aws_cdk as cdk


@dataclass(frozen=True)
class Counted:
    """A metric of which something is counted, by whom it is told: the functions, or the WebSocket API."""

    name: str
    statistic: Literal["Sum", "SampleCount"] = "Sum"
    of: Literal["functions", "sockets"] = "functions"


@dataclass(frozen=True, kw_only=True)
class Objective:
    """So many percent of all that is counted are to be good."""

    name: str
    promise: str
    section: str
    """Of docs/runbook.md."""

    percent: float
    bad: tuple[Counted, ...]
    all: tuple[Counted, ...]

    def threshold(self, burn_rate: float) -> float:
        """Of how many percent that are bad this is the burn rate."""
        return round(burn_rate * (100 - self.percent), 6)


@dataclass(frozen=True, kw_only=True)
class Burn:
    """How fast a month's share of what may go wrong is used up: seen over a long time, and still going on.

    The rates and times are those of https://sre.google/workbook/alerting-on-slos/: 2 % of a month's in an hour, 5 % in
    six hours.
    """

    name: str
    rate: float
    long: cdk.Duration
    short: cdk.Duration


FAST = Burn(name="Fast", rate=14.4, long=cdk.Duration.hours(1), short=cdk.Duration.minutes(5))
SLOW = Burn(name="Slow", rate=6, long=cdk.Duration.hours(6), short=cdk.Duration.minutes(30))
BURNS = (FAST, SLOW)

OBJECTIVES = (
    Objective(
        name="Sends",
        promise="99.9 % of sends are acknowledged.",
        section="Sends fail",
        percent=99.9,
        bad=(Counted("FailedSends"),),
        all=(
            Counted("VisitorMessages"),
            Counted("RestMessages"),
            Counted("SellerMessages"),
            Counted("FailedSends"),
        ),
    ),
    Objective(
        name="Pushes",
        promise="95 % of what is stored is pushed within a second.",
        section="Pushes are late",
        percent=95,
        bad=(Counted("LatePushes"), Counted("FailedPushes")),
        all=(Counted("PushMs", "SampleCount"),),
    ),
    Objective(
        name="Connects",
        promise="99.9 % of connects are accepted.",
        section="Connects are refused",
        percent=99.9,
        bad=(Counted("FailedConnects"),),
        all=(Counted("ConnectCount", of="sockets"), Counted("FailedConnects")),
    ),
    Objective(
        name="Assignments",
        promise="95 % of those who wait have a seller within 60 s while one has room.",
        section="Visitors wait though a seller has room",
        percent=95,
        bad=(Counted("LateAssignments"),),
        all=(Counted("ContactsAssigned"),),
    ),
)
