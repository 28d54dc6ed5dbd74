"""E-mail over a real conversation with a server, and into files."""

from __future__ import annotations

import email
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message as Letter
from pathlib import Path

import pytest
from pydantic import ValidationError

from deliveries.samples import digest, handed_off
from upcross.deliveries.mail import EmailClient
from upcross.deliveries.message import Delivered, Rejected, Retry
from upcross.deliveries.settings import EmailDestination
from upcross.ledger.place import Place

EMAILS = {"p-7": "ana@example.com", "p-9": "ben@example.com"}


@contextmanager
def smtp_server(refuse: dict[str, str] | None = None) -> Iterator[tuple[int, list[tuple[str, str]]]]:
    """A server that takes letters; ``refuse`` answers a command with something else."""
    taken: list[tuple[str, str]] = []
    refuse = refuse or {}

    class Conversation(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            def say(text: str) -> None:
                self.wfile.write(f"{text}\r\n".encode())

            say("220 here")
            to = ""
            while line := self.rfile.readline().decode().strip():
                word = line.split(":")[0].split(" ")[0].upper()
                if word == "RCPT":
                    to = line.partition(":")[2].strip("<> ")
                if word in refuse:
                    say(refuse[word])
                elif word == "DATA":
                    say("354 go on")
                    lines = []
                    while (part := self.rfile.readline().decode()) != ".\r\n":
                        lines.append(part)
                    taken.append((to, "".join(lines)))
                    say("250 taken")
                else:
                    say("221 bye" if word == "QUIT" else "250 fine")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Conversation) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server.server_address[1], taken
        server.shutdown()


def client(port: int, **more: object) -> EmailClient:
    given = {"kind": "email", "name": "mail", "from": "upcross@example.com", "host": "127.0.0.1", "port": port,
             "security": "none", **more}  # fmt: skip
    return EmailClient(EmailDestination(**given), Path(), lambda person: EMAILS.get(person, ""))


def parsed(text: str) -> Letter:
    return email.message_from_string(text)


@pytest.fixture(autouse=True)
def _configured(ledger: Place) -> None:
    """Letters are made with Django."""


def test_a_letter_reaches_the_one_whom_it_is_for() -> None:
    with smtp_server() as (port, taken):
        assert client(port).send(handed_off()) == Delivered()
    [(to, text)] = taken
    letter = parsed(text)
    assert to == "ben@example.com"
    assert letter["Subject"] == "Handed to you: Acme Corp: Insights (cross-sell, module)"
    assert letter["Message-ID"] == "<msg_1@example.com>"
    body = letter.get_payload()
    assert "Worth: 1,250 EUR a month (1,000 to 2,000)" in body
    assert "- seat utilization: 96% (threshold 90%)" in body
    assert "https://upcross.example/opportunities/1" in body


def test_a_name_with_line_breaks_makes_no_header_and_no_second_letter() -> None:
    with smtp_server() as (port, taken):
        name = "Acme\r\nBcc: evil@example.com\r\n\r\n.\r\nRCPT TO:<evil@example.com>"
        assert client(port).send(handed_off(account=name, why=[name])) == Delivered()
    [(_, text)] = taken
    letter = parsed(text)
    assert letter["Bcc"] is None
    assert letter["To"] == "ben@example.com"
    assert "Bcc: evil@example.com" in " ".join(letter["Subject"].split())  # told, as part of the name


@pytest.mark.parametrize(
    "address", ["a@x.example\r\nBcc: b@x.example", "a@x.example,b@x.example", "<a@x.example>", "", "nobody"]
)
def test_an_address_that_is_not_one_address_is_not_written_to(address: str) -> None:
    with smtp_server() as (port, taken):
        made = client(port)
        outcome = EmailClient(made.destination, made.folder, lambda person: address).send(handed_off())
    assert isinstance(outcome, Rejected) and taken == []


def test_who_has_no_address_is_written_to_at_the_fallback() -> None:
    with smtp_server() as (port, taken):
        client(port, fallback="revops@example.com").send(handed_off(to="queue"))
    assert taken[0][0] == "revops@example.com"


@pytest.mark.parametrize(
    ("refuse", "kind", "said"),
    [({"RCPT": "550 no such user ben@example.com"}, Rejected, "550 no such user [e-mail]"),
     ({"RCPT": "451 later"}, Retry, "451 later"), ({"MAIL": "421 busy"}, Retry, "421"), ({"DATA": "554 spam"}, Rejected, "554 spam")],
)  # fmt: skip
def test_what_a_server_answers(refuse: dict[str, str], kind: type, said: str) -> None:
    with smtp_server(refuse) as (port, _):
        outcome = client(port).send(handed_off())
    assert isinstance(outcome, kind) and said in outcome.why


def test_a_server_that_is_down_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(client(1).send(handed_off()), Retry)
    missing = client(1, user="upcross", password_env="MAIL_PASSWORD", security="starttls").send(handed_off())
    assert isinstance(missing, Retry) and "MAIL_PASSWORD is not set" in missing.why


def test_without_a_server_letters_go_into_a_folder(tmp_path: Path) -> None:
    made = EmailDestination(**{"kind": "email", "name": "mail", "from": "u@example.com", "folder": "letters"})
    EmailClient(made, tmp_path, EMAILS.get).send(digest())
    [file] = (tmp_path / "letters").iterdir()
    assert "Overdue (12)" in file.read_text() and "and 2 more" in file.read_text()


def test_a_sender_is_one_address() -> None:
    with pytest.raises(ValidationError):
        EmailDestination(**{"kind": "email", "name": "mail", "from": "a@b\r\nBcc: c@d"})
