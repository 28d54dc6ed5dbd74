"""What is never written to, however it is spelled, and that a connection goes where the look-up said."""

from __future__ import annotations

import ssl
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from deliveries.receiver import answer, receiver, reset
from upcross.deliveries.addresses import RefusedAddressError, UnknownHostError, resolve
from upcross.deliveries.http import MOST_BYTES, Sender, UnreachableError

PUBLIC = "93.184.216.34"
ELSEWHERE = "192.0.2.99"
"""An address of documentation: nobody is there."""


def knows(*addresses: str):
    """A resolver that gives the same addresses to every name."""

    def look_up(host: str, port: int) -> Sequence[str]:
        return addresses

    return look_up


SPELLINGS = [
    # this machine
    "https://127.0.0.1/", "https://127.8.9.10/", "https://localhost/", "https://LOCALHOST./", "https://0.0.0.0/",
    "https://0.1.2.3/", "https://[::1]/", "https://[::]/", "https://[0:0:0:0:0:0:0:1]/",
    # forms that one program reads as an address and another does not
    "https://2130706433/", "https://017700000001/", "https://0177.0.0.1/", "https://0x7f.0.0.1/", "https://0x7f000001/",
    "https://127.1/", "https://127.0.1/", "https://0/", "https://127.0.0.1./", "https://010.0.0.1/", "https://0x0a000001/",
    "https://1.2.3.0x4/", "https://3232235777/", "https://127.0.0.01/", "https://256.1.1.1/",
    # networks inside
    "https://10.0.0.1/", "https://172.16.0.1/", "https://172.31.255.255/", "https://192.168.1.1/", "https://100.64.0.1/",
    "https://100.100.100.200/", "https://169.254.169.254/latest/meta-data/", "https://192.0.0.192/", "https://198.18.0.1/",
    "https://168.63.129.16/", "https://192.0.2.1/", "https://224.0.0.1/", "https://239.255.255.250/", "https://240.0.0.1/",
    "https://255.255.255.255/",
    # the same through IPv6
    "https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/", "https://[::ffff:169.254.169.254]/", "https://[::ffff:10.0.0.1]/",
    "https://[::127.0.0.1]/", "https://[64:ff9b::127.0.0.1]/", "https://[64:ff9b::a9fe:a9fe]/", "https://[64:ff9b:1::a00:1]/",
    "https://[2002:7f00:1::]/", "https://[2002:a9fe:a9fe::1]/", "https://[2001:0:7f00:1::1]/", "https://[fe80::1]/",
    "https://[fe80::1%25eth0]/", "https://[fc00::1]/", "https://[fd00:ec2::254]/", "https://[fec0::1]/", "https://[ff02::1]/",
    "https://[2001:db8::1]/", "https://[3fff::1]/", "https://[100::1]/",
    # other ways, other services, other tricks
    "file:///etc/passwd", "gopher://93.184.216.34/_x", "ftp://93.184.216.34/", "dict://93.184.216.34:11211/stat", "//93.184.216.34/",
    "javascript:alert(1)", "data:text/plain,x", "unix:/var/run/docker.sock", "http://hooks.example.com/", "https://user:pass@hooks.example.com/",
    "https://hooks.example.com@127.0.0.1/", "https://127.0.0.1#@hooks.example.com/", "https://127.0.0.1\\@hooks.example.com/",
    "https://hooks.example.com:25/", "https://hooks.example.com:22/", "https://hooks.example.com:0/", "https://hooks.example.com:99999/",
    "https://hooks.example.com\r\nX: y/", "https://hooks.example.com/\r\nHost:x", "https:///nowhere", "https://", "", "https://①②⑦.⓪.⓪.①/",
    "https://ｌｏｃａｌｈｏｓｔ/", "https://127。0。0。1/", "https://ex%61mple.com/", "https://[::1/", "https://[example.com]/",
    "https://-dash.example/", "https://a..example/",
]  # fmt: skip


@pytest.mark.parametrize("url", SPELLINGS)
def test_refused_however_it_is_spelled(url: str) -> None:
    with pytest.raises(RefusedAddressError):
        resolve(url, resolver=knows("127.0.0.1") if "localhost" in url.lower() else knows(PUBLIC))


NAMES = [
    "127.0.0.1", "10.1.2.3", "169.254.169.254", "192.168.0.1", "100.64.1.1", "::1", "::ffff:10.0.0.1", "fd00::1",
    "64:ff9b::10.0.0.1", "2002:a00:1::", "fe80::1%2", "0.0.0.0",
]  # fmt: skip


@pytest.mark.parametrize("address", NAMES)
def test_a_name_of_an_inside_address_is_refused_even_beside_a_public_one(address: str) -> None:
    for order in ((address,), (PUBLIC, address), (address, PUBLIC)):
        with pytest.raises(RefusedAddressError, match=r"hooks\.example\.com"):
            resolve("https://hooks.example.com/x", resolver=knows(*order))


def test_what_is_on_the_internet_is_written_to() -> None:
    found = resolve("https://Hooks.Example.com:8443/a?b=c", resolver=knows(PUBLIC, "2606:4700::1111"))
    assert (found.host, found.port, found.target) == ("hooks.example.com", 8443, "/a?b=c")
    assert found.pinned == (PUBLIC, "2606:4700::1111")
    assert resolve("https://[64:ff9b::8.8.8.8]/").pinned == ("64:ff9b::808:808",)
    assert resolve("https://xn--bcher-kva.example/", resolver=knows(PUBLIC)).host == "xn--bcher-kva.example"


def test_a_host_inside_is_written_to_where_it_is_allowed_by_its_name() -> None:
    inside = resolve("http://crm.internal:25/x", ["CRM.internal"], knows("10.0.0.9"))
    assert (inside.pinned, inside.port) == (("10.0.0.9",), 25)
    with pytest.raises(RefusedAddressError):  # its neighbour is not
        resolve("http://db.internal/x", ["crm.internal"], knows("10.0.0.9"))
    with pytest.raises(RefusedAddressError):  # nor are other ways to it
        resolve("file://crm.internal/x", ["crm.internal"], knows("10.0.0.9"))


def test_a_host_without_an_address_may_have_one_later() -> None:
    with pytest.raises(UnknownHostError):
        resolve("https://gone.example/", resolver=knows())


def test_a_name_that_answers_differently_the_second_time_is_asked_once() -> None:
    with receiver() as inside:
        asked: list[str] = []

        def rebinding(host: str, port: int) -> Sequence[str]:
            asked.append(host)
            return ["127.0.0.1"] if len(asked) > 1 else [ELSEWHERE]

        with pytest.raises(UnreachableError):  # nobody is there; on loopback somebody would answer
            Sender(["rebind.example"], rebinding, seconds=0.3).post(f"http://rebind.example:{inside.port}/", {}, b"")
        assert asked == ["rebind.example"]
        assert inside.received == []


def test_the_connection_goes_to_the_address_looked_up_and_the_request_bears_the_name() -> None:
    with receiver() as inside:
        sender = Sender(["hooks.test"], knows("127.0.0.1"))
        got = sender.post(inside.url("hooks.test"), {"X-One": "1"}, b"hello")
        assert got.status == 200
        assert inside.received[0].headers["Host"] == f"hooks.test:{inside.port}"
        assert (inside.received[0].headers["X-One"], inside.received[0].body) == ("1", b"hello")


def test_the_next_address_is_tried_where_the_first_is_down() -> None:
    with receiver() as inside:
        assert (
            Sender(["hooks.test"], knows("127.0.0.2", "127.0.0.1")).post(inside.url("hooks.test"), {}, b"").status
            == 200
        )


def test_a_redirect_is_not_followed() -> None:
    with receiver() as inside, receiver() as target:
        inside.always = answer(302, Location=target.url())
        got = Sender(["127.0.0.1"]).post(inside.url(), {}, b"x")
        assert (got.status, target.received) == (302, [])


def test_no_proxy_of_the_environment_sees_the_message(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiver() as inside, receiver() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url())
        Sender(["127.0.0.1"]).post(inside.url(), {}, b"x")
        assert (len(inside.received), proxy.received) == (1, [])


def drip(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for _ in range(100):
        handler.wfile.write(b"X: y\r\n")
        handler.wfile.flush()
        time.sleep(0.05)


def flood(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
    while True:
        handler.wfile.write(b"x" * 65536)


def test_an_answer_that_comes_byte_by_byte_ends_in_time() -> None:
    with receiver() as inside:
        inside.always = drip
        began = time.monotonic()
        with pytest.raises(UnreachableError, match=r"within 0\.3 seconds"):
            Sender(["127.0.0.1"], seconds=0.3).post(inside.url(), {}, b"x")
        assert time.monotonic() - began < 1.5


def test_an_answer_without_end_is_cut() -> None:
    with receiver() as inside:
        inside.always = flood
        assert len(Sender(["127.0.0.1"], seconds=5).post(inside.url(), {}, b"x").body) == MOST_BYTES


def test_a_reset_connection_and_a_closed_port_are_unreachable() -> None:
    with receiver() as inside:
        inside.always = reset
        with pytest.raises(UnreachableError):
            Sender(["127.0.0.1"]).post(inside.url(), {}, b"x")
    with pytest.raises(UnreachableError):
        Sender(["127.0.0.1"]).post(inside.url(), {}, b"x")


def _certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context with a certificate of a name, and a client's that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = folder / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    return server, ssl.create_default_context(cafile=str(pem))


def test_over_tls_the_certificate_must_be_of_the_name_and_not_of_the_address(tmp_path: Path) -> None:
    server, client = _certificate(tmp_path, "hooks.test")
    with receiver(server) as inside:
        sender = Sender(["hooks.test", "other.test"], knows("127.0.0.1"), context=client)
        assert sender.post(inside.url("hooks.test", "https"), {}, b"x").status == 200
        with pytest.raises(UnreachableError, match=r"other\.test"):
            sender.post(inside.url("other.test", "https"), {}, b"x")
        with pytest.raises(UnreachableError, match="certificate"):  # one that nobody trusts
            Sender(["hooks.test"], knows("127.0.0.1")).post(inside.url("hooks.test", "https"), {}, b"x")
        assert len(inside.received) == 1
