"""Signed webhooks, judged by the specification's own library on the receiver's side."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from deliveries.receiver import Received, answer, receiver, reset
from deliveries.samples import handed_off
from upcross.deliveries.http import Sender
from upcross.deliveries.message import Delivered, Rejected, Retry
from upcross.deliveries.webhook import WebhookClient

OLD, NEW = ("whsec_" + base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2))


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK_OLD", OLD)
    monkeypatch.setenv("HOOK_NEW", NEW)


def client(url: str, *secrets: str) -> WebhookClient:
    return WebhookClient(url, secrets or ("HOOK_OLD",), Sender(["127.0.0.1"], seconds=0.5))


def verify(secret: str, got: Received) -> object:
    return Webhook(secret).verify(got.body, dict(got.headers))


def test_the_receiver_can_check_who_sent_it_and_what() -> None:
    with receiver() as there:
        assert client(there.url()).send(handed_off()) == Delivered(200)
        got = there.received[0]
    told = verify(OLD, got)
    assert told["type"] == "opportunity.hand_off"
    assert told["timestamp"] == "2026-06-30T09:30:00+00:00"  # of what happened; the header has that of the sending
    assert told["data"]["opportunity"]["account"] == "Acme Corp"
    assert got.headers["webhook-id"] == "msg_1"
    with pytest.raises(WebhookVerificationError):
        verify(NEW, got)
    with pytest.raises(WebhookVerificationError):
        verify(OLD, Received(got.path, got.headers, got.body.replace(b"Acme", b"Evil")))


def test_while_one_secret_replaces_another_either_checks() -> None:
    with receiver() as there:
        client(there.url(), "HOOK_NEW", "HOOK_OLD").send(handed_off())
        assert verify(OLD, there.received[0]) == verify(NEW, there.received[0])


def test_a_message_sent_again_has_the_same_id_and_a_time_of_its_own() -> None:
    with receiver() as there:
        there.answers = [answer(500)]
        moments = iter([datetime(2026, 7, 1, 8, tzinfo=UTC), *[datetime(2026, 7, 1, 9, tzinfo=UTC)] * 2])
        sending = WebhookClient(there.url(), ("HOOK_OLD",), Sender(["127.0.0.1"]), clock=lambda: next(moments))
        # 8:00 for the signature of the first; its refusal asks for the time too, then 9:00 for the second.
        sending.send(handed_off())
        sending.send(handed_off())
        first, second = there.received
        assert first.headers["webhook-id"] == second.headers["webhook-id"]
        assert int(second.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) == 3600
        assert first.body == second.body


@pytest.mark.parametrize(
    ("status", "kind"),
    [(200, Delivered), (204, Delivered), (301, Retry), (400, Rejected), (401, Retry), (404, Retry), (408, Retry),
     (410, Rejected), (413, Rejected), (422, Rejected), (429, Retry), (500, Retry), (503, Retry)],
)  # fmt: skip
def test_what_an_answer_means(status: int, kind: type) -> None:
    with receiver() as there:
        there.always = answer(status)
        outcome = client(there.url()).send(handed_off())
        assert (type(outcome), outcome.status) == (kind, status)


def test_a_receiver_can_ask_to_be_left_alone_for_a_while() -> None:
    with receiver() as there:
        later = datetime.now(UTC) + timedelta(minutes=10)
        there.answers = [answer(429, Retry_After="120"), answer(503, Retry_After=later.strftime("%a, %d %b %Y %H:%M:%S GMT")),
                         answer(503, Retry_After="soon")]  # fmt: skip
        waits = [client(there.url()).send(handed_off()).after for _ in range(3)]
    assert waits[0] == timedelta(minutes=2)
    assert timedelta(minutes=9) < waits[1] <= timedelta(minutes=10)
    assert waits[2] is None


def test_what_the_receiver_says_is_kept_without_line_breaks_and_addresses() -> None:
    with receiver() as there:
        there.always = answer(500, b"broken\r\nfor ana@example.com \x1b[31m")
        outcome = client(there.url()).send(handed_off())
    assert outcome.why == "it answered 500 broken for [e-mail] [31m"


def test_hanging_reset_and_closed_are_tried_again() -> None:
    with receiver() as there:
        there.answers = [reset, lambda handler: there.let_go.wait(5) and None]
        assert isinstance(client(there.url()).send(handed_off()), Retry)
        assert "within 0.5 seconds" in client(there.url()).send(handed_off()).why
        url = there.url()
    assert isinstance(client(url).send(handed_off()), Retry)


def test_an_address_inside_is_rejected_at_once_and_a_missing_secret_waits_for_somebody() -> None:
    inside = WebhookClient("https://169.254.169.254/latest", ("HOOK_OLD",)).send(handed_off())
    assert isinstance(inside, Rejected) and "allow_hosts" in inside.why
    missing = client("https://hooks.example/", "HOOK_MISSING").send(handed_off())
    assert isinstance(missing, Retry) and "HOOK_MISSING is not set" in missing.why


def test_a_secret_of_another_form_is_named_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK_OLD", "x")
    outcome = client("https://hooks.example/").send(handed_off())
    assert isinstance(outcome, Retry) and "whsec_" in outcome.why


def test_the_body_is_json_of_plain_values() -> None:
    with receiver() as there:
        client(there.url()).send(handed_off(account="Ümläut & <Co>"))
        assert json.loads(there.received[0].body)["data"]["opportunity"]["account"] == "Ümläut & <Co>"
        assert there.received[0].headers["Content-Type"] == "application/json"
