"""`make cost`: a month's bill, and what it answers to what is no number."""

from __future__ import annotations

import sys

import pytest

from review.cost import of_use, prices
from tests.bench import cost
from tests.bench.cost import Month, documents, ours, report, servers, total
from tests.bench.usage import ASKED_BY_DOCUMENT, of_chat, of_document, sent
from tests.worlds.bills import BILLS

IDLE = {"CloudWatch": 15.0}
MONTH = Month(100_000, 20)


def test_a_chat_takes_what_its_frames_are_billed_for() -> None:
    frames = sent().frames
    units = sum(many * BILLS[action][2].writes for action, many in frames.items())

    # Beside them two for each connection that opens.
    assert of_chat()["units written"] == pytest.approx(units + 2 * sent().connections)
    assert of_chat()["frames"] >= sum(frames.values())


def test_twice_as_many_messages_are_as_many_frames_more_but_for_what_is_done_once() -> None:
    short, long = sent(20).frames, sent(40).frames

    assert (long["InitChat"], long["closeChat"]) == (short["InitChat"], short["closeChat"]) == (1, 1)
    assert long["sendMessage"] == 2 * short["sendMessage"] == 40
    assert sent(40).minutes == 2 * sent(20).minutes


def test_a_message_of_the_document_is_one_put_one_query_and_one_post() -> None:
    more = {what: of_document(21)[what] - of_document(20)[what] for what in ("units read", "units written", "frames")}

    assert more == pytest.approx({"units read": 0.5, "units written": 1, "frames": 2})
    assert ASKED_BY_DOCUMENT["send-message"].steps == 3


def test_a_month_costs_what_its_chats_use_and_what_is_there_while_nobody_chats() -> None:
    bill = ours(MONTH, IDLE)
    more = total(ours(Month(200_000, 20), IDLE)) - total(bill)
    kept = bill["DynamoDB, kept"]

    assert more == pytest.approx(100_000 * of_use(of_chat()) + kept)
    assert bill["CloudWatch"] > IDLE["CloudWatch"]


def test_servers_cost_the_same_however_few_chat_and_more_of_them_are_needed_for_many() -> None:
    few, many = servers(Month(1, 20)), servers(Month(50_000_000, 20))

    assert few["Fargate"] == servers(Month(10_000, 20))["Fargate"]
    assert many["Fargate"] > few["Fargate"]


def test_the_report_tells_every_service_the_sum_the_date_of_the_prices_and_the_two_other_designs() -> None:
    told = report(MONTH, IDLE)

    for name in ours(MONTH, IDLE):
        assert name in told
    for sum_of in (ours(MONTH, IDLE), documents(MONTH), servers(MONTH)):
        assert f"{total(sum_of):,.2f}" in told
    assert prices()["as_of"] in told


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (["--chats", "many"], "CHATS=many: say a whole number from 1 to 100,000,000"),
        (["--chats", "0"], "CHATS=0: say a whole number"),
        (["--chats", "\u0661"], "say a whole number"),
        (["--messages", "-3"], "MESSAGES=-3: say a whole number from 1 to 1,000"),
        (["--messages", "2.5"], "MESSAGES=2.5: say a whole number"),
        (["--region", "us-moon-1"], "REGION=us-moon-1: there are prices of us-east-1."),
    ],
)
def test_a_wrong_value_is_answered_in_one_line_that_says_what_it_takes(
    words: list[str], answer: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["cost", "=".join(words)])

    assert cost.main() == 1
    told = capsys.readouterr()
    assert answer in told.err
    assert (told.out, told.err.count("\n")) == ("", 1)
