"""What comes from outside: taken once, from whom it says, as no more than they may do."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client, override_settings
from slack_sdk.errors import SlackApiError
from standardwebhooks import Webhook

from deliveries.receiver import Receiver, answer, receiver
from deliveries.worked import AS_OF, CLEO, apply, finding, hand_off, row
from upcross.access.models import User
from upcross.deliveries.inbound import Inbound
from upcross.deliveries.presses import NO_PERSON, Presses
from upcross.ledger.acts import act
from upcross.ledger.given import Given
from upcross.ledger.house import DEFAULT_HOUSE
from upcross.ledger.models import Delivery, Entry, Person, Received
from upcross.ledger.step import Step
from upcross.project import open_project

SIGNING = "8f742231b10e8888abcd99yyyzzz85a5"
OLD, NEW = ("whsec_" + base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2))
NOW = datetime(2026, 4, 1, 9, tzinfo=UTC)


@pytest.fixture
def slack_api() -> Iterator[Receiver]:
    with receiver() as there:
        yield there


@pytest.fixture(autouse=True)
def inbound(ledger, tmp_path: Path, slack_api: Receiver, monkeypatch: pytest.MonkeyPatch) -> Iterator[Inbound]:
    """A served project that takes presses and the webhooks of one system."""
    for name, value in {"SIGNING": SIGNING, "HOOK_OLD": OLD, "HOOK_NEW": NEW, "SLACK": "xoxb-1"}.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "upcross.yaml").write_text(
        f"""name: Acme
reporting_currency: EUR
deliveries:
  destinations:
    - {{name: team, kind: slack, token_env: SLACK, signing_secret_env: SIGNING, people: {{ann: U-ANN}},
       api: 'http://127.0.0.1:{slack_api.port}/api/'}}
  inbound:
    - {{name: crm, secret_env: [HOOK_NEW, HOOK_OLD]}}
"""
    )
    deliveries = open_project(tmp_path).deliveries
    with override_settings(UPCROSS_PROJECT=str(tmp_path)):
        yield Inbound(deliveries, lambda: DEFAULT_HOUSE, lambda: AS_OF)


def post(path: str, body: bytes, headers: dict[str, str], content_type: str = "application/json"):
    return Client(enforce_csrf_checks=True).post(path, body, content_type=content_type, headers=headers, secure=True)


# Webhooks


def signed(told: Any, key: str = "msg-1", *, secret: str = OLD, age: float = 0) -> tuple[bytes, dict[str, str]]:
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    moment = datetime.now(UTC) - timedelta(seconds=age)
    headers = {"webhook-id": key, "webhook-timestamp": str(int(moment.timestamp()))}
    return body, {
        **headers,
        "webhook-signature": Webhook(secret).sign(key, moment.replace(microsecond=0), body.decode()),
    }


def send(told: Any, key: str = "msg-1", **more: Any):
    return post("/inbound/webhook/crm", *signed(told, key, **more))


def won(**more: Any) -> dict[str, Any]:
    return {"type": "opportunity.win", "data": {"id": str(row().id), "mrr": "250.50", **more}}


@pytest.fixture
def accepted() -> None:
    apply(finding("acme"))
    hand_off()


def test_a_system_that_knows_what_was_won_says_so_once(accepted: None) -> None:
    told = won()
    assert send(told).status_code == 200
    assert (row().stage, row().won_mrr) == ("won", 2_505_000)
    assert Entry.objects.get(kind="win").by == "feed:crm"
    again = send(told)
    assert (again.status_code, again.json()["detail"]) == (200, "taken before")
    assert Entry.objects.filter(kind="win").count() == 1


def test_either_of_two_secrets_is_good_while_one_replaces_the_other(accepted: None) -> None:
    assert send(won(), secret=NEW).status_code == 200


def test_what_is_not_signed_or_not_of_now_is_refused_and_says_no_more(accepted: None) -> None:
    body, headers = signed(won())
    other = "whsec_" + base64.b64encode(b"x" * 32).decode()
    wrong = [
        (body, {}),
        (body, {**headers, "webhook-signature": "v1,AAAA"}),
        (body, {**headers, "webhook-signature": "nonsense"}),
        (body, {**headers, "webhook-timestamp": "now"}),
        (body, {**headers, "webhook-timestamp": "1e999"}),
        (body, {**headers, "webhook-id": "another"}),
        (body.replace(b"250.50", b"950.50"), headers),
        (json.dumps(json.loads(body), indent=1).encode(), headers),  # the same JSON in other bytes
        (body + b"\xff", headers),
        signed(won(), age=301),
        signed(won(), age=-400),
        signed(won(), secret=other),
    ]
    answers = [post("/inbound/webhook/crm", *one) for one in wrong]
    assert [a.status_code for a in answers] == [401] * len(wrong)
    assert len({a.content for a in answers}) == 1
    assert row().stage == "handed_off" and Received.objects.count() == 0


def test_what_is_too_large_is_not_read(accepted: None) -> None:
    body, headers = signed(b"x" * 1_000_001)
    assert post("/inbound/webhook/crm", body, headers).status_code == 413
    assert post("/inbound/webhook/crm", b"x" * 10_000_000, {}).status_code == 413
    assert post("/inbound/slack", b"x" * 10_000_000, {}).status_code == 413


def test_who_is_not_named_may_not_send_and_nothing_is_read_by_get(accepted: None) -> None:
    assert post("/inbound/webhook/erp", *signed(won())).status_code == 404
    assert Client().get("/inbound/webhook/crm", secure=True).status_code == 405
    assert Client().get("/inbound/slack", secure=True).status_code == 405


def test_faults_are_told_all_at_once_and_what_is_refused_may_come_again(accepted: None) -> None:
    told = send({"type": "opportunity.win", "data": {"id": "x", "on": "never", "mmr": 1}})
    assert told.status_code == 422 and {f["field"] for f in told.json()["faults"]} == {"id", "on", "mmr"}
    lost = send({"type": "opportunity.lose", "data": {"id": str(row().id), "reason": "bored"}})
    assert lost.status_code == 422 and [f["field"] for f in lost.json()["faults"]] == ["reason"]
    assert (
        send({"type": "opportunity.dismiss", "data": {}}).json()["detail"].endswith("opportunity.win, opportunity.lose")
    )
    for bad in (
        b"[]",
        b"5",
        b"nothing",
        b'{"type": 5}',
        b'{"type": "opportunity.win"}',
        b'{"type":"opportunity.win","data":[]}',
    ):
        assert send(bad).status_code == 422
    for mrr in ("much", "NaN", "1e30", "-1"):
        assert send(won(mrr=mrr)).status_code == 422
    assert send(won(id="00000000-0000-5000-8000-000000000000")).status_code == 404
    assert Received.objects.count() == 0
    assert send(won()).status_code == 200
    assert send(won(), "msg-2").status_code == 409  # it is won already


def test_a_secret_that_is_not_set_is_told_by_name(accepted: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOOK_NEW")
    told = send(won())
    assert told.status_code == 503 and "HOOK_NEW" in told.json()["detail"]


# Slack


def press(action: str, *more: str, user: str = "U-ANN", version: int | None = None, at: float | None = None,
          secret: str = SIGNING, **changed: Any):  # fmt: skip
    value = " ".join([str(row().id), str(row().version if version is None else version), *more])
    chosen = {"value": value} if action == "accept" else {"selected_option": {"value": value}}
    payload = {
        "type": "block_actions", "user": {"id": user}, "channel": {"id": "D1"}, "message": {"ts": "17.5"},
        "actions": [{"action_id": action, **chosen}], **changed,
    }  # fmt: skip
    body = urlencode({"payload": json.dumps(payload)}).encode()
    second = str(int(at or time.time()))
    mark = hmac.new(secret.encode(), b"v0:" + second.encode() + b":" + body, hashlib.sha256).hexdigest()
    headers = {"X-Slack-Request-Timestamp": second, "X-Slack-Signature": f"v0={mark}"}
    return post("/inbound/slack", body, headers, "application/x-www-form-urlencoded")


def done(inbound: Inbound) -> tuple[str, bool]:
    """What the worker answers to the last press, and whether only the presser reads it."""
    assert inbound.slack is not None
    Presses(inbound, inbound.slack).take(NOW)
    assert not Received.objects.filter(body__isnull=False).exists()
    told = Delivery.objects.order_by("-pk").first().body["data"]
    assert (told["channel"], told["thread"]) == ("D1", "17.5")
    return told["text"], told["private"]


def profile(email: str, **more: Any):
    told = {"ok": True, "user": {"id": "U1", "profile": {"email": email}, **more}}
    return answer(200, json.dumps(told).encode(), Content_Type="application/json")


def test_a_press_is_answered_at_once_and_done_by_the_worker_as_whoever_pressed(
    accepted: None, inbound: Inbound
) -> None:
    assert press("accept").status_code == 200
    assert row().stage == "handed_off"
    assert done(inbound) == ("Accepted by Ann Roth: Acme: CRM", False)
    assert (row().stage, row().owner) == ("accepted", "ann")
    assert Entry.objects.get(kind="accept").by == "person:ann"


def test_the_same_request_again_does_nothing(accepted: None, inbound: Inbound) -> None:
    moment = time.time()
    for _ in range(3):
        assert press("accept", version=3, at=moment).status_code == 200
    done(inbound)
    assert press("accept", version=3, at=moment).status_code == 200
    done(inbound)
    assert Entry.objects.filter(kind="accept").count() == Delivery.objects.count() == 1


def test_what_slack_did_not_sign_or_signed_too_long_ago_is_refused(accepted: None) -> None:
    assert press("accept", secret="another").status_code == 401
    assert press("accept", at=time.time() - 301).status_code == 401
    assert press("accept", at=time.time() + 400).status_code == 401
    assert post("/inbound/slack", b"payload={}", {}).status_code == 401
    assert (
        post("/inbound/slack", b"x", {"X-Slack-Request-Timestamp": "now", "X-Slack-Signature": "v0="}).status_code
        == 401
    )
    assert Received.objects.count() == 0


@pytest.mark.parametrize(
    "changed",
    [
        {"type": "view_submission"},
        {"actions": []},
        {"actions": [{"action_id": "open"}]},
        {"actions": [{"action_id": "accept"}]},
        {"channel": 5},
    ],
)
def test_what_asks_for_nothing_that_we_know_is_acknowledged_and_left(accepted: None, changed: dict) -> None:
    assert press("accept", **changed).status_code == 200
    assert Received.objects.count() == 0


def test_dismissing_and_snoozing_take_what_was_chosen(inbound: Inbound, slack_api: Receiver) -> None:
    apply(finding("acme"), finding("beta"))
    slack_api.always = profile("Cleo@Example.com")
    press("snooze", "30", user="U-CLEO")
    assert done(inbound)[0] == "Snoozed until 2026-04-30 by Cleo Marsh: Acme: CRM"
    value = f"{row('beta').id} {row('beta').version} not_ready"
    press("dismiss", user="U-CLEO", actions=[{"action_id": "dismiss", "selected_option": {"value": value}}])
    assert done(inbound)[0] == "Dismissed by Cleo Marsh: Beta: CRM"
    assert (row("beta").stage, row("beta").end_reason) == ("dismissed", "not_ready")


def test_who_may_not_take_the_step_is_told_so_in_private(accepted: None, inbound: Inbound, slack_api: Receiver) -> None:
    slack_api.always = profile("cleo@example.com")
    press("accept", user="U-CLEO")  # she handed it off; it is Ann's to accept
    told, private = done(inbound)
    assert "'accept' is for its closer" in told and private
    assert row().stage == "handed_off"


def test_what_somebody_cannot_see_does_not_exist_for_them(
    accepted: None, inbound: Inbound, slack_api: Receiver
) -> None:
    Person.objects.create(person_id="eve", name="Eve", email="eve@example.com", role="ae")
    slack_api.always = profile("eve@example.com")
    press("accept", user="U-EVE")
    told, private = done(inbound)
    assert told.startswith("there is no opportunity") and told.endswith("that you can see") and private


@pytest.mark.parametrize(
    "told",
    [{"email": "stranger@example.com"}, {"email": ""}, {"email": "ann@example.com", "is_stranger": True},
     {"email": "ann@example.com", "is_restricted": True}, {"email": "ann@example.com", "deleted": True},
     {"email": "ann@example.com", "is_email_confirmed": False}, {"email": "ann@example.com", "is_bot": True}],
)  # fmt: skip
def test_strangers_guests_and_bots_are_nobody_of_ours(
    accepted: None, inbound: Inbound, slack_api: Receiver, told: dict
) -> None:
    slack_api.always = profile(**told)
    press("accept", user="U-1")
    assert done(inbound) == (NO_PERSON, True)
    assert row().stage == "handed_off"


def test_who_left_or_was_disabled_presses_in_vain(accepted: None, inbound: Inbound) -> None:
    User.objects.create(email="other@example.com", role="account_manager", person_id="ann", is_active=False)
    press("accept")
    assert done(inbound) == (NO_PERSON, True)
    User.objects.all().delete()
    Person.objects.filter(person_id="ann").update(left_on=AS_OF)
    press("accept")
    assert done(inbound) == (NO_PERSON, True)


def test_an_account_here_decides_over_the_team_table(accepted: None, inbound: Inbound) -> None:
    user = User.objects.create(email="ann@example.com", name="Ann", role="viewer", person_id="ann")
    press("accept")
    assert done(inbound) == ("your role may look, and not work with opportunities", True)
    User.objects.filter(pk=user.pk).update(role="account_manager")
    press("accept", at=time.time() + 5)
    assert done(inbound)[0] == "Accepted by Ann: Acme: CRM"
    assert Entry.objects.get(kind="accept").by == f"user:{user.pk}"


def test_a_press_on_what_somebody_changed_meanwhile_says_who_and_changes_nothing(
    accepted: None, inbound: Inbound
) -> None:
    shown = row().version
    act(row().id, Step.COMMENT, CLEO, Given(text="ready"), today=AS_OF)  # decides nothing: the press still counts
    press("accept", version=shown)
    assert done(inbound)[0].startswith("Accepted")
    press("dismiss", "not_ready", version=shown)
    told, private = done(inbound)
    assert told.startswith("somebody was quicker: person:ann took the step 'accept'") and private


@pytest.mark.parametrize(
    "value", ["", "x", "x y", "1 2 3 4", "00000000-0000-5000-8000-000000000000 99999999999999999999"]
)
def test_a_button_of_another_kind_does_nothing(accepted: None, inbound: Inbound, value: str) -> None:
    press("accept", actions=[{"action_id": "accept", "value": value}])
    press("snooze", actions=[{"action_id": "snooze", "selected_option": {"value": f"{value} 99999999999"}}])
    _, private = done(inbound)
    assert private and row().stage == "handed_off"


def test_where_slack_does_not_say_who_pressed_it_waits(accepted: None, inbound: Inbound, slack_api: Receiver) -> None:
    slack_api.answers = [answer(503), profile("ann@example.com")]
    press("accept", user="U-1")
    assert inbound.slack is not None
    presses = Presses(inbound, inbound.slack)
    with pytest.raises(SlackApiError):
        presses.take(NOW)
    assert presses.take(NOW + timedelta(seconds=29)) == 0 and len(slack_api.received) == 1
    assert presses.take(NOW + timedelta(seconds=31)) == 1
    assert row().stage == "accepted"
