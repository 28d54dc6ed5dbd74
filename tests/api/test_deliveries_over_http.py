"""Deliveries over the interface: what was given up is seen with why, and sent again once."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from api.programs import program
from deliveries.worked import memory, to
from upcross.deliveries.dispatch import Dispatcher
from upcross.deliveries.memory import MemoryClient
from upcross.deliveries.message import Rejected
from upcross.ledger.models import Delivery, DeliveryAttempt


@pytest.fixture(autouse=True)
def _sent(company) -> None:
    client = MemoryClient([Rejected("it refuses the message: 422", 422)])
    sending = Dispatcher(to(memory()), {"memory": client}, clock=lambda: datetime.now(UTC))
    sending.tick()
    sending.wait()
    sending.stop()


def test_what_was_given_up_is_seen_with_why_and_sent_again() -> None:
    office = program("admin")
    told = office.look("/deliveries?state=dead")
    assert [(row["why"], row["attempts"]) for row in told["items"]] == [("it refuses the message: 422", 1)]
    assert office.look("/deliveries?limit=1")["total"] == Delivery.objects.count() > 1
    key = told["items"][0]["id"]
    again = office.ask("POST", f"/deliveries/{key}/retry")
    assert (again.status_code, again.json()["state"], again.json()["attempts"]) == (200, "pending", 0)
    assert Delivery.objects.get(pk=key).state == "pending" and DeliveryAttempt.objects.filter(delivery=key).count() == 1
    late = office.ask("POST", f"/deliveries/{key}/retry")
    assert late.status_code == 409 and "only what was given up" in late.json()["error"]["message"]


@pytest.mark.parametrize("key", ["0", "x", "999999999999999999999999"])
def test_what_is_not_there_is_not_found(key: str) -> None:
    assert program("admin").ask("POST", f"/deliveries/{key}/retry").status_code == 404


def test_only_who_answers_for_deliveries_sees_them() -> None:
    assert program("read", "write").ask("GET", "/deliveries").status_code == 403
