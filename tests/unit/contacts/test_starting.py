"""Starting a chat: one open contact per visitor and seller, however often and from wherever it is started."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from chat.contacts.starting import Start
from chat.model.entries import Status
from chat.model.errors import ChatError, Code
from chat.model.identity import Principal, Role, Sender
from chat.ports.conversations import Change
from chat.ports.errors import StoreBusyError, StoreUnavailableError
from chat.ports.shop import ContactDirectory, ContactRequest, OwnDirectory, RegisteredContact
from tests.doubles.conversations import MemoryConversations
from tests.worlds.domain import SELLER, VISITOR, Client, System


def start(client: Client, seller_id: str = "123456") -> dict[str, object]:
    return client.send("InitChat", sellerId=seller_id, userInfo={"name": "Ana"})


def test_a_visitor_gets_everything_that_the_widget_stores(visitor: Client) -> None:
    reply = start(visitor)

    contact_id = reply["contact_id"]
    assert reply == {
        "action": "InitChat",
        "contact_id": contact_id,
        "message": "Chat initialized successfully",
        "device_id": "device-1",
        "seller_id": "123456",
        "alias": f"visitor-{contact_id}",
        "status": "open",
        "seq": 2,
    }


def test_initiate_chat_is_another_name_for_init_chat(visitor: Client) -> None:
    reply = visitor.send("initiateChat", sellerId="123456", userInfo={"name": "Ana"})

    assert reply["action"] == "InitChat"
    assert reply["contact_id"] == start(visitor)["contact_id"]


def test_the_log_begins_with_who_asked_and_who_answers(visitor: Client) -> None:
    contact_id = start(visitor)["contact_id"]

    opened, assigned = visitor.send("sync", contact_id=contact_id, after=0)["entries"]

    assert (opened["seq"], opened["kind"], opened["from"]) == (1, "opened", f"visitor-{contact_id}")
    assert opened["user_info"] == {"name": "Ana"}
    assert (assigned["seq"], assigned["kind"], assigned["from"]) == (2, "assigned", "system")
    assert assigned["seller_id"] == "123456"


def test_the_seller_hears_of_it_on_every_device(system: System, visitor: Client, seller: Client) -> None:
    phone = system.connect(SELLER, "seller-phone")

    start(visitor)

    for device in (seller, phone):
        [told] = device.received
        assert [entry["kind"] for entry in (*told["before"], told["entry"])] == ["opened", "assigned"]
        assert "message" not in told


def test_the_visitors_other_tab_hears_of_it_and_the_asking_one_only_gets_its_answer(
    system: System, visitor: Client
) -> None:
    tab = system.connect(VISITOR, "visitor-tab")

    start(visitor)

    assert [frame["action"] for frame in tab.received] == ["entry"]
    assert visitor.received == []


def test_starting_twice_gives_one_contact(system: System, visitor: Client) -> None:
    first, second = start(visitor), start(visitor)

    assert first == second
    assert len(system.store.listings) == 1


def test_another_device_starts_a_contact_of_its_own(system: System, visitor: Client) -> None:
    other = system.connect(Principal("device-2", Role.VISITOR), "other")

    assert start(visitor)["contact_id"] != start(other)["contact_id"]


def test_another_seller_is_another_contact(visitor: Client) -> None:
    assert start(visitor)["contact_id"] != start(visitor, "654321")["contact_id"]


def test_after_a_close_a_start_opens_a_new_contact(visitor: Client, contact: str) -> None:
    visitor.send("closeChat", contact_id=contact)

    reply = start(visitor)

    assert reply["contact_id"] != contact
    assert reply["seq"] == 2


def test_the_answer_tells_where_an_open_contact_stands_now(
    system: System, visitor: Client, seller: Client, contact: str
) -> None:
    system.connect(Principal("654321", Role.SELLER), "colleague")
    seller.send("sendMessage", contact_id=contact, message="Hello")
    seller.send("transferChat", contact_id=contact, to="654321")

    assert start(visitor) | {"message": ""} == {
        "action": "InitChat",
        "contact_id": contact,
        "message": "",
        "device_id": "device-1",
        "seller_id": "654321",
        "alias": f"visitor-{contact}",
        "status": "open",
        "seq": 4,
    }


def test_the_connection_notes_what_was_learned(system: System, visitor: Client) -> None:
    contact_id = start(visitor)["contact_id"]

    assert system.connections.described["visitor-laptop"] == ("123456", {"name": "Ana"}, contact_id)


def test_a_start_whose_connection_cannot_be_stored_is_asked_for_again_and_opens_one_contact(
    system: System, visitor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_arguments: object) -> None:
        raise StoreBusyError("ThrottlingException")

    with monkeypatch.context() as patched:
        patched.setattr(system.connections, "restore", busy)
        assert start(visitor)["code"] == "try_again"

    again = start(visitor)
    assert (again["action"], again["seq"]) == ("InitChat", 2)
    assert list(system.store.entries) == [again["contact_id"]]


def test_a_start_announces_a_connection_that_was_forgotten(system: System, visitor: Client) -> None:
    system.connections.remove("visitor-laptop")

    start(visitor)

    assert "visitor-laptop" in system.connections.items


def test_sellers_start_no_chats(seller: Client) -> None:
    reply = start(seller)

    assert reply["code"] == "forbidden"
    assert reply["reason"] == "Visitors start chats; a seller answers them."


@pytest.mark.parametrize("name", ["system", "visitor-1"])
def test_nobody_can_be_asked_for_under_a_name_that_the_log_uses_itself(visitor: Client, name: str) -> None:
    reply = start(visitor, name)

    assert (reply["code"], reply["field"]) == ("unknown_seller", "sellerId")


class Rival(MemoryConversations):
    """Lets somebody else open the same contact between the look-up and the write."""

    rival: Change | None = None
    directory: ContactDirectory = OwnDirectory()

    def commit(self, change: Change) -> None:
        if self.rival is None:
            self.rival = change
            rival = System(store=self, directory=self.directory)
            rival.ids.prefix = "rival-"
            rival.services.starting.start(Start(Sender(VISITOR), "123456", {}))
        super().commit(change)


def test_two_starts_at_the_same_moment_end_in_one_contact() -> None:
    system = System(store=Rival())

    reply = start(system.connect(VISITOR, "visitor-laptop"))

    assert str(reply["contact_id"]).startswith("rival-")
    assert list(system.store.listings) == [reply["contact_id"]]


class Remembering:
    """A directory that takes each key once, and answers it with the same id ever after."""

    def __init__(self) -> None:
        self.ids: dict[str, str] = {}

    def register(self, request: ContactRequest) -> RegisteredContact:
        return RegisteredContact(self.ids.setdefault(request.idempotency_key, f"shop-{len(self.ids)}"))


@dataclass
class Ending(Rival):
    """The other one's contact has ended, too, by then."""

    directory: Remembering = field(default_factory=Remembering)

    def commit(self, change: Change) -> None:
        if self.rival is None:
            self.rival = change
            other = System(store=self, directory=self.directory).connect(VISITOR, "visitor-phone")
            other.send("closeChat", contact_id=start(other)["contact_id"])
        MemoryConversations.commit(self, change)


def test_a_start_that_another_tabs_overtook_which_has_ended_is_known_to_the_directory_under_an_id_of_its_own() -> None:
    store = Ending()
    system = System(store=store, directory=store.directory)

    reply = start(system.connect(VISITOR, "visitor-laptop"))

    assert reply["contact_id"] == "shop-1"
    assert list(store.listings) == ["shop-0", "shop-1"] == list(store.directory.ids.values())


def test_of_two_starts_at_once_the_directory_knows_one_contact() -> None:
    store = Rival()
    directory = Remembering()
    store.directory = directory
    system = System(store=store, directory=directory)

    reply = start(system.connect(VISITOR, "visitor-laptop"))

    assert reply["contact_id"] == "shop-0"
    assert list(directory.ids.values()) == ["shop-0"] == list(store.listings)


@pytest.mark.parametrize(("forgotten", "known"), [(1, True), (3, True), (6, False)])
def test_a_visitor_of_whom_everything_was_forgotten_here_gets_an_id_that_the_directory_knows(
    forgotten: int, known: bool
) -> None:
    directory = Remembering()
    system = System(directory=directory)
    visitor = system.connect(VISITOR, "visitor-laptop")
    for _ in range(forgotten):
        contact_id = str(start(visitor)["contact_id"])
        visitor.send("closeChat", contact_id=contact_id)
    system.store.pointers.clear()

    reply = start(visitor)

    assert reply["status"] == "open"
    opened = system.store.entries[str(reply["contact_id"])][1]
    assert opened.details["registered"] is known
    assert (reply["contact_id"] == f"shop-{forgotten}") is known


class Failing(MemoryConversations):
    """Refuses every write in one way."""

    failure: Exception = StoreBusyError("ThrottlingException")
    attempts = 0

    def commit(self, change: Change) -> None:
        self.attempts += 1
        raise self.failure


@pytest.mark.parametrize(
    ("failure", "attempts", "wait"),
    [(StoreBusyError("throttled"), 8, 1000), (StoreUnavailableError("time-out"), 1, 500)],
)
def test_a_busy_store_is_asked_eight_times_and_one_of_which_nobody_knows_what_it_did_once(
    failure: Exception, attempts: int, wait: int
) -> None:
    store = Failing()
    store.failure = failure

    with pytest.raises(ChatError) as refused:
        System(store=store).services.starting.start(Start(Sender(VISITOR), "123456", {}))

    assert (refused.value.code, refused.value.retry_after_ms) == (Code.TRY_AGAIN, wait)
    assert store.attempts == attempts


def test_who_had_a_contact_before_is_not_counted_among_the_strangers_of_an_address(system: System) -> None:
    visitor = Client(system, Sender(VISITOR, None, "203.0.113.1"))
    for _ in range(3):
        visitor.send("closeChat", contact_id=start(visitor)["contact_id"])

    assert {group: count for (_, group), count in system.openings.groups.items()} == {"strangers": 1, "known": 2}


@pytest.mark.parametrize("failure", [StoreBusyError("throttled"), StoreUnavailableError("time-out")])
def test_a_store_that_cannot_write_is_answered_with_try_again(failure: Exception) -> None:
    store = Failing()
    store.failure = failure

    reply = start(System(store=store).connect(VISITOR, "visitor-laptop"))

    assert reply["code"] == "try_again"
    assert reply["retry_after_ms"] > 0  # type: ignore[operator]


def test_a_contact_whose_entries_are_gone_is_not_written_again(system: System, visitor: Client, contact: str) -> None:
    system.store.expire(contact, through=99)

    reply = start(visitor)

    assert reply["contact_id"] != contact
    assert system.store.entries[contact] == {}


def test_a_pointer_to_nothing_does_not_stop_a_start(system: System, visitor: Client, contact: str) -> None:
    del system.store.entries[contact]
    del system.store.listings[contact]

    assert start(visitor)["action"] == "InitChat"


def test_a_rest_client_without_a_connection_starts_too(system: System) -> None:
    newest = system.services.starting.start(Start(Sender(VISITOR), "123456", {}))

    assert newest.state.status is Status.OPEN
    assert system.connections.requests["restore"] == 0


def test_a_look_up_that_fails_is_answered_with_try_again(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    def unavailable(*_arguments: object) -> None:
        raise StoreUnavailableError("time-out")

    monkeypatch.setattr(system.store, "current_contact", unavailable)

    with pytest.raises(ChatError, match="Send the same frame again"):
        system.services.starting.start(Start(Sender(VISITOR), "123456", {}))
