"""EventBridge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from chat.events import SOURCE, erased_event
from chat.model.entries import Json
from chat.model.timestamps import iso
from chat.ports.machine import Clock
from chat.ports.visitors import NotToldError

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

BATCH = 10
"""EventBridge takes at most ten entries in one PutEvents."""

FOR_NOW = ("Throttling", "Internal", "ServiceUnavailable", "NotAuthorized", "AccessDenied", "ResourceNotFound")
"""How the codes of refusals begin that a later attempt may not meet; any other is about the event itself
(https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsResultEntry.html)."""


CONTACTS_AN_EVENT = 1000
"""Their ids take up a quarter of what an event may be at most, and half of what the example back end takes."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How far the bus came with some events."""

    done: int
    """So many from the first on need not be handed in again."""

    refused: Mapping[int, str] = field(default_factory=dict)
    """Which of these the bus will never take, by their place, and its codes for them."""


class EventBus:
    """Publishes events."""

    def __init__(self, client: EventBridgeClient, name: str) -> None:
        self._client = client
        self._name = name

    def publish(self, events: Sequence[Mapping[str, Json]]) -> Outcome:
        """Publish in order, and stop at the first that is refused for now.

        Raises botocore's errors for a call that failed as a whole.
        """
        refused: dict[int, str] = {}
        for start in range(0, len(events), BATCH):
            batch = events[start : start + BATCH]
            answer = self._client.put_events(Entries=[self._entry(event) for event in batch])
            for index, result in enumerate(answer["Entries"], start):
                code = result.get("ErrorCode")
                if code is None:
                    continue
                if code.startswith(FOR_NOW):
                    return Outcome(done=index, refused=refused)
                refused[index] = code
        return Outcome(done=len(events), refused=refused)

    def _entry(self, event: Mapping[str, Json]) -> PutEventsRequestEntryTypeDef:
        return {
            "EventBusName": self._name,
            "Source": SOURCE,
            "DetailType": str(event["type"]),
            "Detail": msgspec.json.encode(event).decode(),
        }


class News:
    """Implements `chat.ports.visitors.VisitorNews`."""

    def __init__(self, bus: EventBus, clock: Clock) -> None:
        self._bus = bus
        self._clock = clock

    def erased(self, visitor: str, contact_ids: Sequence[str]) -> None:
        """Publish `visitor.erased`; several of them where the contacts are many. Raises `NotToldError` as well."""
        at = iso(self._clock.now())
        parts = [
            contact_ids[start : start + CONTACTS_AN_EVENT] for start in range(0, len(contact_ids), CONTACTS_AN_EVENT)
        ]
        told = [erased_event(visitor, part, at) for part in parts]
        outcome = self._bus.publish(told)
        if outcome.done < len(told) or outcome.refused:
            raise NotToldError("The event bus did not take that the visitor was erased: erase once more.")
