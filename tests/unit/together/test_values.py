"""What is handed around in the domain is a value: nobody who was given it can change it for others."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import FrozenInstanceError, fields, is_dataclass

import pytest

import chat

COUNTERS = {"chat.limits.floodgate._Seen"}
"""What one object keeps to itself, and counts in."""


def _values() -> Iterator[type]:
    for module in pkgutil.walk_packages(chat.__path__, "chat."):
        for each in vars(importlib.import_module(module.name)).values():
            if isinstance(each, type) and is_dataclass(each) and each.__module__ == module.name:
                yield each


def _name(value: type) -> str:
    return f"{value.__module__}.{value.__name__}"


@pytest.mark.parametrize("value", [each for each in _values() if _name(each) not in COUNTERS], ids=_name)
def test_a_value_cannot_be_changed(value: type) -> None:
    # Without what makes one: only what is set afterwards matters here.
    made: object = object.__new__(value)
    first = fields(value)[0].name

    with pytest.raises(FrozenInstanceError):
        setattr(made, first, None)
