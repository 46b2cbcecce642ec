"""How every command here takes its environment, and answers."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from botocore.exceptions import BotoCoreError, ClientError

from administration.deployments import LOCAL
from administration.errors import AdministrationError


def parser_for(description: str | None) -> argparse.ArgumentParser:
    """A parser with `--env`."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--env", default=LOCAL, help="the environment; your AWS credentials must reach its account")
    return parser


def answer(command: Callable[[], str]) -> int:
    """Print what `command` returns, and return 0; or 1, after one line on standard error that says why not."""

    def told() -> int:
        sys.stdout.write(f"{command()}\n")
        return 0

    return carried_out(told)


def carried_out(command: Callable[[], int]) -> int:
    """The exit status that `command` returns; or 1, after one line on standard error that says why there is none."""
    try:
        return command()
    except AdministrationError as error:
        return failed(str(error))
    except (BotoCoreError, ClientError) as error:
        return failed(f"AWS did not do it: {error}")


def failed(reason: str) -> int:
    """Say it in one line on standard error; return 1."""
    sys.stderr.write(f"{' '.join(reason.split())}\n")
    return 1
