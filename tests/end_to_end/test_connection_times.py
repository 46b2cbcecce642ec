"""API Gateway ends what was silent for ten minutes, and all after two hours: people do not notice.

Here both come within seconds. They talk for longer than any connection lasts, are silent for longer than one may be,
and talk again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from local_aws.deployment import Deployment
from local_aws.emulator import Emulator, free_port
from local_aws.strict.switches import Strictness
from tests.end_to_end.clients import only_log_of
from tests.end_to_end.core_device import ONLINE, CoreDevice, Page, built_core
from tests.end_to_end.deployed_system import DeployedSystem
from tests.end_to_end.fault_proxy import FaultProxy

# A client takes what is cut within two seconds for a socket that cannot be kept (SETTLED_MS in socket-life.ts).
IDLE_SECONDS = 5.0
LIFETIME_SECONDS = 12.0
PAUSE_SECONDS = 0.5
# One that is near the end of its life may be cut for its age; not two in a row.
ENDS_OF_SILENCE = 2
PATIENCE_SECONDS = 30.0


@pytest.fixture(scope="module")
def hasty_system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeployedSystem]:
    """A deployed system of its own, on an AWS where connections get old quickly."""
    home = tmp_path_factory.mktemp("hasty-aws")
    strictness = Strictness(idle_seconds=IDLE_SECONDS, lifetime_seconds=LIFETIME_SECONDS)
    with Emulator(port=free_port(), home=home, strictness=strictness) as emulator:
        outputs = Deployment(emulator, home=home, report=print).bring_up_to_date()
        yield DeployedSystem(emulator.endpoint, outputs, emulator.credentials)


@pytest.fixture
def people(hasty_system: DeployedSystem, seller_id: str, tmp_path: Path) -> Iterator[tuple[CoreDevice, CoreDevice]]:
    """A visitor with the widget's own core, and a seller with the console's, in one chat."""
    options = {"sellerId": seller_id, "socketUrl": hasty_system.web_socket_url}
    chat = {"pages": 1, "options": {**options, "restUrl": hasty_system.outputs["RestUrl"]}}
    core = str(built_core(tmp_path / "core"))
    started = []
    with ExitStack() as running:
        # A calm one: it names the subprotocol, as API Gateway does and the emulator does not.
        proxy = running.enter_context(FaultProxy(hasty_system.web_socket_url, seed=0))
        token = hasty_system.seller_token(seller_id, lifetime_seconds=3600)
        desk = {"token": token, "options": {**options, "socketUrl": proxy.url}}
        for role, setup in (("seller", desk), ("visitor", chat)):
            device = CoreDevice({"core": core, "role": role, **setup}, storage=tmp_path / role)
            started.append(running.enter_context(device))
            device.wait_until(lambda page: page.connection == ONLINE, seconds=PATIENCE_SECONDS)
        for device in started:
            device.wait_until(lambda page: bool(page.entries), seconds=PATIENCE_SECONDS)
        yield started[1], started[0]


class Talk:
    """What two people say to each other, in turn."""

    def __init__(self, visitor: CoreDevice, seller: CoreDevice) -> None:
        self._speakers = {"visitor": visitor, "seller": seller}
        self.said: dict[str, list[str]] = {name: [] for name in self._speakers}

    def say(self) -> None:
        """Each says one thing."""
        for name, device in self._speakers.items():
            self.said[name].append(f"{name}: {len(self.said[name])}")
            device.write(self.said[name][-1])

    def go_on(self, seconds: float) -> None:
        """Say things for so long, with no pause in which a connection would be idle."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            self.say()
            time.sleep(PAUSE_SECONDS)

    def is_shown_to_all(self) -> None:
        """Return when everybody sees all that was said. Raises TimeoutError."""
        wanted = {text for texts in self.said.values() for text in texts}
        for device in self._speakers.values():
            device.wait_until(lambda page: wanted <= set(page.messages) and not page.outgoing, seconds=PATIENCE_SECONDS)


def silent_for_long(people: tuple[CoreDevice, ...]) -> None:
    """Return when the connection of each has ended some times more. Raises TimeoutError."""
    enough = [has_lost(device.pages[0].losses + ENDS_OF_SILENCE) for device in people]
    for device, reached in zip(people, enough, strict=True):
        device.wait_until(reached, seconds=PATIENCE_SECONDS)


def has_lost(times: int) -> Callable[[Page], bool]:
    """Whether a page has lost its connection so often."""
    return lambda page: page.losses >= times


def test_nothing_is_lost_when_connections_end_for_their_age_and_for_their_silence(
    hasty_system: DeployedSystem, seller_id: str, people: tuple[CoreDevice, CoreDevice]
) -> None:
    talk = Talk(*people)
    talk.go_on(LIFETIME_SECONDS + IDLE_SECONDS / 2)
    talk.is_shown_to_all()
    pages = [device.pages[0] for device in people]
    assert min(page.losses for page in pages) >= 1

    silent_for_long(people)
    talk.say()
    talk.is_shown_to_all()

    log = only_log_of(hasty_system, seller_id)
    messages = [entry["message"] for entry in log if entry["kind"] == "message"]
    for name, texts in talk.said.items():
        assert [text for text in messages if text.startswith(f"{name}:")] == texts
    for device in people:
        device.wait_until(lambda page: len(page.entries) >= len(log), seconds=PATIENCE_SECONDS)
    assert [(page.entries, page.outgoing, page.rewrites) for page in pages] == [(log, [], 0)] * 2
