"""`make bench`: measures, prints tables, and writes them into docs/performance.md, with pictures beside it."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import botocore

from stacks.bundling import AMAZON_ROOTS, amazon_roots
from tests.bench import aws, baselines, bundle, growth, page, plots
from tests.bench.baselines import Measure, PlainBoto3
from tests.bench.comparing import CALLS, ROUNDS, Measured, compared
from tests.bench.dollars import CALL, FRAME, FUNCTIONS_MET, Chat, Work, around
from tests.bench.operations import Functions, operations
from tests.bench.usage import ASKED_BY_DOCUMENT, PLATFORM_LINES
from tests.worlds.functions import VARIABLES
from tests.worlds.requests import POST

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs/performance.md"
IMAGES = ROOT / "docs/images"
RESULT = ROOT / ".local/bench.json"
PROCESSES = 5
HANDLERS = ("connection", "conversation", "authorizer", "rest", "fallback", "publisher", "attendant")
TWO_CLIENTS = "import boto3; boto3.client('dynamodb'); boto3.client('apigatewaymanagementapi')"
Rows = list[list[str]]


@dataclass(frozen=True)
class Table:
    """Where it goes in the document, and what it says."""

    name: str
    head: tuple[str, ...]
    rows: Rows

    def text(self) -> str:
        """As Markdown."""
        lines = [self.head, tuple("---" for _ in self.head), *self.rows]
        return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> None:
    """Measure and report."""
    with aws.running() as endpoints:
        functions, plain = Functions(endpoints), PlainBoto3()
        baselines.create_tables()
        # What functions log is no part of the tables.
        with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
            measured = [compared(functions, each, plain) for each in operations(functions)]
        documents, work_of_document = _documents(endpoints, next(each for each in measured if "to 1" in each.name))
        lines = growth.lines(functions)
    _report(
        [
            Table("operations", OPERATIONS, [_operation_row(each) for each in measured]),
            Table("documents", DOCUMENTS, documents),
            Table("encrypted", ENCRYPTED, [_encrypted()]),
            Table("imports", IMPORTS, _imports()),
            Table("bundle", BUNDLE, bundle.rows()),
            Table("dollars", DOLLARS, _dollars(measured, work_of_document)),
            Table("growth", GROWTH, [_growth_row(each) for each in lines]),
            Table("page", PAGE, page.rows()),
        ]
    )
    _draw("ratios", plots.bars([(each.name, *_numbers(each.ratios)) for each in measured if each.requests.taken]))
    _draw("growth", plots.growth(lines))


ENDED = "<!-- until here -->"
"""Where a table of the document ends."""
OPERATIONS = (
    "operation",
    "requests",
    "steps",
    "read units",
    "write units",
    "posts",
    "CPU over plain boto3's",
    "from … to",
)
DOCUMENTS = ("sendMessage to 1, over", "CPU", "from … to")
ENCRYPTED = ("over TLS", "CPU over plain boto3's", "from … to", "handshakes of a call", "of plain boto3's")
BUNDLE = ("the functions' bundle", "files", "bytes", "of it zipped")
IMPORTS = ("import of", "CPU over boto3 and two clients", "from … to", "memory over theirs")
DOLLARS = ("a million", "ours, $", "the document's as written, $", "over", "its clients made once, $", "over")
GROWTH = ("operation", "by", "at", "requests", "read units")
PAGE = ("a page", "without the widget", "with it, closed", "with it, opened")


def _operation_row(each: Measured) -> list[str]:
    counts = each.requests.counts
    posts = counts.get(POST, 0)
    return [
        each.name,
        str(len(each.requests.taken) - posts),
        str(each.requests.steps),
        f"{each.requests.read_units:g}",
        str(each.requests.write_units),
        str(posts),
        *(_spread(each.ratios) if each.requests.taken else ("—", "")),
    ]


def _growth_row(line: growth.Line) -> list[str]:
    def joined(numbers: Sequence[float]) -> str:
        return " / ".join(f"{number:g}" for number in numbers)

    sizes = " / ".join(f"{size:,}" for size in line.sizes)
    return [line.name, line.of, sizes, joined(line.requests), joined(line.read_units)]


def _documents(endpoints: Mapping[str, str], send: Measured) -> tuple[Rows, dict[str, dict[str, Work]]]:
    """Ours over each variant of the document's sendMessage, and what its stored one costs by handler."""
    with ExitStack() as stack:
        variants: dict[str, Measure] = {}
        for store in (False, True):
            for kept in (False, True):
                name = f"{'its clients made once' if kept else 'as written'}{', stored too' if store else ''}"
                node = baselines.in_node(endpoints, keep_clients=kept, store=store)
                variants[f"the document's in Node, {name}"] = stack.enter_context(node)
                variants[f"the document's in Python, {name}"] = baselines.in_python(keep_clients=kept, store=store)
        rows, works = [], {}
        for name, measure in variants.items():
            for handler in baselines.HANDLERS:
                measure(handler, CALLS)
            spent = [measure("send-message", CALLS).seconds for _ in range(ROUNDS)]
            rows.append([name, *_spread([send.seconds / each for each in spent])])
            if "Node" in name and "stored" in name:
                works[name] = {handler: _work_of_document(handler, measure) for handler in baselines.HANDLERS}
    return rows, works


def _work_of_document(handler: str, measure: Measure) -> Work:
    """By its text: what it asks for is one request after another, each of an item below a unit's size."""
    asked = ASKED_BY_DOCUMENT[handler]
    called = measure(handler, 5 * CALLS)
    logged = called.logged + PLATFORM_LINES
    return Work(asked.frames, asked.reads, asked.writes, asked.steps, called.seconds, logged)


def _encrypted() -> list[str]:
    """Of a process of its own: functions read once where AWS is."""
    command = [sys.executable, "-m", "tests.bench.encrypted"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - our own program
    found = json.loads(done.stdout)
    handshakes = (f"{each:g}" for each in found["handshakes"])
    return [found["name"], *_spread(found["ratios"]), *handshakes]


def _dollars(measured: Sequence[Measured], document: Mapping[str, Mapping[str, Work]]) -> Rows:
    ours = {each.name: each.work.dollars() for each in measured}
    parts = _parts_of_a_chat(ours)
    theirs = [
        {"message": works["send-message"].dollars(), "chat": _chat_of_document(works)} for works in document.values()
    ]
    rows = [
        _dollar_row("messages", ours["sendMessage to 1"], [each["message"] for each in theirs]),
        _dollar_row("chats of twenty messages", sum(parts.values()), [each["chat"] for each in theirs]),
    ]
    dearest_first = sorted(parts.items(), key=lambda each: -each[1])
    return rows + [[f"… of it {name}", f"{cost:.2f}", "", "", "", ""] for name, cost in dearest_first]


def _parts_of_a_chat(ours: Mapping[str, float]) -> dict[str, float]:
    """What each kind of frame costs a million chats, by what one of it costs."""
    named = {
        "sendMessage": "sendMessage to 1",
        "InitChat": "InitChat, new",
        "sync": "sync, nothing new",
    }
    # An upgrade and its end are no frames; a ping asks for nothing.
    prices = {
        **ours,
        "ping": Work(frames=2, seconds=0.0002).dollars(),
        "connect": ours["connect"] + ours["authorizer"] - 2 * FRAME,
    }
    sent = Chat.as_sent().frames
    parts = {action: count * prices[named.get(action, action)] for action, count in sent.items()}
    parts["disconnect"] = sent["connect"] * (ours["disconnect"] - FRAME)
    parts["its events and check-ups"] = around(_AROUND)
    parts["asking who may"] = FUNCTIONS_MET * 2 * _ASKING
    return parts


_AROUND = Work(frames=0, read_units=1, steps=2, seconds=0.002).dollars()
"""A call of the publisher or of the attendant: about two requests."""


_ASKING = Work(frames=0, read_units=1, steps=1).dollars() - CALL
"""Of a function that meets somebody in a contact for the first time, more than of any other."""


def _chat_of_document(works: Mapping[str, Work]) -> float:
    connects = 2 * (works["connect"].dollars() - FRAME)
    return connects + works["init-chat"].dollars() + 20 * works["send-message"].dollars()


def _dollar_row(name: str, ours: float, theirs: Sequence[float]) -> list[str]:
    return [name, f"{ours:.2f}", *(text for each in theirs for text in (f"{each:.2f}", f"{ours / each:.2f}"))]


def _imports() -> Rows:
    rows = []
    with tempfile.TemporaryDirectory() as bytecode:
        roots = Path(bytecode, AMAZON_ROOTS)
        roots.write_text(amazon_roots(Path(botocore.__file__).with_name("cacert.pem")), encoding="ascii")
        for handler in HANDLERS:
            # The first of each compiles, which the bundle has behind it.
            ours, theirs = [], []
            for _ in range(1 + PROCESSES):
                ours.append(_cold(f"import handlers.{handler}", bytecode, roots))
                theirs.append(_cold(TWO_CLIENTS, bytecode, roots))
            ratios = [mine[0] / its[0] for mine, its in zip(ours[1:], theirs[1:], strict=True)]
            rows.append([handler, *_spread(ratios), f"{ours[1][1] / theirs[1][1]:.2f}"])
    return rows


def _cold(statement: str, bytecode: str, roots: Path) -> tuple[float, float]:
    """CPU seconds of a fresh process beyond a bare interpreter's start, and its memory.

    `bytecode` is a folder for what is compiled, `roots` are those that the bundle has for AWS's endpoints.
    """
    program = (
        f"import time; begun = time.process_time(); {statement}; print(time.process_time() - begun); "
        "print(*(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))"
    )
    variables = {**os.environ, **VARIABLES, "PYTHONPATH": str(ROOT / "lambdas")}
    variables |= {"PYTHONPYCACHEPREFIX": bytecode, "PYTHONDONTWRITEBYTECODE": "", "AWS_CA_BUNDLE": str(roots)}
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", program], env=variables, check=True, capture_output=True, text=True
    )
    seconds, memory = done.stdout.split()
    return float(seconds), float(memory)


def _numbers(ratios: Sequence[float]) -> tuple[float, float, float]:
    return statistics.median(ratios), min(ratios), max(ratios)


def _spread(ratios: Sequence[float]) -> tuple[str, str]:
    median, least, most = _numbers(ratios)
    return f"{median:.2f}", f"{least:.2f} … {most:.2f}"


def _report(tables: Sequence[Table]) -> None:
    RESULT.parent.mkdir(mode=0o700, exist_ok=True)
    told = {table.name: [table.head, *table.rows] for table in tables}
    RESULT.write_text(json.dumps(told, indent=1, ensure_ascii=False), encoding="utf-8")
    text = DOCUMENT.read_text(encoding="utf-8")
    for table in tables:
        before, begun, rest = text.partition(f"<!-- {table.name} -->\n")
        text = f"{before}{begun}\n{table.text()}\n\n{ENDED}{rest.partition(ENDED)[2]}"
        sys.stdout.write(f"{table.text()}\n\n")
    DOCUMENT.write_text(text, encoding="utf-8")
    sys.stdout.write(f"Written to {DOCUMENT.relative_to(ROOT)} and {RESULT.relative_to(ROOT)}.\n")


def _draw(name: str, picture: str) -> None:
    (IMAGES / f"{name}.svg").write_text(picture, encoding="utf-8")


if __name__ == "__main__":
    main()
