"""A conversation on in-memory ports, as most tests need it; and no way out to any network."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_socket import disable_socket, enable_socket

from tests.system import SELLER, VISITOR, Client, System


@pytest.fixture(autouse=True)
def _no_sockets(request: pytest.FixtureRequest) -> Iterator[None]:
    if request.node.get_closest_marker("enable_socket") is None:
        disable_socket(allow_unix_socket=True)
    yield
    enable_socket()


@pytest.fixture
def system() -> System:
    """The whole domain."""
    return System()


@pytest.fixture
def visitor(system: System) -> Client:
    """A visitor at a shop's page."""
    return system.connect(VISITOR, "visitor-laptop")


@pytest.fixture
def seller(system: System) -> Client:
    """The seller whom the page asks for."""
    return system.connect(SELLER, "seller-laptop")


@pytest.fixture
def contact(system: System, visitor: Client, seller: Client) -> str:
    """The id of an open contact of the two; nothing pushed or counted so far is left over."""
    contact_id = str(visitor.send("InitChat", sellerId="123456", userInfo={"name": "Ana"})["contact_id"])
    system.forget_what_happened()
    return contact_id
