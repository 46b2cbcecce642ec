"""The third step and the fourth: WebSockets let in whom they should, and carry messages both ways."""

from __future__ import annotations

from websockets.exceptions import ConnectionClosed, InvalidStatus

from administration.verification.people import PROTOCOL, Frame, People, Socket
from administration.verification.step import ANSWER_SECONDS, NotAsItShouldBeError, expect, wait_until

HANDLED = 16_384
CARRIED = 32_768
TOO_BIG, NO_TEXT = 1009, 1003
LEASE_PATIENCE_SECONDS = 90
"""What AWS and the check-ups may add to a lease."""

GIVING_SECONDS = 15
"""An index lags behind the seller who is there, and who waits is looked for once more after five seconds."""

NO_SELLER = "An identity provider proves the sellers, so nobody can be one here."


def check_visitors(people: People) -> str | None:
    """A visitor connects and is answered whatever comes; who says nothing or lies is not let in."""
    expect("the status without userId", _refusal(people), 401)
    forged = "eyJhbGciOiJIUzI1NiJ9.e30.AAAA"
    expect("the status of a forged token", _refusal(people, PROTOCOL, forged, userId=people.seller_id), 403)
    with people.socket_of(people.visitor) as socket:
        socket.ask({"action": "ping"}, "pong")
        _expect_error(socket, {"action": "dance"}, "unknown_action")
        # No ping: on AWS the gateway answers those by itself, whatever is in them.
        _expect_error(socket, {"action": "sync", "filler": "x" * HANDLED}, "too_large")
        # It is answered by nothing, and the connection stays.
        socket.send({"action": "typing", "contact_id": "verify-of-nobody"})
        socket.ask({"action": "ping"}, "pong")
        _expect_end(socket, "x" * (CARRIED + 1), "a frame over 32 KB", TOO_BIG)
    with people.socket_of(people.visitor) as socket:
        _expect_end(socket, b"\xff\xfe\x00", "a binary frame", NO_TEXT)
    return None


def check_seller(people: People) -> str | None:
    """A seller connects with a token and by ticket, and both are told what the other says."""
    if not people.is_seller_proven:
        return NO_SELLER
    ticket = people.answer("POST", "/tickets", {}, by=people.seller)["ticket"]
    with people.socket(userId=people.seller_id, ticket=ticket) as socket:
        socket.ask({"action": "inbox"}, "inbox")
    expect("the status of a used ticket", _refusal(people, userId=people.seller_id, ticket=ticket), 403)
    with people.socket_of(people.seller) as desk:
        if people.deployment.endpoint is None:
            # An emulator says none, which only browsers mind.
            expect("the subprotocol", desk.connection.subprotocol, PROTOCOL)
        desk.ask({"action": "presence", "status": "online"}, "presence")
        return _converse(people, desk)


def check_lease(people: People) -> str | None:
    """A seller who vanishes loses the contact when the lease is over."""
    if not people.is_seller_proven:
        return NO_SELLER
    lease = int(people.resources.variables["LEASE_SECONDS"])
    with people.socket_of(people.visitor) as visitor:
        with people.socket_of(people.seller) as desk:
            desk.ask({"action": "presence", "status": "online"}, "presence")
            if not _is_given(people, visitor, people.start(visitor)):
                return "The shop decides who is given a contact."
        taken = visitor.receive(
            "the end of the lease",
            lambda frame: frame.get("entry", {}).get("kind") in {"queued", "transferred"},
            lease + LEASE_PATIENCE_SECONDS,
        )
        # Who goes to the queue is told that nobody is there, where nobody is.
        if (reason := taken["entry"].get("reason")) not in {"away", "out_of_hours"}:
            expect("the reason of it", reason, "lease")
    return None


def _converse(people: People, desk: Socket) -> str | None:
    with people.socket_of(people.visitor) as visitor:
        started = people.start(visitor)
        contact = started["contact_id"]
        if not _is_given(people, visitor, started):
            return "The shop decides who is given a contact, so nobody answered."
        question = {"action": "sendMessage", "to": people.seller_id, "contact_id": contact, "message": "Question"}
        visitor.ask({**question, "id": "verify-3"}, "ack")
        desk.receive("the visitor's message", lambda frame: frame.get("message") == "Question")
    desk.ask({"action": "sendMessage", "contact_id": contact, "message": "Answer", "id": "verify-4"}, "ack")
    with people.socket_of(people.visitor) as visitor:
        page = visitor.ask({"action": "sync", "contact_id": contact, "after": 0}, "sync")
        numbers = [entry["seq"] for entry in page["entries"]]
        expect("the numbers of the entries", numbers, list(range(1, len(numbers) + 1)))
        expect("the newest message", page["entries"][-1].get("message"), "Answer")
        visitor.send({"action": "closeChat", "contact_id": contact, "id": "verify-5", "base": numbers[-1]})
        desk.receive("the end of the chat", lambda frame: frame.get("entry", {}).get("kind") == "closed")
    return None


def _is_given(people: People, visitor: Socket, started: Frame) -> bool:
    """Whether the seller has the contact, if need be a moment later; false only where the shop gave it to nobody."""
    if started["status"] == "open":
        return True
    if people.resources.variables.get("ASSIGNMENT") == "external":
        return False
    read = {"action": "sync", "contact_id": started["contact_id"], "after": 0}

    def is_assigned() -> bool:
        return any(entry["kind"] == "assigned" for entry in visitor.ask(read, "sync")["entries"])

    wait_until("that the seller who is free is given the contact", is_assigned, GIVING_SECONDS)
    return True


def _expect_error(socket: Socket, frame: Frame, code: str) -> None:
    expect(f"the answer to {frame['action']!r}", socket.ask(frame, "error")["code"], code)


def _expect_end(socket: Socket, message: str | bytes, what: str, code: int) -> None:
    socket.connection.send(message)
    try:
        while True:
            socket.connection.recv(timeout=ANSWER_SECONDS)
    except ConnectionClosed as closed:
        expect(f"the code of {what}", closed.rcvd.code if closed.rcvd else None, code)
    except TimeoutError:
        raise NotAsItShouldBeError(f"{what.capitalize()} does not close the connection.") from None


def _refusal(people: People, *protocols: str, **query: str) -> int:
    try:
        with people.socket(*protocols, **query):
            return 101
    except InvalidStatus as refused:
        return refused.response.status_code
