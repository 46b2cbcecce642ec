"""What may stand in a text, a name, a key and a visitor's details: one definition for both doors and both documents.

The patterns mean the same to Python and to JSON Schema, so none of them uses a class such as `\\s`.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from typing import Annotated, Any, TypeAlias

import msgspec
from msgspec import Meta

from chat.model.errors import ChatError, Code
from chat.model.identity import DEVICE_ID, USER_ID

MAX_MESSAGE_CHARACTERS = 4000
MAX_USER_INFO_BYTES = 2048
MAX_DETAILS = 32
MAX_LEVELS = 3
MAX_DETAIL_CHARACTERS = 1000
MAX_NAME_CHARACTERS = 200
MAX_REASON_CHARACTERS = 200
MAX_NOTE_CHARACTERS = 1000
MAX_QUERY_CHARACTERS = 100
MAX_LABEL_CHARACTERS = 32
GREATEST_NUMBER = 2**53 - 1
"""Up to here every reader of JSON means the same number (RFC 7493, section 2.2)."""

# Control characters but tab and line breaks, and what is no character at all: XML and terminals fail on them.
_NEVER = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff"
# These turn round what stands beside them, which in a list of details is somebody else's.
_TURNING = r"\u202a-\u202e\u2066-\u2069"
_BREAKS = r"\t\n\r\u2028\u2029"
# White space, and what a reader sees nothing of (Unicode: Default_Ignorable_Code_Point); the last ones as they are,
# since Python and JSON Schema write them differently.
_UNSEEN = (
    r"\t\n\r \u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f"
    r"\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
# `$` alone would let a final newline pass.
_END = r"$(?!\n)"
_SEEN = f"[^{_UNSEEN}{_NEVER}]"
# The three classes exclude each other where one could end and the next begin: a search takes one step a character.
_TEXT = f"^[{_UNSEEN}]*{_SEEN}[^{_NEVER}]*{_END}"
_LINE = f"^[^{_NEVER}{_TURNING}{_BREAKS}]*{_END}"
_SEEN_LINE = f"^(?=.*{_SEEN})[^{_NEVER}{_TURNING}{_BREAKS}]*{_END}"
_IDEOGRAPHS = r"\u2e80-\u9fff\uf900-\ufaff" "\U00020000-\U0003ffff"
_SYMBOLS = r"\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u2bff\u3030\u303d\u3297\u3299" "\U0001f000-\U0001faff"
# Where what is not seen by itself shows in what stands beside it.
_SHOWING = "|".join(
    (
        # Joiners in the scripts that join letters, and in emoji (Unicode, sections 23.2 and 23.4).
        rf"(?<=[^\x00-\u05ff\u200c\u200d\u2e80-\ud7ff])[\u200c\u200d](?={_SEEN})",
        # As a picture or as a sign, and a digit on a key.
        rf"(?<=[{_SYMBOLS}])[\ufe0e\ufe0f]",
        r"(?<=[0-9#*])\ufe0f(?=\u20e3)",
        # The forms of an ideograph, of which names are made, and of a Mongolian letter.
        rf"(?<=[{_IDEOGRAPHS}])[\ufe00-\ufe02" "\U000e0100-\U000e01ef]",
        r"(?<=[\u1820-\u18aa])[\u180b-\u180d\u180f]",
        # The flags of parts of a country.
        "(?<=\U0001f3f4)[\U000e0030-\U000e007a]{2,6}\U000e007f",
    )
)
_LABEL = f"^{_SEEN}(?:{_SEEN}| (?={_SEEN})|{_SHOWING})*{_END}"
_MOMENT = (
    r"^20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{3})?Z"
    + _END
)
_SHORT_NAME = rf"^[A-Za-z0-9._:-]{{1,64}}{_END}"

UserId = Annotated[str, Meta(pattern=USER_ID)]
Addressee = Annotated[str, Meta(pattern=rf"^[A-Za-z0-9._:@-]{{1,160}}{_END}")]
"""A seller, a team, or a visitor's alias."""
DeviceId = Annotated[str, Meta(pattern=DEVICE_ID)]
ContactId = Annotated[str, Meta(pattern=_SHORT_NAME)]
MessageId = Annotated[str, Meta(pattern=_SHORT_NAME)]
Text = Annotated[str, Meta(max_length=MAX_MESSAGE_CHARACTERS, pattern=_TEXT)]
NoteText = Annotated[str, Meta(max_length=MAX_NOTE_CHARACTERS, pattern=_TEXT)]
Label = Annotated[str, Meta(max_length=MAX_LABEL_CHARACTERS, pattern=_LABEL)]
"""What tells a thing from others, in words with single spaces between them: no two differ in what nobody sees alone.

`label_of` makes one of two that differ in how their characters are made up.
"""
Seq = Annotated[int, Meta(ge=0, le=999_999_999_999)]
Moment = Annotated[str, Meta(pattern=_MOMENT)]
"""A time in UTC, as browsers write it."""
Reason = Annotated[str, Meta(min_length=1, max_length=MAX_REASON_CHARACTERS, pattern=_SEEN_LINE)]
"""Why a seller does something, in a line for the others."""
Reference = Annotated[str, Meta(pattern=rf"^v-[0-9a-f]{{32}}{_END}")]
"""What a visitor is called instead of by their device id."""
Query = Annotated[str, Meta(min_length=2, max_length=MAX_QUERY_CHARACTERS, pattern=_LINE)]
"""What a seller looks for; it is a text and has no signs with a meaning."""
WidgetId = Annotated[str, Meta(max_length=128, pattern=_LINE)]

Details: TypeAlias = dict[str, Any]
"""What a visitor tells, as `check_details` lets it through."""

_KEY = re.compile(rf"^[A-Za-z0-9_.-]{{1,64}}{_END}")
_NAME = re.compile(_LINE)
_VALUE = re.compile(f"^[^{_NEVER}{_TURNING}]*{_END}")


def check_details(info: Details) -> None:
    """Raise `ChatError` unless everything that reads details can read these."""
    _check_all(info, MAX_LEVELS)
    name = info.get("name")
    if name is not None and not (isinstance(name, str) and len(name) <= MAX_NAME_CHARACTERS and _NAME.match(name)):
        raise _wrong(f"'name' is one line of at most {MAX_NAME_CHARACTERS} characters")
    if len(msgspec.json.encode(info)) > MAX_USER_INFO_BYTES:
        raise ChatError(
            Code.TOO_LARGE, f"'userInfo' has at most {MAX_USER_INFO_BYTES} bytes as JSON.", field="userInfo"
        )


def _check_all(inner: dict[str, Any] | list[Any], levels: int) -> None:
    if levels == 0:
        raise _wrong(f"it has at most {MAX_LEVELS} levels")
    if len(inner) > MAX_DETAILS:
        raise _wrong(f"there are at most {MAX_DETAILS} in one object or list")
    if isinstance(inner, dict) and not all(_KEY.match(key) for key in inner):
        raise _wrong("each is called by 1 to 64 characters of A-Z a-z 0-9 _ . -")
    for value in inner.values() if isinstance(inner, dict) else inner:
        if isinstance(value, dict | list):
            _check_all(value, levels - 1)
        else:
            _check_value(value)


def _check_value(value: str | float | None) -> None:
    if isinstance(value, str):
        if len(value) > MAX_DETAIL_CHARACTERS or not _VALUE.match(value):
            raise _wrong(
                f"a text has at most {MAX_DETAIL_CHARACTERS} characters, no control characters but tab and line breaks,"
                " and none that turns the direction of writing"
            )
    elif value is not None and not abs(value) <= GREATEST_NUMBER:
        raise _wrong("a number is between -(2^53 - 1) and 2^53 - 1")


def _wrong(rule: str) -> ChatError:
    return ChatError(Code.BAD_FIELD, f"'userInfo' is wrong: {rule}.", field="userInfo")


def complaint(field: str, value: object) -> ChatError | None:
    """What is wrong with a text, in words; None for every other field."""
    if field == "message" and isinstance(value, str):
        if len(value) > MAX_MESSAGE_CHARACTERS:
            return ChatError(
                Code.TOO_LARGE, f"A message has at most {MAX_MESSAGE_CHARACTERS} characters.", field="message"
            )
        return ChatError(
            Code.BAD_FIELD,
            "A message needs something to see, and has no control characters but tab and line breaks.",
            field="message",
        )
    if field == "query":
        return ChatError(
            Code.BAD_FIELD, f"A search is one line of 2 to {MAX_QUERY_CHARACTERS} characters.", field="query"
        )
    if field == "reason":
        return ChatError(
            Code.BAD_FIELD,
            f"A reason is one line of at most {MAX_REASON_CHARACTERS} characters, something to see among them, without"
            " control characters and those that turn the direction of writing.",
            field="reason",
        )
    if field in {"add", "remove", "name"}:
        return _no_label(field)
    if field in {"until", "ends"}:
        return _no_moment(field)
    if field == "text":
        return ChatError(
            Code.BAD_FIELD,
            f"A note or reply has at most {MAX_NOTE_CHARACTERS} characters, something to see among them, and no control"
            " characters but tab and line breaks.",
            field="text",
        )
    return None


def label_of(text: str | None, field: str) -> str | None:
    """A label with each character written in one way (Unicode's NFC), so that no two look the same for another.

    Raises `ChatError` where it has become too long by that.
    """
    label = text and unicodedata.normalize("NFC", text)
    if label and len(label) > MAX_LABEL_CHARACTERS:
        raise _no_label(field)
    return label


def moment_of(text: str | None, field: str) -> datetime | None:
    """The time in a field, if there is one. Raises `ChatError`, for the 31st of June."""
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError as error:
        raise _no_moment(field) from error


def _no_label(field: str) -> ChatError:
    return ChatError(
        Code.BAD_FIELD,
        f"A {'name' if field == 'name' else 'tag'} has at most {MAX_LABEL_CHARACTERS} characters, all of which can be"
        " seen, and single spaces between its words.",
        field=field,
    )


def _no_moment(field: str) -> ChatError:
    return ChatError(
        Code.BAD_FIELD, "A time is written as 2026-11-30T09:00:00.000Z, in UTC, and is one that there is.", field=field
    )
