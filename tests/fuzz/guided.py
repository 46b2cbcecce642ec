"""Inputs that a coverage-guided fuzzer makes up: `python -m tests.fuzz.guided -runs=N` (libFuzzer's options)."""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["chat", "handlers"]):
    from tests.fuzz.surface import CONTACT, PEOPLE, ROUTES, Surface

_surface = Surface()


def one_input(data: bytes) -> None:
    """Spend the bytes on a frame, an upgrade or a call."""
    source = atheris.FuzzedDataProvider(data)
    kind = source.ConsumeIntInRange(0, 3)
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


def _short(source: atheris.FuzzedDataProvider) -> str:
    return str(source.ConsumeUnicode(source.ConsumeIntInRange(0, 60)))


def _text(source: atheris.FuzzedDataProvider) -> str:
    return str(source.ConsumeUnicode(source.ConsumeIntInRange(0, 400)))


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
