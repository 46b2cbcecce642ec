"""The page that tells of a load."""

from __future__ import annotations

from collections import Counter

from tests.load.outcome import Outcome
from tests.load.report import Machine, bars, limits, over_time, page, verdict

FOUND = Outcome(
    begun=1,
    acknowledged={"m1": ("c1", 1.0, 1.25)},
    delivered={"m1": (1.0, 1.5)},
    pongs=[(1.0, 40.0)],
    errors=Counter({"try_again": 3, "gateway: Too Many Requests": 2}),
)


def test_it_tells_how_long_what_took_and_each_error() -> None:
    told = page(FOUND, "Five <visitors>", Machine(2, 0.5, is_emulated=True))

    assert "Five &lt;visitors&gt;" in told
    assert "<td>to acknowledge</td><td>250</td>" in told
    assert "<td>to deliver</td><td>500</td>" in told
    assert "try_again" in told
    assert "Good." in told


def test_it_says_so_where_something_was_lost() -> None:
    lost = Outcome(acknowledged={"m1": ("c1", 1, 2)}, lost=["m1"])

    assert "FAILED." in page(lost, "", Machine(2, 0.5, is_emulated=False))
    assert "1 lost, 0 doubled" in verdict(lost)


def test_it_tells_how_much_is_the_emulators_and_the_throttles() -> None:
    told = " ".join(limits(FOUND, Machine(2, 0.97, is_emulated=True)))

    assert "2 cores, which were busy for 97% of the time" in told
    assert "took 40 ms (median) of the 250 ms" in told
    assert "no more to give" in told
    assert "throttles refused 2 times" in told


def test_an_environment_on_aws_has_no_emulator_to_speak_of() -> None:
    assert "emulator" not in " ".join(limits(FOUND, Machine(2, 0.97, is_emulated=False)))


def test_a_plot_has_a_line_for_the_median_and_one_for_the_slowest() -> None:
    assert over_time([(0, 10), (1, 20), (2, 400)]).count("<polyline") == 2
    assert over_time([]) == "<p>Nothing.</p>"


def test_errors_have_a_bar_each_the_most_first() -> None:
    told = bars({"forbidden": 1, "slow_down": 7})

    assert told.count("<rect") == 2
    assert told.index("slow_down") < told.index("forbidden")
    assert bars({}) == "<p>None.</p>"
