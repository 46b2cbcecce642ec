"""What befalls an emulator is what was said last, and nothing else."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from ministack.services import dynamodb, lambda_svc

from tests.load.misfortunes import Fate, Misfortunes, befall

BATCH = {"Records": [{"eventSource": "aws:dynamodb"}]}
FRAME: dict[str, Any] = {"requestContext": {}}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where it is said."""
    return tmp_path / "misfortunes.json"


@pytest.fixture
def executed(path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What functions were called with, on an emulator that may be befallen."""
    events: list[Any] = []

    async def handle(*_request: Any) -> tuple[int, dict[str, str], bytes]:
        return 200, {}, b"{}"

    monkeypatch.setattr(dynamodb, "handle_request", handle)
    monkeypatch.setattr(lambda_svc, "_execute_function", lambda _function, event: events.append(event))
    befall(Fate(path))
    return events


def status(operation: str) -> int:
    """How DynamoDB answers an operation."""
    headers = {"x-amz-target": f"DynamoDB_20120810.{operation}"}
    answer: int = asyncio.run(dynamodb.handle_request("POST", "/", headers, b"{}", {}))[0]
    return answer


@pytest.mark.enable_socket
def test_nothing_befalls_until_it_is_said_and_when_it_is_taken_back(executed: list[Any], path: Path) -> None:
    assert status("PutItem") == 200
    Misfortunes(throttled=1).write(path)
    assert (status("PutItem"), status("Query"), status("DescribeTable")) == (400, 400, 200)
    Misfortunes().write(path)
    assert status("PutItem") == 200


def test_a_batch_of_a_stream_comes_twice_and_a_frame_once(executed: list[Any], path: Path) -> None:
    Misfortunes(doubled_batches=1).write(path)

    for event in (BATCH, FRAME, {"Records": [{"eventSource": "aws:sqs"}]}, None):
        lambda_svc._execute_function(None, event)

    assert [executed.count(each) for each in (BATCH, FRAME)] == [2, 1]
    assert len(executed) == 5


def test_a_batch_is_late(executed: list[Any], path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("tests.load.misfortunes.time.sleep", slept.append)
    Misfortunes(batch_delay_seconds=3).write(path)

    lambda_svc._execute_function(None, BATCH)
    lambda_svc._execute_function(None, FRAME)

    assert slept == [3]


def test_only_a_share_is_befallen(executed: list[Any], path: Path) -> None:
    Misfortunes(doubled_batches=0.5).write(path)

    for _ in range(100):
        lambda_svc._execute_function(None, BATCH)

    assert 120 < len(executed) < 180
