"""A secret is read once, and again when it may have been replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from chat.adapters.secrets import Secret

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


class FakeSecrets:
    """Secrets Manager with one secret, which counts how often it was read."""

    def __init__(self) -> None:
        self.value = "first"
        self.reads = 0

    def get_secret_value(self, **request: str) -> dict[str, str]:
        assert request == {"SecretId": "the-name"}
        self.reads += 1
        return {"SecretString": self.value}


def test_a_secret_is_read_once_and_again_when_it_is_old() -> None:
    secrets, now = FakeSecrets(), [1000.0]
    secret = Secret(
        lambda: cast("SecretsManagerClient", secrets), "the-name", lifetime_seconds=300, monotonic=lambda: now[0]
    )

    before = [secret.value(), secret.value()]
    secrets.value = "rotated"
    now[0] += 300
    still = secret.value()
    now[0] += 1

    assert (before, still, secret.value()) == (["first", "first"], "first", "rotated")
    assert secrets.reads == 2
