"""A contact's life; the functions' own lines are seen by the end-to-end tests."""

from __future__ import annotations

import boto3
import pytest

from administration.deployments import Deployment
from administration.errors import AdministrationError
from administration.runbook.trace import trace


@pytest.mark.parametrize("contact", ["", "two words", "x" * 65])
def test_what_is_no_contact_is_refused_before_anything_is_asked(contact: str) -> None:
    with pytest.raises(AdministrationError, match="CONTACT=id"):
        trace(Deployment(boto3.Session(), None, {}), contact)
