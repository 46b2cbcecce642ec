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


class RotatedSecrets:
    """A secret with two values; counts what was asked for."""

    class exceptions:  # noqa: N801 - as botocore's clients have it
        """The client's exceptions."""

        class ResourceNotFoundException(Exception):  # noqa: N818
            """There is no such version."""

    def __init__(self, **values: str) -> None:
        self.values = values
        self.reads = 0

    def get_secret_value(self, **request: str) -> dict[str, str]:
        self.reads += 1
        stage = request.get("VersionStage", "AWSCURRENT")
        if stage not in self.values:
            raise self.exceptions.ResourceNotFoundException
        return {"SecretString": self.values[stage]}


def secret_of(secrets: RotatedSecrets, now: list[float]) -> Secret:
    return Secret(lambda: cast("SecretsManagerClient", secrets), "the-name", monotonic=lambda: now[0])


def test_while_a_secret_is_rotated_the_one_before_is_known_too() -> None:
    secret = secret_of(RotatedSecrets(AWSCURRENT="new", AWSPREVIOUS="old"), [1000.0])

    assert (secret.value(), secret.all_values()) == ("new", ("new", "old"))


def test_a_secret_that_was_rotated_since_it_was_read_is_found_when_it_is_asked_for() -> None:
    secrets = RotatedSecrets(AWSCURRENT="old")
    secret = secret_of(secrets, [1000.0])
    secret.value()
    secrets.values = {"AWSCURRENT": "new", "AWSPREVIOUS": "old"}

    assert secret.all_values() == ("old", "new")
    assert (secret.value(), secret.all_values()) == ("new", ("old", "new"))


def test_a_secret_that_was_never_rotated_has_one_value() -> None:
    assert secret_of(RotatedSecrets(AWSCURRENT="only"), [1000.0]).all_values() == ("only",)


def test_asking_again_and_again_for_all_values_costs_two_requests_in_ten_seconds() -> None:
    secrets, now = RotatedSecrets(AWSCURRENT="only"), [1000.0]
    secret = secret_of(secrets, now)
    secret.value()
    for _ in range(100):
        secret.all_values()
        now[0] += 0.09

    assert secrets.reads == 1 + 2
    now[0] += 2
    secret.all_values()
    assert secrets.reads == 1 + 4
