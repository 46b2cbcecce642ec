"""The folder `.local`, where a running system leaves its outputs, its state and its logs."""

import contextlib
import fcntl
import json
from collections.abc import Iterator
from pathlib import Path

from local_aws.errors import LocalSystemError

HOME = Path(__file__).resolve().parent.parent / ".local"
OUTPUTS = HOME / "outputs.json"
LOCK = HOME / "lock"


@contextlib.contextmanager
def exclusive_use() -> Iterator[None]:
    """Keep the folder to one running system; two would overwrite each other's state.

    Raises:
        LocalSystemError: another system of this folder is running.
    """
    HOME.mkdir(exist_ok=True)
    with LOCK.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LocalSystemError("This project is running already: stop the other `make run` first.") from None
        # A run that was killed leaves them.
        OUTPUTS.unlink(missing_ok=True)
        yield


def is_in_use() -> bool:
    """Tell whether a system of this folder is running; one that was killed has let go of the lock."""
    if not LOCK.exists():
        return False
    with LOCK.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


@contextlib.contextmanager
def published(outputs: dict[str, str]) -> Iterator[None]:
    """Write the outputs for as long as the system they describe is running."""
    OUTPUTS.write_text(json.dumps(outputs, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    try:
        yield
    finally:
        OUTPUTS.unlink(missing_ok=True)


def running_outputs() -> dict[str, str]:
    """Return the outputs of the running system: those of its stacks, and `Endpoint`, the emulator's URL.

    Raises:
        LocalSystemError: no system is running.
    """
    if not is_in_use() or not OUTPUTS.exists():
        raise LocalSystemError("Nothing is running here: start it with `make run`, and ask again when it is ready.")
    outputs: dict[str, str] = json.loads(OUTPUTS.read_text(encoding="utf-8"))
    return outputs
