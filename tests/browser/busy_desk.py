"""The desk of a seller of the demo shop at eleven in the morning, for pictures: twenty chats, and three who wait."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from chat.model.timestamps import iso
from tests.browser.played_desk import SELLER, Entry, PlayedContact, beginning, logged

NOW = datetime(2026, 11, 30, 11, tzinfo=UTC)
NAME = "Ana Ferreira"
CART = [{"item": "Moss bowl", "count": 2, "price": "€38"}, {"item": "Ash plate", "count": 4, "price": "€24"}]
ADA: dict[str, Any] = {
    "name": "Ada Lovelace",
    "email": "ada@example.com",
    "order_number": "4711-0815",
    "page": "https://kiln-and-clay.example/bowls/moss",
    "cart": CART,
    "language": "en-GB",
    "time_zone": "Europe/London",
}
TALK = [
    "Hello! Is the moss bowl dishwasher safe?",
    "> Hello Ada! It is. All our glazes are.",
    "Wonderful. My last one arrived with a crack, though: order 4711-0815.",
    "> I am sorry to hear that. Would you like another one, or your money back?",
    "Another one, please. Can it be here before the 14th? It is a present for my mother!",
]
"""What is said, every two minutes; what begins with `>` by the seller."""
OTHERS: tuple[tuple[str, str, int, bool], ...] = (
    ("Grace Hopper", "Do you ship to Portugal?", 1, False),
    ("Ελένη Παππά", "Έχετε το μπλε μπολ;", 2, False),
    ("Alan", "The discount code SPRING does not work", 4, False),
    ("Edith Clarke", "Thank you, that helps!", 5, True),
    ("Katherine J.", "I would like to change my address before it leaves", 6, False),
    ("ليلى حداد", "هل يمكنني إرجاع الطبق؟", 8, True),
    ("Bartholomew-Maximilian of the Very Long and Winding Name", "Is there a wider one?", 11, False),
    ("Mary", "How long does the parcel take to Austria?", 14, False),
    ("Tim", "Great, see you then", 17, True),
    ("Radia Perlman", "Could I have the invoice as a PDF?", 21, True),
    ("Hedy", "It was the grey one, not the green one", 24, True),
    ("Joan Clarke", "Then I will take two of them", 27, True),
    ("Dorothy", "Is it food safe?", 32, True),
    ("Annie", "Perfect", 38, True),
    ("Barbara L.", "What is the difference between ash and slate?", 43, True),
    ("Frances Allen", "See https://kiln-and-clay.example/plates", 51, True),
    ("Jean", "Good morning", 58, True),
    ("Evelyn", "I will come by on Saturday", 66, True),
    ("Margaret H.", "Thanks a lot!", 75, True),
)
"""Who else is there: the name, what was said last, how many minutes ago, and whether the seller has answered."""
TAGS = {0: ["VIP", "refund"], 3: ["voucher"], 7: ["refund"], 13: ["wholesale"]}
SNOOZED = {10: timedelta(hours=3), 16: timedelta(days=1)}
WAITING = (("Sofia", "Anybody there?", 3), ("Niels", "I have a question about glazes", 7), ("Rosalind", "Hello?", 12))
NOTES = ("Sent a picture of the crack by e-mail.", "Two bowls are left in the Lisbon shop.")
TEAM: dict[str, Any] = {
    "team": "support",
    "sellers": [
        {"seller_id": SELLER, "name": NAME, "status": "online", "open_count": 20, "capacity": 30},
        {"seller_id": "bo", "name": "Bo Lindqvist", "status": "online", "open_count": 3, "capacity": 8},
        {"seller_id": "cy", "name": "Cy Twombly", "status": "away", "open_count": 8, "capacity": 8},
    ],
    "teams": [{"team": "returns", "there": 2, "room": 5}, {"team": "wholesale", "there": 0, "room": 0}],
}


def busy_contacts() -> dict[str, PlayedContact]:
    """All of them, as they stand at `NOW`."""
    ada = PlayedContact(_talk(), listed={"tags": TAGS[0]}, notes=_notes())
    others = {f"c{number:02}": _other(number) for number in range(1, len(OTHERS) + 1)}
    return {"c00": ada, **others, **dict(_waiting())}


def _talk() -> list[Entry]:
    begins = NOW - timedelta(minutes=2 * len(TALK))
    said = [_said("c00", text.removeprefix("> "), is_own=text.startswith(">")) for text in TALK]
    times = [begins, begins, *(begins + timedelta(minutes=2 * count) for count in range(1, len(TALK) + 1))]
    return _timed("c00", [*beginning("c00", ADA), *said], times)


def _other(number: int) -> PlayedContact:
    contact_id = f"c{number:02}"
    name, text, minutes, is_answered = OTHERS[number - 1]
    last = NOW - timedelta(minutes=minutes)
    log = [*beginning(contact_id, {"name": name}), _said(contact_id, text)]
    if is_answered and number % 2:
        log.append(_said(contact_id, "Let me look that up for you. One moment, please.", is_own=True))
    elif is_answered:
        log.insert(2, _said(contact_id, "Good morning, how can I help you?", is_own=True))
        log.append(_said(contact_id, "You are welcome!", is_own=True))
    seen = {"delivered": len(log), "read": len(log) if is_answered else 2}
    snooze = SNOOZED.get(number)
    away = {"snooze": {"until": iso(NOW + snooze), "seq": len(log)}} if snooze else {}
    return PlayedContact(
        _timed(contact_id, log, [last - timedelta(minutes=3)] * 2 + [last] * (len(log) - 2)),
        listed={**({"tags": TAGS[number]} if number in TAGS else {}), **away},
        marks={"visitor": {"delivered": len(log), "read": len(log)}, "seller": seen},
    )


def _waiting() -> Iterator[tuple[str, PlayedContact]]:
    for number, (name, text, minutes) in enumerate(WAITING):
        contact_id = f"q{number}"
        [opened, _] = beginning(contact_id, {"name": name})
        log = [opened, {"kind": "queued", "from": "system", "reason": "full"}, _said(contact_id, text)]
        yield contact_id, PlayedContact(_timed(contact_id, log, [NOW - timedelta(minutes=minutes)] * 3), "queued")


def _notes() -> list[dict[str, Any]]:
    at = iso(NOW - timedelta(minutes=4))
    return [
        {"seq": seq, "id": f"n{seq}", "from": SELLER if seq % 2 else "bo", "timestamp": at, "text": text}
        for seq, text in enumerate(NOTES, start=1)
    ]


def _said(contact_id: str, text: str, *, is_own: bool = False) -> Entry:
    return {"kind": "message", "from": SELLER if is_own else f"visitor-{contact_id}", "message": text}


def _timed(contact_id: str, log: list[Entry], times: list[datetime]) -> list[Entry]:
    return logged(contact_id, [{**each, "timestamp": iso(at)} for each, at in zip(log, times, strict=True)])
