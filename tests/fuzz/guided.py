"""Inputs that a coverage-guided fuzzer makes up: `python -m tests.fuzz.guided -runs=N` (libFuzzer's options)."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

import atheris

with atheris.instrument_imports(include=["chat", "handlers", "local_aws"]):
    from chat.api.rest import JSON
    from chat.protocol.frames import KNOWN
    from tests.fuzz import likely, local_address
    from tests.fuzz.surface import CONTACT, PEOPLE, ROUTES, VISITOR, WAITING, Surface

_surface = Surface()


def one_input(data: bytes) -> None:
    """Spend the bytes on a frame, an upgrade, a call, or a request to the local address."""
    source = atheris.FuzzedDataProvider(data)
    kind = source.ConsumeIntInRange(0, 4)
    if kind <= 1:
        person = source.PickValueInList(list(PEOPLE))
        is_binary = source.ConsumeIntInRange(0, 9) == 0
        frame = likely.frame(source.PickValueInList(sorted(KNOWN)))
        if "contact_id" in frame and source.ConsumeBool():
            frame["contact_id"] = WAITING
        _surface.frame(person, _changed(source, frame), is_binary=is_binary)
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
        route = source.PickValueInList(list(ROUTES))
        headers = {"content-type": JSON if source.ConsumeIntInRange(0, 9) else _short(source)}
        if source.ConsumeBool():
            headers["authorization"] = f"Bearer {VISITOR.user_id if source.ConsumeBool() else _short(source)}"
        _surface.call(
            {
                "routeKey": route,
                "headers": headers,
                "requestContext": {"http": {"sourceIp": "203.0.113.7"}},
                "isBase64Encoded": source.ConsumeIntInRange(0, 9) == 0,
                "pathParameters": {"contact_id": CONTACT if source.ConsumeBool() else _short(source)},
                "queryStringParameters": {"after": _short(source)} if source.ConsumeBool() else None,
                "body": _changed(source, likely.body(route)),
            }
        )


def _changed(source: atheris.FuzzedDataProvider, value: dict[str, Any]) -> str:
    """An object with up to three fields that are missing or something else; now and then any text."""
    if source.ConsumeIntInRange(0, 9) == 0:
        return _text(source).replace("@", CONTACT)
    for _ in range(source.ConsumeIntInRange(0, 3)):
        name = source.PickValueInList([*sorted(likely.FIELDS), "action"])
        kind = source.ConsumeIntInRange(0, 4)
        if kind == 0:
            value.pop(name, None)
        else:
            value[name] = (
                _text(source),
                source.ConsumeInt(9),
                [_short(source), source.ConsumeBool(), None],
                {_short(source): _text(source), _short(source): source.ConsumeFloat()},
            )[kind - 1]
    return json.dumps(value, ensure_ascii=source.ConsumeBool())


def _piece(source: atheris.FuzzedDataProvider, likely: Sequence[str]) -> str:
    return str(source.PickValueInList(list(likely))) if source.ConsumeBool() else _short(source)


def _short(source: atheris.FuzzedDataProvider) -> str:
    return str(source.ConsumeUnicode(source.ConsumeIntInRange(0, 60)))


def _text(source: atheris.FuzzedDataProvider) -> str:
    return str(source.ConsumeUnicode(source.ConsumeIntInRange(0, 400)))


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
