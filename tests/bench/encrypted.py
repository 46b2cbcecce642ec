"""A message over TLS, as AWS is spoken to: prints its cost over plain boto3's, and how many handshakes it takes."""

from __future__ import annotations

import json
import os
import ssl
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any
from unittest.mock import patch

from tests.bench import aws
from tests.bench.baselines import PlainBoto3
from tests.bench.comparing import CALLS, compared
from tests.bench.operations import Functions, operations


def main() -> None:
    """Measure the first operation, which is a message to one."""
    with aws.running(encrypted=True) as endpoints:
        functions, plain = Functions(endpoints), PlainBoto3()
        with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
            operation = next(operations(functions))
            measured = compared(functions, operation, plain)
            handshakes = [
                _handshakes(call) for call in (operation.again, lambda: plain.repeat(measured.requests.taken))
            ]
    sys.stdout.write(json.dumps({"name": measured.name, "ratios": list(measured.ratios), "handshakes": handshakes}))


def _handshakes(call: Callable[[], object]) -> float:
    """Those of a call that has been made before."""
    with _agreed() as agreed:
        for _ in range(CALLS):
            call()
    return len(agreed) / CALLS


@contextmanager
def _agreed() -> Iterator[list[ssl.SSLContext]]:
    """The handshakes that are begun inside."""
    agreed: list[ssl.SSLContext] = []
    wrap = ssl.SSLContext.wrap_socket

    def wrapped(self: ssl.SSLContext, *arguments: Any, **named: Any) -> ssl.SSLSocket:
        agreed.append(self)
        return wrap(self, *arguments, **named)

    with patch.object(ssl.SSLContext, "wrap_socket", wrapped):
        yield agreed


if __name__ == "__main__":
    main()
