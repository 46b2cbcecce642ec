"""The folder `.local`, where a running system leaves its outputs, its state and its logs."""

import configparser
import contextlib
import fcntl
import io
import json
import os
from collections.abc import Iterator
from pathlib import Path

from administration.deployments import LOCAL_HOME, LOCAL_LOCK, LOCAL_OUTPUTS, LOCAL_PROFILE, Access
from local_aws.emulator import private_file
from local_aws.errors import LocalSystemError

OWNERS_BITS = 0o700


@contextlib.contextmanager
def exclusive_use() -> Iterator[None]:
    """Keep the folder to one running system; two would overwrite each other's state.

    Raises:
        LocalSystemError: another system of this folder is running.
    """
    os.umask(0o077)
    make_private(LOCAL_HOME)
    with LOCAL_LOCK.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LocalSystemError("This project is running already: stop the other `make run` first.") from None
        # A run that was killed leaves them.
        _withdraw()
        yield


def make_private(folder: Path) -> None:
    """Make a folder that only its owner can look into, and take from others what they could do in it before."""
    folder.mkdir(mode=OWNERS_BITS, exist_ok=True)
    for path in (folder, *folder.rglob("*")):
        # A link's own bits mean nothing, and what it points at need not be ours.
        if not path.is_symlink():
            path.chmod(path.stat().st_mode & OWNERS_BITS)


@contextlib.contextmanager
def published(outputs: dict[str, str], access: Access) -> Iterator[None]:
    """Write the outputs, and how to reach the system, for as long as the system they describe is running."""
    _write(LOCAL_PROFILE, _profile(access))
    _write(LOCAL_OUTPUTS, json.dumps(outputs, indent=2, sort_keys=True) + "\n")
    try:
        yield
    finally:
        _withdraw()


def _write(path: Path, text: str) -> None:
    with private_file(path) as file:
        file.write(text.encode())


def _withdraw() -> None:
    for path in (LOCAL_OUTPUTS, LOCAL_PROFILE):
        path.unlink(missing_ok=True)


def _profile(access: Access) -> str:
    profile = configparser.ConfigParser(interpolation=None)
    profile["default"] = {
        "endpoint_url": access.endpoint,
        "region": access.region,
        "aws_access_key_id": access.access_key_id,
        "aws_secret_access_key": access.secret_access_key,
    }
    text = io.StringIO()
    profile.write(text)
    return text.getvalue()
