"""What all kinds of tests share: one deployed system for those that need one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import moto.core.models  # noqa: F401 - must come before any client: one that is older than moto is never mocked
import pytest

from local_aws.cdk_command import NODE_FOLDER
from local_aws.deployment import Deployment
from local_aws.emulator import Emulator, free_port
from tests.botocore_clients import describe_services_once, let_moto_answer
from tests.end_to_end.deployed_system import DeployedSystem
from tests.moto_names import remember_names
from tests.moto_transactions import copy_what_is_changed

if TYPE_CHECKING:
    from playwright.sync_api import Playwright

DEPLOYED = "deployed_system"
GROUPS = {
    "people": ("tests/browser/", "tests/end_to_end/test_fault_proxy.py"),
    "doors": tuple(
        f"tests/end_to_end/test_{each}.py" for each in ("bad_frames", "connection_times", "openapi", "permissions")
    ),
}
"""Two thirds of what needs a deployed system; each third takes about as long, and waits more than it works."""

SHOPS = ("https://shop.example", "http://localhost:1", "http://localhost:8000")
"""The other origins whose pages the deployed system lets in."""

# The CDK runs the first `node` on the path, which need not be ours where pytest was not started by make.
os.environ.setdefault("JSII_NODE", str(NODE_FOLDER / "node"))


describe_services_once()
let_moto_answer()
copy_what_is_changed()
remember_names()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep whatever needs the deployed system in three workers, each of which deploys it once for the whole run."""
    for item in items:
        group = next((name for name, files in GROUPS.items() if item.nodeid.startswith(files)), None)
        if group or DEPLOYED in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group(group or DEPLOYED))


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """What drives browsers; there can be one at a time."""
    # Most tests need none, and it takes its time.
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        yield playwright


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
