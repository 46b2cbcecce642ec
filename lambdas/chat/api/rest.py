"""The REST calls of docs/protocol.md: the same services and the same rules as the frames."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from msgspec import Meta, Struct

from chat.access.origins import may_call
from chat.access.tickets import LIFETIME, Tickets
from chat.access.tokens import TokenRefusedError
from chat.contacts import Command, Outgoing, Start
from chat.model.entries import Mark
from chat.model.errors import ChatError, Code, try_again
from chat.model.identity import Principal, Role, Sender, is_device_id
from chat.model.metrics import Metric
from chat.ports.errors import StoreBusyError, StoreUnavailableError
from chat.ports.machine import Ids, Journal
from chat.protocol.fields import ContactId, Details, DeviceId, MessageId, Seq, Text, UserId, WidgetId
from chat.protocol.frames import MAX_PAGE, CloseChat, Identify, Receipt, convert, decode_object
from chat.protocol.replies import Counted, Ticket, ack, error_frame, first_ack, started
from chat.services import Services

JSON = "application/json"
REPORT = "POST /reports"
"""The one call that a page makes as it is left, so that it cannot ask first; it changes nothing of anybody's."""


class UnauthorizedError(ChatError):
    """The call says nowhere, or not credibly, who makes it."""

    def __init__(self, reason: str) -> None:
        super().__init__(Code.FORBIDDEN, reason)


class SendRequest(Struct, frozen=True):
    """The body of `POST /sendmessage`, as the document's client sends it, and what ours adds."""

    sellerId: UserId  # noqa: N815 - the name on the wire
    message: Text
    widgetId: WidgetId | None = None  # noqa: N815
    userInfo: Details | None = None  # noqa: N815
    deviceId: DeviceId | None = None  # noqa: N815
    contact_id: ContactId | None = None
    id: MessageId | None = None
    base: Seq | None = None


class StartRequest(Struct, frozen=True):
    """The body of `POST /chats`."""

    sellerId: UserId  # noqa: N815
    userInfo: Details  # noqa: N815


class ReadRequest(Struct, frozen=True):
    """What `GET /chats/{contact_id}/entries` asks for."""

    contact_id: ContactId
    after: Seq = 0
    limit: Annotated[int, Meta(ge=1, le=MAX_PAGE)] = MAX_PAGE


Count = Annotated[int, Meta(ge=0, le=1000)]
"""No page has more to count: one that is made up weighs little among those that are not."""


class ReportRequest(Struct, frozen=True):
    """The body of `POST /reports`: what a visitor felt of trouble on one page. It says nothing of who that was."""

    reconnects: Count
    failed_sends: Count
    slowest_send_ms: Annotated[int, Meta(ge=0, le=600_000)]


@dataclass(frozen=True)
class Call:
    """One HTTP request: `route` is method and path pattern, `bearer` what `Authorization` carried."""

    route: str
    body: str = ""
    is_binary: bool = False
    bearer: str | None = None
    source_ip: str = ""
    origin: str | None = None
    content_type: str = JSON
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """What goes back: the error is None for a success."""

    reply: Struct
    error: ChatError | None = None


class Rest:
    """Answers REST calls; whatever comes in, what goes out is one of the protocol's objects."""

    def __init__(
        self,
        *,
        services: Services,
        tickets: Tickets,
        seller_of: Callable[[str], Principal],
        visitor_of: Callable[[str], Principal] | None = None,
        ids: Ids,
        journal: Journal,
        allowed_origins: frozenset[str],
    ) -> None:
        self._services = services
        self._tickets = tickets
        self._seller_of = seller_of
        self._visitor_of = visitor_of
        self._ids = ids
        self._journal = journal
        self._allowed_origins = allowed_origins
        self._routes: Mapping[str, Callable[[Call], Struct]] = {
            "POST /sendmessage": self._send,
            "POST /chats": self._start,
            "GET /chats/{contact_id}/entries": self._read,
            "POST /chats/{contact_id}/receipts": self._receive,
            "POST /chats/{contact_id}/identify": self._identify,
            "POST /chats/{contact_id}/close": self._close,
            "POST /tickets": self._issue_ticket,
            REPORT: self._count_report,
        }

    def answer(self, call: Call) -> Answer:
        """The answer to a call."""
        try:
            self._require_own_page(call)
            self._services.floodgate.admit_call(_caller(call))
            return Answer(self._routes[call.route](call))
        except ChatError as error:
            self._journal.note("refused", code=error.code, route=call.route)
            if error.code is Code.TRY_AGAIN:
                self._count_failure(call)
            return Answer(error_frame(error), error)
        except (StoreBusyError, StoreUnavailableError) as error:
            self._journal.note("failed", error=type(error).__name__, route=call.route)
        except Exception as error:  # noqa: BLE001 - nobody may ever see "Internal Server Error"
            self._journal.failed("failed", error, route=call.route)
        self._count_failure(call)
        return Answer(error_frame(try_again()), try_again())

    def _count_failure(self, call: Call) -> None:
        if call.route == "POST /sendmessage":
            self._journal.measure({Metric.FAILED_SENDS: 1})

    def _require_own_page(self, call: Call) -> None:
        """Without this any page could have its visitor's browser write: it would not see the answer, and need not."""
        if not may_call(call.origin, self._allowed_origins):
            raise ChatError(Code.FORBIDDEN, "This page may not call. Its origin must be among the allowed ones.")
        # Anything else is sent by a browser without asking first (Fetch, "simple" requests).
        if call.body and call.route != REPORT and call.content_type.partition(";")[0].strip().lower() != JSON:
            raise ChatError(Code.BAD_FRAME, "Send the body as 'Content-Type: application/json'.")

    def _send(self, call: Call) -> Struct:
        request = convert(_object(call), SendRequest, "POST /sendmessage")
        author = self._author(call, request)
        outgoing = Outgoing(
            sender=Sender(author or self._somebody_new(), address=call.source_ip),
            text=request.message,
            contact_id=request.contact_id,
            to=request.sellerId,
            id=request.id,
            base=request.base,
            user_info=request.userInfo or {},
        )
        acknowledged = ack("sendMessage", self._services.messaging.send(outgoing), request.id)
        return acknowledged if author else first_ack(acknowledged, outgoing.sender.principal.user_id)

    def _start(self, call: Call) -> Struct:
        visitor = self._visitor(call.bearer)
        request = convert(_object(call), StartRequest, "POST /chats")
        start = Start(Sender(visitor, address=call.source_ip), request.sellerId, request.userInfo)
        newest = self._services.starting.start(start)
        return started(newest, self._services.queue.place_of(newest))

    def _read(self, call: Call) -> Struct:
        visitor = self._visitor(call.bearer)
        asked: dict[str, Any] = {**{name: _number(text) for name, text in call.query.items()}, **call.path}
        request = convert(asked, ReadRequest, "GET entries")
        return self._services.reading.sync(visitor, request.contact_id, request.after, request.limit)

    def _receive(self, call: Call) -> Struct:
        visitor = self._visitor(call.bearer)
        request = convert({**_object(call), **call.path}, Receipt, "POST receipts")
        mark = Mark(delivered=request.delivered, read=request.read)
        return self._services.signals.receipt(Sender(visitor), request.contact_id, mark)

    def _identify(self, call: Call) -> Struct:
        visitor = self._visitor(call.bearer)
        request = convert({**_object(call), **call.path}, Identify, "POST identify")
        command = Command(Sender(visitor), request.contact_id, request.id, request.base)
        return ack("identify", self._services.messaging.identify(command, request.userInfo), request.id)

    def _close(self, call: Call) -> Struct:
        visitor = self._visitor(call.bearer)
        request = convert({**_object(call), **call.path}, CloseChat, "POST close")
        command = Command(Sender(visitor), request.contact_id, request.id, request.base)
        return ack("closeChat", self._services.lifecycle.close(command), request.id)

    def _issue_ticket(self, call: Call) -> Struct:
        if call.bearer is None:
            raise UnauthorizedError("Send the seller's token as 'Authorization: Bearer …'.")
        try:
            seller = self._seller_of(call.bearer)
        except TokenRefusedError as error:
            raise UnauthorizedError("The token is not valid, or no longer.") from error
        return Ticket(ticket=self._tickets.issue(seller), expires_in=int(LIFETIME.total_seconds()))

    def _count_report(self, call: Call) -> Struct:
        report = convert(_object(call), ReportRequest, REPORT)
        felt = {
            Metric.PAGE_RECONNECTS: report.reconnects,
            Metric.PAGE_FAILED_SENDS: report.failed_sends,
            Metric.PAGE_SLOWEST_SEND_MS: report.slowest_send_ms,
        }
        self._journal.measure({Metric.TROUBLED_PAGES: 1, **{metric: value for metric, value in felt.items() if value}})
        return Counted()

    def _author(self, call: Call, request: SendRequest) -> Principal | None:
        """Whom the call names; None for the document's client, which names nobody."""
        if call.bearer is not None or request.deviceId is not None or self._visitor_of is not None:
            return self._visitor(call.bearer or request.deviceId)
        return None

    def _somebody_new(self) -> Principal:
        """A visitor of whom nothing is known: equal details from one address are no proof of being the same."""
        return Principal(self._ids.secret(), Role.VISITOR)

    def _visitor(self, credential: str | None) -> Principal:
        """Whom a device id, or where they are required a visitor's token, stands for."""
        if self._visitor_of is None:
            return _device_holder(credential)
        try:
            return self._visitor_of(credential or "")
        except TokenRefusedError as error:
            raise UnauthorizedError("Send the visitor's token as 'Authorization: Bearer …'.") from error


def _caller(call: Call) -> Sender:
    """Whose calls are counted, by what is said and not yet proven; nothing else goes by it.

    The document's client names its device in the body, or not at all: it is one of many at its address.
    """
    unnamed = "" if call.route == "POST /sendmessage" else call.source_ip
    return Sender(Principal(call.bearer or unnamed, Role.VISITOR), address=call.source_ip)


def _object(call: Call) -> dict[str, Any]:
    return decode_object(call.body, is_binary=call.is_binary)


def _device_holder(device: str | None) -> Principal:
    if device is None or not is_device_id(device):
        raise UnauthorizedError("Send the visitor's device id, which cannot be guessed, as 'Authorization: Bearer …'.")
    return Principal(device, Role.VISITOR)


def _number(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else text
