"""`make synth-twice`: every environment again, by another Python and after `--exclusively`, compared byte by byte."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from stacks.environments import ENVIRONMENTS

PROJECT = Path(__file__).resolve().parents[2]
CDK = ["node", "node_modules/aws-cdk/bin/cdk", "synth", "--quiet", "--no-notices"]


def main(arguments: list[str] | None = None) -> int:
    """Return 1 if two syntheses of the same commit differ, after a line for each file in which they do."""
    parser = argparse.ArgumentParser(prog="make synth-twice", description=__doc__)
    parser.add_argument("--other", help="another Python, by name or path; without it, this one makes all of them")
    other = parser.parse_args(arguments).other
    with tempfile.TemporaryDirectory() as folder:
        differences = [each for name in ENVIRONMENTS for each in _differences_of(name, Path(folder) / name, other)]
    sys.stdout.writelines(f"{each}\n" for each in differences)
    return 1 if differences else 0


def _differences_of(name: str, folder: Path, other: str | None) -> list[str]:
    sys.stdout.write(f"{name}\n")
    sys.stdout.flush()
    first, second = folder / "first", folder / "second"
    _synthesize(name, first)
    _synthesize(name, second, f"SellerChat-{name}-Data", "--exclusively")
    _synthesize(name, second, *(["--app", _app_by(other)] if other else []))
    return differences(first, second)


def differences(first: Path, second: Path) -> list[str]:
    """The files that two folders do not have alike, with their bytes and their modes."""
    one, other = contents(first), contents(second)
    # An asset that another one is in the place of is one word, not a thousand.
    lacking = {path.split("/")[0] for path in one.keys() ^ other.keys()}
    changed = {path for path in one.keys() & other.keys() if one[path] != other[path]}
    return [f"{path} differs" for path in sorted(changed | lacking)]


def contents(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Mode and bytes of every file in a folder."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): (path.stat().st_mode, path.read_bytes()) for path in files}


def _app_by(python: str) -> str:
    """The command that runs the app by another Python, in an environment of its own."""
    uv = f"{sys.executable} -m uv run --quiet --isolated --no-project --python {python}"
    return f"{uv} --with-requirements requirements.txt python app.py"


def _synthesize(name: str, output: Path, *more: str) -> None:
    command = [*CDK, "-c", f"env={name}", "--output", str(output), *more]
    node = shutil.which("node") or "node"
    done = subprocess.run(  # noqa: S603 - fixed words, and what the caller of make says
        [node, *command[1:]], cwd=PROJECT, env=os.environ, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        sys.exit(f"error: {name} cannot be synthesized: {reason(done.stderr)}")


def reason(said: str) -> str:
    """Why, in a line: the app's or uv's own error, with its causes, before what the CLI says of it."""
    lines = [line.strip() for line in said.strip().splitlines()] or ["no word"]
    first = next((index for index, line in enumerate(lines) if line.startswith("error: ")), len(lines) - 1)
    causes = [line for line in lines[first + 1 :] if line.startswith("cause: ")]
    return "; ".join([lines[first].removeprefix("error: "), *(each.removeprefix("cause: ") for each in causes[:2])])


if __name__ == "__main__":
    sys.exit(main())
