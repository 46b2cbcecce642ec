"""What counts as lost, doubled and unseen."""

from __future__ import annotations

from typing import Any

import pytest

from tests.load.outcome import Outcome, compare, outcome_of, share

CONTACT, DEVICE = "c1", "load-1"


def noted(*messages: str, delivered: bool = True) -> list[dict[str, Any]]:
    """A visitor who came, and messages that were acknowledged a second after they were sent."""
    notes: list[dict[str, Any]] = [{"what": "started", "at": 1.0, "contact": CONTACT, "visitor": DEVICE}]
    for number, message in enumerate(messages):
        at = 10.0 + number
        notes += [
            {"what": "sent", "at": at, "id": message, "contact": CONTACT},
            {"what": "acknowledged", "at": at + 1, "id": message, "contact": CONTACT, "seq": number + 3, "sent": at},
        ]
        notes += [{"what": "delivered", "at": at + 0.5, "id": message, "sent": at}] if delivered else []
    return notes


def log(*messages: str) -> list[dict[str, Any]]:
    """A contact's log with these messages in it."""
    kinds = ["opened", "assigned", *["message"] * len(messages)]
    ids = ["a", "b", *messages]
    return [{"seq": seq, "kind": kind, "id": each} for seq, (kind, each) in enumerate(zip(kinds, ids, strict=True), 1)]


def compared(notes: list[dict[str, Any]], entries: list[dict[str, Any]]) -> Outcome:
    found = outcome_of(notes)
    compare(found, {CONTACT: entries})
    return found


def test_what_is_in_the_log_once_and_was_seen_is_good() -> None:
    found = compared(noted("m1", "m2"), log("m1", "m2"))

    assert found.is_good
    assert found.visitors == {CONTACT: DEVICE}
    assert found.acknowledged["m1"] == (CONTACT, 10.0, 11.0)
    assert found.numbers == {"m1": 3, "m2": 4}


def test_what_was_acknowledged_and_is_in_no_log_is_lost() -> None:
    found = compared(noted("m1", "m2"), log("m1"))

    assert (found.lost, found.is_good) == (["m2"], False)


def test_what_is_in_a_log_twice_is_doubled() -> None:
    found = compared(noted("m1"), log("m1", "m1"))

    assert (found.doubled, found.is_good) == (["m1"], False)


@pytest.mark.parametrize("numbers", [[1, 2, 4], [1, 2, 2, 3]])
def test_a_number_that_is_left_out_or_there_twice_is_found(numbers: list[int]) -> None:
    entries = [{"seq": number, "kind": "opened", "id": str(number)} for number in numbers]

    assert compared(noted("m1"), entries).doubled == [f"numbers of {CONTACT}"]


def test_what_the_other_side_was_not_shown_is_unseen() -> None:
    found = compared(noted("m1", delivered=False), log("m1"))

    assert (found.unseen, found.is_good) == (["m1"], False)


def test_what_was_not_acknowledged_is_neither() -> None:
    notes = [*noted("m1"), {"what": "sent", "at": 20.0, "id": "m2", "contact": CONTACT}]

    assert compared(notes, log("m1")).is_good
    assert compared(notes, log("m1", "m2")).is_good
    assert outcome_of(notes).unacknowledged == {"m2"}


def test_nothing_said_is_nothing_shown() -> None:
    assert not Outcome().is_good


def test_errors_are_counted_by_their_code() -> None:
    assert outcome_of([{"what": "error", "at": 1.0, "code": "try_again"}] * 2).errors == {"try_again": 2}


def test_a_share_is_the_value_below_which_it_lies() -> None:
    assert [share([3, 1, 2, 4], part) for part in (0, 0.5, 0.95, 1)] == [1, 3, 4, 4]
    assert share([], 0.5) == 0
