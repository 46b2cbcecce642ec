"""The folder `.local`, where a running system leaves its outputs, its state and its logs."""

import contextlib
import fcntl
import json
from collections.abc import Iterator

from administration.deployments import LOCAL_HOME, LOCAL_LOCK, LOCAL_OUTPUTS
from local_aws.errors import LocalSystemError


@contextlib.contextmanager
def exclusive_use() -> Iterator[None]:
    """Keep the folder to one running system; two would overwrite each other's state.

    Raises:
        LocalSystemError: another system of this folder is running.
    """
    LOCAL_HOME.mkdir(exist_ok=True)
    with LOCAL_LOCK.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LocalSystemError("This project is running already: stop the other `make run` first.") from None
        # A run that was killed leaves them.
        LOCAL_OUTPUTS.unlink(missing_ok=True)
        yield


@contextlib.contextmanager
def published(outputs: dict[str, str]) -> Iterator[None]:
    """Write the outputs for as long as the system they describe is running."""
    LOCAL_OUTPUTS.write_text(json.dumps(outputs, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    try:
        yield
    finally:
        LOCAL_OUTPUTS.unlink(missing_ok=True)
