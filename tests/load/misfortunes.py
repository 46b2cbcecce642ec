"""What befalls an emulator while people chat: `make chaos` says it in a file, and the emulator's process reads it.

`python -m tests.load.misfortunes HOST:PORT` runs an emulator that looks there; LOAD_MISFORTUNES has the file's path.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any

from ministack.services import dynamodb, lambda_svc

VARIABLE = "LOAD_MISFORTUNES"
OF_ITEMS = {
    *("GetItem", "Query", "BatchGetItem", "TransactGetItems"),
    *("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"),
}
TOO_MUCH = {
    "__type": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
    "message": "The level of configured provisioned throughput for the table was exceeded.",
}


@dataclass(frozen=True)
class Misfortunes:
    """What happens at the moment; nothing, unless it is said."""

    throttled: float = 0
    """The share of requests to tables that DynamoDB refuses."""

    batch_delay_seconds: float = 0
    """How late a batch of the stream comes."""

    doubled_batches: float = 0
    """The share of batches that come twice."""

    def write(self, path: Path) -> None:
        """Have them happen from now on."""
        new = path.with_suffix(".new")
        new.write_text(json.dumps(asdict(self)), encoding="utf-8")
        new.replace(path)


class Fate:
    """Looks what happens at the moment."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read_at = -1
        self._now = Misfortunes()
        self._chance = Random(1)  # noqa: S311 - faults, not secrets

    @property
    def now(self) -> Misfortunes:
        """What was said last."""
        with suppress(OSError):
            changed_at = self._path.stat().st_mtime_ns
            if changed_at != self._read_at:
                self._read_at, self._now = changed_at, Misfortunes(**json.loads(self._path.read_text("utf-8")))
        return self._now

    def befalls(self, share: float) -> bool:
        """Whether it happens this time."""
        return self._chance.random() < share


def befall(fate: Fate) -> None:
    """Put misfortunes around tables and streams.

    To be called before `local_aws` is imported, which puts its rules around what it finds: clients meet both.
    """
    handle, execute = dynamodb.handle_request, lambda_svc._execute_function

    async def handled(*request: Any) -> Any:
        operation = request[2].get("x-amz-target", "").rpartition(".")[2]
        if operation in OF_ITEMS and fate.befalls(fate.now.throttled):
            return 400, {"Content-Type": "application/x-amz-json-1.0"}, json.dumps(TOO_MUCH).encode()
        return await handle(*request)

    def executed(function: Any, event: Any) -> Any:
        if not _is_of_a_stream(event):
            return execute(function, event)
        time.sleep(fate.now.batch_delay_seconds)
        if fate.befalls(fate.now.doubled_batches):
            execute(function, event)
        return execute(function, event)

    dynamodb.handle_request = handled
    lambda_svc._execute_function = executed


def _is_of_a_stream(event: object) -> bool:
    records = event.get("Records") if isinstance(event, Mapping) else None
    return bool(records) and records[0].get("eventSource") == "aws:dynamodb"  # type: ignore[index]


if __name__ == "__main__":
    befall(Fate(Path(os.environ[VARIABLE])))
    from local_aws.emulator_process import serve_until_told

    asyncio.run(serve_until_told(sys.argv[1]))
