"""Ids that no other test uses, so that tests share the deployed system without meeting."""

from __future__ import annotations

import uuid

import pytest


@pytest.fixture
def seller_id() -> str:
    """A seller of this test alone."""
    return f"seller-{uuid.uuid4().hex[:12]}"
