"""What all kinds of tests share: one deployed system for those that need one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import moto.core.models  # noqa: F401 - must come before any client: one that is older than moto is never mocked
import pytest

from local_aws.cdk_command import NODE_FOLDER
from local_aws.deployment import Deployment
from local_aws.emulator import Emulator, free_port
from tests.botocore_clients import let_moto_answer
from tests.end_to_end.deployed_system import DeployedSystem

DEPLOYED = "deployed_system"
PEOPLE = "people"
"""The other half of what needs a deployed system, for about as long. Both wait more than they work."""

WITH_PEOPLE = ("tests/browser/", "tests/end_to_end/test_fault_proxy.py")
SHOPS = ("https://shop.example", "http://localhost:1", "http://localhost:8000")
"""The other origins whose pages the deployed system lets in."""

# The CDK runs the first `node` on the path, which need not be ours where pytest was not started by make.
os.environ.setdefault("JSII_NODE", str(NODE_FOLDER / "node"))


let_moto_answer()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep whatever needs the deployed system in two workers, so that it is deployed twice for the whole run."""
    for item in items:
        if item.nodeid.startswith(WITH_PEOPLE):
            item.add_marker(pytest.mark.xdist_group(PEOPLE))
        elif DEPLOYED in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group(DEPLOYED))


@pytest.fixture(scope="session")
def pages_port() -> int:
    """Where the demo shop and the console are served, if they are."""
    return free_port()


@pytest.fixture(scope="session")
def deployed_system(pages_port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeployedSystem]:
    """The CDK app deployed to an emulator of its own, with IAM enforced; a system that is running is left alone."""
    home: Path = tmp_path_factory.mktemp("local-aws")
    origins = (f"http://127.0.0.1:{pages_port}", *SHOPS)
    with Emulator(port=free_port(), home=home, origins=origins) as emulator:
        outputs = Deployment(emulator, home=home, report=print).bring_up_to_date()
        yield DeployedSystem(emulator.endpoint, outputs, emulator.credentials)
