"""One MiniStack process: started, watched until healthy, and stopped with everything it started."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Collection
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from local_aws.credentials import Credentials
from local_aws.errors import LocalSystemError
from local_aws.strict.switches import Strictness

ADDRESS = "127.0.0.1"
ACCOUNT = "000000000000"
REGION = "ap-south-1"
START_SECONDS = 60.0
STOP_SECONDS = 30.0


class Emulator:
    """A MiniStack with IAM enforced that keeps its state in a folder.

    Args:
        port: the TCP port on 127.0.0.1 for every service.
        home: the folder for its state, its log (`emulator.log`) and its temporary files.
        origins: whose pages may use the chat's APIs; every other page is refused.
        strictness: which rules of AWS it is held to beside its own; all, unless it is said otherwise.
        program: the module that is run, for those that put something around it.
    """

    def __init__(
        self,
        *,
        port: int,
        home: Path,
        origins: Collection[str] = (),
        strictness: Strictness | None = None,
        program: str = "local_aws.emulator_process",
    ) -> None:
        self.port = port
        self.credentials = Credentials.random()
        self._origins = origins
        self._strictness = strictness or Strictness()
        self._program = program
        self.log = home / "emulator.log"
        self._home = home
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def endpoint(self) -> str:
        """The URL of every service. An address, not a name: the CDK CLI then uses path-style S3."""
        return f"http://{ADDRESS}:{self.port}"

    def client_environment(self) -> dict[str, str]:
        """Return an environment whose AWS clients reach this emulator and can reach nothing else.

        The caller's profile, tokens and configuration files are left out: a real account is never touched.
        """
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "CDK_"))}
        return kept | {
            "AWS_ENDPOINT_URL": self.endpoint,
            **self.credentials.as_variables(),
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            # The tests and every other synthesis validate the templates; here it would only cost seconds.
            "CDK_VALIDATION": "false",
        }

    def start(self) -> None:
        """Start the process and wait until it answers.

        Raises:
            LocalSystemError: the port is taken, or the emulator does not come up.
        """
        if port_is_taken(self.port):
            raise LocalSystemError(
                f"Port {self.port} is taken: stop what uses it (another `make run`?), or choose one, e.g. "
                f"`make run PORT={self.port + 1}`."
            )
        # What an emulator that was killed left there is of no use.
        shutil.rmtree(self._temporary_files(), ignore_errors=True)
        self._temporary_files().mkdir(parents=True)
        with private_file(self.log) as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", self._program, f"{ADDRESS}:{self.port}"],
                cwd=Path(__file__).resolve().parent.parent,
                env=self._own_environment(),
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                # A session of its own: Ctrl-C in the terminal reaches the starter, who stops the emulator in order.
                start_new_session=True,
            )
        self._wait_until_healthy(self._process)

    @property
    def process_id(self) -> int | None:
        """The process, whose children are the functions'; None while there is none."""
        return self._process.pid if self._process else None

    def is_running(self) -> bool:
        """Tell whether the process is alive."""
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """Let the emulator save its state and leave, then end what is left of it. Safe to call twice."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
        # Its Lambda workers are in its group; one that was busy may have outlived it.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if process.stdin:
            process.stdin.close()
        shutil.rmtree(self._temporary_files(), ignore_errors=True)

    def __enter__(self) -> Self:
        """Start; a start that fails or is interrupted leaves no process behind."""
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()

    def _temporary_files(self) -> Path:
        return self._home / "tmp"

    def _own_environment(self) -> dict[str, str]:
        """Return the settings of MiniStack and of the guard, which they read from environment variables."""
        return self.client_environment() | {
            "LOCAL_AWS_ORIGINS": json.dumps(sorted(self._origins)),
            "LOCAL_AWS_STRICTNESS": self._strictness.as_json(),
            "AUTH": "true",
            "BIND_HOST": ADDRESS,
            "GATEWAY_PORT": str(self.port),
            # They listen on fixed ports, where two emulators would meet.
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "MINISTACK_REGION": REGION,
            "PERSIST_STATE": "1",
            "STATE_DIR": str(self._home / "state"),
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str(self._home / "state" / "s3"),
            "TMPDIR": str(self._temporary_files()),
        }

    def _wait_until_healthy(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
                urllib.request.urlopen(f"{self.endpoint}/_ministack/health", timeout=5).close()
                return
            time.sleep(0.1)
        raise LocalSystemError(f"The emulator did not start; the reason is at the end of {self.log}.")


def private_file(path: Path) -> BinaryIO:
    """Open an empty file that only its owner reads, whatever was there before."""
    path.unlink(missing_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def port_is_taken(port: int) -> bool:
    """Tell whether something already listens on a port of this machine."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ADDRESS, port))
        except OSError:
            return True
    return False


def free_port() -> int:
    """Return a port of this machine that nothing listens on."""
    with socket.socket() as probe:
        probe.bind((ADDRESS, 0))
        port: int = probe.getsockname()[1]
        return port
