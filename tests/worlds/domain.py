"""The whole domain on in-memory ports: what unit tests drive."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from chat.api.dispatch import Dispatch
from chat.model.identity import Principal, Role, Sender
from chat.model.settings import Settings
from chat.model.timestamps import iso
from chat.ports.connections import Connection
from chat.ports.machine import Runtime
from chat.ports.shop import ContactDirectory, OwnDirectory
from chat.ports.strategies import Strategy
from chat.services import Ports, Services
from chat.team.strategies import LeastLoaded
from tests import asyncapi
from tests.doubles.blocks import MemoryBlocks
from tests.doubles.check_ups import MemoryCheckUps
from tests.doubles.connections import DocumentedPush, MemoryConnections, RecordingPush
from tests.doubles.conversations import MemoryConversations
from tests.doubles.machine import CountingIds, FakeClock, NoPause, OneAfterAnother, RecordingJournal
from tests.doubles.notes import MemoryNotes
from tests.doubles.openings import MemoryOpenings

VISITOR = Principal("device-1", Role.VISITOR)
SELLER = Principal("123456", Role.SELLER)
COLLEAGUE = Principal("654321", Role.SELLER)


@dataclass
class System:
    """The domain, its surroundings, and people who connect to it."""

    settings: Settings = field(default_factory=Settings)
    store: MemoryConversations = field(default_factory=MemoryConversations)
    connections: MemoryConnections = field(default_factory=MemoryConnections)
    push: RecordingPush = field(default_factory=DocumentedPush)
    clock: FakeClock = field(default_factory=FakeClock)
    ids: CountingIds = field(default_factory=CountingIds)
    journal: RecordingJournal = field(default_factory=RecordingJournal)
    openings: MemoryOpenings = field(default_factory=MemoryOpenings)
    blocks: MemoryBlocks = field(default_factory=MemoryBlocks)
    notes: MemoryNotes = field(default_factory=MemoryNotes)
    check_ups: MemoryCheckUps = field(default_factory=MemoryCheckUps)
    directory: ContactDirectory = field(default_factory=OwnDirectory)
    strategy: Strategy = field(default_factory=LeastLoaded)
    services: Services = field(init=False)
    dispatch: Dispatch = field(init=False)

    def __post_init__(self) -> None:
        self.services = Services(
            Ports(
                store=self.store,
                connections=self.connections,
                sellers=self.store.sellers,
                directory=self.directory,
                strategy=self.strategy,
                openings=self.openings,
                check_ups=self.check_ups,
                blocks=self.blocks,
                notes=self.notes,
                push=self.push,
                settings=self.settings,
                runtime=Runtime(
                    clock=self.clock, ids=self.ids, pause=NoPause(), parallel=OneAfterAnother(), journal=self.journal
                ),
            )
        )
        self.dispatch = Dispatch(self.services)

    def connect(self, person: Principal, connection_id: str) -> Client:
        """Open a connection."""
        self.connections.add(Connection(connection_id, person.user_id, person.role, iso(self.clock.now())), 0)
        return Client(self, Sender(person, connection_id))

    def check_up(self, contact_id: str) -> timedelta | None:
        """Check up on a contact; when the next thing is due."""
        return self.services.attending.check(contact_id)

    def forget_what_happened(self) -> None:
        """Drop everything that was pushed, noted and counted so far."""
        self.push.frames.clear()
        self.journal.notes.clear()
        self.journal.measured.clear()
        self.store.requests.clear()
        self.connections.requests.clear()


@dataclass
class Client:
    """Somebody with an open connection, who sends frames and looks at what comes."""

    system: System
    sender: Sender

    def send(self, action: str, **fields: object) -> dict[str, Any]:
        """The answer to a frame; empty where there is none."""
        return self.send_raw(json.dumps({"action": action, **fields}))

    def send_raw(self, body: str | bytes, *, is_binary: bool = False) -> dict[str, Any]:
        """The answer to whatever goes over the wire."""
        answer = self.system.dispatch.answer(body, self.sender, is_binary=is_binary)
        asyncapi.check_exchange(body, answer)
        return json.loads(answer) if answer else {}

    @property
    def connection_id(self) -> str:
        """The connection that frames go over."""
        assert self.sender.connection_id is not None
        return self.sender.connection_id

    @property
    def received(self) -> list[dict[str, Any]]:
        """What was pushed, in order."""
        return [json.loads(frame) for frame in self.system.push.frames[self.connection_id]]
