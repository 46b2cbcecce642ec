"""What is given on make's command line, at this deployment and at the last one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from administration.deployments import outputs_in
from administration.errors import AdministrationError

VARIABLES: Mapping[str, str] = {
    "assignment": "ASSIGNMENT",
    "php_api_url": "PHP_API_URL",
    "budget_email": "BUDGET_EMAIL",
    "alarm_email": "ALARM_EMAIL",
    "account_concurrency": "CONCURRENCY",
    "host": "CHAT_HOST",
    "certificate": "CERTIFICATE",
    "widget_certificate": "WIDGET_CERTIFICATE",
    "hosted_zone": "HOSTED_ZONE",
}
"""What can be given, by the name of the CDK's context value."""

NONE = "none"
"""What is given to take back what was given before."""


def given_before(data: Mapping[str, Any] | None) -> dict[str, str]:
    """What the last deployment was given, by its stack Data."""
    before: dict[str, str] = json.loads(outputs_in(data).get("Given", "{}"))
    return before


def require_all_that_was_given(environment: str, before: Mapping[str, str], given: Mapping[str, str]) -> None:
    """What was given at the last deployment is given again, or taken back in so many words.

    Raises `AdministrationError`.
    """
    for name, value in before.items():
        if name in VARIABLES and name not in given:
            variable = VARIABLES[name]
            raise AdministrationError(
                f"{environment} was deployed with {variable}={value}: say it again, or {variable}={NONE} to end it."
            )
