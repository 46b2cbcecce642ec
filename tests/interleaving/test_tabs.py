"""A seller who has several tabs open: what ends one of them meets what ends the others."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chat.model.entries import Status
from chat.model.identity import Principal
from chat.model.sellers import Seller
from tests import events
from tests.interleaving.cloud import Cloud

ANA = Cloud.person("ana")


@pytest.fixture
def ana(cloud: Cloud) -> Principal:
    """A seller in two tabs, who said in the first one that they are there."""
    cloud.sellers.register(Seller("ana", "support", 1))
    for tab in ("tab-1", "tab-2"):
        cloud.functions["connection"].handle(events.connect(ANA, tab), None)
    frame = json.dumps({"action": "presence", "status": "online"})
    cloud.functions["conversation"].handle(events.message(ANA, "tab-1", frame), None)
    return ANA


def close(cloud: Cloud, tab: str) -> Any:
    return cloud.functions["connection"].handle(events.disconnect(ANA, tab), None)


def is_there(cloud: Cloud) -> bool:
    return cloud.newest(cloud.start()).state.status is Status.OPEN


@pytest.mark.parametrize("request_before", ["Query", "UpdateItem", "GetItem"])
def test_who_closes_both_at_once_is_not_there_any_more(cloud: Cloud, ana: Principal, request_before: str) -> None:
    first = cloud.begin(lambda: close(cloud, "tab-1")).until(request_before)

    close(cloud, "tab-2")
    first.finish()

    assert cloud.connected() == []
    assert not is_there(cloud)


def test_who_closes_both_while_the_index_lags_is_not_there_any_more(cloud: Cloud, ana: Principal) -> None:
    cloud.wire.let_indexes_lag()

    for tab in ("tab-1", "tab-2"):
        close(cloud, tab)

    cloud.wire.let_indexes_catch_up()
    assert not is_there(cloud)


@pytest.mark.parametrize("tab", ["tab-1", "tab-2"])
def test_who_closes_one_is_there_over_the_other(cloud: Cloud, ana: Principal, tab: str) -> None:
    close(cloud, tab)

    assert is_there(cloud)


def test_signing_out_ends_the_tab_that_asks_though_the_index_does_not_show_it_yet(cloud: Cloud) -> None:
    cloud.sellers.register(Seller("ana", "support", 1))
    cloud.wire.let_indexes_lag()
    cloud.connect(ANA)
    cloud.wire.log.clear()

    cloud.send(ANA, "signOut")

    assert [each.operation for each in cloud.wire.log if each.service == "apigatewaymanagementapi"] == [
        "DeleteConnection"
    ]
