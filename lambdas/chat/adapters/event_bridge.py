"""EventBridge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from chat.events import SOURCE
from chat.model.entries import Json

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

BATCH = 10
"""EventBridge takes at most ten entries in one PutEvents."""

FOR_NOW = ("Throttling", "Internal", "ServiceUnavailable", "NotAuthorized", "AccessDenied", "ResourceNotFound")
"""How the codes of refusals begin that a later attempt may not meet; any other is about the event itself
(https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsResultEntry.html)."""


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
