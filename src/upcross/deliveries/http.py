"""One HTTP request to an address that may be written to: no redirects, no proxy, an end in time, a short answer.

It stands on httpcore2, the connection layer of httpx2: there the connection itself is ours, so that it goes to the
addresses that were looked at while the request, its ``Host`` and its certificate stay those of the name.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import httpcore2

from upcross.deliveries.addresses import Address, Resolver, resolve

SECONDS = 15.0
"""How long a request may take from its first byte to the last of its answer."""

MOST_BYTES = 64 * 1024
"""How much of an answer is read: what is kept of it is shorter still."""


class UnreachableError(Exception):
    """No answer came: refused, reset, not in time, or no certificate of the name."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the status, the headers by lower-case name, and the first bytes of the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The start of the body, for people."""
        return self.body[:500].decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends requests to addresses on the internet, and to hosts inside that are allowed by name.

    ``resolver`` and ``context`` are for tests and for companies with a certificate authority of their own.
    """

    allow_hosts: Collection[str] = ()
    resolver: Resolver | None = None
    seconds: float = SECONDS
    context: ssl.SSLContext | None = field(default=None, repr=False)

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """The answer to a POST, whatever its status.

        Raises ``RefusedAddressError`` where nothing may be sent there, ``UnknownHostError`` and ``UnreachableError``
        where nothing came back.
        """
        address = resolve(url, self.allow_hosts, self.resolver)
        until = time.monotonic() + self.seconds
        try:
            return self._exchange(address, headers, body, until)
        except (httpcore2.TimeoutException, TimeoutError):
            raise UnreachableError(f"no answer within {self.seconds:g} seconds") from None
        except (httpcore2.NetworkError, httpcore2.ProtocolError, OSError) as error:
            raise UnreachableError(str(error) or type(error).__name__) from None

    def _exchange(self, address: Address, headers: Mapping[str, str], body: bytes, until: float) -> Answer:
        backend = _Pinned(address.pinned, until)
        url = httpcore2.URL(
            scheme=address.scheme.encode(),
            host=address.host.encode(),
            port=address.port,
            target=address.target.encode(),
        )
        sent = [*headers.items(), ("Content-Length", str(len(body))), ("Connection", "close")]
        with (
            httpcore2.ConnectionPool(ssl_context=self.context or _trust(), network_backend=backend) as pool,
            pool.stream("POST", url, headers=[("Host", _host(address)), *sent], content=body) as response,
        ):
            read = bytearray()
            for chunk in response.iter_stream():
                read += chunk
                if len(read) >= MOST_BYTES:
                    break
            names = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
            return Answer(response.status, names, bytes(read[:MOST_BYTES]))


def _host(address: Address) -> str:
    host = f"[{address.host}]" if ":" in address.host else address.host
    return host if address.port == {"http": 80, "https": 443}[address.scheme] else f"{host}:{address.port}"


@cache
def _trust() -> ssl.SSLContext:
    return httpcore2.default_ssl_context()


class _Pinned(httpcore2.NetworkBackend):
    """Connects to the given addresses, in their order, whatever it is asked for; all of it ends in time."""

    def __init__(self, addresses: tuple[str, ...], until: float) -> None:
        self._addresses, self._until = addresses, until
        self._system = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        """The first of the addresses that takes the connection."""
        failed: httpcore2.ConnectError | httpcore2.ConnectTimeout | None = None
        for address in self._addresses:
            try:
                stream = self._system.connect_tcp(address, port, _left(self._until), local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failed = error
            else:
                return _InTime(stream, self._until)
        raise failed or httpcore2.ConnectError("no address")

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore2.NetworkStream:
        """Never: messages go over the network."""
        raise httpcore2.ConnectError("no socket of this machine is written to")


class _InTime(httpcore2.NetworkStream):
    """A stream all of whose reads and writes share one deadline: an answer of a byte a second ends as others do."""

    def __init__(self, stream: httpcore2.NetworkStream, until: float) -> None:
        self._stream, self._until = stream, until

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(self._until))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(self._until))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        return _InTime(self._stream.start_tls(ssl_context, server_hostname, _left(self._until)), self._until)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
