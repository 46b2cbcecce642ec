"""A saved file is live in the running system without a deployment, and nobody loses a connection for it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from local_aws.emulator import REGION
from local_aws.watch import LAMBDAS, Functions, NotLiveError, deployed_bundle
from tests.end_to_end.clients import Client, Frame, seller, visitor
from tests.end_to_end.deployed_system import DeployedSystem


def answer(client: Client, frame: Frame) -> Frame:
    """What answers a frame; what is pushed meanwhile is none."""
    client.send(frame)
    return client.receive(lambda each: each["action"] in {"ack", "error", "pong", "presence", "sync"})


class Asked(list[str]):
    """The operations that a client asks for, in order."""

    def __init__(self, client: Any) -> None:
        super().__init__()
        client.meta.events.register("before-call", lambda model, **_: self.append(model.name))


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A copy of the functions' sources, to be changed."""
    return Path(shutil.copytree(LAMBDAS, tmp_path / "lambdas", ignore=shutil.ignore_patterns("__pycache__")))


@pytest.fixture
def client(deployed_system: DeployedSystem) -> Any:
    """A client of Lambda."""
    return deployed_system.client("lambda")


@pytest.fixture
def functions(deployed_system: DeployedSystem, client: Any, sources: Path) -> Iterator[Functions]:
    """The deployed functions, which run in the end what they ran before."""
    bundle = partial(deployed_bundle, deployed_system.credentials.session(REGION), deployed_system.endpoint)
    yield Functions(client, bundle, sources)
    Functions(client, bundle).replace()


def test_a_new_text_of_an_error_is_seen_over_the_connections_that_are_open(
    deployed_system: DeployedSystem, functions: Functions, client: Any, sources: Path, seller_id: str
) -> None:
    frames = sources / "chat" / "protocol" / "frames.py"
    before = "sendMessage needs a"
    with visitor(deployed_system, seller_id=seller_id) as asha, seller(deployed_system, seller_id) as ana:
        contact = asha.submit_user_info({"name": "Asha"})
        answer(asha, {"action": "sendMessage", "contact_id": contact, "message": "One"})

        messaging = sources / "chat" / "contacts" / "messaging.py"
        text = messaging.read_text(encoding="utf-8")
        assert before in text
        messaging.write_text(text.replace(before, "To send a message say a"), encoding="utf-8")
        deployed = {each["Handler"] for each in client.list_functions()["Functions"]}
        asked = Asked(client)
        functions.replace()
        told = answer(asha, {"action": "sendMessage", "message": "To whom?"})["reason"]

        assert told.startswith("To send a message say a")
        # No deployment: how many seconds that is depends on the machine.
        handlers = [each for each in deployed if each.startswith("handlers.")]
        assert asked == ["ListFunctions", *(["UpdateFunctionCode"] * len(handlers))]
        answer(asha, {"action": "sendMessage", "contact_id": contact, "message": "Two"})
        ana.receive(lambda frame: frame.get("message") == "Two")
        page = answer(asha, {"action": "sync", "contact_id": contact, "after": 0})
        assert [each["message"] for each in page["entries"] if each["kind"] == "message"] == ["One", "Two"]

    frames.write_text("def broken(:\n", encoding="utf-8")
    with pytest.raises(NotLiveError, match=r"chat/protocol/frames\.py:1: SyntaxError"):
        functions.replace()
    with visitor(deployed_system, seller_id=seller_id) as asha:
        assert answer(asha, {"action": "ping"})["action"] == "pong"
