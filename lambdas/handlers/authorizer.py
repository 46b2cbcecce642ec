"""The REQUEST authorizer of $connect."""

from __future__ import annotations

from typing import Any

from chat.access.admission import Admission, RefusedError
from chat.access.tickets import Tickets
from chat.access.upgrade import Upgrade
from chat.adapters.dynamodb.tickets import DynamoDBTickets
from chat.adapters.system import RandomIds, SystemClock
from chat.model.identity import Principal
from chat.model.metrics import Metric
from handlers import clients, events
from handlers.credentials import Credentials
from handlers.variables import ConnectionTable, Logging, Origins, Tokens, read

_journal = read(Logging).journal()
_credentials = Credentials(read(Tokens))
_admission = Admission(
    seller_of=_credentials.sellers,
    visitor_of=_credentials.visitors,
    allowed_origins=read(Origins).allowed,
    redeem=Tickets(
        store=DynamoDBTickets(clients.dynamodb(), read(ConnectionTable).connection_table),
        clock=SystemClock(),
        ids=RandomIds(),
    ).redeem,
)


def handle(event: events.Event, _context: object) -> dict[str, Any]:
    """An IAM policy for this one connection, and who it belongs to."""
    parameters = event.get("queryStringParameters") or {}
    upgrade = Upgrade(parameters.get("userId", ""), events.headers(event), parameters.get("ticket"))
    try:
        person = _admission.admit(upgrade)
    except RefusedError as error:
        _journal.note("connection_refused", reason=str(error))
        return _policy("Deny", event)
    except Exception as error:  # noqa: BLE001 - Lambda would log it with its text
        _journal.failed("connection_failed", error)
        _journal.measure({Metric.FAILED_CONNECTS: 1})
        return _policy("Deny", event)
    return _policy("Allow", event, person)


def _policy(effect: str, event: events.Event, person: Principal | None = None) -> dict[str, Any]:
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": event["methodArn"]}
    policy: dict[str, Any] = {
        # Access logs may show it, so it is not the device id.
        "principalId": person.role if person else "refused",
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
    }
    if person:
        policy["context"] = {
            "userId": person.user_id,
            "role": person.role,
            **({"expiresAt": str(person.expires_at)} if person.expires_at else {}),
        }
    return policy
