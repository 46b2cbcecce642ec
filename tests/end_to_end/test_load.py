"""`make load` on the deployed system, and `make chaos` on one of its own: few people, and a loss that is noticed."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from administration.deployments import Deployment
from local_aws.emulator import REGION
from tests.end_to_end.deployed_system import DeployedSystem
from tests.load import __main__ as command
from tests.load import chaos, running
from tests.load.plan import Crowd, Size
from tests.load.running import LOCUST, ROOT

pytestmark = pytest.mark.usefixtures("forgotten_openings")

FEW = Size(visitors=5, sellers=2, seconds=40, pace=1)


@pytest.fixture(scope="module", autouse=True)
def locust() -> None:
    """What the people run under, as `make load` installs it."""
    subprocess.run(["make", "--silent", str(LOCUST.parents[1].relative_to(ROOT) / ".ready")], cwd=ROOT, check=True)  # noqa: S603, S607


@pytest.fixture
def deployment(deployed_system: DeployedSystem) -> Deployment:
    """The deployed system as commands find it."""
    session = deployed_system.credentials.session(REGION)
    return Deployment(session, deployed_system.endpoint, deployed_system.outputs)


def test_people_chat_nothing_is_lost_or_doubled_and_a_report_tells_of_it(
    deployed_system: DeployedSystem, deployment: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[str] = []

    assert command.load(deployment, FEW, tmp_path, lines.append), lines

    (told,) = [line for line in lines if "messages acknowledged:" in line]
    assert ": 0 lost, 0 doubled, 0 not seen" in told
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert told.split(":")[0] in page
    assert page.count("<polyline") == 4, "the median and the 95th percentile of two times"
    assert (tmp_path / "locust.html").exists()
    # Nobody is left of whom visitors could ask, and no proof lies about.
    assert [
        each for each in deployed_system.sellers.scan()["Items"] if str(each["seller_id"]).startswith("load-")
    ] == []
    assert not (tmp_path / "plan.json").exists()

    everything = running.log_of
    monkeypatch.setattr(running, "log_of", lambda *where: everything(*where)[:-1])
    crowd = replace(Crowd(deployment, FEW), run="looked-at-again")
    assert not running.looked_over(crowd, tmp_path).is_good


def test_whatever_goes_wrong_nothing_that_was_acknowledged_is_missing_and_the_shop_hears_of_all_of_it(
    tmp_path: Path,
) -> None:
    lines: list[str] = []

    with chaos.place(lines.append) as here:
        assert chaos.chaos(here, replace(FEW, seconds=60), tmp_path, lines.append), lines
        faults = [fault.name for fault in here.faults()]

    told = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert len(faults) == 5
    assert all(fault.replace("'", "&#x27;") in told for fault in faults)
    rows = [line.split(" | ") for line in lines if line.startswith(tuple(faults))]
    assert any(float(slowest) > 0 for _, _, slowest, *_ in rows), "somebody wrote while something went wrong"
    assert "Of what was said, the shop did not hear 0 entries." in lines
