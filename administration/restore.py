"""`make restore`: puts back what was in a table at some second, beside what was written since.

AWS restores into a new table, which nothing knows. What the environment's own table lacks is copied back from there by
its key, so that no name, stream or index changes; then the new table is deleted.
"""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from administration.command_line import answer, deployment_asked_for, parser_for
from administration.deployments import Deployment
from administration.errors import AdministrationError
from chat.adapters.dynamodb.visitors import DynamoDBForgotten

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

TABLES = {"Conversations": "ConversationTable", "Sellers": "SellerTable"}
"""What can be put back, and the outputs that name its table. Connections are not: they are open or closed by now."""

AT_ONCE = 16
LOOK_AGAIN_SECONDS = 10.0

Item = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is to be put back."""

    table: str = "Conversations"
    at: str | None = None
    """ISO 8601 with an offset, as `2026-11-23T10:00:00Z`."""

    restored: str | None = None
    """A table that an earlier call has restored already."""

    contact: str | None = None


def restore(deployment: Deployment, wanted: Wanted, pause: Callable[[float], None] = time.sleep) -> str:
    """Put back what is wanted, and tell how much that was.

    Raises `AdministrationError`, and botocore's errors where AWS cannot be asked.
    """
    _is_sensible(wanted)
    dynamodb = deployment.session.client("dynamodb", endpoint_url=deployment.endpoint)
    table = deployment.outputs[TABLES[wanted.table]]
    # It is deleted in the end.
    if wanted.restored is not None and not wanted.restored.startswith(f"{table}-"):
        raise AdministrationError(f"{wanted.restored} was not restored from {table}: check FROM and TABLE.")
    restored = wanted.restored or _begin(dynamodb, table, _instant(wanted.at or ""))
    try:
        _wait(dynamodb, restored, pause)
        back, same = _copy(dynamodb, restored, table, wanted.contact)
    except BaseException:
        sys.stderr.write(f"{restored} is kept: make restore FROM={restored} goes on from it.\n")
        raise
    dynamodb.delete_table(TableName=restored)
    return f"{wanted.table}: {back} items put back, {same} were there. {restored} is deleted."


def _is_sensible(wanted: Wanted) -> None:
    if wanted.table not in TABLES:
        raise AdministrationError(f"There is no table {wanted.table!r}: say TABLE= with one of {', '.join(TABLES)}.")
    if wanted.contact and wanted.table != "Conversations":
        raise AdministrationError("A contact is in the table Conversations: leave out TABLE=.")
    if wanted.restored is None:
        _instant(wanted.at or "")


def _instant(text: str) -> datetime:
    with contextlib.suppress(ValueError):
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is not None:
            return instant
    raise AdministrationError(
        f"{text!r} is no time: say AT= like 2026-11-23T10:00:00Z, or FROM= with a restored table."
    )


def _begin(dynamodb: DynamoDBClient, table: str, at: datetime) -> str:
    backups = dynamodb.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
    recovery = backups.get("PointInTimeRecoveryDescription", {})
    if recovery.get("PointInTimeRecoveryStatus") != "ENABLED":
        raise AdministrationError(f"{table} keeps no past: only staging and production can be restored.")
    first, last = recovery["EarliestRestorableDateTime"], recovery["LatestRestorableDateTime"]
    other_time = AdministrationError(f"{table} can be restored to a second from {_text(first)} to {_text(last)}.")
    if at > last:
        raise other_time
    restored = f"{table}-{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    try:
        dynamodb.restore_table_to_point_in_time(
            SourceTableName=table, TargetTableName=restored, RestoreDateTime=at, BillingModeOverride="PAY_PER_REQUEST"
        )
    except dynamodb.exceptions.TableAlreadyExistsException as error:
        raise AdministrationError(f"{restored} is there already: say FROM={restored} to go on from it.") from error
    except dynamodb.exceptions.InvalidRestoreTimeException as error:
        raise other_time from error
    return restored


def _text(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="seconds")


def _wait(dynamodb: DynamoDBClient, table: str, pause: Callable[[float], None]) -> None:
    while True:
        try:
            status = dynamodb.describe_table(TableName=table)["Table"]["TableStatus"]
        except dynamodb.exceptions.ResourceNotFoundException as error:
            raise AdministrationError(f"There is no table {table}: check FROM, or say AT= to restore one.") from error
        if status == "ACTIVE":
            return
        pause(LOOK_AGAIN_SECONDS)


def _copy(dynamodb: DynamoDBClient, source: str, target: str, contact: str | None) -> tuple[int, int]:
    """How many items the target lacked, and how many it had."""
    key = dynamodb.describe_table(TableName=target)["Table"]["KeySchema"][0]["AttributeName"]

    def put(item: Item) -> bool:
        try:
            dynamodb.put_item(TableName=target, Item=item, ConditionExpression=f"attribute_not_exists({key})")
        except dynamodb.exceptions.ConditionalCheckFailedException:
            return False
        return True

    back = same = 0
    forgotten = DynamoDBForgotten(dynamodb, target)
    with ThreadPoolExecutor(AT_ONCE) as threads:
        for page in _pages(dynamodb, source, contact):
            done = list(threads.map(put, _not_erased(filter(_is_kept, page), forgotten)))
            back, same = back + sum(done), same + len(done) - sum(done)
    return back, same


def _pages(dynamodb: DynamoDBClient, table: str, contact: str | None) -> Iterator[Sequence[Item]]:
    """The items of a contact, or all."""
    if contact is None:
        for page in dynamodb.get_paginator("scan").paginate(TableName=table):
            yield page["Items"]
        return
    of_contact = dynamodb.get_paginator("query").paginate(
        TableName=table,
        KeyConditionExpression="contact_id = :contact",
        ExpressionAttributeValues={":contact": {"S": contact}},
    )
    for each in of_contact:
        yield each["Items"]


def _not_erased(items: Iterable[Item], forgotten: DynamoDBForgotten) -> list[Item]:
    """Leave out what is of a visitor who was erased since: entries, marks, a block, and what leads to a contact."""
    contacts = [(item, _contact_of(item)) for item in items]
    erased = forgotten.among({contact for _, contact in contacts if contact})
    return [item for item, contact in contacts if contact not in erased]


def _contact_of(item: Item) -> str | None:
    # A block is of the contact in which it began.
    for name in ("target", "met_in", "contact_id"):
        if name in item:
            contact_id: str = item[name]["S"]
            return contact_id
    return None


def _is_kept(item: Item) -> bool:
    """Whether it has not expired by now."""
    return "expiresAt" not in item or int(item["expiresAt"]["N"]) > time.time()


def main() -> int:
    """Put it back and say how much; return 1 after one line on standard error that says why not."""
    parser = parser_for(__doc__)
    parser.add_argument("--at")
    parser.add_argument("--from", dest="restored", help="a table that was restored already")
    parser.add_argument("--table", default="Conversations")
    parser.add_argument("--contact", help="put back this contact alone")
    given = parser.parse_args()
    wanted = Wanted(
        table=given.table, at=given.at or None, restored=given.restored or None, contact=given.contact or None
    )
    return answer(lambda: restore(deployment_asked_for(given), wanted))


if __name__ == "__main__":
    sys.exit(main())
