"""Where messages may go: addresses on the internet, and inside hosts only where the project file names them.

Whoever may name an address may otherwise make this machine ask its neighbours: a database without a password, a
cloud's metadata. So the host is resolved once, every address that it has is looked at, and the connection goes to
those addresses and to no other (``upcross.deliveries.http``): a name that answers differently the second time is
never asked a second time.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

IP = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolver = Callable[[str, int], Sequence[str]]
"""The addresses of a host, as text; raises ``OSError`` where there are none."""

_DEFAULT_PORTS = {"http": 80, "https": 443}
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")

_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_SPECIAL = tuple(ipaddress.ip_network(net) for net in ("192.0.0.0/24", "192.88.99.0/24", "3fff::/20"))
"""Set apart for protocols and documentation, which older versions of Python take for any other."""
_PLATFORM = frozenset({ipaddress.IPv4Address("168.63.129.16")})
"""Public by number and yet the host machine of a virtual one (Azure)."""


class RefusedAddressError(Exception):
    """The address is one to which nothing is sent; the message says why and what would allow it."""


class UnknownHostError(Exception):
    """The host's name has no address now; it may have one later."""


@dataclass(frozen=True, slots=True)
class Address:
    """A URL that may be written to, and the only addresses to which a connection for it may go."""

    url: str
    scheme: str
    host: str
    port: int
    target: str
    pinned: tuple[str, ...] = ()


def read_url(url: str, allow_hosts: Collection[str] = ()) -> Address:
    """The parts of a URL that may be written to, not yet resolved; ``RefusedAddressError`` for any other.

    ``allow_hosts`` are names (or addresses) that the project file allows: they may be inside, on any port, and need
    no TLS. No host may be written in one of the forms that programs read differently (decimal, octal, hexadecimal,
    short), for what was looked at would not be what is connected to.
    """
    if not url.isascii() or re.search(r"[\x00-\x20\x7f\\]", url):
        raise RefusedAddressError("the URL has characters that do not belong into one; write its name in ASCII")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise RefusedAddressError("the URL cannot be read; expected one such as https://example.com/hook") from None
    scheme, host = parts.scheme.lower(), (parts.hostname or "").lower()
    if scheme not in _DEFAULT_PORTS:
        raise RefusedAddressError(f"'{scheme or url[:20]}' is no way to send a message; expected https://")
    if "@" in parts.netloc:
        raise RefusedAddressError("the URL holds a user name or password; secrets belong into environment variables")
    _check_host(host, bracketed="[" in parts.netloc)
    allowed = is_allowed(host, allow_hosts)
    if scheme == "http" and not allowed:
        raise RefusedAddressError(
            f"http:// would send customers' names and money in clear to '{host}'; use https://, or name the host under"
            " allow_hosts: if it is inside"
        )
    port = _DEFAULT_PORTS[scheme] if port is None else port
    if not allowed and port not in _DEFAULT_PORTS.values() and port < 1024:
        raise RefusedAddressError(f"port {port} is another service's; expected 443 or one from 1024 on")
    if port == 0:
        raise RefusedAddressError("port 0 is no port")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Address(url, scheme, host, port, target)


def resolve(url: str, allow_hosts: Collection[str] = (), resolver: Resolver | None = None) -> Address:
    """A URL with the addresses to which its connection may go; its host is looked up once.

    Raises ``RefusedAddressError`` where any of them is inside, unless the host is allowed by name, and
    ``UnknownHostError`` where there are none.
    """
    address = read_url(url, allow_hosts)
    literal = _literal(address.host)
    try:
        found = [str(literal)] if literal else list((resolver or look_up)(address.host, address.port))
    except (OSError, UnicodeError):
        found = []
    if not found:
        raise UnknownHostError(f"'{address.host}' has no address")
    if not is_allowed(address.host, allow_hosts):
        for text in found:
            inside = why_inside(text)
            if inside:
                raise RefusedAddressError(
                    f"'{address.host}' is {inside}; nothing is sent there unless the project file names the host under"
                    " allow_hosts:"
                )
    return Address(address.url, address.scheme, address.host, address.port, address.target, tuple(dict.fromkeys(found)))


def look_up(host: str, port: int) -> list[str]:
    """The addresses of a host as the system knows them."""
    return [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def is_allowed(host: str, allow_hosts: Collection[str]) -> bool:
    """Whether the project file allows a host by its name."""
    return host.rstrip(".") in {name.lower().strip("[]").rstrip(".") for name in allow_hosts}


def why_inside(text: str) -> str:
    """What makes an address one of this machine or its network, in words; '' for one on the internet."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return "no address that can be judged"
    if any(address in special for special in _SPECIAL):
        return "inside (private, shared or reserved)"
    if isinstance(address, ipaddress.IPv6Address):
        if address in _NAT64 or address.ipv4_mapped or address.sixtofour or address.teredo:
            return _embedded(address)
        if address.is_loopback or address.is_unspecified:
            return "this machine"
        if address not in _GLOBAL_UNICAST or not address.is_global:
            return "inside (link-local, private, multicast or reserved)"
        return ""
    if address.is_loopback or address.is_unspecified:
        return "this machine"
    if address.is_link_local or address in _PLATFORM:
        return "the machine's own platform (link-local, where clouds keep their metadata)"
    if address.is_multicast:
        return "a group of machines (multicast)"
    if not address.is_global or address.is_reserved:
        return "inside (private, shared or reserved)"
    return ""


def _embedded(address: ipaddress.IPv6Address) -> str:
    """What speaks against an IPv6 address by which an IPv4 one is reached."""
    if address.teredo:
        return "a tunnel"
    mapped = address.ipv4_mapped or address.sixtofour
    return why_inside(str(mapped or ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)))


def _literal(host: str) -> IP | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _check_host(host: str, *, bracketed: bool) -> None:
    if bracketed:
        if "%" in host or not isinstance(_literal(host), ipaddress.IPv6Address):
            raise RefusedAddressError("the address in brackets is no IPv6 address")
        return
    labels = host.removesuffix(".").split(".")
    if not host or len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise RefusedAddressError("the URL names no host; expected one such as https://example.com/hook")
    if _NUMBER.fullmatch(labels[-1]) and (host.endswith(".") or not _literal(host)):
        raise RefusedAddressError(f"'{host}' is an address written in an unusual form; write it as 203.0.113.7")
