"""The shop's own back end, as a function's variables name it."""

from __future__ import annotations

from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from chat.adapters.secrets import Secret
from chat.adapters.shop.http import JsonHttpClient
from chat.ports.shop import DirectoryUnavailableError
from handlers import clients
from handlers.environment import Environment


class ShopKey:
    """The key to the shop's back end, out of Secrets Manager."""

    def __init__(self, name: str) -> None:
        self._secret = Secret(clients.secrets_manager(), name)

    def __call__(self, *, fresh: bool) -> str:
        """The key. Raises `DirectoryUnavailableError`."""
        try:
            return self._secret.value(fresh=fresh)
        except (BotoCoreError, ClientError) as error:
            raise DirectoryUnavailableError("the API key cannot be read") from error


@dataclass(frozen=True)
class Shop:
    """The shop's own back end, and the key to it."""

    client: JsonHttpClient
    key: ShopKey


def shop_of(environment: Environment) -> Shop | None:
    """The shop's back end, where there is one."""
    return required_shop(environment) if environment.optional("PHP_API_URL") else None


def required_shop(environment: Environment) -> Shop:
    """The shop's back end. Raises `MissingVariableError` where there is none."""
    key = ShopKey(environment.text("PHP_API_KEY_SECRET"))
    return Shop(JsonHttpClient(environment.text("PHP_API_URL"), key), key)
