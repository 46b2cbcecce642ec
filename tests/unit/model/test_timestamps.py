"""Instants as texts and numbers."""

from __future__ import annotations

from chat.model.timestamps import epoch_ms, epoch_seconds, iso
from tests.doubles.machine import START


def test_times_are_written_as_javascript_writes_them() -> None:
    moment = START.replace(microsecond=123_999)

    assert iso(START) == "2026-01-01T00:00:00.000Z"
    assert iso(moment) == "2026-01-01T00:00:00.123Z"
    assert (epoch_ms(START), epoch_seconds(moment)) == (1_767_225_600_000, 1_767_225_600)
