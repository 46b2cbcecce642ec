"""`make bench`: measures, prints a table, and writes it into docs/performance.md."""

from __future__ import annotations

import json
import os
import re
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from tests.bench import aws
from tests.bench.operations import Functions, Operation, PlainBoto3, operations, recorded
from tests.worlds.functions import VARIABLES

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs/performance.md"
RESULT = ROOT / ".local/bench.json"
ROUNDS, CALLS, PROCESSES = 7, 20, 5
HANDLERS = ("connection", "conversation", "authorizer", "rest", "fallback", "publisher", "attendant")
TWO_CLIENTS = "import boto3; boto3.client('dynamodb'); boto3.client('apigatewaymanagementapi')"


def main() -> None:
    """Measure and report."""
    with aws.running() as endpoints:
        functions, plain = Functions(endpoints), PlainBoto3()
        operation_rows = [_compared(each, plain) for each in operations(functions)]
    import_rows = _imports()
    tables = "\n\n".join((_table(OPERATION_HEAD, operation_rows), _table(IMPORT_HEAD, import_rows)))
    RESULT.parent.mkdir(mode=0o700, exist_ok=True)
    RESULT.write_text(json.dumps({"operations": operation_rows, "imports": import_rows}, indent=1), encoding="utf-8")
    text = DOCUMENT.read_text(encoding="utf-8")
    begun, ended = "<!-- measured -->\n", "<!-- until here -->"
    written = re.sub(f"{begun}.*{ended}", lambda _: f"{begun}\n{tables}\n\n{ended}", text, flags=re.DOTALL)
    DOCUMENT.write_text(written, encoding="utf-8")
    sys.stdout.write(f"{tables}\n\nWritten to {DOCUMENT.relative_to(ROOT)} and {RESULT.relative_to(ROOT)}.\n")


OPERATION_HEAD = ("operation", "requests to DynamoDB", "posts", "CPU over plain boto3's", "from … to")
IMPORT_HEAD = ("import of", "CPU over boto3 and two clients", "from … to")


def _compared(operation: Operation, plain: PlainBoto3) -> list[str]:
    requests = recorded(operation)
    posts = Counter(name for name, _ in requests)["PostToConnection"]
    ratios: list[float] = []
    for _ in range(ROUNDS):
        ours = _seconds(operation.again)
        ratios.append(ours / _seconds(lambda: plain.repeat(requests)))
    return [operation.name, str(len(requests) - posts), str(posts), *_spread(ratios[1:])]


def _seconds(call: Callable[[], object]) -> float:
    """CPU of this process, all threads."""
    begun = time.process_time()
    for _ in range(CALLS):
        call()
    return time.process_time() - begun


def _imports() -> list[list[str]]:
    rows = []
    for handler in HANDLERS:
        ratios = [_cold(f"import handlers.{handler}") / _cold(TWO_CLIENTS) for _ in range(PROCESSES)]
        rows.append([handler, *_spread(ratios)])
    return rows


def _cold(statement: str) -> float:
    """CPU seconds of a fresh process beyond a bare interpreter's start."""
    program = f"import time; begun = time.process_time(); {statement}; print(time.process_time() - begun)"
    variables = {**os.environ, **VARIABLES, "PYTHONPATH": str(ROOT / "lambdas")}
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", program], env=variables, check=True, capture_output=True, text=True
    )
    return float(done.stdout)


def _spread(ratios: list[float]) -> tuple[str, str]:
    return f"{statistics.median(ratios):.2f}", f"{min(ratios):.2f} … {max(ratios):.2f}"


def _table(head: tuple[str, ...], rows: list[list[str]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    main()
