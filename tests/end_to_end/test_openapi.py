"""The deployed HTTP API is as docs/openapi.yaml says, whatever it is sent."""

from __future__ import annotations

import time
import uuid
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from schemathesis import Case
from schemathesis.checks import CheckFunction
from schemathesis.core.transport import Response
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import ignored_auth

from tests.documents import FOLDER
from tests.end_to_end.deployed_system import DeployedSystem

CALLS = 10
"""How many are made up for each operation, beside those that probe each limit of the document."""

ATTEMPTS = 5
CONVERSATIONS = 8
CALLS_PER_CONVERSATION = 6


def bounded(count: int, **more: Any) -> settings:
    """The same calls each time, and few, since the emulator takes its time; `make fuzz` looks for others."""
    return settings(
        max_examples=count, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck), **more
    )


pytestmark = pytest.mark.usefixtures("forgotten_openings")


@pytest.fixture
def api(deployed_system: DeployedSystem) -> BaseSchema:
    """The document, of the API that is deployed."""
    schema = schemathesis.openapi.from_path(FOLDER / "openapi.yaml")
    schema.config.update(base_url=deployed_system.outputs["RestUrl"])
    schema.config.generation.update(with_security_parameters=False)
    # API Gateway, not we, answers methods that have no route, with 404.
    schema.config.checks.update(excluded_check_names=["unsupported_method"])
    for check in (schema.config.checks.negative_data_rejection, schema.config.checks.positive_data_acceptance):
        # What is over a limit; those in bytes are in the document's words, not in its schemas.
        check.expected_statuses = [*check.expected_statuses, "413"]
    return schema


documented = schemathesis.pytest.from_fixture("api")


def credentials(system: DeployedSystem, case: Case[Any], device_id: str) -> dict[str, str]:
    """What a call proves itself with: a seller's token for a ticket, a device id for all else."""
    bearer = system.seller_token("123456") if case.path == "/tickets" else device_id
    return {"Authorization": f"Bearer {bearer}"}


def needless(case: Case[Any]) -> list[CheckFunction]:
    """Any device id is a new visitor's, so there is none that could be false."""
    return [] if case.path == "/tickets" else [ignored_auth]


def let_in(case: Case[Any], headers: dict[str, str]) -> Response:
    """The answer once API Gateway does not throttle the call, which it says in words of its own."""
    for _ in range(ATTEMPTS):
        response = case.call(headers=headers)
        if response.status_code != 429 or "retry-after" in response.headers:
            break
        time.sleep(1.0)
    return response


@documented.parametrize()
@bounded(CALLS)
def test_every_call_is_answered_as_documented(deployed_system: DeployedSystem, case: Case[Any]) -> None:
    # A device each, since one may open 20 contacts an hour.
    headers = credentials(deployed_system, case, f"device-{uuid.uuid4()}")

    case.validate_response(let_in(case, headers), excluded_checks=needless(case), headers=headers)


def test_calls_that_follow_each_others_links_are_answered_as_documented(
    deployed_system: DeployedSystem, api: BaseSchema
) -> None:
    answered: set[tuple[str, int]] = set()

    class Conversation(api.as_state_machine()):  # type: ignore[misc]
        def setup(self) -> None:
            self.device_id = f"device-{uuid.uuid4()}"

        def get_call_kwargs(self, case: Case[Any]) -> dict[str, Any]:
            return {"headers": credentials(deployed_system, case, self.device_id)}

        def validate_response(self, response: Response, case: Case[Any], **more: Any) -> None:
            answered.add((f"{case.method} {case.path}", response.status_code))
            case.validate_response(response, excluded_checks=needless(case), **self.get_call_kwargs(case))

    run_state_machine_as_test(Conversation, settings=bounded(CONVERSATIONS, stateful_step_count=CALLS_PER_CONVERSATION))

    assert ("GET /chats/{contact_id}/entries", 200) in answered
