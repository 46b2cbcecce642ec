"""Functions that call themselves by way of a queue, which Lambda ends."""

import secrets
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextvars import ContextVar
from typing import Any
from urllib.parse import unquote

from ministack.services import lambda_svc, sqs

from local_aws.strict.switches import Strictness

TRACE = "AWSTraceHeader"
LINEAGE = "Lineage="

_run, _trace_of = lambda_svc._run_sqs_batch, lambda_svc._xray_trace_id_for_invocation
_handle, _attributes = sqs.handle_request, sqs._build_send_sys_attrs

_running: ContextVar[str | None] = ContextVar("running", default=None)
"""The trace of the call that a queue has brought about."""

_sending: ContextVar[str | None] = ContextVar("sending", default=None)
"""The trace of the function that sends a message."""


def end_loops(strictness: Strictness) -> None:
    """Count how often a message led to a message of the same function; to be called before the emulator starts."""
    is_on = strictness.loops
    lambda_svc._run_sqs_batch = _run_unless_looping if is_on else _run
    lambda_svc._xray_trace_id_for_invocation = _trace_with_lineage if is_on else _trace_of
    sqs.handle_request = _remembering_the_trace(_handle) if is_on else _handle
    sqs._build_send_sys_attrs = _attributes_with_trace if is_on else _attributes


def lineage(trace: str) -> dict[str, int]:
    """How often each function was called on the way here."""
    _, found, counts = unquote(trace).partition(LINEAGE)
    pairs = (each.rpartition(":") for each in counts.partition(";")[0].split("|") if found)
    return {name: int(count) for name, _, count in pairs if count.isdecimal()}


def _trace(counts: Mapping[str, int]) -> str:
    # As X-Ray writes it; Lambda adds the lineage, which is nobody's to read.
    root = f"Root=1-{int(time.time()):08x}-{secrets.token_hex(12)};Parent={secrets.token_hex(8)};Sampled=0"
    return f"{root};{LINEAGE}{'|'.join(f'{name}:{count}' for name, count in counts.items())}"


def _run_unless_looping(mapping: Any, function: Any, event: Any, batch: Sequence[Any], *more: Any) -> None:
    name = mapping["FunctionName"]
    counts: dict[str, int] = {}
    for message in batch:
        for each, count in lineage(message.get("sys", {}).get(TRACE, "")).items():
            counts[each] = max(count, counts.get(each, 0))
    counts[name] = counts.get(name, 0) + 1
    if lambda_svc._recursive_loop_drop(name, function, counts[name]) is not None:
        _give_up(batch, more[0])
        return
    token = _running.set(_trace(counts))
    try:
        _run(mapping, function, event, batch, *more)
    finally:
        _running.reset(token)


def _give_up(batch: Sequence[Any], queue_url: str) -> None:
    """Make dead letters of messages; where there is no place for these, they are gone."""
    queue = sqs._get_q(queue_url)
    if "RedrivePolicy" not in queue["attributes"]:
        sqs._delete_messages_for_esm(queue_url, {message["receipt_handle"] for message in batch})
        return
    with sqs._queues_lock:
        for message in batch:
            message["receive_count"], message["visible_at"] = 1_000, time.time()
        sqs._dlq_sweep(queue)


def _trace_with_lineage(*call: Any, **more: Any) -> str | None:
    trace: str | None = _running.get() or _trace_of(*call, **more)
    return trace


def _remembering_the_trace(handle: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def remembering(method: str, path: str, headers: Mapping[str, str], *more: Any) -> Any:
        token = _sending.set(headers.get("x-amzn-trace-id"))
        try:
            return await handle(method, path, headers, *more)
        finally:
            _sending.reset(token)

    return remembering


def _attributes_with_trace(*call: Any) -> dict[str, Any]:
    attributes: dict[str, Any] = _attributes(*call)
    trace = _sending.get()
    if trace and lineage(trace):
        attributes.setdefault(TRACE, unquote(trace))
    return attributes
