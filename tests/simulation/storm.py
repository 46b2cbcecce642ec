"""A reconnect storm: all sockets are lost at once, and come back by the widget's own code."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

PROGRAM = Path(__file__).parents[2] / "widget" / "tests" / "storm" / "storm.ts"
MOST_SOCKETS, MOST_PER_SECOND = 1_000_000, 100_000
ACCOUNT_PER_SECOND = 500
"""New connections a second that an account is let have: https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html"""


@dataclass(frozen=True)
class Storm:
    """How it went: seconds until half, 99 % and all were back; tries, those of the busiest second, and who polled."""

    half: float
    most: float
    all: float
    attempts: int
    busiest: int
    fell_back: int


def storm(sockets: int, per_second: int, *, burst: int | None = None, seed: int = 1) -> Storm:
    """Lose so many sockets at once, where so many a second are let in after a burst (a second's, if none is said)."""
    numbers = [str(each) for each in (sockets, per_second, burst or per_second, seed)]
    command = ["node", "--no-warnings", str(PROGRAM), *numbers]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - our own program
    told = json.loads(done.stdout)
    return Storm(told["half"], told["most"], told["all"], told["attempts"], told["busiest"], told["fellBack"])


def asked_for(sockets: str, per_second: str) -> tuple[int, int]:
    """What was said on the command line. Raises `ValueError` with one line that says what it takes."""
    for name, text, most in (("SOCKETS", sockets, MOST_SOCKETS), ("PER_SECOND", per_second, MOST_PER_SECOND)):
        if not text.isascii() or not text.isdecimal() or not 1 <= int(text) <= most:
            raise ValueError(f"{name}={text}: say a whole number from 1 to {most:,}, such as {name}=500.")
    return int(sockets), int(per_second)


def report(sockets: str, per_second: str) -> int:
    """Print how it goes; 1 after one line on standard error that says what is wrong."""
    try:
        many, let_in = asked_for(sockets, per_second)
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    found = storm(many, let_in)
    sys.stdout.write(
        f"{many:,} sockets are lost at once, and {let_in:,} a second are let in: half are back after "
        f"{found.half:.0f} s, 99 % after {found.most:.0f} s, all after {found.all:.0f} s.\n"
        f"They tried {found.attempts:,} times, {found.busiest:,} times in the busiest second; "
        f"{found.fell_back:,} polled over REST meanwhile.\n"
    )
    return 0
