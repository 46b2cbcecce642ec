"""Bundles the functions' code with its dependencies, without Docker, into one asset that all functions share."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import shutil
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import jsii
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from .places import folder

LAMBDAS = folder("lambdas")
PACKAGES = ("chat", "handlers")
REQUIREMENTS = "requirements.txt"
"""Every package that is bundled, those that others need included, by version and by hash; `make lock` writes it."""

AMAZON_ROOTS = "amazon-roots.pem"
"""The file in the bundle with the roots that AWS's endpoints are certified by (https://www.amazontrust.com/repository/)."""

_AMAZON_ROOT_NAMES = frozenset(
    {
        "Amazon Root CA 1",
        "Amazon Root CA 2",
        "Amazon Root CA 3",
        "Amazon Root CA 4",
        "Starfield Services Root Certificate Authority - G2",
    }
)

_LONGEST_REASON = 500


class BundlingError(Exception):
    """The code could not be bundled; the message says in one line what failed and how."""


@dataclass(frozen=True, kw_only=True)
class BundleTarget:
    """The interpreters that will import the bundle.

    `python_versions` are major.minor; `platform` is a name that uv's `--python-platform` knows, None for this machine.
    """

    python_versions: tuple[str, ...]
    platform: str | None

    def __str__(self) -> str:
        """In a person's words."""
        return f"Python {', '.join(self.python_versions)} on {self.platform or 'this machine'}"

    @property
    def interpreter(self) -> str | None:
        """An interpreter of exactly the one version on this machine, which alone can write its bytecode.

        None for several versions: which of them is here would show in the bundle.
        """
        match self.python_versions:
            case [version] if version == _RUNNING:
                return sys.executable
            case [version]:
                return shutil.which(f"python{version}")
        return None


_RUNNING = f"{sys.version_info.major}.{sys.version_info.minor}"
_SUPPORTED = ("3.11", "3.12", "3.13", "3.14")

ARM64_PYTHON_3_14 = BundleTarget(python_versions=("3.14",), platform="aarch64-manylinux2014")
HOST = BundleTarget(python_versions=tuple(dict.fromkeys([*_SUPPORTED, _RUNNING])), platform=None)
"""This machine, with whichever Python: the same commit gives the same bundle."""


def source_files(lambdas: Path) -> list[Path]:
    """What is bundled of the folder `lambdas`, relative to it: Python modules and nothing that editors leave behind."""
    modules = [
        path.relative_to(lambdas)
        for package in PACKAGES
        for path in (lambdas / package).rglob("*.py")
        if path.is_file() and not any(part.startswith((".", "#")) for part in path.relative_to(lambdas).parts)
    ]
    return sorted([Path(REQUIREMENTS), *modules])


def aws_services(lambdas: Path) -> frozenset[str]:
    """The AWS services that the sources make clients of; botocore's models of all others stay out of the bundle.

    Raises BundlingError if a source computes the name of a service.
    """
    services: set[str] = set()
    for path in source_files(lambdas):
        if path.suffix == ".py":
            services.update(_clients_made(lambdas / path))
    return frozenset(services)


def _clients_made(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_bytes(), path.name)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "client":
            match node.args:
                case [ast.Constant(value=str(service)), *_]:
                    yield service
                case _:
                    raise BundlingError(f"{path.name}, line {node.lineno}: write the service's name into client(…)")


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

    Raises BundlingError if an installer or compiler fails, or the sources hide which AWS services they call.
    """
    for version in target.python_versions:
        _add_requirements(lambdas / REQUIREMENTS, version, target.platform, output)
    for path in source_files(lambdas):
        if path.suffix == ".py":
            (output / path.parent).mkdir(parents=True, exist_ok=True)
            shutil.copyfile(lambdas / path, output / path)
    _remove_what_never_runs(output)
    _remove_unused_service_models(output / "botocore" / "data", aws_services(lambdas))
    (output / AMAZON_ROOTS).write_text(amazon_roots(output / "botocore" / "cacert.pem"), encoding="ascii")
    if target.interpreter is not None:
        _compile(target.interpreter, output)
    _let_lambda_read(output)


def _add_requirements(requirements: Path, version: str, platform: str | None, output: Path) -> None:
    # Versions differ in the names of compiled modules only. Over what is there already, uv would install nothing.
    with tempfile.TemporaryDirectory() as folder:
        _install_requirements(requirements, version, platform, Path(folder))
        shutil.copytree(folder, output, dirs_exist_ok=True)


def _install_requirements(requirements: Path, version: str, platform: str | None, output: Path) -> None:
    if importlib.util.find_spec("uv") is None:
        raise BundlingError("uv, which installs what the functions need, is missing: pip install -r requirements.txt")
    command = [sys.executable, "-m", "uv", "--color", "never", "pip", "install", "--quiet", "--target", str(output)]
    command += ["--python", sys.executable, "--python-version", version, "--only-binary", ":all:"]
    command += ["--require-hashes", "--no-deps"]
    if platform is not None:
        command += ["--python-platform", platform]
    purpose = f"installing {requirements.name} for Python {version} on {platform or 'this machine'}"
    _run([*command, "--requirement", str(requirements)], purpose)


def _remove_what_never_runs(output: Path) -> None:
    for pattern in ("bin", "*.dist-info", "**/tests", "**/__pycache__", ".lock"):
        for path in list(output.glob(pattern)):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()


def _remove_unused_service_models(data: Path, used: frozenset[str]) -> None:
    for model in data.iterdir():
        if model.is_dir() and model.name not in used:
            shutil.rmtree(model)


def _let_lambda_read(output: Path) -> None:
    # Modes are zipped with the files and Lambda runs as another user: what the umask of this machine hides would be
    # missing there. The hash does not tell, so nobody could deploy a better one.
    for path in [output, *output.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)


def amazon_roots(all_roots: Path) -> str:
    """Those of a file of roots that AWS's endpoints are certified by. Raises `BundlingError` where one is missing."""
    # Every new TLS connection reads the roots again: five of them take a twentieth of the time of botocore's 130.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(all_roots)
    by_name = {
        _subject(certificate).get("commonName"): binary
        for certificate, binary in zip(context.get_ca_certs(), context.get_ca_certs(binary_form=True), strict=True)
    }
    if missing := _AMAZON_ROOT_NAMES - by_name.keys():
        raise BundlingError(f"{all_roots.name} of botocore lacks {', '.join(sorted(missing))}")
    return "".join(ssl.DER_cert_to_PEM_cert(by_name[name]) for name in sorted(_AMAZON_ROOT_NAMES))


def _subject(certificate: Mapping[str, Any]) -> dict[str, str]:
    return {name: value for fields in certificate["subject"] for name, value in fields}


def _compile(interpreter: str, output: Path) -> None:
    # A Lambda cannot write bytecode beside its code, so each cold start would compile every module again. Unchecked,
    # because zipping resets the time stamps that Python would otherwise compare.
    command = [interpreter, "-m", "compileall", "-q", "-j", "0", "--invalidation-mode", "unchecked-hash"]
    _run([*command, "-s", str(output), str(output)], "compiling the bundle")


def _run(command: list[str], purpose: str) -> None:
    # The commands are built here from fixed words and paths of this project.
    finished = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if finished.returncode != 0:
        said = " ".join(f"{finished.stdout} {finished.stderr}".split())
        raise BundlingError(f"{purpose} failed: {said[:_LONGEST_REASON]}")


@jsii.implements(cdk.ILocalBundling)
class _LocalBundling:
    def __init__(self, lambdas: Path, target: BundleTarget) -> None:
        self._lambdas = lambdas
        self._target = target

    def try_bundle(self, output_dir: str, *_options: Any, **_named_options: Any) -> bool:
        # Never False: the CDK would go on to Docker and fail with a message about that.
        try:
            bundle(self._lambdas, self._target, Path(output_dir))
        except BundlingError as error:
            # Any other exception would come out of jsii, as forty lines of two languages' stacks.
            sys.exit(f"error: {error}")
        return True


def bundled_code(scope: Construct, target: BundleTarget, lambdas: Path = LAMBDAS) -> lambda_.AssetCode:
    """The functions' code, built for `target` when the stack that uses it is synthesized."""
    return lambda_.Code.from_asset(
        str(lambdas),
        display_name="The functions' bundle",
        asset_hash=_asset_hash(lambdas, target, bundled=cdk.Stack.of(scope).bundling_required),
        asset_hash_type=cdk.AssetHashType.CUSTOM,
        bundling=cdk.BundlingOptions(
            image=cdk.DockerImage.from_registry("not-used"), local=_LocalBundling(lambdas, target)
        ),
    )


def _asset_hash(lambdas: Path, target: BundleTarget, *, bundled: bool) -> str:
    """The bundle's hash, or another one where the CDK takes the bare folder (`cdk synth STACK --exclusively`).

    What is uploaded under a hash is never uploaded again: the bare folder must not get there under the bundle's.
    """
    hash_of_bundle = bundle_hash(lambdas, target)
    return hash_of_bundle if bundled else hashlib.sha256(f"unbundled {hash_of_bundle}".encode()).hexdigest()
