"""The same on both databases: told once, many at once, and while others write."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client, override_settings

from deliveries.test_delivery_inbound import OLD, press, signed
from deliveries.worked import AS_OF, apply, finding, hand_off, memory, row, to
from upcross.deliveries.digest import make_digests
from upcross.deliveries.dispatch import Dispatcher, send_again
from upcross.deliveries.inbound import Inbound
from upcross.deliveries.memory import MemoryClient
from upcross.deliveries.message import Rejected
from upcross.deliveries.presses import Presses
from upcross.deliveries.routing import Router
from upcross.ledger.house import DEFAULT_HOUSE
from upcross.ledger.models import Delivery, Entry, Outbox, Received
from upcross.ledger.place import Place
from upcross.project import open_project
from upcross.worker.lease import take

NOW = datetime(2026, 4, 1, 9, tzinfo=UTC)


@pytest.fixture
def served(any_ledger: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for name, value in {"SIGNING": "8f742231b10e8888abcd99yyyzzz85a5", "HOOK": OLD, "SLACK": "xoxb-1"}.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "upcross.yaml").write_text(
        """name: Acme
reporting_currency: EUR
deliveries:
  destinations:
    - {name: team, kind: slack, token_env: SLACK, signing_secret_env: SIGNING, people: {ann: U-ANN}}
  inbound:
    - {name: crm, secret_env: HOOK}
"""
    )
    with override_settings(UPCROSS_PROJECT=str(tmp_path)):
        yield Inbound(open_project(tmp_path).deliveries, lambda: DEFAULT_HOUSE, lambda: AS_OF)


def test_everything_is_told_while_people_work(any_ledger: Place) -> None:
    apply(finding("acme"), finding("beta"), finding("coda"))
    client = MemoryClient([Rejected("no")])
    lease = take("worker", "a", NOW)
    sending = Dispatcher(to(memory()), {"memory": client}, guard=lease.check, clock=lambda: NOW)
    for account in ("acme", "beta", "coda"):
        sending.tick()
        hand_off(account)  # while the thread sends
    sending.tick()
    sending.wait()
    while sending.tick():
        pass
    sending.wait()
    sending.send_due("memory")
    sending.stop()
    assert len({message.id for message in client.messages}) == len(client.messages) == 9
    assert Outbox.objects.filter(routed_at=None).count() == 0
    dead = Delivery.objects.get(state="dead")
    assert send_again([dead.pk], NOW) == 1
    assert Dispatcher(to(memory()), {"memory": client}, clock=lambda: NOW).send_due("memory") == 1
    assert make_digests([memory("people", topics=(), digest=True)], AS_OF, NOW) == 1


def test_two_that_route_at_once_make_each_delivery_once(any_ledger: Place) -> None:
    apply(*(finding(account) for account in ("acme", "beta", "coda")))
    start = threading.Barrier(4)

    def route(_: int) -> None:
        start.wait()
        Router([memory()]).route(NOW)
        connection.close()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(route, range(4)))
    assert Delivery.objects.count() == 3


def test_the_same_webhook_many_times_at_once_is_done_once(served: Inbound) -> None:
    apply(finding("acme"))
    hand_off()
    body, headers = signed({"type": "opportunity.win", "data": {"id": str(row().id)}})
    start = threading.Barrier(6)

    def post(_: int) -> tuple[int, str]:
        start.wait()
        try:
            told = Client().post(
                "/inbound/webhook/crm", body, content_type="application/json", headers=headers, secure=True
            )  # fmt: skip
            return told.status_code, told.json()["detail"]
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(post, range(6)))
    assert sorted(answers) == [(200, "done"), *[(200, "taken before")] * 5]
    assert Entry.objects.filter(kind="win").count() == 1


def test_a_press_is_kept_and_done_once(served: Inbound) -> None:
    apply(finding("acme"))
    hand_off()
    for _ in range(2):
        assert press("accept", version=3).status_code == 200
    presses = Presses(served, served.slack)
    assert presses.take(NOW) in (1, 2)  # two, where the second fell into the next second and has a signature of its own
    assert presses.take(NOW + timedelta(minutes=1)) == 0
    assert row().stage == "accepted"
    assert Received.objects.filter(body__isnull=False).count() == 0
    assert Entry.objects.filter(kind="accept").count() == 1
