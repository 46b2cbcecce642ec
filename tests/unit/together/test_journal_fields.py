"""What the sources write into the journal: listed fields, and the texts of no exceptions but their own."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from chat.adapters.json_journal import ALLOWED_FIELDS

LAMBDAS = Path(__file__).parents[3] / "lambdas"
JOURNAL = LAMBDAS / "chat" / "adapters" / "json_journal.py"
OWN = frozenset(
    {
        "ConnectionGoneError",
        "DirectoryUnavailableError",
        "KeysUnavailableError",
        "PushFailedError",
        "RefusedError",
        "RefusedForGoodError",
        "StoreBusyError",
        "StoreUnavailableError",
        "TokenRefusedError",
        "UnreadableError",
    }
)
"""Their texts are made here, of words, codes and counts; a test below holds them to it."""

PLAIN = {
    "action", "call.route", "code", "connection.id", "connection_id", "contact_id", "ask.contact_id", "error.code",
    "error.reason", "group.kind", "parcel.connection.id", "person.role", "proposed.contact_id", "reasons[number]",
    "sender.connection_id", "events.connection_id(event)", "_action(asked)", "type(error).__name__", "status",
    "_contact(asked, error.code)", "_contact(asked, Code.TRY_AGAIN)", "answer.status",
    "len(content)", "MAX_RESPONSE_BYTES",
}  # fmt: skip


def sources() -> list[Path]:
    return sorted(path for room in ("chat", "handlers") for path in (LAMBDAS / room).rglob("*.py") if path != JOURNAL)


def notes(tree: ast.AST) -> list[tuple[ast.Call, frozenset[str]]]:
    """Each line for the journal, with the exceptions in whose hands it is."""
    for node in ast.walk(tree):
        for child in ast.iter_child_nodes(node):
            child.parent = node  # type: ignore[attr-defined]
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    lines = re.compile(r"(?:\w+\.)*_?journal\.(?:note|failed)")
    return [(call, caught(call)) for call in calls if lines.fullmatch(ast.unparse(call.func))]


def caught(node: ast.AST) -> frozenset[str]:
    while (parent := getattr(node, "parent", None)) is not None:
        if isinstance(parent, ast.ExceptHandler):
            kinds = parent.type.elts if isinstance(parent.type, ast.Tuple) else [parent.type]
            return frozenset(ast.unparse(kind).rpartition(".")[2] for kind in kinds if kind)
        node = parent
    return frozenset()


def harmful(line: ast.Call, caught: frozenset[str]) -> list[str]:
    """What a line would write that might be a client's words."""
    told = [keyword.value for keyword in line.keywords]
    return [each for each in map(ast.unparse, told) if not is_plain(each, caught)]


def is_plain(told: str, caught: frozenset[str]) -> bool:
    if told in PLAIN or isinstance(ast.parse(told, mode="eval").body, ast.Constant):
        return True
    return told == "str(error)" and bool(caught) and caught <= OWN


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.relative_to(LAMBDAS).as_posix())
def test_no_line_of_the_journal_holds_the_text_of_a_foreign_exception(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))

    assert [each for line, kinds in notes(tree) for each in harmful(line, kinds)] == []


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.relative_to(LAMBDAS).as_posix())
def test_no_line_of_the_journal_names_a_field_that_would_be_dropped(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))

    assert [word.arg for line, _ in notes(tree) for word in line.keywords if word.arg not in ALLOWED_FIELDS] == []


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.relative_to(LAMBDAS).as_posix())
def test_what_is_told_of_our_own_exceptions_is_made_of_our_own_words(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    raised = [node.exc for node in ast.walk(tree) if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call)]
    texts = [text for call in raised if ast.unparse(call.func) in OWN | {"_RetryableError"} for text in call.args]
    told = [part for text in texts for part in parts(text)]

    # A token's refusal is our own exception, and is told as the reason of another one.
    foreign = {"error"} if path.name == "admission.py" else set()
    assert [each for each in told if each not in PLAIN | foreign and not is_plain(each, frozenset())] == []


def parts(text: ast.expr) -> list[str]:
    """What a text is made of, beside words."""
    if isinstance(text, ast.JoinedStr):
        return [ast.unparse(each.value) for each in text.values if isinstance(each, ast.FormattedValue)]
    return [ast.unparse(text)]


@pytest.mark.parametrize(
    "line",
    [
        "journal.note('failed', error=str(error))",
        "journal.note('failed', error=repr(error))",
        "journal.note('failed', reason=f'{error}')",
        "journal.note('refused', reason=frame.message)",
        "journal.note('refused', code=error.code, contact_id=sender.principal.user_id)",
        "journal.failed('failed', error, reason=error.args[0])",
    ],
)
def test_a_line_that_might_hold_a_clients_words_would_be_found(line: str) -> None:
    tree = ast.parse(f"try:\n    pass\nexcept Exception as error:\n    {line}")

    assert [each for call, kinds in notes(tree) for each in harmful(call, kinds)] != []


def test_there_are_lines() -> None:
    lines = [line for path in sources() for line in notes(ast.parse(path.read_text(encoding="utf-8")))]

    assert len(lines) > 20
