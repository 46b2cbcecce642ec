"""`make run` says in one line what it takes."""

from __future__ import annotations

import sys

import pytest

from local_aws import run


@pytest.mark.parametrize(
    ("given", "takes"),
    [
        (["--port", "x"], "'x' is no port; say PORT= with a number from 1 to 65534"),
        (["--port", "0"], "'0' is no port"),
        (["--port", "99999"], "'99999' is no port"),
        (["--origin", "shop.example"], "'shop.example' is no origin; write it as a browser does"),
        (["-c", "assignment"], "'assignment' is not of the form NAME=VALUE"),
    ],
)
def test_a_wrong_value_is_answered_with_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], given: list[str], takes: str
) -> None:
    monkeypatch.setattr(sys, "argv", ["run", *given])

    with pytest.raises(SystemExit):
        run.main()

    (line,) = capsys.readouterr().err.splitlines()
    assert takes in line
