"""What cdk.json starts: finds the Python that has what the app needs, also in a shell where none is activated.

It runs under whichever Python is first on the path, so it uses the standard library only.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
PACKAGE = "aws-cdk-lib"
ASK = f"import importlib.metadata as m, sys; print(m.version('{PACKAGE}') if sys.version_info >= (3, 11) else 'old')"


def main() -> None:
    """Become the app that the command line names, or end with the one line that says what is missing."""
    wanted = pinned()
    for interpreter in (sys.executable, str(ROOT / ".venv" / "bin" / "python")):
        if installed(interpreter) == wanted:
            # Its folder holds the npm, the Node and the uv that the app needs, too.
            os.environ["PATH"] = os.pathsep.join([str(Path(interpreter).parent), os.environ.get("PATH", os.defpath)])
            os.execv(interpreter, [interpreter, *sys.argv[1:]])  # noqa: S606 - the arguments are those of cdk.json
    sys.exit(
        f"error: neither python3 nor .venv is a Python from 3.11 on with {PACKAGE} {wanted}: run "
        "`python3 -m venv .venv && .venv/bin/pip install -r requirements.txt`"
    )


def pinned() -> str:
    """The version that the templates are made with; another one may make others of the same sources."""
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    (version,) = re.findall(rf"^{PACKAGE}==(\S+)", text, re.MULTILINE)
    return str(version)


def installed(interpreter: str) -> str:
    """The version that an interpreter has; empty where there is none."""
    try:
        answer = subprocess.run([interpreter, "-c", ASK], capture_output=True, text=True, check=False)  # noqa: S603
    except OSError:
        return ""
    return answer.stdout.strip()


if __name__ == "__main__":
    main()
