"""Indexes that lag, for as long as they like."""

from __future__ import annotations

from chat.model.entries import Status
from tests.interleaving.cloud import OTHER_VISITOR, VISITOR, Cloud


def test_who_waits_for_a_seller_by_name_is_given_a_place_that_became_free_though_no_index_shows_it(
    cloud: Cloud,
) -> None:
    ana = cloud.employ("ana")
    first = cloud.start(VISITOR, "ana")
    cloud.wire.let_indexes_lag()
    waiting = cloud.start(OTHER_VISITOR, "ana")
    assert cloud.newest(waiting).state.status is Status.QUEUED
    cloud.send(ana, "closeChat", contact_id=first)
    cloud.bring_events()

    cloud.clock.advance(seconds=5)
    cloud.check_up(waiting)

    assert cloud.newest(waiting).state.seller == "ana"


def test_who_waits_for_a_team_is_given_to_a_seller_who_came_though_no_index_shows_either(cloud: Cloud) -> None:
    ana = cloud.employ("ana")
    cloud.send(ana, "presence", status="away")
    cloud.wire.let_indexes_lag()
    waiting = cloud.start()
    cloud.send(ana, "presence", status="online")
    cloud.bring_events()

    cloud.check_up(waiting)

    assert cloud.newest(waiting).state.seller == "ana"


def test_a_place_that_a_vanished_contact_took_up_is_given_back_without_anybody(cloud: Cloud) -> None:
    ana = cloud.employ("ana")
    ghost = cloud.start()
    cloud.clock.advance(days=8)
    cloud.expire(ghost)
    waiting = cloud.start(OTHER_VISITOR)

    cloud.send(ana, "presence", status="online")

    assert cloud.newest(waiting).state.seller == "ana"
    assert cloud.open_count("ana") == 1
    assert cloud.listing(ghost).status is Status.CLOSED
