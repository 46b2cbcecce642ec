"""Opening hours: when somebody is there, and what is no configuration of that."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from chat.model.hours import BadHoursError, Hours


def hours(zone: str = "Europe/Berlin", **week: list[str]) -> Hours:
    return Hours.parse({"time_zone": zone, "week": week})


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# 2026-01-05 is a Monday; Berlin is one hour ahead of UTC in winter.


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-01-05T07:59:59", False),
        ("2026-01-05T08:00:00", True),
        ("2026-01-05T16:59:59", True),
        ("2026-01-05T17:00:00", False),
        ("2026-01-06T10:00:00", False),
    ],
)
def test_a_window_holds_its_start_but_not_its_end_and_only_on_its_day(moment: str, is_open: bool) -> None:
    assert hours(mon=["09:00-18:00"]).are_open(at(moment)) is is_open


def test_a_day_may_have_several_windows() -> None:
    split = hours(mon=["09:00-12:30", "14:00-18:00"])

    assert split.are_open(at("2026-01-05T11:00:00"))
    assert not split.are_open(at("2026-01-05T12:00:00"))
    assert split.are_open(at("2026-01-05T13:00:00"))


def test_the_weekday_is_that_of_the_time_zone() -> None:
    # It is Monday already in Kolkata, which is five and a half hours ahead.
    assert hours("Asia/Kolkata", mon=["00:00-02:00"]).are_open(at("2026-01-04T19:00:00"))


def test_hours_follow_the_clocks_change_to_summer_time() -> None:
    office = hours(mon=["09:00-18:00"])

    assert not office.are_open(at("2026-01-05T07:30:00"))
    assert office.are_open(at("2026-07-06T07:30:00"))


def test_a_window_up_to_24_00_lasts_until_midnight() -> None:
    late = hours("UTC", mon=["18:00-24:00"])

    assert late.are_open(at("2026-01-05T23:59:59"))
    assert not late.are_open(at("2026-01-06T00:00:00"))


def test_a_week_without_days_is_never_open() -> None:
    assert not hours().are_open(at("2026-01-05T12:00:00"))


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "Europe", "../etc/passwd", "Europe/Berlin\n", None, 1, "\ud800"])
def test_a_bad_time_zone_is_named_with_what_to_write_instead(zone: object) -> None:
    with pytest.raises(BadHoursError, match=r"There is no time zone .*; use an IANA name"):
        Hours.parse({"time_zone": zone, "week": {}})


@pytest.mark.parametrize(
    "window",
    ["9-18", "09:00", "09:00-", "25:00-26:00", "09:00-18:00-20:00", "09:00+02:00-18:00", "09:00Z-18:00", "", 9, None],
)
def test_what_is_no_window_is_named(window: object) -> None:
    with pytest.raises(BadHoursError, match="is no window; write 09:00-18:00"):
        Hours.parse({"time_zone": "UTC", "week": {"mon": [window]}})


@pytest.mark.parametrize("window", ["18:00-09:00", "09:00-09:00", "22:00-00:00"])
def test_a_window_over_midnight_must_be_split(window: str) -> None:
    with pytest.raises(BadHoursError, match="split it at midnight"):
        hours(mon=[window])


@pytest.mark.parametrize("spans", [None, "09:00-18:00", 5, {"from": "09:00"}])
def test_a_day_needs_a_list(spans: object) -> None:
    with pytest.raises(BadHoursError, match="mon needs a list of windows"):
        Hours.parse({"time_zone": "UTC", "week": {"mon": spans}})


def test_an_unknown_day_is_named() -> None:
    with pytest.raises(BadHoursError, match=r"There are no days \['monday'\]; use mon, tue"):
        hours(monday=[])


@pytest.mark.parametrize("config", [None, [], "always", {}, {"time_zone": "UTC"}, {"time_zone": "UTC", "week": []}])
def test_what_is_no_configuration_at_all_says_what_one_needs(config: object) -> None:
    with pytest.raises(BadHoursError, match="need a 'time_zone' and a 'week'"):
        Hours.parse(config)
