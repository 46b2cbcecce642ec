"""Over a bad network nothing is lost, doubled or out of order: the real client core talks to the deployed system."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.end_to_end.clients import only_log_of
from tests.end_to_end.core_device import CoreDevice, built_core
from tests.end_to_end.deployed_system import DeployedSystem
from tests.end_to_end.fault_proxy import FaultProxy

SEED = int(os.environ.get("FAULT_SEED", "1"))
"""Decides which faults there are; when they strike depends on the machine, too."""

MESSAGES_PER_WRITER = int(os.environ.get("FAULT_MESSAGES", "100"))
"""Two tabs and two devices make twice as many messages each way; `make campaign` has them write 250 each."""

MESSAGES_AHEAD = 5
"""How many messages people write before they wait to see the first of them in the conversation."""


@dataclass
class Writer:
    """A person who writes on a page, and what he wrote there."""

    name: str
    device: CoreDevice
    page: int = 0
    texts: list[str] = field(default_factory=list)

    def write_all(self) -> None:
        """Write every message. Raises TimeoutError when one does not show up."""
        for number in range(MESSAGES_PER_WRITER):
            self.texts.append(f"{self.name}: message {number}")
            self.device.write(self.texts[-1], page=self.page)
            self.wait_for(self.texts[:-MESSAGES_AHEAD])
        self.wait_for(self.texts)

    def wait_for(self, texts: list[str]) -> None:
        """Return when the page shows the last of these texts."""
        self.device.wait_until(lambda page: not texts or texts[-1] in page.messages, page=self.page)


@pytest.fixture(scope="module")
def core(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The client core as it is shipped."""
    return built_core(tmp_path_factory.mktemp("core"))


@pytest.fixture
def proxy(deployed_system: DeployedSystem) -> Iterator[FaultProxy]:
    """A network to the deployed system, calm at first."""
    with FaultProxy(deployed_system.web_socket_url, seed=SEED) as network:
        yield network


@pytest.fixture
def devices(
    deployed_system: DeployedSystem, proxy: FaultProxy, seller_id: str, core: Path, tmp_path: Path
) -> Iterator[dict[str, CoreDevice]]:
    """The seller's laptop and phone, then the visitor's browser with two tabs; all are in the conversation."""
    options = {"sellerId": seller_id, "socketUrl": proxy.url}
    desk = {
        "role": "seller",
        "token": deployed_system.seller_token(seller_id, lifetime_seconds=3600),
        "options": options,
    }
    chat = {"role": "visitor", "pages": 2, "options": {**options, "restUrl": deployed_system.outputs["RestUrl"]}}
    started = {}
    with ExitStack() as running:
        for name, setup in (("laptop", desk), ("phone", desk), ("browser", chat)):
            device = CoreDevice({"core": str(core), **setup}, storage=tmp_path / name)
            started[name] = running.enter_context(device)
            device.wait_until(lambda page: page.connection == "online")
        for device in started.values():
            device.wait_until(lambda page: bool(page.entries))
        yield started


def test_nothing_is_lost_doubled_or_out_of_order(
    deployed_system: DeployedSystem, seller_id: str, proxy: FaultProxy, devices: dict[str, CoreDevice]
) -> None:
    writers = [
        Writer(f"{name} {page}", device, page) for name, device in devices.items() for page in range(len(device.pages))
    ]

    proxy.begin()
    with ThreadPoolExecutor() as people:
        for done in [people.submit(writer.write_all) for writer in writers]:
            done.result()
    proxy.stop()
    log = only_log_of(deployed_system, seller_id)
    for device in devices.values():
        device.look()
        device.wait_until(lambda page: len(page.entries) >= len(log) and not page.outgoing)

    messages = [entry["message"] for entry in log if entry["kind"] == "message"]
    assert len(messages) == 4 * MESSAGES_PER_WRITER
    for writer in writers:
        assert [text for text in messages if text.startswith(f"{writer.name}:")] == writer.texts
    for page in itertools.chain.from_iterable(device.pages for device in devices.values()):
        assert (page.entries, page.outgoing, page.rewrites) == (log, [], 0)
    assert proxy.damage.messages / proxy.damage.ends == pytest.approx(20, abs=5)
    assert min(proxy.damage.lost_pushes, proxy.damage.refused_connects) > 0
