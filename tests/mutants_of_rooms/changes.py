"""The changes that Cosmic Ray can make to a module."""

from __future__ import annotations

import ast
import difflib
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
ROOMS = ("lambdas/chat/log.py", "lambdas/chat/contacts", "lambdas/chat/team")
NO_CHANGES = (
    # Annotations are never evaluated, and nothing else here is joined by `|`.
    "core/ReplaceBinaryOperator_BitOr_",
    # What is compared by `is` is None or of an enumeration: there is one of each, and they have no order.
    *(
        f"core/ReplaceComparisonOperator_{one}_{other}"
        for one in ("Is", "IsNot")
        for other in ("Eq", "NotEq", "Lt", "Gt")
    ),
)


@dataclass(frozen=True)
class Change:
    """One change. `lines` are those of the statement that it is in, None where that runs at import."""

    module: str
    operator: str
    occurrence: int
    line: int
    lines: frozenset[int] | None

    @property
    def key(self) -> str:
        """What it is called as long as its module stays as it is."""
        return f"{self.module} {_fingerprint(self.module)} {self.operator} {self.occurrence}"

    def source(self) -> str:
        """The module as it is with the change."""
        from cosmic_ray.mutating import mutate_code
        from cosmic_ray.plugins import get_operator

        changed: str = mutate_code(source_of(self.module), get_operator(self.operator)(), self.occurrence)
        return changed

    def difference(self) -> tuple[str, str]:
        """The lines that it takes away, and those that it puts there."""
        lines = list(difflib.ndiff(source_of(self.module).splitlines(), self.source().splitlines()))
        was, becomes = (" ".join(line[2:].strip() for line in lines if line[0] == sign) for sign in "-+")
        return was, becomes


def modules() -> Iterator[str]:
    """The files of the rooms."""
    for room in ROOMS:
        path = ROOT / room
        for each in sorted(path.glob("*.py")) if path.is_dir() else [path]:
            if each.name != "__init__.py":
                yield str(each.relative_to(ROOT))


def changes_to(module: str) -> Iterator[Change]:
    """All that Cosmic Ray would change of a module."""
    from cosmic_ray.ast import ast_nodes, get_ast_from_path
    from cosmic_ray.plugins import get_operator, operator_names

    tree, statements, heads = get_ast_from_path(ROOT / module), list(_statements(module)), _heads(module)
    for name in operator_names():
        operator: Any = get_operator(name)
        if name.startswith(NO_CHANGES) or operator.arguments():
            continue
        places = (place for node in ast_nodes(tree) for place in operator().mutation_positions(node))
        for occurrence, (start, end) in enumerate(places):
            if "BinaryOperator" in name and start[0] in heads:
                # The `*` before arguments that go by name is no product.
                continue
            yield Change(module, name, occurrence, start[0], _around(statements, start[0], end[0]))


def _around(statements: list[tuple[range, bool]], first: int, last: int) -> frozenset[int] | None:
    """The lines of the innermost statement there, None if it runs at import."""
    found = [each for each in statements if first in each[0] and last in each[0]]
    if not found:
        return None
    lines, runs_at_import = min(found, key=lambda each: len(each[0]))
    return None if runs_at_import else frozenset(lines)


def _statements(module: str) -> Iterator[tuple[range, bool]]:
    """The lines of each statement, of a compound one those of its head; and whether it runs at import."""
    tree = ast.parse(source_of(module))
    inside = {
        id(each)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        for statement in function.body
        for each in ast.walk(statement)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt):
            body = getattr(node, "body", None)
            decorators = getattr(node, "decorator_list", None) or [node]
            last = max(node.lineno, body[0].lineno - 1) if body else node.end_lineno or node.lineno
            yield range(decorators[0].lineno, last + 1), id(node) not in inside
        elif isinstance(node, ast.ExceptHandler):
            # Which exceptions it takes shows in what was tried.
            yield range(node.lineno, node.lineno + 1), False


def _heads(module: str) -> set[int]:
    """The lines at which functions say what they take."""
    functions = (each for each in ast.walk(ast.parse(source_of(module))) if isinstance(each, ast.FunctionDef))
    return {line for each in functions for line in range(each.lineno, each.body[0].lineno)}


@cache
def source_of(module: str) -> str:
    """The module as it is."""
    return (ROOT / module).read_text()


@cache
def _fingerprint(module: str) -> str:
    return hashlib.sha256(source_of(module).encode()).hexdigest()[:12]
