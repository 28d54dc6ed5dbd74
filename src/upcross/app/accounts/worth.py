"""What can be asked and what is held at accounts, in money, as the ledger stands now; the run may be of the morning."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from upcross.access import scope
from upcross.access.viewer import Viewer
from upcross.ledger.applying import RUN
from upcross.ledger.models import Entry, Opportunity
from upcross.ledger.stage import WORKED, Stage
from upcross.ledger.unlock import money_of_asks
from upcross.motions import Motion

_STANDS = {"ready": WORKED, "held": frozenset({Stage.HELD, Stage.SNOOZED})}
"""Right after a run these are what it asks and what it holds back: whoever puts an ask off holds it."""

_Row = tuple[str, str, str, int | None]
"""Of an opportunity: motion, stage, the ask that it counts for, and its expected MRR in ten-thousandths."""


def worth_now(rows: Iterable[Opportunity]) -> dict[str, Any]:
    """What some opportunities of one account are worth, ready and held, each motion apart; null where unknown."""
    return _worth([(row.motion, row.stage, row.alternative_of or str(row.id), row.potential_expected) for row in rows])


def worth_since_the_run(viewer: Viewer) -> dict[str, dict[str, Any]]:
    """The same of every account with an opportunity that changed after the last plan was applied, by account."""
    last = Entry.objects.filter(subject=RUN).order_by("-seq").values_list("at", flat=True).first()
    if last is None:
        return {}
    seen = scope.opportunities(viewer)
    changed = Opportunity.objects.filter(updated_at__gt=last).values("account_id")
    rows = seen.filter(account_id__in=changed).values_list(
        "account_id", "motion", "stage", "alternative_of", "id", "potential_expected"
    )
    found: defaultdict[str, list[_Row]] = defaultdict(list)
    for account, motion, stage, alternative, key, expected in rows:
        found[account].append((motion, stage, alternative or str(key), expected))
    return {account: _worth(here) for account, here in found.items()}


def _worth(rows: Iterable[_Row]) -> dict[str, Any]:
    several = list(rows)
    return {kind: {motion.value: _sum(several, motion, stages) for motion in Motion}
            for kind, stages in _STANDS.items()}  # fmt: skip


def _sum(rows: Iterable[_Row], motion: Motion, stages: frozenset[Stage]) -> Mapping[str, Any]:
    told = money_of_asks((ask, money) for of, stage, ask, money in rows if of == motion and stage in stages).to_dict()
    return {"asks": told["asks"], "expected": told["mrr"], "unknown": told["unknown"]}
