"""The second step: a visitor without a WebSocket chats over REST, and who may not is told so."""

from __future__ import annotations

from urllib.parse import urlsplit

import urllib3

from administration.verification.people import NAME, People
from administration.verification.step import ANSWER_SECONDS, expect
from administration.verification.web import console_of

TOO_LARGE = 20_000
ELSEWHERE = "https://shop.example"


def check(people: People) -> str | None:
    """Hold a whole conversation, and be refused in every way."""
    _check_preflight(people)
    chat = people.answer("POST", "/chats", {"sellerId": people.seller_id, "userInfo": {"name": NAME}})
    contact = chat["contact_id"]
    message = {"sellerId": people.seller_id, "contact_id": contact, "message": "Is it in stock?"}
    message |= {"id": "verify-1", "base": chat["seq"]}
    first = people.answer("POST", "/sendmessage", message)
    expect("a message that is sent again", people.answer("POST", "/sendmessage", message)["seq"], first["seq"])
    page = people.answer("GET", f"/chats/{contact}/entries?after={first['seq'] - 1}")
    expect("the log", [entry.get("message") for entry in page["entries"]], [message["message"]])
    known = {"userInfo": {"plan": "gold"}, "id": "verify-3", "base": page["tail"]}
    tail = people.answer("POST", f"/chats/{contact}/identify", known)["seq"]
    people.answer("POST", f"/chats/{contact}/receipts", {"delivered": tail, "read": tail})
    people.answer("POST", f"/chats/{contact}/close", {"id": "verify-2", "base": tail})
    _check_refusals(people, message)
    return None


def _check_preflight(people: People) -> None:
    console = urlsplit(console_of(people.deployment) or ELSEWHERE)
    origin = f"{console.scheme}://{console.netloc}"
    asked = urllib3.request(
        "OPTIONS",
        people.deployment.outputs["RestUrl"].rstrip("/") + "/sendmessage",
        headers={"Origin": origin, "Access-Control-Request-Method": "POST"},
        timeout=ANSWER_SECONDS,
    )
    expect("the status of the console's preflight", asked.status, 204)
    allowed = asked.headers.get("Access-Control-Allow-Origin")
    expect(f"whether {allowed!r} lets the console in", allowed in {"*", origin}, wanted=True)


def _check_refusals(people: People, message: dict[str, object]) -> None:
    visitor = people.proof(people.visitor)
    stranger = people.call("GET", "/chats/verify-of-nobody/entries", bearer=visitor)
    expect("the status of a contact of nobody", stranger.status, 403)
    nowhere = people.call("POST", "/no-such-call", {}, bearer=visitor)
    expect("the status of an unknown call", nowhere.status, 404)
    large = people.call("POST", "/sendmessage", {**message, "message": "x" * TOO_LARGE}, bearer=visitor)
    expect("the status of a large body", large.status, 413)
    nobody = people.call("GET", "/chats/verify-of-nobody/entries", bearer=None)
    expect("the status without credentials", nobody.status, 401)
