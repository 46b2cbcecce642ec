"""Opening hours: weekly windows in a time zone of their own."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WINDOW = re.compile(r"([0-9]{2}:[0-9]{2})-([0-9]{2}:[0-9]{2})")


class BadHoursError(Exception):
    """The configuration is no opening hours; the text says what is wrong with it."""


@dataclass(frozen=True)
class Hours:
    """When somebody is there: per weekday (0 is Monday) the windows from a time up to another, local time."""

    zone: ZoneInfo
    windows: Mapping[int, Sequence[tuple[time, time]]]

    @classmethod
    def parse(cls, config: object) -> Hours:
        """Hours of `{"time_zone": "Asia/Kolkata", "week": {"mon": ["09:00-12:30", "14:00-18:00"]}}`.

        A window may end at `24:00`. Days that are not named are closed. Raises `BadHoursError`.
        """
        if not isinstance(config, Mapping) or not isinstance(config.get("week"), Mapping):
            raise BadHoursError("Opening hours need a 'time_zone' and a 'week'.")
        unknown = set(config["week"]) - set(DAYS)
        if unknown:
            raise BadHoursError(f"There are no days {sorted(map(str, unknown))}; use {', '.join(DAYS)}.")
        windows = {DAYS.index(day): _windows(day, spans) for day, spans in config["week"].items()}
        return cls(_zone(config.get("time_zone")), windows)

    def are_open(self, moment: datetime) -> bool:
        """Whether `moment` falls into a window."""
        local = moment.astimezone(self.zone)
        return any(start <= local.time() < end for start, end in self.windows.get(local.weekday(), ()))


def _zone(name: object) -> ZoneInfo:
    try:
        return ZoneInfo(str(name))
    except (KeyError, ValueError, OSError) as error:
        raise BadHoursError(f"There is no time zone {name!r}; use an IANA name such as Asia/Kolkata.") from error


def _windows(day: str, spans: object) -> list[tuple[time, time]]:
    if not isinstance(spans, list):
        raise BadHoursError(f'{day} needs a list of windows such as ["09:00-18:00"], not {spans!r}.')
    return [_window(each) for each in spans]


def _window(text: object) -> tuple[time, time]:
    # `fromisoformat` alone takes offsets and seconds too, and the start of a window in any zone but its own.
    found = _WINDOW.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise BadHoursError(f"{text!r} is no window; write 09:00-18:00.")
    try:
        start = time.fromisoformat(found[1])
        end = time.max if found[2] == "24:00" else time.fromisoformat(found[2])
    except ValueError as error:
        raise BadHoursError(f"{text!r} is no window; write 09:00-18:00.") from error
    if start >= end:
        raise BadHoursError(f"{text!r} ends before it begins; split it at midnight.")
    return start, end
