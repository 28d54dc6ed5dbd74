"""What a CSM is credited with: the retention of her book, and what she qualified that its closer took and kept.

Never closed bookings: who is paid for closing sells to customers who should be left alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from upcross.kept_ledger import ledger_of, need_ledger
from upcross.motions import Motion
from upcross.numbers.facts import numbers_facts
from upcross.numbers.report import Numbers, metrics
from upcross.opportunities.handovers import Handovers, handovers
from upcross.project import Project


@dataclass(frozen=True, slots=True)
class Credits:
    """Each person's credit over a window; ``handovers`` None: nothing was applied, so nobody qualified anything."""

    numbers: Numbers
    handovers: tuple[Handovers, ...] | None

    def to_dict(self) -> dict[str, Any]:
        """The same facts as plain values."""
        facts = numbers_facts(self.numbers)
        return {
            "from": facts["from"],
            "to": facts["to"],
            "retention": facts["csm_credit"],
            "qualified": None if self.handovers is None else [
                {"person_id": one.person_id,
                 **{motion.value: {"taken": one.taken[motion], "returned": one.returned[motion]} for motion in Motion}}
                for one in self.handovers
            ],
        }  # fmt: skip


def credit(project: Project, first: str | None = None, last: str | None = None) -> Credits:
    """The credit of every CSM over a window of months, as ``metrics`` reads them (default: the last whole twelve)."""
    numbers = metrics(project, first, last)
    if not ledger_of(project).exists:
        return Credits(numbers, None)
    need_ledger(project)
    from upcross.ledger.histories import histories
    from upcross.ledger.models import Opportunity

    window = numbers.window
    told = handovers(histories(Opportunity.objects.all()), window.first, window.last)
    return Credits(numbers, told)
