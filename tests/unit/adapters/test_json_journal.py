"""A line of the journal is JSON and holds only what may be logged."""

from __future__ import annotations

import json
import time

import pytest

from chat.adapters.json_journal import COUNTED, JsonJournal
from chat.model.metrics import Metric


def test_a_line_is_json_with_the_event_and_what_may_be_logged(capsys: pytest.CaptureFixture[str]) -> None:
    JsonJournal().note("failed", code="bad_field", connection_id="c1", seq=3, user_id="device-1", text="Hello")

    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == [
        {"event": "failed", "code": "bad_field", "connection_id": "c1", "seq": 3}
    ]


def test_what_is_not_known_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    JsonJournal().note("failed", action=None, error="KeyError at log.py:7")

    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == [
        {"event": "failed", "error": "KeyError at log.py:7"}
    ]


def test_the_level_of_the_environment_silences_the_journal(capsys: pytest.CaptureFixture[str]) -> None:
    JsonJournal("WARNING").note("refused", code="bad_field")
    JsonJournal("WARNING").measure({Metric.CONTACTS_OPENED: 1})
    JsonJournal("INFO")

    assert capsys.readouterr().out == ""


def test_what_is_measured_is_a_line_of_which_cloudwatch_makes_metrics_of_the_environment(
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = time.time() * 1000
    JsonJournal("INFO", "production").measure({Metric.PUSH_MS: 12, Metric.SELLER_MESSAGES: 1})

    line = json.loads(capsys.readouterr().out)
    assert before - 1 <= line["_aws"].pop("Timestamp") <= time.time() * 1000
    assert line == {
        "_aws": {
            "CloudWatchMetrics": [
                {
                    "Namespace": "SellerChat",
                    "Dimensions": [["environment"]],
                    "Metrics": [{"Name": "PushMs"}, {"Name": "SellerMessages"}],
                }
            ]
        },
        "environment": "production",
        "PushMs": 12,
        "SellerMessages": 1,
    }


def test_nothing_measured_is_no_line(capsys: pytest.CaptureFixture[str]) -> None:
    JsonJournal().measure({})

    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("event", COUNTED)
def test_an_event_that_is_counted_is_a_metric_in_the_line_that_tells_of_it(
    event: str, capsys: pytest.CaptureFixture[str]
) -> None:
    JsonJournal("INFO", "dev").note(event, code="bad_field")

    line = json.loads(capsys.readouterr().out)
    metric, by = COUNTED[event]
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert directive["Metrics"] == [{"Name": metric}]
    assert directive["Dimensions"] == [["environment", by] if by else ["environment"]]
    assert (line["event"], line[metric], line["environment"]) == (event, 1, "dev")


def test_no_dimension_is_a_persons() -> None:
    assert {by for _, by in COUNTED.values()} <= {None, "code"}
