"""The queries of docs/runbook.md, saved where they are asked: in CloudWatch Logs Insights."""

from __future__ import annotations

import json
from collections.abc import Sequence

from aws_cdk import aws_logs as logs
from constructs import Construct

from .failures import FAILURES

_LATEST = "sort @timestamp desc\n| limit 200"
QUERIES = {
    "failures": (
        "fields @timestamp, @log, event, error, code, reason, kind, action, route, contact_id, connection_id\n"
        f"| filter event in {json.dumps(FAILURES)}\n| {_LATEST}"
    ),
    "contact": (
        "fields @timestamp, @log, event, error, code, action, route\n"
        '| filter contact_id = "PUT-THE-ID-HERE"\n| sort @timestamp asc\n| limit 200'
    ),
    "refusals": 'filter event = "refused"\n| stats count(*) by code, action, route, bin(5m)\n| sort @timestamp desc',
    "pushes": (
        "filter ispresent(PushMs)\n"
        "| stats count(*), pct(PushMs, 50), pct(PushMs, 95), max(PushMs), sum(GonePushes) by bin(5m)"
    ),
    "lambda": (
        "fields @timestamp, @log, @message\n"
        f"| filter type like /^platform/ or @message like /Task timed out/\n| {_LATEST}"
    ),
}
"""By their names, which the runbook has."""


class SavedQueries(Construct):
    """Each query over all functions."""

    def __init__(
        self, scope: Construct, construct_id: str, *, environment: str, groups: Sequence[logs.ILogGroup]
    ) -> None:
        super().__init__(scope, construct_id)
        for name, query in QUERIES.items():
            logs.CfnQueryDefinition(
                self,
                name.capitalize(),
                name=f"seller-chat/{environment}/{name}",
                query_string=query,
                log_group_names=[each.log_group_name for each in groups],
            )
