"""docs/architecture.md draws the rooms as they are, and as import-linter holds them."""

from __future__ import annotations

import importlib
import re
import tomllib
from pathlib import Path

import grimp
import pytest

PROJECT = Path(__file__).parents[3]
DOCUMENT = (PROJECT / "docs" / "architecture.md").read_text(encoding="utf-8")
GROUND = {"ports", "model"}


def floors_of_the_contract() -> list[set[str]]:
    contracts = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (rooms,) = [each for each in contracts if each.get("containers") == ["chat"]]
    return [set(re.split(r"\s*[|:]\s*", floor)) for floor in rooms["layers"]]


def floors_of_the_picture() -> list[set[str]]:
    return [
        set(re.findall(r"\w+", floor))
        for floor in re.findall(r'subgraph F\d\[" "\]\n(.*?)\n    end', DOCUMENT, re.DOTALL)
    ]


def arrows_of_the_code() -> set[tuple[str, str]]:
    graph = grimp.build_graph("chat", cache_dir=None)
    pairs = {
        (importer.split(".")[1], imported.split(".")[1])
        for importer in graph.modules - {"chat"}
        for imported in graph.find_modules_directly_imported_by(importer)
    }
    return {(upper, lower) for upper, lower in pairs if upper != lower and not {upper, lower} & GROUND}


def test_the_floors_are_those_of_the_import_contract() -> None:
    assert floors_of_the_picture() == floors_of_the_contract()


def test_the_arrows_are_the_imports_between_the_rooms() -> None:
    drawn = set(re.findall(r"^    ([a-z]+) --> ([a-z]+)$", DOCUMENT, re.MULTILINE)) - {("ports", "model")}

    assert drawn == arrows_of_the_code()


def test_no_room_has_more_than_ten_files() -> None:
    folders = [path.parent for path in (PROJECT / "lambdas" / "chat").rglob("__init__.py")]
    sizes = {folder.name: len(list(folder.glob("*.py"))) - 1 for folder in folders}

    assert {name: size for name, size in sizes.items() if size > 10} == {}


def test_every_room_has_its_paragraph() -> None:
    rooms = {room for floor in floors_of_the_contract() for room in floor}

    assert set(re.findall(r"^\*\*([a-z]+)\*\* ", DOCUMENT, re.MULTILINE)) == rooms


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`((?:chat|handlers|tests)/[\w/]+\.py)`", DOCUMENT))))
def test_a_file_that_it_names_is_there(path: str) -> None:
    assert (PROJECT / path).exists() or (PROJECT / "lambdas" / path).exists()


def test_every_adapter_says_truly_which_port_it_implements() -> None:
    sources = [path.read_text(encoding="utf-8") for path in (PROJECT / "lambdas" / "chat" / "adapters").rglob("*.py")]
    named = {name for source in sources for name in re.findall(r'"""Implements `([\w.]+)`', source)}

    assert len(named) >= 10
    for name in named:
        module, _, port = name.rpartition(".")
        assert hasattr(importlib.import_module(module), port), name
