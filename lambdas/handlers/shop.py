"""The shop's own back end, as a function's variables name it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from chat.adapters.secrets import Secret
from chat.adapters.shop.directory import ShopDirectory
from chat.adapters.shop.http import JsonHttpClient
from chat.ports.machine import Journal
from chat.ports.shop import ContactDirectory, DirectoryUnavailableError
from handlers import clients
from handlers.variables import ShopAddress, VariableError

if TYPE_CHECKING:
    from chat.ports.strategies import Strategy


class ShopKey:
    """The key to the shop's back end, out of Secrets Manager."""

    def __init__(self, name: str) -> None:
        self._secret = Secret(clients.secrets_manager, name)

    def __call__(self, *, fresh: bool) -> str:
        """The key. Raises `DirectoryUnavailableError`."""
        try:
            return self._secret.value(fresh=fresh)
        except (BotoCoreError, ClientError) as error:
            raise DirectoryUnavailableError("the API key cannot be read") from error


@dataclass(frozen=True)
class Shop:
    """The shop's own back end."""

    client: JsonHttpClient

    def directory(self, journal: Journal) -> ContactDirectory:
        """Contacts as the shop keeps them."""
        return ShopDirectory(self.client, journal)

    @property
    def chooser(self) -> Strategy:
        """The strategy that asks the shop. The courier, which chooses nobody, does without what it imports."""
        from chat.adapters.shop.chooser import ShopChooser

        return ShopChooser(self.client)


def required_shop(address: ShopAddress) -> Shop:
    """The shop's back end. Raises `VariableError` where there is none."""
    if address.php_api_url is None or address.php_api_key_secret is None:
        raise VariableError("PHP_API_URL and PHP_API_KEY_SECRET are needed here.")
    return Shop(JsonHttpClient(address.php_api_url, ShopKey(address.php_api_key_secret)))
