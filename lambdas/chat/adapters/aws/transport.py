"""One HTTP request after another over connections that stay open, one for each thread."""

from __future__ import annotations

import select
import ssl
import threading
from functools import lru_cache
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from botocore.exceptions import ConnectionClosedError, ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError

CONNECT_SECONDS = 1.0


class Transport:
    """Requests to one endpoint. Threads may share it: each has a connection of its own, so none waits for another."""

    def __init__(self, endpoint: str, *, read_seconds: float, ca_bundle: str | None = None) -> None:
        parts = urlsplit(endpoint)
        self._endpoint = endpoint
        self._address = (parts.hostname or "", parts.port)
        self.host = parts.netloc
        self.path = parts.path.rstrip("/")
        self._read_seconds = read_seconds
        self._tls = _trust(ca_bundle) if parts.scheme == "https" else None
        self._threads = threading.local()

    def request(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        """Status and body of the answer.

        Raises botocore's `EndpointConnectionError` or `ConnectTimeoutError`, where nothing was sent, and
        `ReadTimeoutError` or `ConnectionClosedError`, where the outcome is unknown.
        """
        connection = self._connected()
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except TimeoutError as error:
            self._forget()
            raise ReadTimeoutError(endpoint_url=self._endpoint, error=error) from error
        except (OSError, HTTPException) as error:
            self._forget()
            raise ConnectionClosedError(endpoint_url=self._endpoint, request=None, error=error) from error

    def _connected(self) -> HTTPConnection:
        connection: HTTPConnection | None = getattr(self._threads, "connection", None)
        if connection is not None and connection.sock is not None and not _is_closed(connection):
            return connection
        self._forget()
        connection = self._new()
        try:
            connection.connect()
        except TimeoutError as error:
            raise ConnectTimeoutError(endpoint_url=self._endpoint, error=error) from error
        except OSError as error:
            raise EndpointConnectionError(endpoint_url=self._endpoint, error=error) from error
        connection.sock.settimeout(self._read_seconds)
        self._threads.connection = connection
        return connection

    def _new(self) -> HTTPConnection:
        host, port = self._address
        if self._tls is None:
            return HTTPConnection(host, port, timeout=CONNECT_SECONDS)
        return HTTPSConnection(host, port, timeout=CONNECT_SECONDS, context=self._tls)

    def _forget(self) -> None:
        connection: HTTPConnection | None = getattr(self._threads, "connection", None)
        self._threads.connection = None
        if connection is not None:
            connection.close()


@lru_cache(maxsize=2)
def _trust(ca_bundle: str | None) -> ssl.SSLContext:
    # Reading the roots is the dearest part of a TLS connection, so it is done once for all endpoints.
    return ssl.create_default_context(cafile=ca_bundle)


def _is_closed(connection: HTTPConnection) -> bool:
    """Whether the other side has hung up meanwhile: an idle connection has nothing to read but its end."""
    poll = select.poll()
    poll.register(connection.sock, select.POLLIN)
    return bool(poll.poll(0))
