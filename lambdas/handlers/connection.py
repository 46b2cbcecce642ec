"""$connect and $disconnect."""

from __future__ import annotations

from chat.access.upgrade import SUBPROTOCOL, Upgrade
from chat.adapters.dynamodb.connections import DynamoDBConnections
from chat.adapters.dynamodb.sellers import DynamoDBSellers
from chat.adapters.system import SystemClock
from chat.connections.connecting import Connecting
from chat.model.metrics import Metric
from chat.ports.errors import StoreBusyError, StoreUnavailableError
from handlers import clients, events
from handlers.variables import ConnectionTable, Logging, SellerTable, read

_clock = SystemClock()
_journal = read(Logging).journal()
_dynamodb = clients.dynamodb()
_connecting = Connecting(
    connections=DynamoDBConnections(_dynamodb, read(ConnectionTable).connection_table, _clock),
    sellers=DynamoDBSellers(_dynamodb, read(SellerTable).seller_table, _journal),
    clock=_clock,
)


def handle(event: events.Event, context: object) -> events.Response:
    """Store a connection that opens, forget one that closed. A connection that cannot be stored is refused."""
    kind = event["requestContext"]["eventType"]
    if kind == "MESSAGE":
        # A client may name this function's routes as the action of a frame; its connection neither opens nor closes.
        # Imported here, since hardly any does, and every other cold start would pay for the protocol's frames.
        from handlers import fallback

        return fallback.handle(event, context)
    try:
        if kind == "CONNECT":
            return _connect(event)
        _connecting.closed(events.connection_id(event), events.proved(event))
    except (StoreBusyError, StoreUnavailableError) as error:
        _journal.note("connection_failed", error=str(error), connection_id=events.connection_id(event))
        return _failed(kind)
    except Exception as error:  # noqa: BLE001 - Lambda would log it with its text
        _journal.failed("connection_failed", error, connection_id=events.connection_id(event))
        return _failed(kind)
    return {"statusCode": 200}


def _failed(kind: str) -> events.Response:
    if kind == "CONNECT":
        _journal.measure({Metric.FAILED_CONNECTS: 1})
    return {"statusCode": 500}


def _connect(event: events.Event) -> events.Response:
    person = events.principal(event)
    _connecting.opened(person, events.connection_id(event))
    if Upgrade(person.user_id, events.headers(event)).offered_token is None:
        return {"statusCode": 200}
    # A browser that offered subprotocols fails unless one of them comes back; the token itself must not.
    return {"statusCode": 200, "headers": {"Sec-WebSocket-Protocol": SUBPROTOCOL}}
