"""The document's three handlers in Python: statement by statement what they are in JavaScript.

`keep_clients` makes each client once, which the document does for some of them. `store` is what its last step asks for
besides, and its handlers do not do.
"""

from __future__ import annotations

import json
import os
import random
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.exceptions import ClientError

Event = dict[str, Any]
Answer = dict[str, Any]


@dataclass
class Handlers:
    """`$connect`, `InitChat` and `sendMessage`."""

    keep_clients: bool
    store: bool = False
    log: Callable[[str], object] = sys.stdout.write
    _made: dict[str, Any] = field(default_factory=dict)

    def connect(self, event: Event) -> Answer:
        """Note who is connected."""
        self.log(f"Connect event: {json.dumps(event, indent=2)}\n")
        user_id = (event.get("queryStringParameters") or {}).get("userId")
        if not user_id:
            return {"statusCode": 400, "body": "userId query parameter is required"}
        item = {
            "connectionId": event["requestContext"]["connectionId"],
            "userId": user_id,
            "connectedAt": _now(),
            "status": "connected",
        }
        try:
            self._table(fresh=True).put_item(Item=item)
        except ClientError as error:
            self.log(f"Connection store error: {error}\n")
            return {"statusCode": 500}
        self.log(f"Connection stored for user: {user_id}\n")
        return {"statusCode": 200}

    def init_chat(self, event: Event) -> Answer:
        """Give the chat an id."""
        self.log(f"InitChat triggered: {json.dumps(event, indent=2)}\n")
        contact_id = f"{random.getrandbits(64):x}"
        body = json.loads(event.get("body") or "{}")
        self.log(f"Parsed body: {body}\n")
        seller_id, user_info = body.get("sellerId"), body.get("userInfo")
        if not seller_id or user_info is None:
            return {"statusCode": 400, "body": "Missing sellerId or userInfo"}
        self._table().update_item(
            Key={"connectionId": event["requestContext"]["connectionId"]},
            UpdateExpression="SET sellerId = :sid, userInfo = :ui, contact_id = :cid, updatedAt = :ua",
            ExpressionAttributeValues={":sid": seller_id, ":ui": user_info, ":cid": contact_id, ":ua": _now()},
        )
        self.log("Connection updated with user info\n")
        answer = {"action": "InitChat", "contact_id": contact_id, "message": "Chat initialized successfully"}
        self.log(f"Sending response: {answer}\n")
        self._post(event["requestContext"]["connectionId"], answer)
        return {"statusCode": 200, "body": "InitChat handled"}

    def send_message(self, event: Event) -> Answer:
        """Hand a message to the first connection of the other side."""
        self.log(f"SendMessage triggered: {json.dumps(event, indent=2)}\n")
        body = json.loads(event.get("body") or "{}")
        to, message = body.get("to"), body.get("message")
        if not to or not message:
            return {"statusCode": 400, "body": "Missing 'to' or 'message'"}
        found = self._table().query(
            IndexName="UserIdIndex",
            KeyConditionExpression="userId = :uid",
            ExpressionAttributeValues={":uid": to},
        )["Items"]
        if not found:
            return {"statusCode": 404, "body": "User not connected"}
        said = {"action": "sendMessage", "from": body.get("from"), "message": message, "timestamp": _now()}
        if self.store:
            contact = f"{body.get('from')}#{to}"
            item = {"contact_id": contact, "item": said["timestamp"], "sender": body.get("from"), "text": message}
            self._table("MESSAGE_TABLE").put_item(Item=item)
        self._post(found[0]["connectionId"], said)
        self.log(f"Message sent to: {found[0]['connectionId']}\n")
        return {"statusCode": 200, "body": "Message sent successfully"}

    def _post(self, connection_id: str, answer: Answer) -> None:
        client: Any = self._client("posts", lambda: boto3.client("apigatewaymanagementapi"), fresh=True)
        client.post_to_connection(ConnectionId=connection_id, Data=json.dumps(answer).encode())

    def _table(self, variable: str = "TABLE_NAME", *, fresh: bool = False) -> Any:
        name = os.environ[variable]
        return self._client(variable, lambda: boto3.resource("dynamodb").Table(name), fresh=fresh)

    def _client(self, name: str, make: Callable[[], Any], *, fresh: bool) -> Any:
        """As the document makes it: some at every call."""
        if fresh and not self.keep_clients:
            return make()
        if name not in self._made:
            self._made[name] = make()
        return self._made[name]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
