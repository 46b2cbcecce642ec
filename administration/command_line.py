"""How every command here takes its environment, and answers."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

from administration.deployments import LOCAL, Deployment, deployment_called, deployment_of
from administration.errors import AdministrationError


def parser_for(description: str | None) -> argparse.ArgumentParser:
    """A parser with `--env` and `--stack`."""
    parser = argparse.ArgumentParser(description=description)
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--env", default=LOCAL, help="the environment; your AWS credentials must reach its account")
    which.add_argument(
        "--stack", help="what its stacks are called in another app: AcmeChat for AcmeChat-Data and others"
    )
    return parser


def deployment_asked_for(arguments: argparse.Namespace) -> Deployment:
    """What `--env` or `--stack` names.

    Raises `AdministrationError` where there is none, and botocore's errors where AWS cannot be asked.
    """
    return deployment_of(arguments.env) if arguments.stack is None else deployment_called(arguments.stack)


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
    except NoCredentialsError:
        return failed(
            "Whose account is it? Set AWS_PROFILE to a profile that is signed in, or AWS_ACCESS_KEY_ID and its like."
        )
    except (BotoCoreError, ClientError) as error:
        return failed(f"AWS did not do it: {error}")


def failed(reason: str) -> int:
    """Say it in one line on standard error; return 1."""
    sys.stderr.write(f"{' '.join(reason.split())}\n")
    return 1
