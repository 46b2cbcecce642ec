"""Log lines of the functions that take frames: the emulator keeps those of all other functions, and drops theirs."""

from typing import Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

MEASURES = '{"_aws"'
"""Begins a line of measures alone: with one for each message they would be more than all else that is kept."""


def keep_what_is_noted() -> None:
    """Keep what they note of frames, connections and ends; to be called before the emulator starts."""
    get_or_create = lambda_runtime.get_or_create_worker

    def noting(name: str, config: dict[str, Any], *code: Any, **more: Any) -> _Noting:
        return _Noting(get_or_create(name, config, *code, **more), config)

    # The emulator's WebSocket API alone asks for workers by this name.
    lambda_runtime.get_or_create_worker = noting


class _Noting:
    """A worker whose lines are kept, as far as it is asked for anything there."""

    def __init__(self, worker: Any, config: dict[str, Any]) -> None:
        self._worker = worker
        self._config = config

    def invoke(self, event: object, request_id: str) -> dict[str, Any]:
        """Call the function, and keep what it has noted."""
        result: dict[str, Any] = self._worker.invoke(event, request_id)
        lines = [line for line in (result.get("log") or "").splitlines() if not line.startswith(MEASURES)]
        if lines:
            failed = result.get("status") == "error"
            lambda_svc._emit_lambda_logs({"config": self._config}, request_id, "\n".join(lines), failed, 0)
        return result
