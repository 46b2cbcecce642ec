"""Clocks that step back, and those of two sandboxes that differ."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chat.model.entries import Status
from chat.model.sellers import FRESH_SECONDS
from tests.interleaving.cloud import VISITOR, Cloud

LOOKS = 12


@pytest.mark.parametrize("look", range(LOOKS))
def test_a_seller_who_vanished_loses_the_contact_though_the_clock_stepped_back_when_he_was_given_it(
    cloud: Cloud, look: int
) -> None:
    cloud.employ("ana")
    cloud.clock.steps = [timedelta()] * look + [timedelta(milliseconds=-5)]
    contact = cloud.start()
    cloud.clock.steps = []
    cloud.bring_events()
    assert cloud.newest(contact).state.seller == "ana"

    cloud.clock.advance(seconds=FRESH_SECONDS + 200)
    cloud.check_up(contact)

    assert cloud.newest(contact).state.status is Status.QUEUED


def test_a_seller_who_answered_keeps_the_contact_though_the_clock_stepped_back(cloud: Cloud) -> None:
    ana = cloud.employ("ana")
    contact = cloud.start()
    cloud.clock.steps = [timedelta(milliseconds=-5)]
    cloud.send(ana, "sendMessage", contact_id=contact, message="Hello")
    cloud.send(VISITOR, "sendMessage", contact_id=contact, message="Hi")

    cloud.clock.advance(seconds=FRESH_SECONDS + 200)
    cloud.check_up(contact)

    assert cloud.newest(contact).state.seller == "ana"
