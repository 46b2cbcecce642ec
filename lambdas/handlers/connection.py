"""$connect and $disconnect."""

from __future__ import annotations

from datetime import timedelta

from chat.adapters.dynamodb_connections import DynamoDBConnections
from chat.adapters.json_journal import JsonJournal
from chat.adapters.system import SystemClock
from chat.admission import SUBPROTOCOL, Upgrade
from chat.errors import StoreBusyError, StoreUnavailableError
from chat.ports import Connection
from chat.timestamps import epoch_seconds, iso
from handlers import clients, events
from handlers.environment import Environment

# One more than a connection can last (API Gateway: two hours).
LIFETIME = timedelta(hours=3)

_environment = Environment()
_clock = SystemClock()
_connections = DynamoDBConnections(clients.dynamodb(), _environment.text("CONNECTION_TABLE"), _clock)
_journal = JsonJournal(_environment.log_level)


def handle(event: events.Event, _context: object) -> events.Response:
    """Store a connection that opens, forget one that closed. A connection that cannot be stored is refused."""
    try:
        if event["requestContext"]["eventType"] == "CONNECT":
            return _connect(event)
        _connections.remove(events.connection_id(event))
    except (StoreBusyError, StoreUnavailableError) as error:
        _journal.note("connection_failed", error=str(error), connection_id=events.connection_id(event))
        return {"statusCode": 500}
    return {"statusCode": 200}


def _connect(event: events.Event) -> events.Response:
    person = events.principal(event)
    now = _clock.now()
    connection = Connection(events.connection_id(event), person.user_id, person.role, iso(now))
    _connections.add(connection, epoch_seconds(now + LIFETIME))
    if Upgrade(person.user_id, events.headers(event)).offered_token is None:
        return {"statusCode": 200}
    # A browser that offered subprotocols fails unless one of them comes back; the token itself must not.
    return {"statusCode": 200, "headers": {"Sec-WebSocket-Protocol": SUBPROTOCOL}}
