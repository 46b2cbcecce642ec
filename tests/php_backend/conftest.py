"""Shops for the tests."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.php_backend.shop import Shop, missing


@pytest.fixture(scope="session")
def php() -> None:
    """PHP must be there; without it the tests are skipped, or fail where PHP_TESTS=required."""
    if reason := missing():
        pytest.fail(reason) if os.environ.get("PHP_TESTS") == "required" else pytest.skip(reason)


@pytest.fixture
def open_shop(php: None, tmp_path: Path) -> Iterator[Callable[..., Shop]]:
    """Opens a shop with the environment variables given; it is closed after the test."""
    with ExitStack() as stack:

        def opened(**environment: str) -> Shop:
            shop = Shop(tmp_path, environment)
            stack.callback(shop.stop)
            shop.start()
            return shop

        yield opened


@pytest.fixture
def shop(open_shop: Callable[..., Shop]) -> Shop:
    """An open shop that nobody has visited."""
    return open_shop()
