"""Batches of a table's stream that failed in part, or that one record spoils."""

import time
from typing import Any

from ministack.services import dynamodb, lambda_svc

from local_aws.strict.switches import Strictness

Record = dict[str, Any]
Result = dict[str, Any]

REPORTS_FAILURES = "ReportBatchItemFailures"
BISECTS = "BisectBatchOnFunctionError"

_execute, _poll = lambda_svc._execute_function, lambda_svc._poll_dynamodb_streams


def repeat_what_failed(strictness: Strictness) -> None:
    """Have readers of a stream go on at the first record that failed; to be called before the emulator starts."""
    reader = _Reader()
    lambda_svc._execute_function = reader.execute if strictness.stream_failures else _execute
    lambda_svc._poll_dynamodb_streams = reader.poll if strictness.stream_failures else _poll


class _Reader:
    """Reads with the emulator's own poller, and sets it back to what has failed."""

    def __init__(self) -> None:
        self._failed: dict[str, Record] = {}
        """The first record of each mapping that must come again."""

    def poll(self) -> bool:
        """Read once from every stream."""
        self._failed.clear()
        has_read: bool = _poll()
        for account, region, mapping in lambda_svc._iter_all_esms():
            if (record := self._failed.get(mapping["UUID"])) is not None:
                again = time.time() + lambda_svc._ESM_BACKOFF_SECONDS
                place = _position(record, account=account, region=region)
                lambda_svc._dynamodb_stream_positions.set_scoped(account, region, mapping["UUID"], place)
                lambda_svc._esm_backoff_until.set_scoped(account, region, mapping["UUID"], again)
        return has_read

    def execute(self, function: Any, event: Any) -> Result:
        """Call a function; with a batch of a stream, as often as it takes to know which record fails."""
        records = event.get("Records") if isinstance(event, dict) else None
        mapping = _mapping(function, records[0]) if records else None
        if mapping is None:
            result: Result = _execute(function, event)
            return result
        return self._read(function, mapping, records or [])

    def _read(self, function: Any, mapping: dict[str, Any], records: list[Record]) -> Result:
        result: Result = _execute(function, {"Records": records})
        if result.get("error") and len(records) > 1 and mapping.get(BISECTS):
            return self._halve(function, mapping, records)
        failed = (
            _first_failed(result, records) if REPORTS_FAILURES in mapping.get("FunctionResponseTypes", []) else None
        )
        if failed is not None:
            self._failed[mapping["UUID"]] = failed
        return result

    def _halve(self, function: Any, mapping: dict[str, Any], records: list[Record]) -> Result:
        middle = len(records) // 2
        first = self._read(function, mapping, records[:middle])
        if first.get("error") or mapping["UUID"] in self._failed:
            return first
        second = self._read(function, mapping, records[middle:])
        if not second.get("error"):
            return second
        # The first half is done: only what failed comes again.
        self._failed[mapping["UUID"]] = records[middle]
        return first


def _mapping(function: Any, record: Record) -> dict[str, Any] | None:
    if record.get("eventSource") != "aws:dynamodb":
        return None
    name = (function.get("config") or function)["FunctionName"]
    for _, _, mapping in lambda_svc._iter_all_esms():
        if mapping["FunctionName"] == name and mapping["EventSourceArn"] == record["eventSourceARN"]:
            return dict(mapping)
    return None


def _first_failed(result: Result, records: list[Record]) -> Record | None:
    body = result.get("body")
    failures = body.get("batchItemFailures") or [] if isinstance(body, dict) else []
    numbers = {failure["itemIdentifier"] for failure in failures}
    return next((record for record in records if record["dynamodb"]["SequenceNumber"] in numbers), None)


def _position(record: Record, *, account: str, region: str) -> int:
    """Where a record lies in its stream, counted as the emulator counts."""
    table = record["eventSourceARN"].split("/stream/")[0].rpartition("/")[2]
    start: int = dynamodb.stream_start_position(table, account_id=account, region=region)
    live = dynamodb.stream_live_records(table, account_id=account, region=region)
    return start + next(place for place, each in enumerate(live) if each["eventID"] == record["eventID"])
