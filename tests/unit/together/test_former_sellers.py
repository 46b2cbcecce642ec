"""What is told to who had a contact, or was asked for it, and has not got it: the same, however far it went on."""

from __future__ import annotations

import pytest

from chat.model.sellers import Seller
from tests.worlds.domain import COLLEAGUE, SELLER, VISITOR, Client, System

FRAMES: dict[str, dict[str, object]] = {
    "sendMessage": {"message": "Hello again"},
    "transferChat": {"to": "nobody-there"},
    "takeChat": {},
    "closeChat": {},
    "snooze": {"until": "2026-01-02T09:00:00.000Z"},
    "note": {"text": "Wants a refund"},
    "tag": {"add": "refund"},
    "sync": {"after": 1},
}
FAR = 20


def went_on(messages: int, text: str) -> tuple[Client, str]:
    """A seller whose contact a colleague was given, who then wrote as much."""
    system = System()
    system.store.sellers.register(Seller(SELLER.user_id, "support", 5))
    seller, colleague = system.connect(SELLER, "seller-laptop"), system.connect(COLLEAGUE, "colleague-laptop")
    seller.send("presence", status="online")
    visitor = system.connect(VISITOR, "visitor-laptop")
    contact: str = visitor.send("InitChat", sellerId=SELLER.user_id, userInfo={})["contact_id"]
    seller.send("transferChat", contact_id=contact, to=COLLEAGUE.user_id)
    for _ in range(messages):
        system.clock.advance(seconds=60)
        assert colleague.send("sendMessage", contact_id=contact, message=text)["action"] == "ack"
    system.clock.advance(seconds=60 * (FAR - messages))
    return seller, contact


@pytest.mark.parametrize("base", [None, 0, 1, 3, 4, 999])
@pytest.mark.parametrize("action", FRAMES)
def test_who_had_a_contact_learns_from_no_answer_how_far_it_went_on(action: str, base: int | None) -> None:
    told = []
    for messages, text in ((0, ""), (1, "Hello"), (FAR, "Hello"), (2, "Hello" * 500)):
        seller, contact = went_on(messages, text)
        fields = FRAMES[action] | ({} if base is None else {"base": base, "id": "m1"})
        told.append(seller.send(action, contact_id=contact, **fields))

    assert all(each == told[0] for each in told)
    assert told[0]["code"] == ("contact_taken" if action == "takeChat" else "forbidden")


def test_who_has_a_contact_is_told_that_their_base_lies_too_far_back() -> None:
    seller, contact = went_on(FAR, "Hello")
    colleague = Client(seller.system, seller.system.connect(COLLEAGUE, "colleague-phone").sender)

    answer = colleague.send("closeChat", contact_id=contact, base=1, id="m1")

    assert (answer["code"], answer["field"]) == ("bad_field", "base")
