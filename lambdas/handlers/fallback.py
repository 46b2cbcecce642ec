"""$default: whatever has no route. Knows no table and may call nothing."""

from __future__ import annotations

from typing import Any

from chat.model.errors import ChatError, Code, try_again
from chat.protocol.frames import decode_object, parse
from chat.protocol.replies import encode, error_frame
from handlers import events
from handlers.variables import Logging, read

_journal = read(Logging).journal()


def handle(event: events.Event, _context: object) -> events.Response:
    """Say what is wrong with the frame."""
    asked: dict[str, Any] | None = None
    try:
        asked = decode_object(event.get("body") or "", is_binary=bool(event.get("isBase64Encoded")))
        raise ChatError(Code.UNKNOWN_ACTION, f"{parse(asked).action} is not deployed here.")  # noqa: TRY301
    except ChatError as error:
        _journal.note("refused", code=error.code, connection_id=events.connection_id(event))
        return events.answered(encode(error_frame(error, asked)))
    except Exception as error:  # noqa: BLE001 - Lambda would log it with its text
        _journal.failed("failed", error, connection_id=events.connection_id(event))
        return events.answered(encode(error_frame(try_again(), asked)))
