"""A sandbox of one release: its functions in a process of their own, called as Lambda calls them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from chat.model.identity import Principal
from tests import events
from tests.worlds.functions import VARIABLES

PROGRAM = """
import contextlib, importlib, io, json, sys
for line in sys.stdin:
    module, event = json.loads(line)
    with contextlib.redirect_stdout(io.StringIO()):
        answer = importlib.import_module(f"handlers.{module}").handle(event, None)
    print(json.dumps(answer), flush=True)
"""


@dataclass
class Sandbox:
    """The functions of the sources in a folder, with everything of AWS at one address."""

    sources: Path
    aws: str
    process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        told = {
            **os.environ,
            **VARIABLES,
            "PYTHONPATH": str(self.sources / "lambdas"),
            "AWS_ENDPOINT_URL": self.aws,
            "AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI": f"{self.aws}/posts",
            "AWS_ACCESS_KEY_ID": "nobody",
            "AWS_SECRET_ACCESS_KEY": "nothing",
            "AWS_REGION": "eu-central-1",
            "AWS_DEFAULT_REGION": "eu-central-1",
        }
        self.process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-B", "-c", PROGRAM], env=told, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        return self

    def __exit__(self, *_error: object) -> None:
        assert self.process
        self.process.kill()
        self.process.communicate()

    def call(self, module: str, event: Mapping[str, Any]) -> dict[str, Any]:
        """What a function answers."""
        assert self.process
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{json.dumps([module, event])}\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer

    def connect(self, person: Principal, connection_id: str) -> None:
        """Open a connection."""
        assert self.call("connection", events.connect(person, connection_id)) == {"statusCode": 200}

    def send(self, person: Principal, connection_id: str, **frame: object) -> dict[str, Any]:
        """The answer to a frame; empty where there is none."""
        answer = self.call("conversation", events.message(person, connection_id, json.dumps(frame)))
        return json.loads(answer["body"]) if "body" in answer else {}
