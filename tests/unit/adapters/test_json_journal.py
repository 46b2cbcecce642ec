"""A line of the journal is JSON and holds only what may be logged."""

from __future__ import annotations

import json

import pytest

from chat.adapters.json_journal import JsonJournal


def test_a_line_is_json_with_the_event_and_what_may_be_logged(capsys: pytest.CaptureFixture[str]) -> None:
    JsonJournal().note("refused", code="bad_field", connection_id="c1", seq=3, user_id="device-1", text="Hello")

    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == [
        {"event": "refused", "code": "bad_field", "connection_id": "c1", "seq": 3}
    ]


def test_what_is_not_known_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    JsonJournal().note("failed", action=None, error="KeyError at log.py:7")

    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == [
        {"event": "failed", "error": "KeyError at log.py:7"}
    ]


def test_the_level_of_the_environment_silences_the_journal(capsys: pytest.CaptureFixture[str]) -> None:
    JsonJournal("WARNING").note("refused", code="bad_field")
    JsonJournal("INFO")

    assert capsys.readouterr().out == ""
