"""The connections table, and what is pushed to connections, in memory."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from chat.model.entries import Json
from chat.model.identity import Principal
from chat.ports.connections import Connection, Description
from chat.ports.errors import ConnectionGoneError
from tests import asyncapi


@dataclass
class MemoryConnections:
    """The connections table. `requests` counts."""

    items: dict[str, Connection] = field(default_factory=dict)
    described: dict[str, tuple[str, Json, str]] = field(default_factory=dict)
    requests: Counter[str] = field(default_factory=Counter)

    def add(self, connection: Connection, expires_at: int) -> None:
        self.requests["add"] += 1
        self.items[connection.id] = connection

    def restore(self, connection: Connection, expires_at: int, learned: Description | None = None) -> None:
        self.requests["restore"] += 1
        self.items[connection.id] = connection
        if learned:
            self.described[connection.id] = (learned.seller_id, learned.user_info, learned.contact_id)

    def remove(self, connection_id: str) -> Connection | None:
        self.requests["remove"] += 1
        return self.items.pop(connection_id, None)

    def forget(self, connection: Connection) -> None:
        self.requests["remove"] += 1
        if self.items.get(connection.id) == connection:
            del self.items[connection.id]

    def holds(self, connection_id: str) -> bool:
        self.requests["holds"] += 1
        return connection_id in self.items

    def of(self, person: Principal, enough: int | None = None) -> Sequence[Connection]:
        self.requests["of"] += 1
        found = [item for item in self.items.values() if item.user_id == person.user_id and item.role is person.role]
        return found[:enough]


@dataclass
class RecordingPush:
    """Keeps the frames posted to each connection; those in `gone` answer 410, those in `failing` raise."""

    frames: dict[str, list[bytes]] = field(default_factory=lambda: defaultdict(list))
    gone: set[str] = field(default_factory=set)
    failing: dict[str, Exception] = field(default_factory=dict)
    closed: list[str] = field(default_factory=list)

    def post(self, connection_id: str, frame: bytes) -> None:
        if connection_id in self.gone:
            raise ConnectionGoneError(connection_id)
        if connection_id in self.failing:
            raise self.failing[connection_id]
        self.frames[connection_id].append(frame)

    def close(self, connection_id: str) -> None:
        if connection_id in self.failing:
            raise self.failing[connection_id]
        self.closed.append(connection_id)


class DocumentedPush(RecordingPush):
    """Posts only what docs/asyncapi.yaml describes."""

    def post(self, connection_id: str, frame: bytes) -> None:
        asyncapi.check_received(frame)
        super().post(connection_id, frame)
