"""EventBridge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from chat.events import SOURCE
from chat.model.entries import Json

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

BATCH = 10
"""EventBridge takes at most ten entries in one PutEvents."""


class EventBus:
    """Publishes events."""

    def __init__(self, client: EventBridgeClient, name: str) -> None:
        self._client = client
        self._name = name

    def publish(self, events: Sequence[Mapping[str, Json]]) -> int:
        """Publish in order and stop at the first that is refused; how many were accepted before it.

        Raises botocore's errors for a call that failed as a whole.
        """
        for start in range(0, len(events), BATCH):
            batch = events[start : start + BATCH]
            answer = self._client.put_events(Entries=[self._entry(event) for event in batch])
            for index, result in enumerate(answer["Entries"]):
                if "ErrorCode" in result:
                    return start + index
        return len(events)

    def _entry(self, event: Mapping[str, Json]) -> PutEventsRequestEntryTypeDef:
        return {
            "EventBusName": self._name,
            "Source": SOURCE,
            "DetailType": str(event["type"]),
            "Detail": msgspec.json.encode(event).decode(),
        }
