"""Ids that no other test uses, so that tests share the deployed system without meeting."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from tests.end_to_end.deployed_system import DeployedSystem


@pytest.fixture
def seller_id() -> str:
    """A seller of this test alone."""
    return f"seller-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def forgotten_openings(deployed_system: DeployedSystem) -> Iterator[None]:
    """For tests that open about as many contacts as an address may in an hour; other tests come from the same one."""
    deployed_system.forget_openings()
    yield
    deployed_system.forget_openings()
