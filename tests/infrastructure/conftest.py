"""Every specification of this folder that asks for an environment holds for each of them."""

from __future__ import annotations

from typing import Any

import pytest

from stacks.context import select_environment
from stacks.environment import Environment
from stacks.environments import ENVIRONMENTS
from tests.infrastructure.cloud_formation import Stacks
from tests.infrastructure.synthesis import synthesize


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "bundles: installs the functions' dependencies from the package index")


@pytest.fixture(scope="session", autouse=True)
def _no_account() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("CDK_DEFAULT_ACCOUNT", raising=False)
        patch.delenv("CDK_DEFAULT_REGION", raising=False)
        yield


@pytest.fixture(scope="session", params=ENVIRONMENTS)
def environment(request: pytest.FixtureRequest) -> Environment:
    return ENVIRONMENTS[request.param]


@pytest.fixture(scope="session")
def templates(environment: Environment) -> dict[str, Any]:
    return synthesize(environment)


@pytest.fixture(scope="session")
def stacks(templates: dict[str, Any]) -> Stacks:
    return Stacks.of(templates)


@pytest.fixture(scope="session")
def with_shop() -> Stacks:
    """Production where the shop has a back end of its own."""
    return Stacks.of(synthesize(select_environment("production", php_api_url="https://shop.example/chat")))
