"""Builds the package `seller_chat`: the stacks with what they deploy, the functions' sources and the built widget."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT))

from stacks import widget_build  # noqa: E402 - from this folder, which a build does not have on its path


class BuildWithWhatIsDeployed(build_py):  # type: ignore[misc]
    """Puts the folders that the stacks upload into the package."""

    def run(self) -> None:
        """Build the widget where it is not current, and copy."""
        super().run()
        package = Path(self.build_lib) / "seller_chat"
        _build_widget()
        _copy(ROOT / "widget" / "dist", package / "widget" / "dist")
        _copy(ROOT / "lambdas", package / "lambdas")


def _build_widget() -> None:
    if widget_build.is_current():
        return
    npm = shutil.which("npm") or sys.exit("error: the widget has to be built, and there is no npm")
    subprocess.run([npm, "--prefix", str(ROOT / "widget"), "--silent", "--ignore-scripts", "ci"], check=True)  # noqa: S603 - pinned by us
    widget_build.bring_up_to_date()


def _copy(source: Path, target: Path) -> None:
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", ".*"))


setup(cmdclass={"build_py": BuildWithWhatIsDeployed})
