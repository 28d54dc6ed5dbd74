"""Who alone may work: a lease that has to be renewed, and a fence that tells apart who held it before.

A process can stop for a while without knowing it, and wake up after another took over. So each of its writes asks, in
the same transaction, whether its fence is still the newest: where it is not, nothing is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from upcross.errors import UpcrossError
from upcross.ledger.models import Lease

FOR = timedelta(seconds=30)
"""How long a lease lasts that nobody renews: how long work rests after its holder was killed."""


class LostLeaseError(UpcrossError):
    """Another process has taken over; this one may write nothing more."""


@dataclass(frozen=True, slots=True)
class Held:
    """A lease that was taken: by whom, and the fence that came with it."""

    name: str
    holder: str
    fence: int

    def check(self) -> None:
        """Within a transaction that writes: ``LostLeaseError`` where another holds it, else nobody takes it now."""
        row = Lease.objects.select_for_update().filter(pk=self.name).values_list("holder", "fence").first()
        if row != (self.holder, self.fence):
            raise LostLeaseError(f"the lease '{self.name}' was taken over by {row[0] if row else 'nobody'}")

    def renew(self, now: datetime, span: timedelta = FOR) -> None:
        """Hold it for another while."""
        with transaction.atomic():
            self.check()
            Lease.objects.filter(pk=self.name).update(until=now + span)

    def release(self, now: datetime) -> None:
        """Let the next one have it at once; nothing happens where another has it already."""
        Lease.objects.filter(pk=self.name, holder=self.holder, fence=self.fence).update(until=now)


def take(name: str, holder: str, now: datetime, span: timedelta = FOR) -> Held | None:
    """The lease, where it is free or ran out; None while another holds it."""
    with transaction.atomic():
        Lease.objects.get_or_create(pk=name, defaults={"holder": "", "until": now, "fence": 0})
        row = Lease.objects.select_for_update().get(pk=name)
        if row.until > now and row.holder != holder:
            return None
        row.holder, row.until, row.fence = holder, now + span, row.fence + 1
        row.save()
    return Held(name, holder, row.fence)
