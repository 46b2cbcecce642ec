"""moto's names, looked up once.

For every member of every answer moto works out under which names a value may stand, and for every request it lists the
methods of a class: a third of what an answer of its DynamoDB takes, and the same each time.
"""

from __future__ import annotations

import functools
from typing import Any

from moto.core import responses
from moto.core.serialize import AttributePickerContext, XFormedAttributePicker
from moto.core.utils import method_names_from_class


def remember_names() -> None:
    """Let moto work out each name once in a process."""
    responses.method_names_from_class = functools.cache(method_names_from_class)  # type: ignore[attr-defined]
    find = XFormedAttributePicker.get_possible_keys
    known: dict[Any, tuple[str, ...]] = {}

    def names(picker: XFormedAttributePicker, context: AttributePickerContext) -> tuple[str, ...]:
        shape = context.shape
        above = getattr(shape, "parent", None)
        asked = (type(context.obj), context.key, shape and shape.name, above and above.name, *picker.alias_providers)
        if asked not in known:
            known[asked] = tuple(find(picker, context))
        return known[asked]

    XFormedAttributePicker.get_possible_keys = names  # type: ignore[assignment, method-assign]
