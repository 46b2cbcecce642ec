"""Bundles the functions' code with its dependencies, without Docker, into one asset that all functions share."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import jsii
from aws_cdk import aws_lambda as lambda_

LAMBDAS = Path(__file__).resolve().parent.parent / "lambdas"
PACKAGES = ("chat", "handlers")
REQUIREMENTS = "requirements.txt"


class BundlingError(Exception):
    """The code could not be bundled; the message says what failed and how."""


@dataclass(frozen=True, kw_only=True)
class BundleTarget:
    """The interpreter that will import the bundle.

    `python_version` is major.minor; `platform` is a name that uv's `--python-platform` knows, None for this machine.
    """

    python_version: str
    platform: str | None

    @property
    def interpreter(self) -> str | None:
        """An interpreter of exactly that version on this machine, which alone can write its bytecode."""
        if self.python_version == _version(sys.version_info):
            return sys.executable
        return shutil.which(f"python{self.python_version}")


def _version(version_info: Any) -> str:
    return f"{version_info.major}.{version_info.minor}"


ARM64_PYTHON_3_14 = BundleTarget(python_version="3.14", platform="aarch64-manylinux2014")
HOST = BundleTarget(python_version=_version(sys.version_info), platform=None)


def source_files(lambdas: Path) -> list[Path]:
    """What is bundled of the folder `lambdas`, relative to it: Python modules and nothing that editors leave behind."""
    modules = [
        path.relative_to(lambdas)
        for package in PACKAGES
        for path in (lambdas / package).rglob("*.py")
        if path.is_file() and not any(part.startswith((".", "#")) for part in path.relative_to(lambdas).parts)
    ]
    return sorted([Path(REQUIREMENTS), *modules])


def bundle_hash(lambdas: Path, target: BundleTarget) -> str:
    """A SHA-256 over all that decides the bundle's content: the sources, the target and this bundler."""
    digest = hashlib.sha256(Path(__file__).read_bytes())
    digest.update(repr((target, target.interpreter is not None)).encode())
    for path in source_files(lambdas):
        content = hashlib.sha256((lambdas / path).read_bytes()).hexdigest()
        digest.update(f"{path.as_posix()} {content}\n".encode())
    return digest.hexdigest()


def bundle(lambdas: Path, target: BundleTarget, output: Path) -> None:
    """Fill the folder `output` with the modules of `lambdas` and their dependencies for `target`.

    With an interpreter of the target's version at hand, it adds the bytecode of them all.

    Raises BundlingError if an installer or compiler fails.
    """
    _install_requirements(lambdas / REQUIREMENTS, target, output)
    for path in source_files(lambdas):
        if path.suffix == ".py":
            (output / path.parent).mkdir(parents=True, exist_ok=True)
            shutil.copyfile(lambdas / path, output / path)
    _remove_what_never_runs(output)
    if target.interpreter is not None:
        _compile(target.interpreter, output)


def _install_requirements(requirements: Path, target: BundleTarget, output: Path) -> None:
    command = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--target", str(output)]
    command += ["--python", sys.executable, "--python-version", target.python_version, "--only-binary", ":all:"]
    if target.platform is not None:
        command += ["--python-platform", target.platform]
    _run([*command, "--requirement", str(requirements)], f"installing {requirements.name} for {target}")


def _remove_what_never_runs(output: Path) -> None:
    for pattern in ("bin", "*.dist-info", "**/tests", "**/__pycache__", ".lock"):
        for path in list(output.glob(pattern)):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()


def _compile(interpreter: str, output: Path) -> None:
    # A Lambda cannot write bytecode beside its code, so each cold start would compile every module again. Unchecked,
    # because zipping resets the time stamps that Python would otherwise compare.
    command = [interpreter, "-m", "compileall", "-q", "-j", "0", "--invalidation-mode", "unchecked-hash"]
    _run([*command, "-s", str(output), str(output)], "compiling the bundle")


def _run(command: list[str], purpose: str) -> None:
    # The commands are built here from fixed words and paths of this project.
    finished = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if finished.returncode != 0:
        raise BundlingError(f"{purpose} failed:\n{finished.stdout}{finished.stderr}")


@jsii.implements(cdk.ILocalBundling)
class _LocalBundling:
    def __init__(self, lambdas: Path, target: BundleTarget) -> None:
        self._lambdas = lambdas
        self._target = target

    def try_bundle(self, output_dir: str, *_options: Any, **_named_options: Any) -> bool:
        # Never False: the CDK would go on to Docker and fail with a message about that.
        bundle(self._lambdas, self._target, Path(output_dir))
        return True


def bundled_code(target: BundleTarget, lambdas: Path = LAMBDAS) -> lambda_.AssetCode:
    """The functions' code, built for `target` when the stack that uses it is synthesized."""
    return lambda_.Code.from_asset(
        str(lambdas),
        asset_hash=bundle_hash(lambdas, target),
        asset_hash_type=cdk.AssetHashType.CUSTOM,
        bundling=cdk.BundlingOptions(
            image=cdk.DockerImage.from_registry("not-used"), local=_LocalBundling(lambdas, target)
        ),
    )
