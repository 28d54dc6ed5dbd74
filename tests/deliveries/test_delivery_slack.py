"""Slack, with its own SDK against a server that answers as Slack does."""

from __future__ import annotations

import json
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs

import pytest

from deliveries.receiver import Receiver, answer, receiver
from deliveries.samples import digest, handed_off
from upcross.deliveries.message import Delivered, Message, Rejected, Retry
from upcross.deliveries.slack import SlackClient
from upcross.deliveries.slack_blocks import blocks, fallback

EMAILS = {"p-7": "ana@example.com", "p-9": "ben@example.com"}


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_TOKEN", "xoxb-1")


def ok(**more: object):
    return answer(200, json.dumps({"ok": True, **more}).encode(), Content_Type="application/json")


def error(name: str):
    return answer(200, json.dumps({"ok": False, "error": name}).encode(), Content_Type="application/json")


def client(there: Receiver, **settings: object) -> SlackClient:
    return SlackClient(
        "SLACK_TOKEN", api=f"http://127.0.0.1:{there.port}/api/", email_of=lambda p: EMAILS.get(p, ""), **settings
    )


def posted(there: Receiver) -> list[dict]:
    found = []
    for got in there.received:
        if got.path.endswith("chat.postMessage"):
            kind = next(value for name, value in got.headers.items() if name.lower() == "content-type")
            text = got.body.decode()
            found.append(json.loads(text) if "json" in kind else {k: v[0] for k, v in parse_qs(text).items()})
    return found


def slack(handler: BaseHTTPRequestHandler) -> None:
    user = {"user": {"id": "U9"}} if "lookupByEmail" in handler.path else {}
    ok(**user)(handler)


def test_the_one_it_is_handed_to_reads_it_in_a_direct_message_and_is_looked_up_once() -> None:
    with receiver() as there:
        there.always = slack
        sending = client(there)
        assert sending.send(handed_off()) == Delivered(200)
        assert sending.send(handed_off()) == Delivered(200)
        first, _ = posted(there)
        assert first["channel"] == "U9"
        assert first["text"] == "Handed to you: Acme Corp: Insights (cross-sell, module)"
        assert sum("lookupByEmail" in got.path for got in there.received) == 1


def test_who_is_not_in_slack_is_told_in_the_channel_or_somebody_mends_it() -> None:
    with receiver() as there:
        there.answers = [error("users_not_found"), ok(), error("users_not_found")]
        assert client(there, channel="#expansion").send(handed_off()) == Delivered(200)
        assert posted(there)[0]["channel"] == "#expansion"
        alone = client(there).send(handed_off())
        assert isinstance(alone, Rejected) and "under people:" in alone.why
        nobody = client(there).send(handed_off(to="revops"))
        assert isinstance(nobody, Rejected) and "'revops' has no e-mail address" in nobody.why


def test_what_slack_answers_is_waited_for_or_mended_by_somebody() -> None:
    with receiver() as there:
        there.answers = [
            answer(429, b'{"ok":false,"error":"ratelimited"}', Retry_After="17", Content_Type="application/json"),
            error("internal_error"), answer(503, b"<html>down</html>"), error("channel_not_found"), error("invalid_auth"),
        ]  # fmt: skip
        sending = client(there, direct=False, channel="C1")
        limited, broken, down, gone, auth = (sending.send(handed_off()) for _ in range(5))
    assert isinstance(limited, Retry) and limited.after == timedelta(seconds=17)
    assert isinstance(broken, Retry) and isinstance(down, Retry)
    assert isinstance(gone, Rejected) and "invite the app" in gone.why
    assert isinstance(auth, Rejected) and "make a new one" in auth.why
    assert isinstance(client(there, direct=False, channel="C1").send(handed_off()), Retry)  # nobody listens any more


def elements(told: list[dict]) -> dict[str, dict]:
    return {item["action_id"]: item for block in told if block["type"] == "actions" for item in block["elements"]}


def test_buttons_are_those_of_the_stage_and_bear_no_authority() -> None:
    told = elements(blocks(handed_off(), buttons=True))
    assert list(told) == ["accept", "dismiss", "log", "open"]
    assert told["accept"]["value"] == "6f1b1c1e-0000-5000-8000-000000000001 3"
    assert told["open"]["url"] == "https://upcross.example/opportunities/1"
    assert [o["value"].split()[2] for o in told["dismiss"]["options"]][:2] == ["wrong_data", "not_ready"]
    assert "snooze" in elements(blocks(handed_off(stage="surfaced"), buttons=True))
    assert list(elements(blocks(handed_off(), buttons=False))) == ["log", "open"]
    assert elements(blocks(handed_off(stage="won", link=None), buttons=True)) == {}


HOSTILE = [
    "<!channel> look", "<https://evil.example|Acme>", "<@U123>", "*bold* _it_ `code`", "&lt;script&gt;", "a\nb\r\nc",
    "‮evil", "<script>alert(1)</script>", "x" * 5000,
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_names_from_outside_are_never_interpreted(name: str) -> None:
    message = handed_off(account=name, product=name, why=[name] * 9)
    told = blocks(message, buttons=True)
    for block in told:
        for text in [block.get("text"), *(item.get("text") for item in block.get("elements", ()))]:
            assert text is None or text["type"] == "plain_text"
    shown = fallback(message)
    assert "<" not in shown and ">" not in shown and "\n" not in shown and "‮" not in shown
    assert len(told[0]["text"]["text"]) <= 150 and all(len(b["text"]["text"]) <= 3000 for b in told if "text" in b)


def test_a_digest_lists_what_waits_and_counts_the_rest() -> None:
    told = blocks(digest(), buttons=True)
    assert told[0]["text"]["text"] == "2026-06-30, Ana Silva: 12 overdue"
    assert told[1]["text"]["text"] == "Overdue (12)"
    assert (
        told[2]["text"]["text"]
        == "Account 0: Insights (cross-sell, module): 1,250 EUR a month (1,000 to 2,000), due 2026-07-03"
    )
    assert told[12]["text"]["text"] == "and 2 more"
    assert len(told) <= 50


def test_replies_to_a_press_go_where_it_was_pressed() -> None:
    told = {"channel": "C1", "user": "U9", "thread": "17.5", "text": "Accepted by Ana", "private": False}
    with receiver() as there:
        there.always = ok()
        client(there).send(Message("r", "slack.reply", handed_off().at, told))
        client(there).send(Message("r", "slack.reply", handed_off().at, {**told, "private": True}))
        public, private = there.received
    assert public.path.endswith("chat.postMessage") and b"17.5" in public.body
    assert private.path.endswith("chat.postEphemeral") and b"U9" in private.body
