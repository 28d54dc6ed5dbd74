"""One worker at a time: who lost the lease writes nothing, however late it finds out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from deliveries.worked import apply, finding, memory, to
from upcross.deliveries.dispatch import Dispatcher
from upcross.deliveries.memory import MemoryClient
from upcross.ledger.models import Delivery, Lease
from upcross.ledger.place import Place
from upcross.worker.lease import FOR, LostLeaseError, take

NOW = datetime(2026, 4, 1, 6, tzinfo=UTC)


def test_the_second_waits_until_the_first_lets_go_or_stops_renewing(any_ledger: Place) -> None:
    first = take("worker", "a", NOW)
    assert first is not None and first.fence == 1
    assert take("worker", "b", NOW + FOR - timedelta(seconds=1)) is None
    first.renew(NOW + timedelta(seconds=20))
    assert take("worker", "b", NOW + FOR) is None
    first.release(NOW + timedelta(seconds=31))
    second = take("worker", "b", NOW + timedelta(seconds=31))
    assert second is not None and second.fence == 2
    assert take("worker", "c", NOW + timedelta(seconds=31) + FOR).fence == 3  # b was killed


def test_who_lost_the_lease_neither_renews_nor_writes_nor_takes_it_away_again(any_ledger: Place) -> None:
    slow = take("worker", "a", NOW)
    quick = take("worker", "b", NOW + FOR)
    with pytest.raises(LostLeaseError, match="taken over by b"):
        slow.renew(NOW + FOR)
    slow.release(NOW)
    assert Lease.objects.get().until == NOW + FOR + FOR
    quick.renew(NOW + FOR)


def test_what_was_sent_by_one_who_lost_the_lease_meanwhile_is_sent_again_by_the_next(any_ledger: Place) -> None:
    apply(finding("acme"))
    slow = take("worker", "a", NOW)

    class Sleepy(MemoryClient):
        def send(self, message):
            taken.append(take("worker", "b", NOW + FOR))  # the process slept for half a minute while it sent
            return super().send(message)

    taken: list = []
    client = Sleepy()
    first = Dispatcher(to(memory()), {"memory": client}, guard=slow.check, clock=lambda: NOW)
    first.tick()
    with pytest.raises(LostLeaseError):
        first.wait()
    with pytest.raises(LostLeaseError):
        first.send_due("memory")
    assert Delivery.objects.get().attempts == 0
    heir = MemoryClient()
    second = Dispatcher(to(memory()), {"memory": heir}, guard=taken[-1].check, clock=lambda: NOW)
    second.tick()
    second.wait()
    assert heir.messages[0].id == client.messages[0].id
    assert Delivery.objects.get().state == "delivered"
