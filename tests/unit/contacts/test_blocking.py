"""A seller blocks a visitor: the contact ends, and for a while the visitor opens and reopens none in the whole shop."""

from __future__ import annotations

import pytest

from chat.model.entries import EntryKind
from chat.model.identity import SYSTEM, Principal, Role, reference_of
from chat.model.sellers import Seller
from chat.model.settings import Settings
from chat.ports.errors import StoreUnavailableError
from chat.ports.limits import Block
from chat.protocol.frames import KNOWN
from tests.doubles.conversations import ContestedConversations
from tests.fuzz import likely
from tests.worlds.domain import COLLEAGUE, SELLER, VISITOR, Client, System

DAY = 24 * 60


@pytest.fixture
def colleague(system: System) -> Client:
    """Another seller of the shop."""
    return system.connect(COLLEAGUE, "colleague-laptop")


def block(seller: Client, contact: str, minutes: int = DAY, reason: str = "Insults") -> dict[str, object]:
    return seller.send("blockVisitor", contact_id=contact, minutes=minutes, reason=reason)


def start(visitor: Client, seller: str = "123456") -> dict[str, object]:
    return visitor.send("InitChat", sellerId=seller, userInfo={})


def write(person: Client, contact: str) -> dict[str, object]:
    return person.send("sendMessage", contact_id=contact, message="Hello")


def test_the_contact_ends_and_says_why(system: System, seller: Client, visitor: Client, contact: str) -> None:
    answer = block(seller, contact)

    newest = system.store.latest(contact).newest
    assert newest
    assert (newest.kind, newest.details, newest.sender) == (EntryKind.CLOSED, {"reason": "blocked"}, "123456")
    assert answer == {
        "action": "blockVisitor",
        "contact_id": contact,
        "visitor": reference_of(VISITOR.user_id),
        "until": "2026-01-02T00:00:00.000Z",
    }
    for told in (visitor, seller):
        assert told.received[-1]["entry"]["reason"] == "blocked"


def test_who_asks_again_is_told_of_the_block_though_the_contact_has_gone_to_a_colleague_meanwhile(
    system: System, seller: Client, colleague: Client, contact: str
) -> None:
    # The first attempt ended before the contact did.
    first = Block(reference_of(VISITOR.user_id), contact, "123456", "Insults", "2026-01-01T00:00:00.000Z", 1767312000)
    system.blocks.put(first)
    seller.send("transferChat", contact_id=contact, to=COLLEAGUE.user_id)

    assert block(seller, contact)["until"] == "2026-01-02T00:00:00.000Z"
    assert write(colleague, contact)["action"] == "ack"
    system.clock.advance(seconds=DAY * 60)
    assert block(seller, contact)["code"] == "forbidden"


@pytest.fixture
def contested() -> tuple[ContestedConversations, Client, Client, Client, str]:
    """A contact's store, in which something may happen before a write; its seller, a colleague, the visitor; its id."""
    store = ContestedConversations()
    system = System(store=store)
    seller, colleague = system.connect(SELLER, "seller-laptop"), system.connect(COLLEAGUE, "colleague-laptop")
    visitor = system.connect(VISITOR, "visitor-laptop")
    return store, seller, colleague, visitor, str(start(visitor)["contact_id"])


def test_a_contact_that_goes_to_a_colleague_at_this_very_moment_goes_on_with_them_and_the_block_holds(
    contested: tuple[ContestedConversations, Client, Client, Client, str],
) -> None:
    store, seller, colleague, visitor, contact = contested
    store.before_writing.append(lambda: seller.send("transferChat", contact_id=contact, to=COLLEAGUE.user_id))

    assert block(seller, contact)["until"] == "2026-01-02T00:00:00.000Z"
    assert write(colleague, contact)["action"] == write(visitor, contact)["action"] == "ack"
    assert start(visitor, "support")["code"] == "blocked"


def test_a_contact_that_cannot_be_ended_for_now_is_ended_when_its_seller_asks_again(
    contested: tuple[ContestedConversations, Client, Client, Client, str],
) -> None:
    store, seller, _, visitor, contact = contested

    def fail() -> None:
        raise StoreUnavailableError("no answer")

    store.before_writing.append(fail)

    assert block(seller, contact)["code"] == "try_again"
    assert block(seller, contact)["action"] == "blockVisitor"
    assert write(visitor, contact)["code"] == "blocked"


def test_what_a_visitor_reopens_at_the_moment_at_which_they_are_blocked_ends_at_once(
    contested: tuple[ContestedConversations, Client, Client, Client, str],
) -> None:
    store, seller, _, visitor, contact = contested
    visitor.send("closeChat", contact_id=contact)
    store.before_writing.append(lambda: block(seller, contact))

    assert write(visitor, contact)["action"] == "ack"

    newest = store.latest(contact).newest
    assert newest
    assert (newest.kind, newest.details, newest.sender) == (EntryKind.CLOSED, {"reason": "blocked"}, SYSTEM)
    assert write(visitor, contact)["code"] == "blocked"


@pytest.mark.parametrize(("by", "met_in"), [("654321", ""), ("123456", "another")])
def test_another_block_says_nothing_to_who_may_not_block(
    system: System, seller: Client, colleague: Client, contact: str, by: str, met_in: str
) -> None:
    reference = reference_of(VISITOR.user_id)
    system.blocks.put(Block(reference, met_in or contact, by, "Insults", "2026-01-01T00:00:00.000Z", 1767312000))
    seller.send("transferChat", contact_id=contact, to=COLLEAGUE.user_id)

    assert block(seller, contact)["code"] == "forbidden"


def test_the_seller_has_room_again(system: System, seller: Client) -> None:
    system.store.sellers.register(Seller("123456", "support", 1))
    seller.send("presence", status="online")
    contact = start(system.connect(VISITOR, "v"))["contact_id"]

    block(seller, str(contact))

    assert seller.send("presence")["open_count"] == 0


@pytest.mark.parametrize("asked_for", ["123456", "654321", "support"])
def test_who_is_blocked_opens_no_chat_with_anybody(
    system: System, seller: Client, visitor: Client, contact: str, asked_for: str
) -> None:
    block(seller, contact)
    system.clock.advance(seconds=60)

    answer = start(visitor, asked_for)

    assert answer == {
        "action": "error",
        "of": "InitChat",
        "code": "blocked",
        "reason": "A seller has blocked you: you can open no chat until 2026-01-02T00:00:00.000Z.",
        "retry_after_ms": (DAY - 1) * 60_000,
    }


def test_who_is_blocked_reopens_nothing_by_id_nor_by_name(
    seller: Client, colleague: Client, visitor: Client, contact: str
) -> None:
    other = str(start(visitor, "654321")["contact_id"])
    colleague.send("closeChat", contact_id=other)
    block(seller, contact)

    answers = [
        write(visitor, contact),
        write(visitor, other),
        visitor.send("sendMessage", to="123456", message="Hello"),
        visitor.send("sendMessage", to="999999", message="Hello"),
    ]

    assert [answer["code"] for answer in answers] == ["blocked"] * 4


def test_who_is_blocked_is_so_on_every_device_of_that_id(system: System, seller: Client, contact: str) -> None:
    block(seller, contact)

    assert start(system.connect(VISITOR, "visitor-phone"))["code"] == "blocked"


def test_a_shops_directory_is_not_asked_for_who_is_blocked(
    system: System, seller: Client, visitor: Client, contact: str
) -> None:
    block(seller, contact)
    before = len(system.store.entries)

    start(visitor)

    assert len(system.store.entries) == before


def test_what_is_open_with_another_seller_goes_on(
    seller: Client, colleague: Client, visitor: Client, contact: str
) -> None:
    other = str(start(visitor, "654321")["contact_id"])

    block(seller, contact)

    assert write(visitor, other)["action"] == "ack"
    assert visitor.send("receipt", contact_id=other, read=2) == {}
    assert start(visitor, "654321")["contact_id"] == other


def test_who_waits_for_another_seller_is_turned_away_and_the_next_is_given_the_place(
    system: System, seller: Client, visitor: Client, contact: str
) -> None:
    system.store.sellers.register(Seller("654321", "support", 1))
    waits = str(start(visitor, "support")["contact_id"])
    behind = str(start(system.connect(Principal("device-2", Role.VISITOR), "v2"), "support")["contact_id"])
    block(seller, contact)
    assert write(visitor, waits)["action"] == "ack"

    system.connect(COLLEAGUE, "colleague-laptop").send("presence", status="online")

    turned_away, given = system.store.latest(waits).newest, system.store.latest(behind).newest
    assert turned_away
    assert given
    assert (turned_away.kind, turned_away.details) == (EntryKind.CLOSED, {"reason": "blocked"})
    assert visitor.received[-1]["entry"]["reason"] == "blocked"
    assert (given.kind, given.state.seller) == (EntryKind.ASSIGNED, "654321")


def test_who_waits_is_served_once_the_block_is_over(
    system: System, seller: Client, visitor: Client, contact: str
) -> None:
    system.store.sellers.register(Seller("654321", "support", 1))
    waits = str(start(visitor, "support")["contact_id"])
    block(seller, contact, minutes=1)
    system.clock.advance(seconds=60)

    system.connect(COLLEAGUE, "colleague-laptop").send("presence", status="online")

    newest = system.store.latest(waits).newest
    assert newest
    assert newest.state.seller == "654321"


def test_who_is_blocked_may_read_what_was_said(seller: Client, visitor: Client, contact: str) -> None:
    block(seller, contact)

    assert visitor.send("sync", contact_id=contact, after=0)["status"] == "closed"


COMES_OF = {
    "InitChat": "blocked",
    "initiateChat": "blocked",
    "sendMessage": "blocked",
    "receipt": "blocked",
    "typing": "blocked",
    # As to every visitor of what has ended.
    "identify": "contact_closed",
    "sync": "sync",
    "closeChat": "ack",
    "ping": "pong",
}
"""What is answered to who is blocked; all else is for sellers alone."""


@pytest.mark.parametrize("action", KNOWN)
@pytest.mark.parametrize("ended", ["by the block", "before, with another seller"])
def test_nothing_that_who_is_blocked_sends_comes_to_a_seller_or_changes_what_has_ended(
    system: System, seller: Client, colleague: Client, visitor: Client, contact: str, action: str, ended: str
) -> None:
    other = str(start(visitor, "654321")["contact_id"])
    colleague.send("closeChat", contact_id=other)
    block(seller, contact)
    asked = contact if ended == "by the block" else other
    before = system.store.latest(asked)
    system.forget_what_happened()

    answer = visitor.send(**likely.frame(action) | {"contact_id": asked})

    assert answer.get("code", answer["action"]) == COMES_OF.get(action, "forbidden")
    assert system.store.latest(asked) == before
    assert (seller.received, colleague.received) == ([], [])


def test_who_is_blocked_is_answered_that_they_ended_it_and_nobody_is_told_again(
    seller: Client, visitor: Client, contact: str
) -> None:
    phone = visitor.system.connect(VISITOR, "visitor-phone")
    frame = {"contact_id": contact, "id": "c1", "base": 2}
    ended = visitor.send("closeChat", **frame)
    again = visitor.send("closeChat", **frame)
    block(seller, contact)
    visitor.system.forget_what_happened()

    assert visitor.send("closeChat", **frame) == ended == again
    assert seller.received == phone.received == []


@pytest.mark.parametrize("action", ["receipt", "typing"])
def test_who_was_blocked_is_heard_of_again_once_the_block_is_lifted(
    seller: Client, visitor: Client, contact: str, action: str
) -> None:
    seller.send("unblockVisitor", visitor=block(seller, contact)["visitor"])

    assert visitor.send(action, contact_id=contact, delivered=3) == {}
    assert seller.received[-1]["action"] == action


def test_the_seller_may_write_all_the_same_and_be_answered(seller: Client, visitor: Client, contact: str) -> None:
    block(seller, contact)

    assert write(seller, contact)["action"] == "ack"
    assert write(visitor, contact)["action"] == "ack"


def test_a_block_is_over_by_itself(system: System, seller: Client, visitor: Client, contact: str) -> None:
    block(seller, contact, minutes=1)

    system.clock.advance(seconds=59)
    assert start(visitor)["code"] == "blocked"
    system.clock.advance(seconds=1)
    assert start(visitor)["action"] == "InitChat"
    assert seller.send("blocks")["blocks"] == []


def test_a_contact_that_has_ended_can_be_blocked_too(seller: Client, visitor: Client, contact: str) -> None:
    visitor.send("closeChat", contact_id=contact)

    assert block(seller, contact)["action"] == "blockVisitor"
    assert write(visitor, contact)["code"] == "blocked"


def test_the_newest_block_counts(system: System, seller: Client, visitor: Client, contact: str) -> None:
    block(seller, contact, minutes=DAY)
    block(seller, contact, minutes=1, reason="Once is enough")

    system.clock.advance(seconds=60)

    assert start(visitor)["action"] == "InitChat"


def test_any_seller_lists_the_blocks_newest_first(
    system: System, seller: Client, colleague: Client, contact: str
) -> None:
    second = Principal("device-2", Role.VISITOR)
    other = str(start(system.connect(second, "v2"), "654321")["contact_id"])
    block(seller, contact)
    system.clock.advance(seconds=1)
    block(colleague, other, minutes=1, reason="Advertising")

    listed = seller.send("blocks")

    assert "next" not in listed
    assert listed["blocks"] == [
        {
            "visitor": reference_of(second.user_id),
            "contact_id": other,
            "seller_id": "654321",
            "reason": "Advertising",
            "since": "2026-01-01T00:00:01.000Z",
            "until": "2026-01-01T00:01:01.000Z",
        },
        {
            "visitor": reference_of(VISITOR.user_id),
            "contact_id": contact,
            "seller_id": "123456",
            "reason": "Insults",
            "since": "2026-01-01T00:00:00.000Z",
            "until": "2026-01-02T00:00:00.000Z",
        },
    ]


def test_a_long_list_comes_in_pages(system: System, seller: Client) -> None:
    for number in range(230):
        device = Principal(f"device-{number}", Role.VISITOR)
        # The longest reason, so that fewer than a hundred fit into one frame.
        block(seller, str(start(system.connect(device, f"v{number}"))["contact_id"]), reason="\U0001f621" * 200)
        system.clock.advance(seconds=1)

    pages = [seller.send("blocks")]
    while "next" in pages[-1]:
        pages.append(seller.send("blocks", after=pages[-1]["next"]))

    since = [each["since"] for page in pages for each in page["blocks"]]
    assert (len(since), since) == (230, sorted(since, reverse=True))


def test_a_page_lists_a_hundred(system: System, seller: Client) -> None:
    for number in range(101):
        since = f"2025-12-31T00:00:{number // 10:02}.{number % 10}00Z"
        system.blocks.put(Block(f"v-{number:032x}", f"c{number}", "123456", "Insults", since, until=2**33))

    first = seller.send("blocks")
    second = seller.send("blocks", after=first["next"])

    assert [each["contact_id"] for each in first["blocks"]] == [f"c{number}" for number in range(100, 0, -1)]
    assert ([each["contact_id"] for each in second["blocks"]], "next" in second) == (["c0"], False)


def test_any_seller_lifts_a_block(seller: Client, colleague: Client, visitor: Client, contact: str) -> None:
    reference = block(seller, contact)["visitor"]

    assert colleague.send("unblockVisitor", visitor=reference) == {"action": "unblockVisitor", "visitor": reference}
    assert write(visitor, contact)["action"] == "ack"
    assert seller.send("blocks")["blocks"] == []


def test_lifting_what_is_not_there_is_answered_the_same(seller: Client) -> None:
    reference = reference_of("nobody")

    assert seller.send("unblockVisitor", visitor=reference) == {"action": "unblockVisitor", "visitor": reference}


def test_a_visitor_blocks_nobody_and_sees_no_list(visitor: Client, contact: str) -> None:
    answers = [
        block(visitor, contact),
        visitor.send("unblockVisitor", visitor=reference_of(VISITOR.user_id)),
        visitor.send("blocks"),
    ]

    assert [(answer["code"], answer["reason"]) for answer in answers] == [
        ("forbidden", "Only sellers block visitors.")
    ] * 3


def test_who_was_removed_from_the_shop_neither_lists_nor_lifts_blocks_while_their_token_lasts(
    contact: str, system: System, seller: Client, visitor: Client
) -> None:
    reference = block(seller, contact)["visitor"]
    strict = System(store=system.store, blocks=system.blocks, settings=Settings(accepts_unknown_sellers=False))
    removed, registered = strict.connect(SELLER, "removed"), strict.connect(COLLEAGUE, "registered")
    strict.store.sellers.register(Seller(COLLEAGUE.user_id, "support", 1))

    answers = [removed.send("blocks"), removed.send("unblockVisitor", visitor=reference)]

    assert [answer["code"] for answer in answers] == ["unknown_seller"] * 2
    assert write(visitor, contact)["code"] == "blocked"
    assert [each["visitor"] for each in registered.send("blocks")["blocks"]] == [reference]
    assert registered.send("unblockVisitor", visitor=reference)["action"] == "unblockVisitor"


@pytest.mark.parametrize("contact_id", ["foreign", "unknown"])
def test_a_foreign_contact_is_answered_like_one_that_does_not_exist(
    system: System, colleague: Client, visitor: Client, contact: str, contact_id: str
) -> None:
    answer = block(colleague, contact if contact_id == "foreign" else "unknown")

    assert answer["code"] == "forbidden"
    assert system.blocks.blocks == {}


def test_who_handed_a_contact_over_blocks_nobody(
    system: System, seller: Client, colleague: Client, contact: str
) -> None:
    seller.send("transferChat", contact_id=contact, to="654321")

    assert block(seller, contact)["code"] == "forbidden"
    assert system.blocks.blocks == {}


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"minutes": 0}, "minutes"),
        ({"minutes": 366 * DAY + 1}, "minutes"),
        ({"minutes": "60"}, "minutes"),
        ({"reason": ""}, "reason"),
        ({"reason": "two\nlines"}, "reason"),
        ({"reason": "r" * 201}, "reason"),
    ],
)
def test_a_wrong_field_is_named(seller: Client, contact: str, fields: dict[str, object], wrong: str) -> None:
    answer = seller.send("blockVisitor", **{"contact_id": contact, "minutes": 60, "reason": "Insults", **fields})

    assert (answer["code"], answer["field"]) == ("bad_field", wrong)


def test_nothing_ends_where_the_block_could_not_be_kept(system: System, seller: Client, contact: str) -> None:
    system.blocks.failure = StoreUnavailableError("time-out")

    assert block(seller, contact)["code"] == "try_again"
    newest = system.store.latest(contact).newest
    assert newest
    assert newest.kind is EntryKind.ASSIGNED


def test_who_cannot_be_asked_about_is_told_to_try_again(system: System, visitor: Client) -> None:
    system.blocks.failure = StoreUnavailableError("time-out")

    assert start(visitor)["code"] == "try_again"
