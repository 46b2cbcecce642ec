"""Which sellers are given contacts, changed while the chat goes on.

`make drain` lets one seller finish what they have; `make offline` closes all of them, and visitors see that nobody is
there. Both are values of the sellers' table, which the functions read with every new contact.
"""

from __future__ import annotations

import json
import re
import sys
from typing import TYPE_CHECKING, Any

from administration.command_line import answer, deployment_asked_for, parser_for
from administration.deployments import Deployment
from administration.errors import AdministrationError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

NEVER = json.dumps({"time_zone": "UTC", "week": {}})
"""Hours of nobody."""
NONE = {"S": ""}
"""What is put aside of who has no hours."""
ASIDE = "hours_while_open"
MOST = 1000
CAPACITY_TAKES = f"CAPACITY= is how many contacts a seller may have: 0 to {MOST}."

Item = dict[str, Any]


def drain(deployment: Deployment, seller: str, capacity: int = 0) -> str:
    """Give a seller no further contact, or as many at a time as before, and tell how many they still have.

    Raises `AdministrationError` for nobody, and botocore's errors where AWS cannot be asked.
    """
    dynamodb, table = _sellers(deployment)
    if not 0 <= capacity <= MOST:
        raise AdministrationError(CAPACITY_TAKES)
    try:
        item = dynamodb.update_item(
            TableName=table,
            Key={"seller_id": {"S": seller}},
            UpdateExpression="SET #capacity = :capacity",
            ConditionExpression="attribute_exists(team)",
            ExpressionAttributeNames={"#capacity": "capacity"},
            ExpressionAttributeValues={":capacity": {"N": str(capacity)}},
            ReturnValues="ALL_NEW",
        )["Attributes"]
    except dynamodb.exceptions.ConditionalCheckFailedException:
        raise AdministrationError(
            f"There is no seller {seller!r}: say SELLER= with an id that is registered."
        ) from None
    left = int(item.get("open_count", {"N": "0"})["N"])
    if capacity:
        return f"{seller} has {left} contacts and may have {capacity}."
    return f"{seller} is given no further contact and still has {left}; ask again to see them end."


def take_offline(deployment: Deployment) -> str:
    """Let no seller be given a contact: visitors are told that nobody is there, and what they write waits.

    Raises `AdministrationError` where nobody is registered, and botocore's errors where AWS cannot be asked.
    """
    store = _sellers(deployment)
    sellers = _registered(*store)
    if not sellers:
        raise AdministrationError("No seller is registered here, so there is nobody to take offline.")
    for each in sellers:
        # Who is cut off half-way repeats it: what was put aside is not written over.
        if ASIDE not in each:
            values = {":aside": each.get("hours", NONE), ":never": {"S": NEVER}}
            _write(store, each, f"SET {ASIDE} = :aside, #hours = :never", values)
    return f"{len(sellers)} sellers are given no contact. What is open goes on; make online takes it back."


def bring_back(deployment: Deployment) -> str:
    """Give every seller the hours that they had. Raises botocore's errors where AWS cannot be asked."""
    store = _sellers(deployment)
    closed = [each for each in _registered(*store) if ASIDE in each]
    for each in closed:
        if each[ASIDE] == NONE:
            _write(store, each, f"REMOVE #hours, {ASIDE}")
        else:
            _write(store, each, f"SET #hours = :hours REMOVE {ASIDE}", {":hours": each[ASIDE]})
    return f"{len(closed)} sellers have their hours again; who waits is given to them with their next heartbeat."


def _sellers(deployment: Deployment) -> tuple[DynamoDBClient, str]:
    dynamodb = deployment.session.client("dynamodb", endpoint_url=deployment.endpoint)
    return dynamodb, deployment.outputs["SellerTable"]


def _registered(dynamodb: DynamoDBClient, table: str) -> list[Item]:
    pages = dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    return [item for page in pages for item in page["Items"] if "team" in item]


def _write(store: tuple[DynamoDBClient, str], seller: Item, change: str, values: Item | None = None) -> None:
    dynamodb, table = store
    told: Any = {"ExpressionAttributeValues": values} if values else {}
    dynamodb.update_item(
        TableName=table,
        Key={"seller_id": seller["seller_id"]},
        UpdateExpression=change,
        ExpressionAttributeNames={"#hours": "hours"},
        **told,
    )


def main() -> int:
    """Do what is asked and tell of it; return 1 after one line on standard error that says why not."""
    parser = parser_for(__doc__)
    parser.add_argument("what", choices=["drain", "offline", "online"])
    parser.add_argument("--seller", default="")
    parser.add_argument("--capacity", default="0")
    arguments = parser.parse_args()

    def done() -> str:
        if not re.fullmatch(r"[0-9]+", arguments.capacity):
            raise AdministrationError(CAPACITY_TAKES)
        deployment = deployment_asked_for(arguments)
        if arguments.what == "drain":
            return drain(deployment, arguments.seller, int(arguments.capacity))
        return take_offline(deployment) if arguments.what == "offline" else bring_back(deployment)

    return answer(done)


if __name__ == "__main__":
    sys.exit(main())
