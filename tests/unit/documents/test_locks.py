"""Everything that is installed is locked by version and by hash, and what is tested is what is shipped."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[3]
MADE = (".", "node_modules", "cdk.out", "dist", "build")
SHIPPED, DEPLOYS, TESTS = "lambdas/requirements.txt", "requirements.txt", "requirements-dev.txt"
REQUIREMENT = re.compile(r"([\w.-]+)==([\w.]+)( ; [^\\\n]+)?(?: \\\n    --hash=sha256:[0-9a-f]{64})+\n")
DIRECT = re.compile(r"^([\w.-]+)(?:\[[\w,]+\])?==([\w.]+)$", re.MULTILINE)


def sources(pattern: str) -> list[str]:
    """The project's own files of a name, which nothing made."""
    found = (
        path.relative_to(PROJECT) for depth in ("", "*/", "*/*/", "*/*/*/") for path in PROJECT.glob(depth + pattern)
    )
    return sorted(path.as_posix() for path in found if not any(part.startswith(MADE) for part in path.parts))


LOCKS = sources("requirements*.txt")
WISHES = sources("requirements*.in")
NODE_LOCKS = sources("package-lock.json")
WORKFLOWS = [f".github/workflows/{path.name}" for path in (PROJECT / ".github" / "workflows").glob("*.yml")]


def text(name: str) -> str:
    return (PROJECT / name).read_text(encoding="utf-8")


def unlocked(lock: str) -> str:
    """What of a lock is no requirement with hashes."""
    return REQUIREMENT.sub("", re.sub(r"^#.*\n", "", lock, flags=re.MULTILINE))


def pins(lock: str) -> set[tuple[str, ...]]:
    return {match.groups("") for match in REQUIREMENT.finditer(text(lock))}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("lock", LOCKS)
def test_no_requirement_is_without_hash(lock: str) -> None:
    assert unlocked(text(lock)) == ""
    assert pins(lock)


@pytest.mark.parametrize(
    "line",
    ["boto3==1.43.106\n", "boto3>=1 \\\n    --hash=sha256:" + "0" * 64 + "\n", "-e .\n", "boto3 @ https://host/a\n"],
)
def test_a_requirement_that_is_not_locked_is_seen(line: str) -> None:
    assert unlocked(f"# of make lock\n{line}") != ""


@pytest.mark.parametrize("wish", WISHES)
def test_what_is_asked_for_is_what_is_locked(wish: str) -> None:
    locked = {(normal(name), version) for name, version, _ in pins(wish.replace(".in", ".txt"))}

    assert {(normal(name), version) for name, version in DIRECT.findall(text(wish))} <= locked, "run make lock"


def test_every_lock_is_of_something_asked_for_and_the_other_way_round() -> None:
    assert {each.replace(".in", ".txt") for each in WISHES} == set(LOCKS) >= {SHIPPED, DEPLOYS, TESTS}
    assert set(re.findall(r"requirements\S*\.txt|lambdas/\S+\.txt", made_by_make())) == set(LOCKS)


def made_by_make() -> str:
    return next(line for line in text("Makefile").splitlines() if line.startswith("LOCKS := "))


@pytest.mark.parametrize("lock", [SHIPPED, DEPLOYS])
def test_what_is_tested_is_what_is_shipped(lock: str) -> None:
    assert pins(lock) <= pins(TESTS), "run make lock"


@pytest.mark.parametrize("lock", [*LOCKS, *NODE_LOCKS])
def test_no_lock_names_a_registry(lock: str) -> None:
    assert re.findall(r"--\w*-?index-url|--find-links|\"resolved\"", text(lock)) == []
    assert lock in NODE_LOCKS or "://" not in text(lock)


@pytest.mark.parametrize("lock", NODE_LOCKS)
def test_no_package_of_node_is_without_hash(lock: str) -> None:
    packages = {name: each for name, each in json.loads(text(lock))["packages"].items() if name}

    assert packages
    assert [name for name, each in packages.items() if not each.get("integrity", "").startswith("sha512-")] == []


@pytest.mark.parametrize("lock", NODE_LOCKS)
def test_no_package_runs_anything_when_it_is_installed(lock: str) -> None:
    assert "hasInstallScript" not in text(lock)


@pytest.mark.parametrize("name", ["Makefile", "local_aws/prepare.py", "setup.py"])
def test_and_none_could(name: str) -> None:
    installing = [line for line in text(name).splitlines() if re.search(r"\bci\b[\" ]*(?:$|[,\]-])", line)]

    assert installing
    assert [line for line in installing if "--ignore-scripts" not in line] == []


@pytest.mark.parametrize("name", ["Makefile", ".ci/run", "local_aws/prepare.py", *sorted(WORKFLOWS)])
def test_nothing_is_installed_past_the_locks(name: str) -> None:
    installing = [line for line in text(name).splitlines() if re.search(r"\b(pip|hashed)\b.*\binstall\b", line)]

    assert [line for line in installing if not re.search(r"--require-hashes\b.*--requirement\b", line)] == []
    assert re.findall(r"\buv tool\b|\buvx\b|\bpipx\b|\bnpm (?:install|i)\b|\bnpx\s", text(name)) == []


def test_the_bill_of_the_widget_lists_what_it_is_made_of() -> None:
    sources = [path.read_text(encoding="utf-8") for path in (PROJECT / "widget" / "src").rglob("*.ts*")]
    imported = {name for source in sources for name in re.findall(r"\b(?:from|import)\s*\(?\"([^\"./][^\"/]*)", source)}
    packages = json.loads(text("widget/package-lock.json"))["packages"]
    listed = {name.removeprefix("node_modules/") for name, each in packages.items() if name and not each.get("dev")}

    assert {name for name in listed if not packages[f"node_modules/{name}"].get("optional")} == imported


def test_the_bill_of_the_functions_is_made_from_the_lock_that_ships() -> None:
    assert re.search(rf"cyclonedx-py requirements .* {re.escape(SHIPPED)}$", text("Makefile"), re.MULTILINE)
