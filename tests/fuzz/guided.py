"""Inputs that a coverage-guided fuzzer makes up: `python -m tests.fuzz.guided -runs=N` (libFuzzer's options)."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import atheris

with atheris.instrument_imports(include=["chat", "handlers", "local_aws"]):
    from tests.fuzz import local_address
    from tests.fuzz.surface import CONTACT, PEOPLE, ROUTES, Surface

_surface = Surface()


def one_input(data: bytes) -> None:
    """Spend the bytes on a frame, an upgrade, a call, or a request to the local address."""
    source = atheris.FuzzedDataProvider(data)
    kind = source.ConsumeIntInRange(0, 4)
    if kind <= 1:
        person = source.PickValueInList(list(PEOPLE))
        _surface.frame(person, _text(source).replace("@", CONTACT), is_binary=source.ConsumeBool())
    elif kind == 2:
        parameters = {"userId": _short(source), "ticket": _short(source)}
        headers = {"Sec-WebSocket-Protocol": _short(source), "Origin": _short(source)}
        _surface.upgrade(
            {name: value for name, value in parameters.items() if value},
            {name: value for name, value in headers.items() if value},
        )
    elif kind == 3:
        local_address.check(
            source.PickValueInList(["GET", "POST", "OPTIONS"]),
            "".join(_piece(source, local_address.PARTS) for _ in range(source.ConsumeIntInRange(1, 4))),
            _piece(source, local_address.QUERIES),
            [
                (source.PickValueInList(list(local_address.NAMES)), _piece(source, local_address.VALUES))
                for _ in range(source.ConsumeIntInRange(0, 5))
            ],
        )
    else:
        _surface.call(
            {
                "routeKey": source.PickValueInList(list(ROUTES)),
                "headers": {"authorization": f"Bearer {_short(source)}"} if source.ConsumeBool() else {},
                "requestContext": {"http": {"sourceIp": "203.0.113.7"}},
                "isBase64Encoded": source.ConsumeBool(),
                "pathParameters": {"contact_id": CONTACT if source.ConsumeBool() else _short(source)},
                "queryStringParameters": {"after": _short(source)} if source.ConsumeBool() else None,
                "body": _text(source),
            }
        )


def _piece(source: atheris.FuzzedDataProvider, likely: Sequence[str]) -> str:
    return str(source.PickValueInList(list(likely))) if source.ConsumeBool() else _short(source)


def _short(source: atheris.FuzzedDataProvider) -> str:
    return str(source.ConsumeUnicode(source.ConsumeIntInRange(0, 60)))


def _text(source: atheris.FuzzedDataProvider) -> str:
    return str(source.ConsumeUnicode(source.ConsumeIntInRange(0, 400)))


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
