"""`make run`: the whole system on this machine, in the foreground, until Ctrl-C."""

import argparse
import contextlib
import re
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from functools import partial
from types import FrameType

from administration.deployments import LOCAL_HOME, LOCAL_OUTPUTS, Access
from local_aws.deployment import Deployment
from local_aws.emulator import ADDRESS, REGION, Emulator
from local_aws.errors import LocalSystemError
from local_aws.home import exclusive_use, published
from local_aws.watch import Functions, Watch, deployed_bundle
from local_aws.web_pages import WebPages

DEFAULT_PORT = 4566
ORIGIN = re.compile(r"null|https?://[a-z0-9.-]+(:[0-9]{1,5})?")
"""What a browser sends as `Origin`; `null` for a page that is opened as a file."""

HIGHEST_PORT = 65_534
"""The pages have the one after it."""


def main() -> int:
    """Run until interrupted; return 0, or 1 after one line on standard error that says what to do."""
    # What is wrong is one line, and not the usage of a command that make has written.
    arguments = argparse.ArgumentParser(prog="make run", description=__doc__, usage=argparse.SUPPRESS)
    arguments.add_argument("--port", type=_port, default=DEFAULT_PORT)
    arguments.add_argument("-c", dest="context", metavar="NAME=VALUE", type=_named, action="append", default=[])
    arguments.add_argument("--origin", dest="origins", metavar="ORIGIN", type=_origin, action="append", default=[])
    chosen = arguments.parse_args()
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        run(chosen.port, dict(chosen.context), chosen.origins)
    except LocalSystemError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        report("Stopped. The data is kept for the next `make run`.")
    return 0


def run(port: int, context: Mapping[str, str], origins: Sequence[str]) -> None:
    """Start the emulator, deploy to it with these CDK context values, say how to reach it, and stay until it ends.

    Pages of these origins may use the chat beside its own pages.

    Raises:
        LocalSystemError: something is in the way, or the emulator ended by itself.
        KeyboardInterrupt: a person has had enough.
    """
    started = time.monotonic()
    with exclusive_use(), contextlib.ExitStack() as running:
        report("Starting the local AWS …")
        own = [f"http://{name}:{port + 1}" for name in (ADDRESS, "localhost")]
        emulator = running.enter_context(Emulator(port=port, home=LOCAL_HOME, origins=(*own, *origins)))
        outputs = Deployment(emulator, home=LOCAL_HOME, report=report, context=context).bring_up_to_date()
        pages = running.enter_context(WebPages(port=port + 1, outputs=outputs, origins=origins))
        where = {"Endpoint": emulator.endpoint, "Region": REGION, "ShopUrl": pages.url}
        key = emulator.credentials
        access = Access(emulator.endpoint, REGION, key.access_key_id, key.secret_access_key)
        running.enter_context(published({**outputs, **where}, access))
        report(how_to_talk(outputs, pages, ready_after=time.monotonic() - started))
        session = key.session(REGION)
        client = session.client("lambda", endpoint_url=emulator.endpoint)
        watch = Watch(Functions(client, partial(deployed_bundle, session, emulator.endpoint)), report)
        while emulator.is_running():
            watch.look()
            time.sleep(0.3)
        raise LocalSystemError(f"The emulator ended by itself; the reason is at the end of {emulator.log}.")


def how_to_talk(outputs: dict[str, str], pages: WebPages, *, ready_after: float) -> str:
    """Return what a person needs to know to use the running system."""
    url = outputs["WebSocketUrl"]
    return f"""
Ready after {ready_after:.0f} s. What you save in lambdas/ and widget/src/ is live at once. Stop with Ctrl-C.

  demo shop  {pages.url}
  console    {pages.url}console.html
             sign in with the token that `make seller-token SELLER=123456` prints

  visitor    {url}?userId=DEVICE_ID
  seller     {url}?userId=123456
             with the subprotocols "seller-chat" and the token
  REST       {outputs.get("RestUrl", "")}
  outputs    {LOCAL_OUTPUTS.relative_to(LOCAL_HOME.parent)}
  AWS        eval "$(make local-credentials)"
"""


def report(line: str) -> None:
    """Tell the person at the terminal."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= HIGHEST_PORT):
        raise argparse.ArgumentTypeError(f"{text!r} is no port; say PORT= with a number from 1 to {HIGHEST_PORT}")
    return int(text)


def _named(text: str) -> tuple[str, str]:
    name, found, value = text.partition("=")
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form NAME=VALUE")
    return name, value


def _origin(text: str) -> str:
    if not ORIGIN.fullmatch(text):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no origin; write it as a browser does, e.g. http://localhost:8000"
        )
    return text


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
