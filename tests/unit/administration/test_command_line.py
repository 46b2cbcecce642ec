"""An operator's command ends in one line that says what to do."""

from __future__ import annotations

import pytest
from botocore.exceptions import EndpointConnectionError, NoCredentialsError

from administration.command_line import answer
from administration.errors import AdministrationError


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (AdministrationError("Say\nmore."), "Say more."),
        (NoCredentialsError(), "Whose account is it? Set AWS_PROFILE"),
        (EndpointConnectionError(endpoint_url="https://nowhere"), "AWS did not do it: Could not connect"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    error: Exception, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def command() -> str:
        raise error

    assert answer(command) == 1
    out, err = capsys.readouterr()
    (line,) = err.splitlines()
    assert out == ""
    assert line.startswith(said)


def test_what_was_done_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(lambda: "Done.") == 0
    assert capsys.readouterr() == ("Done.\n", "")
