"""The HTTP API, for browsers whose WebSocket is blocked, and for sellers' tickets."""

from __future__ import annotations

import base64

from chat.access.tickets import Tickets
from chat.adapters.dynamodb.tickets import DynamoDBTickets
from chat.api.rest import Call, Rest, UnauthorizedError
from chat.model.errors import ChatError, Code
from chat.protocol.replies import encode
from handlers import clients, composition, events
from handlers.credentials import Credentials
from handlers.variables import ConnectionTable, Origins, Tokens, read

_STATUS = {
    Code.FORBIDDEN: 403,
    Code.BLOCKED: 403,
    Code.UNKNOWN_SELLER: 404,
    Code.CONTACT_CLOSED: 409,
    Code.CONTACT_EXPIRED: 410,
    Code.TOO_LARGE: 413,
    Code.SLOW_DOWN: 429,
    Code.TRY_AGAIN: 503,
}

_HEADERS = {
    "Content-Type": "application/json",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    # An answer that is opened as a page shows, loads and frames nothing.
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
}

_services = composition.services()
_runtime = _services.ports.runtime
_credentials = Credentials(read(Tokens))
_rest = Rest(
    services=_services,
    tickets=Tickets(
        store=DynamoDBTickets(clients.dynamodb(), read(ConnectionTable).connection_table),
        clock=_runtime.clock,
        ids=_runtime.ids,
    ),
    seller_of=_credentials.sellers,
    visitor_of=_credentials.visitors,
    ids=_runtime.ids,
    journal=_runtime.journal,
    allowed_origins=read(Origins).allowed,
)


def handle(event: events.Event, _context: object) -> events.Response:
    """Answer one call (payload format 2.0)."""
    answer = _rest.answer(_call(event))
    response: events.Response = {
        "statusCode": _status(answer.error),
        "headers": dict(_HEADERS),
        "body": encode(answer.reply).decode(),
    }
    if answer.error and answer.error.retry_after_ms is not None:
        response["headers"]["Retry-After"] = str(-(-answer.error.retry_after_ms // 1000))
    return response


def _status(error: ChatError | None) -> int:
    if error is None:
        return 200
    return 401 if isinstance(error, UnauthorizedError) else _STATUS.get(error.code, 400)


def _call(event: events.Event) -> Call:
    body, is_binary = _body(event)
    headers = events.headers(event)
    scheme, _, credential = headers.get("authorization", "").partition(" ")
    return Call(
        route=event["routeKey"],
        body=body,
        is_binary=is_binary,
        bearer=credential.strip() if scheme.lower() == "bearer" else None,
        source_ip=event["requestContext"]["http"]["sourceIp"],
        origin=headers.get("origin"),
        content_type=headers.get("content-type", ""),
        path=event.get("pathParameters") or {},
        query=event.get("queryStringParameters") or {},
    )


def _body(event: events.Event) -> tuple[str, bool]:
    """The text of the body. API Gateway encodes bodies whose content type it does not know, however plain they are."""
    body = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        return body, False
    try:
        return base64.b64decode(body).decode(), False
    except ValueError:
        return "", True
