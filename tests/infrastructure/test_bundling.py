"""The functions' bundle: what is in it, and when it is another one."""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import shutil
import ssl
import stat
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from stacks import bundling
from stacks.bundling import (
    AMAZON_ROOTS,
    ARM64_PYTHON_3_14,
    HOST,
    LAMBDAS,
    BundleTarget,
    BundlingError,
    aws_services,
    bundle,
    bundle_hash,
    bundled_code,
    source_files,
)

IMPORT_ALL = """
import json, sys
sys.path.insert(0, sys.argv[1])
import boto3, jwt, msgspec, chat, handlers
print(json.dumps([module.__file__ for module in (boto3, jwt, msgspec, chat, handlers)]))
"""


@pytest.fixture
def lambdas(tmp_path: Path) -> Path:
    """A copy of the functions' sources that a test may spoil."""
    copy = tmp_path / "lambdas"
    shutil.copytree(LAMBDAS, copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


@pytest.mark.parametrize(
    "stray",
    [
        "chat/__pycache__/log.cpython-314.pyc",
        "chat/log.py~",
        "chat/.log.py.swp",
        "chat/.#log.py",
        "handlers/.DS_Store",
        "handlers/notes.txt",
        "tests/test_log.py",
        ".venv/lib/site.py",
    ],
)
def test_a_stray_file_changes_no_hash(stray: str, lambdas: Path) -> None:
    before = bundle_hash(lambdas, HOST)
    (lambdas / stray).parent.mkdir(parents=True, exist_ok=True)
    (lambdas / stray).write_text("stray", encoding="utf-8")
    assert bundle_hash(lambdas, HOST) == before


@pytest.mark.parametrize("name", ["requirements.txt", "handlers/conversation.py", "chat/adapters/websocket_push.py"])
def test_a_changed_source_changes_the_hash(name: str, lambdas: Path) -> None:
    before = bundle_hash(lambdas, HOST)
    with (lambdas / name).open("a", encoding="utf-8") as source:
        source.write("# changed\n")
    assert bundle_hash(lambdas, HOST) != before


def test_a_moved_source_changes_the_hash(lambdas: Path) -> None:
    before = bundle_hash(lambdas, HOST)
    (lambdas / "chat" / "log.py").rename(lambdas / "chat" / "journal.py")
    assert bundle_hash(lambdas, HOST) != before


def test_another_target_is_another_bundle(lambdas: Path) -> None:
    other_platform = BundleTarget(python_versions=("3.14",), platform="x86_64-manylinux2014")
    assert len({bundle_hash(lambdas, target) for target in (HOST, ARM64_PYTHON_3_14, other_platform)}) == 3


def test_a_bundle_with_bytecode_is_another_bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = BundleTarget(python_versions=("3.99",), platform=None)
    without_bytecode = bundle_hash(LAMBDAS, target)
    interpreter = tmp_path / "python3.99"
    interpreter.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert target.interpreter == str(interpreter)
    assert bundle_hash(LAMBDAS, target) != without_bytecode


def test_where_the_project_lies_changes_no_hash(lambdas: Path) -> None:
    assert bundle_hash(lambdas, HOST) == bundle_hash(LAMBDAS, HOST)


def test_every_handler_is_bundled() -> None:
    names = {path.as_posix() for path in source_files(LAMBDAS)}
    assert {f"handlers/{name}.py" for name in ("authorizer", "connection", "conversation", "fallback")} <= names


def test_requirements_that_cannot_be_had_end_with_the_installers_words(lambdas: Path, tmp_path: Path) -> None:
    (lambdas / "requirements.txt").write_text("./no-such-package\n", encoding="utf-8")
    with pytest.raises(BundlingError, match=r"installing requirements\.txt(.|\n)*no-such-package"):
        bundle(lambdas, HOST, tmp_path / "bundle")


def test_a_package_without_its_hash_is_not_bundled(lambdas: Path, tmp_path: Path) -> None:
    (lambdas / "requirements.txt").write_text(f"six=={pins('requirements.txt')['six']}\n", encoding="utf-8")
    with pytest.raises(BundlingError, match="hash"):
        bundle(lambdas, HOST, tmp_path / "bundle")


def pins(name: str) -> dict[str, str]:
    """The versions in a file of requirements, by package."""
    text = (LAMBDAS / name).read_text(encoding="utf-8")
    found = re.findall(r"^([\w.-]+)(?:\[\w+\])?==([\w.]+)", text, re.MULTILINE)
    return {package.lower(): version for package, version in found}


def test_every_package_that_is_shipped_is_pinned_by_hash() -> None:
    text = (LAMBDAS / "requirements.txt").read_text(encoding="utf-8")
    packages = re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:]

    assert len(packages) == len(pins("requirements.txt"))
    assert all("--hash=sha256:" in package for package in packages)
    assert pins("requirements.in").items() <= pins("requirements.txt").items(), "run make lock"


def test_what_is_shipped_is_what_was_tested() -> None:
    shipped = pins("requirements.txt")

    assert {name: importlib.metadata.version(name) for name in shipped} == shipped


def test_services_are_found_where_clients_are_made(lambdas: Path) -> None:
    (lambdas / "handlers" / "added.py").write_text('session.client("sns", config=None)\n', encoding="utf-8")
    assert aws_services(lambdas) == aws_services(LAMBDAS) | {"sns"}
    assert {"events", "sqs", "secretsmanager"} <= aws_services(LAMBDAS)


def test_a_service_whose_name_is_computed_cannot_be_bundled(lambdas: Path) -> None:
    (lambdas / "handlers" / "added.py").write_text("session.client(name)\n", encoding="utf-8")
    with pytest.raises(BundlingError, match=r"added\.py, line 1"):
        aws_services(lambdas)


def sources(folder: Path) -> dict[str, bytes]:
    """What is in each module of a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.py")}


@pytest.fixture(scope="module")
def bundled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle for every Python of a machine that lets nobody else read what is made there."""
    output = tmp_path_factory.mktemp("bundle")
    before = os.umask(0o077)
    try:
        bundle(LAMBDAS, HOST, output)
    finally:
        os.umask(before)
    return output


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle for one Python, as on AWS: this one, which alone is sure to be here."""
    output = tmp_path_factory.mktemp("compiled")
    running = f"{sys.version_info.major}.{sys.version_info.minor}"
    bundle(LAMBDAS, BundleTarget(python_versions=(running,), platform=None), output)
    return output


@pytest.mark.bundles
class TestBundle:
    def test_it_can_be_imported_without_this_projects_environment(self, bundled: Path) -> None:
        # Isolated and without site-packages: what is missing from the bundle is missing.
        finished = subprocess.run(  # noqa: S603 (this interpreter, on a program written above)
            [sys.executable, "-B", "-I", "-S", "-c", IMPORT_ALL, str(bundled)],
            capture_output=True,
            text=True,
            check=True,
        )
        assert all(Path(file).is_relative_to(bundled) for file in json.loads(finished.stdout))

    def test_it_is_no_larger_than_it_has_to_be(self, bundled: Path) -> None:
        sizes = Counter[str]()
        for path in filter(Path.is_file, bundled.rglob("*")):
            sizes[path.relative_to(bundled).parts[0]] += path.stat().st_size

        assert sizes["chat"] + sizes["handlers"] < 600_000
        assert sizes.total() < 27_000_000

    def test_for_one_python_it_is_compiled_so_that_a_cold_start_compiles_nothing(self, compiled: Path) -> None:
        names = {path.stem.partition(".")[0] for path in (compiled / "handlers" / "__pycache__").glob("*.pyc")}
        assert names == {path.stem for path in (compiled / "handlers").glob("*.py")}

    def test_its_bytecode_is_never_checked_against_the_sources(self, compiled: Path) -> None:
        # PEP 552: the second word of a .pyc file holds its flags; 1 is hash-based and unchecked.
        flags = {path.read_bytes()[4:8] for path in compiled.rglob("*.pyc")}
        assert flags == {b"\x01\x00\x00\x00"}

    def test_on_this_machine_every_python_can_load_it(self, bundled: Path) -> None:
        for package in (bundled / "msgspec", bundled):
            found = {found[1] for path in package.glob("*.so") if (found := re.search(r"cpython-(\d+)", path.name))}
            assert {"311", "312", "313", "314"} <= found, "the same bundle, whichever Python makes it"
        assert list(bundled.rglob("*.pyc")) == [], "bytecode is of one Python"

    def test_lambda_may_read_all_of_it_whatever_the_umask_of_this_machine(self, bundled: Path, compiled: Path) -> None:
        for folder in (bundled, compiled):
            modes = {(path.is_dir(), stat.S_IMODE(path.stat().st_mode)) for path in folder.rglob("*")}
            assert modes == {(True, 0o755), (False, 0o644)}
        # One of them was made under another umask.
        assert sources(bundled) == sources(compiled)

    def test_it_holds_no_tests_and_no_package_metadata(self, bundled: Path) -> None:
        unwanted = [path for pattern in ("**/tests", "*.dist-info", "bin") for path in bundled.glob(pattern)]
        assert unwanted == []

    def test_it_knows_the_aws_services_that_the_functions_call_and_no_other(self, bundled: Path) -> None:
        models = {path.name for path in (bundled / "botocore" / "data").iterdir() if path.is_dir()}
        assert models == aws_services(LAMBDAS)

    def test_it_trusts_amazons_roots_alone(self, bundled: Path) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(bundled / AMAZON_ROOTS)
        roots: list[Any] = context.get_ca_certs()
        organizations = {
            value
            for root in roots
            for fields in root["subject"]
            for name, value in fields
            if name == "organizationName"
        }
        assert len(roots) == 5
        assert organizations == {"Amazon", "Starfield Technologies, Inc."}


def app_that_is(*, bundled: bool) -> cdk.App:
    return cdk.App(context={"aws:cdk:bundling-stacks": ["**"] if bundled else []}, analytics_reporting=False)


def key_of_code(*, bundled: bool) -> str:
    cdk.AssetStaging.clear_asset_hash_cache()
    stack = cdk.Stack(app_that_is(bundled=bundled), "Stack")
    location = bundled_code(stack, HOST).bind(stack).s3_location
    assert location is not None
    return location.object_key


def test_the_bare_folder_never_goes_by_the_bundles_name(monkeypatch: pytest.MonkeyPatch) -> None:
    # `cdk synth STACK --exclusively` leaves the other stacks' code unbundled.
    monkeypatch.setattr(bundling, "bundle", lambda *arguments: (arguments[-1] / "bundled.py").touch())

    assert key_of_code(bundled=False) != key_of_code(bundled=True)


def test_code_that_cannot_be_bundled_ends_the_app_in_the_installers_words(lambdas: Path) -> None:
    (lambdas / "requirements.txt").write_text("./no-such-package\n", encoding="utf-8")
    stack = cdk.Stack(app_that_is(bundled=True), "Stack")
    with pytest.raises(SystemExit, match=r"^error: installing requirements\.txt"):
        bundled_code(stack, HOST, lambdas).bind(stack)
