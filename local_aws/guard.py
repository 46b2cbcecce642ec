"""Keeps pages and people who are not meant away from the emulator, which itself believes everybody.

Every page that a developer has open reaches 127.0.0.1, and so does a page whose name is made to lead there. What can be
had here runs code on this machine: so a request is refused before the emulator sees it, unless it comes to the right
host, from no foreign page, and with the key of this run. Only the chat's own doors are for pages and for strangers.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from ministack.core.router import extract_access_key_id
from ministack.services import sts

from local_aws.credentials import Credentials

if TYPE_CHECKING:
    from hypercorn.typing import ASGIFramework, ASGIReceiveCallable, ASGISendCallable, Scope

DOORS = re.compile(r"/_aws/execute-api/[^/]+/.*")
CONNECTIONS = "@connections"
HEALTH = "/_ministack/health"
FOREIGN_FETCHES = {"cross-site", "same-site", "same-origin"}
REFUSAL = b'{"message":"Forbidden"}'


@dataclass(frozen=True)
class Rules:
    """Who may come in.

    Args:
        hosts: what a request may call this server, as `Host` says it.
        origins: whose pages may use the chat's doors, as `Origin` says it.
        account: the account that the run's key is the root of.
        credentials: the key of this run.
    """

    hosts: Collection[str]
    origins: Collection[str]
    account: str
    credentials: Credentials


@dataclass(frozen=True)
class Request:
    """What is looked at of a request before it is let in."""

    method: str
    path: str
    query: str
    headers: list[tuple[str, str]]

    @classmethod
    def of(cls, scope: "Scope") -> "Request":
        """Read an HTTP request or a WebSocket's upgrade."""
        headers = [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in scope["headers"]]  # type: ignore[typeddict-item]
        return cls(scope.get("method", "GET"), scope["path"], scope["query_string"].decode("latin-1"), headers)  # type: ignore[arg-type, typeddict-item]

    def all(self, header: str) -> list[str]:
        """Every value of a header."""
        return [value for name, value in self.headers if name == header]

    @property
    def is_at_a_door(self) -> bool:
        """Whether it is for the chat's own APIs; posting to connections is for its functions."""
        return bool(DOORS.fullmatch(self.path)) and CONNECTIONS not in self.path

    @property
    def access_key_id(self) -> str:
        """The key it claims, found where the emulator looks for it."""
        found: str = extract_access_key_id(dict(self.headers), parse_qs(self.query, keep_blank_values=True))
        return found


def may_pass(request: Request, rules: Rules) -> bool:
    """Tell whether a request is let in."""
    if request.all("host") not in [[host] for host in rules.hosts]:
        return False
    if request.is_at_a_door:
        return all(origin in rules.origins for origin in request.all("origin"))
    if request.all("origin") or FOREIGN_FETCHES & set(request.all("sec-fetch-site")):
        return False
    if (request.method, request.path) == ("GET", HEALTH):
        return True
    return not request.path.startswith("/_ministack") and _is_known(request.access_key_id, rules.credentials)


def _is_known(key: str, credentials: Credentials) -> bool:
    # The emulator takes no key, `test` and every account's number for an owner's, and asks those for no signature.
    return key == credentials.access_key_id or key in sts._sessions


class Guard:
    """An ASGI application in front of the emulator's."""

    def __init__(self, application: "ASGIFramework", rules: Rules) -> None:
        self._application = application
        self._rules = rules

    async def __call__(self, scope: "Scope", receive: "ASGIReceiveCallable", send: "ASGISendCallable") -> None:
        """Serve what may pass, and refuse the rest with 403."""
        if scope["type"] == "lifespan" or may_pass(Request.of(scope), self._rules):
            self._let_the_owner_sign()
            await self._application(scope, receive, send)
        elif scope["type"] == "websocket":
            # Before it is accepted, this is a 403.
            await send({"type": "websocket.close", "code": 1008, "reason": None})
        else:
            headers = [(b"content-type", b"application/json"), (b"content-length", str(len(REFUSAL)).encode())]
            await send({"type": "http.response.start", "status": 403, "headers": headers, "trailers": False})
            await send({"type": "http.response.body", "body": REFUSAL, "more_body": False})

    def _let_the_owner_sign(self) -> None:
        # As a session the key has its signatures verified; as the emulator's own root key it would not. The emulator
        # forgets sessions when it loads its state.
        key = self._rules.credentials
        if key.access_key_id not in sts._sessions:
            sts.register_session(
                key.access_key_id,
                {
                    "Arn": f"arn:aws:iam::{self._rules.account}:root",
                    "AccountId": self._rules.account,
                    "PrincipalType": "Root",
                    "UserId": self._rules.account,
                    "SecretAccessKey": key.secret_access_key,
                },
            )
