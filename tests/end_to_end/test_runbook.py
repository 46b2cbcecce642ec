"""What docs/runbook.md has people do, done to a deployed system while people chat."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from websockets.exceptions import ConnectionClosed

from administration.deployments import Deployment
from administration.errors import AdministrationError
from administration.runbook.rotate_key import forget, rotate
from administration.runbook.sellers import bring_back, drain, take_offline
from administration.runbook.trace import trace
from administration.verification.resources import Resources
from chat.model.timestamps import epoch_ms
from local_aws.emulator import REGION
from tests.end_to_end.clients import Client, Frame, seller, visitor
from tests.end_to_end.deployed_system import DeployedSystem


def answer(client: Client, frame: Frame) -> Frame:
    """What answers a frame; what is pushed meanwhile is none."""
    client.send(frame)
    return client.receive(lambda each: each["action"] in {"ack", "error", "pong", "presence", "sync"})


def note(deployment: Deployment, function: str, line: Frame) -> None:
    """Write a line as if a function had written it."""
    resources, stream = Resources(deployment), str(uuid.uuid4())
    logs, group = resources.client("logs"), resources.functions[function]["LoggingConfig"]["LogGroup"]
    logs.create_log_stream(logGroupName=group, logStreamName=stream)
    event = {"timestamp": epoch_ms(datetime.now(UTC)), "message": json.dumps(line)}
    logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=[event])


@pytest.fixture
def deployment(deployed_system: DeployedSystem) -> Deployment:
    """The deployed system as commands find it."""
    session = deployed_system.credentials.session(REGION)
    return Deployment(session, deployed_system.endpoint, deployed_system.outputs)


def test_a_contact_s_life_is_told_without_a_word_that_somebody_wrote(
    deployed_system: DeployedSystem, deployment: Deployment, seller_id: str
) -> None:
    with visitor(deployed_system, seller_id=seller_id) as asha, seller(deployed_system, seller_id) as ana:
        contact = asha.submit_user_info({"name": "canary-name"})
        answer(asha, {"action": "sendMessage", "contact_id": contact, "message": "canary-text"})
        answer(ana, {"action": "closeChat", "contact_id": contact})
        refused = {"action": "transferChat", "contact_id": contact, "to": seller_id}
        assert answer(ana, refused)["code"] == "contact_closed"

    note(deployment, "rest", {"event": "push_failed", "contact_id": contact, "reason": "unavailable"})
    note(deployment, "rest", {"event": "push_failed", "contact_id": str(uuid.uuid4()), "reason": "canary of another"})
    told = trace(deployment, contact)
    happened = [line.split(maxsplit=2) for line in told.splitlines()]

    assert [what for _, where, what in happened if where == "log"] == [
        "1 opened by the visitor",
        f"2 assigned, with {seller_id}",
        f"3 message by the visitor, with {seller_id}",
        f"4 closed by {seller_id}, with {seller_id}",
    ]
    assert ["rest", "push_failed reason=unavailable"] in [[where, what] for _, where, what in happened]
    assert [line[0] for line in happened] == sorted(line[0] for line in happened)
    assert "canary" not in told
    # What the widget shows beside a message that failed.
    assert trace(deployment, contact[-8:]) == told


def test_there_is_nothing_to_tell_of_a_contact_that_never_was(deployment: Deployment) -> None:
    with pytest.raises(AdministrationError, match="never began"):
        trace(deployment, str(uuid.uuid4()))


def test_while_a_key_is_rotated_nobody_is_thrown_out(deployed_system: DeployedSystem, deployment: Deployment) -> None:
    name, old = f"seller-{uuid.uuid4()}", ""
    old = deployed_system.seller_token(name)
    with seller(deployed_system, name, token=old) as before:
        rotate(deployment, "seller-token")
        new = deployed_system.seller_token(name)
        assert answer(before, {"action": "ping"})["action"] == "pong"
        for token in (old, new, old):
            with seller(deployed_system, name, token=token) as ana:
                assert answer(ana, {"action": "ping"})["action"] == "pong"
            assert deployed_system.call("POST", "/tickets", bearer=token).status == 200
    with seller(deployed_system, name, token=old) as thief:
        told = forget(deployment, "seller-token", pause=lambda _: None)
        assert told.startswith("The old key of seller-token is forgotten, and ")
        with pytest.raises(ConnectionClosed):
            thief.receive(lambda _: False)


@pytest.fixture
def team(deployed_system: DeployedSystem) -> Iterator[str]:
    """A team of one, who is there."""
    name = f"team-{uuid.uuid4().hex[:8]}"
    deployed_system.register_seller(f"{name}-ana", team=name, capacity=5)
    yield name
    deployed_system.sellers.delete_item(Key={"seller_id": f"{name}-ana"})


def test_while_the_chat_is_offline_visitors_are_told_and_wait_and_then_they_have_a_seller(
    deployed_system: DeployedSystem, deployment: Deployment, team: str
) -> None:
    with seller(deployed_system, f"{team}-ana") as ana:
        answer(ana, {"action": "presence", "status": "online"})
        take_offline(deployment)
        try:
            with visitor(deployed_system, seller_id=team) as asha:
                asha.send({"action": "InitChat", "sellerId": team, "userInfo": {"name": "Asha"}})
                started = asha.receive(lambda frame: frame["action"] == "InitChat")
                assert (started["status"], started["queue"]["out_of_hours"]) == ("queued", True)
                bring_back(deployment)
                answer(ana, {"action": "presence", "status": "online"})
                asha.receive(lambda frame: frame.get("entry", {}).get("kind") == "assigned")
        finally:
            bring_back(deployment)


def test_a_seller_who_is_drained_is_given_nobody(
    deployed_system: DeployedSystem, deployment: Deployment, team: str
) -> None:
    with seller(deployed_system, f"{team}-ana") as ana:
        answer(ana, {"action": "presence", "status": "online"})
        assert "no further contact" in drain(deployment, f"{team}-ana")
        with visitor(deployed_system, seller_id=team) as asha:
            asha.send({"action": "InitChat", "sellerId": team, "userInfo": {"name": "Asha"}})
            assert asha.receive(lambda frame: frame["action"] == "InitChat")["status"] == "queued"
