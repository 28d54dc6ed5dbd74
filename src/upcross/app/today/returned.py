"""What came back from whoever was to close it: by whom and why, told where it stands until it is handed over again."""

from __future__ import annotations

import json
from collections.abc import Mapping

from upcross.app.today.ours import Ours
from upcross.ledger.models import Entry
from upcross.opportunities.outcomes import Outcome


def returned(returns: Mapping[str, Entry], ours: Ours) -> dict[str, str]:
    """Of those that are with their owner again after a return, who returned them and for which reason, by id.

    The last return counts; what was accepted or handed over since is not with its owner and is left out. The words
    that were written with it stand in the history, for those who may read them.
    """
    reasons = ours.house.outcomes[Outcome.RETURNED]
    found = {}
    for key, entry in returns.items():
        why = json.loads(entry.facts).get("reason") or ""
        said = reasons[why].title if why in reasons else ""
        who = ours.called(entry.by)
        found[key] = f"returned by {who}" + (f": {said[:1].lower()}{said[1:]}" if said else "")
    return found
