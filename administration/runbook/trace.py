"""`make trace`: one contact's life, from its log and from what every function noted about it, in order of time.

No text that anybody wrote is shown, and no name: what happened, when and where is enough to find a fault.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from administration.command_line import answer, deployment_asked_for, parser_for
from administration.deployments import Deployment
from administration.errors import AdministrationError
from administration.verification.resources import Resources
from chat.adapters.dynamodb.conversations import DynamoDBConversations
from chat.model.entries import Entry
from chat.model.identity import SYSTEM, alias_of
from chat.model.timestamps import epoch_ms, iso
from chat.ports.shop import is_contact_id

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

AROUND = timedelta(hours=1)
"""How long before its first and after its newest entry the functions are asked about a contact."""

SHORTEST_END = 6
"""What the widget shows beside a message that failed is the end of an id, in eight characters."""
MOST_NAMED = 5

_NOT_SHOWN = {"event", "contact_id", "_aws", "environment"}


class Line(NamedTuple):
    """Something that happened: when (ISO 8601), where, and what."""

    at: str
    where: str
    what: str


def trace(deployment: Deployment, contact_id: str) -> str:
    """What happened to a contact, a line each; it is named by its id or by the end of it.

    Raises `AdministrationError` for no contact, and botocore's errors where AWS cannot be asked.
    """
    if not is_contact_id(contact_id):
        raise AdministrationError(
            "Say which contact: make trace CONTACT=id, or its end, as the widget shows it beside a message that failed."
        )
    entries = _entries(deployment, contact_id)
    if not entries and (whole := _ending_in(deployment, contact_id)):
        entries = _entries(deployment, whole)
    if not entries:
        raise AdministrationError(f"There is no entry of {contact_id}: it never began, was erased, or has expired.")
    lines = [*map(_of_entry, entries), *_noted(deployment, entries[0].contact_id, entries)]
    return "\n".join(f"{line.at}  {line.where:<13} {line.what}" for line in sorted(lines))


def _entries(deployment: Deployment, contact_id: str) -> list[Entry]:
    outputs = deployment.outputs
    store = DynamoDBConversations(_dynamodb(deployment), outputs["ConversationTable"], outputs["SellerTable"])
    found: list[Entry] = []
    while True:
        page = store.read(contact_id, found[-1].seq + 1 if found else 1)
        found += page.entries
        if page.complete or not page.entries:
            return found


def _ending_in(deployment: Deployment, end: str) -> str | None:
    """The one contact whose id ends so, by the lists of all contacts; None where there is none.

    Raises `AdministrationError` where there are several.
    """
    if len(end) < SHORTEST_END:
        return None
    pages = (
        _dynamodb(deployment)
        .get_paginator("scan")
        .paginate(
            TableName=deployment.outputs["ConversationTable"],
            IndexName="InboxIndex",
            ProjectionExpression="contact_id",
            FilterExpression="contains(contact_id, :end)",
            ExpressionAttributeValues={":end": {"S": end}},
        )
    )
    listed = {item["contact_id"]["S"] for page in pages for item in page["Items"]}
    found = sorted(each for each in listed if each.endswith(end))
    if len(found) > 1:
        named = ", ".join(found[:MOST_NAMED])
        raise AdministrationError(f"{len(found)} contacts end in {end}, such as {named}: say which, by a whole id.")
    return found[0] if found else None


def _dynamodb(deployment: Deployment) -> DynamoDBClient:
    client: DynamoDBClient = deployment.session.client("dynamodb", endpoint_url=deployment.endpoint)
    return client


def _of_entry(entry: Entry) -> Line:
    who = "the visitor" if entry.sender == alias_of(entry.contact_id) else entry.sender
    by = "" if entry.sender == SYSTEM else f" by {who}"
    reason = entry.details.get("reason")
    seller = f", with {entry.state.seller}" if entry.state.seller else ""
    return Line(entry.at, "log", f"{entry.seq} {entry.kind}{by}{f' ({reason})' if reason else ''}{seller}")


def _noted(deployment: Deployment, contact_id: str, entries: list[Entry]) -> Iterator[Line]:
    resources = Resources(deployment)
    logs = resources.client("logs")
    since, until = (datetime.fromisoformat(each.at) for each in (entries[0], entries[-1]))
    between = since - AROUND, until + AROUND
    for function, told in sorted(resources.functions.items()):
        for at, message in _lines(logs, told["LoggingConfig"]["LogGroup"], contact_id, between):
            yield Line(iso(datetime.fromtimestamp(at / 1000, UTC)), function, _told(message))


def _lines(logs: Any, group: str, contact_id: str, between: tuple[datetime, datetime]) -> Iterator[tuple[int, str]]:
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=group,
        startTime=epoch_ms(between[0]),
        endTime=epoch_ms(between[1]),
        filterPattern=f'"{contact_id}"',
    )
    return ((event["timestamp"], event["message"]) for page in pages for event in page["events"])


def _told(message: str) -> str:
    try:
        line = json.loads(message)
        fields = " ".join(f"{name}={value}" for name, value in line.items() if name not in _NOT_SHOWN)
        return f"{line['event']} {fields}".strip()
    except (ValueError, TypeError, KeyError):
        return "a line that is none of the journal's"


def main() -> int:
    """Print what happened; return 1 after one line on standard error that says why not."""
    parser = parser_for(__doc__)
    parser.add_argument("contact")
    arguments = parser.parse_args()
    return answer(lambda: trace(deployment_asked_for(arguments), arguments.contact))


if __name__ == "__main__":
    sys.exit(main())
