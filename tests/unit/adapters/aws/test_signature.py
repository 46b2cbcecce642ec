"""Requests are signed as botocore signs them."""

from __future__ import annotations

from datetime import UTC, datetime
from unittest.mock import patch

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials
from hypothesis import given
from hypothesis import strategies as st

from chat.adapters.aws.signature import Credentials, Request, Scope, signed

HOST = "abcdef1234.execute-api.eu-central-1.amazonaws.com"
NOW = datetime(2026, 11, 28, 12, 30, 5, tzinfo=UTC)
SECRETS = st.text("abcdefABCDEF0123456789/+", min_size=16, max_size=40)
SEGMENTS = st.text("abcXYZ019-_.~@", min_size=1, max_size=12).filter(lambda text: text.strip("."))


def by_botocore(request: Request, credentials: Credentials, scope: Scope) -> str:
    url = f"https://{HOST}{request.path}"
    plain = AWSRequest(request.method, url, data=request.body, headers=dict(request.headers))
    keys = BotocoreCredentials(credentials.access_key, credentials.secret_key, credentials.token)
    with patch("botocore.auth.get_current_datetime", return_value=NOW.replace(tzinfo=None)):
        SigV4Auth(keys, scope.service, scope.region).add_auth(plain)
    authorization: str = plain.headers["Authorization"]
    return authorization


@given(
    body=st.binary(max_size=200),
    token=st.none() | SECRETS,
    secret=SECRETS,
    segments=st.lists(SEGMENTS, max_size=3),
    method=st.sampled_from(["POST", "DELETE"]),
)
def test_a_request_is_signed_as_botocore_signs_it(
    body: bytes, token: str | None, secret: str, segments: list[str], method: str
) -> None:
    # An id of a connection ends in `=`, which is encoded in the path and once more for the signature.
    path = "/" + "/".join([*segments, "L0SM9cOFvHcCIhw%3D"])
    request = Request(method, path, {"host": HOST, "x-amz-target": "DynamoDB_20120810.Query"}, body)
    credentials, scope = Credentials("AKIDEXAMPLE", secret, token), Scope("eu-central-1", "execute-api")

    assert signed(request, credentials, scope, NOW)["authorization"] == by_botocore(request, credentials, scope)


def test_the_session_token_of_a_role_goes_along_and_is_signed() -> None:
    request = Request("POST", "/", {"host": HOST})

    headers = signed(request, Credentials("AKID", "secret", "session"), Scope("eu-central-1", "dynamodb"), NOW)

    assert headers["x-amz-security-token"] == "session"
    assert "x-amz-security-token" in headers["authorization"].partition("SignedHeaders=")[2].partition(",")[0]


def test_a_new_day_has_a_new_key() -> None:
    request, scope = Request("POST", "/", {"host": HOST}), Scope("eu-central-1", "dynamodb")
    credentials = Credentials("AKID", "secret")
    tomorrow = NOW.replace(day=29)

    assert (
        signed(request, credentials, scope, NOW)["authorization"]
        != signed(request, credentials, scope, tomorrow)["authorization"]
    )
