"""What came back from whoever was to close it: by whom and why, told where it stands until it is handed over again."""

from __future__ import annotations

import json
from collections.abc import Iterable

from upcross.api.names import names_of
from upcross.app.today.ours import Ours
from upcross.ledger.models import Entry, Opportunity
from upcross.ledger.stage import Stage
from upcross.ledger.step import Step
from upcross.opportunities.outcomes import Outcome


def returned(rows: Iterable[Opportunity], ours: Ours) -> dict[str, str]:
    """Of those that are with their owner again after a return, who returned them and for which reason, by id.

    The last return counts; what was accepted or handed over since is not with its owner and is left out. The words
    that were written with it stand in the history, for those who may read them.
    """
    back = [str(row.id) for row in rows if row.stage in (Stage.SURFACED, Stage.QUALIFIED) and row.version > 1]
    if not back:
        return {}
    entries = Entry.objects.filter(subject="opportunity", kind=Step.RETURN.value, subject_id__in=back)
    found = {key: (by, json.loads(facts).get("reason") or "")
             for key, by, facts in entries.order_by("seq").values_list("subject_id", "by", "facts")}  # fmt: skip
    names = names_of(by for by, _ in found.values()) if found else {}
    reasons = ours.house.outcomes[Outcome.RETURNED]
    return {key: _words(names.get(by) or ours.name(by), reasons[why].title if why in reasons else "")
            for key, (by, why) in found.items()}  # fmt: skip


def _words(who: str, why: str) -> str:
    return f"returned by {who}" + (f": {why[:1].lower()}{why[1:]}" if why else "")
