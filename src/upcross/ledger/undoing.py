"""Taking back what a person did, as long as nobody decided anything since; the record keeps both."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from upcross.ledger.actor import Actor, Relation
from upcross.ledger.models import Entry
from upcross.ledger.refusals import ForbiddenError, NotNowError
from upcross.ledger.state import State, read_changes
from upcross.ledger.step import PASSING, UNDOABLE, Step


def last_decision(entries: Sequence[Entry]) -> Entry | None:
    """The newest entry that decided anything, of entries the newest first; None where there is none."""
    return next((entry for entry in entries if Step(entry.kind) not in PASSING), None)


def what_was(entries: Sequence[Entry], actor: Actor, state: State) -> dict[str, Any]:
    """The changes that bring back how it stood before the last act; ``entries`` are the newest first.

    What plans and clocks did since is passed over; a decision since, of whoever, stands in the way.
    """
    last = last_decision(entries)
    if last is None or Step(last.kind) not in UNDOABLE or last.by == "system":
        what = f"the last thing that happened is '{last.kind}' by {last.by}" if last else "nothing was done to it yet"
        raise NotNowError(f"there is nothing to undo: {what}")
    told = json.loads(last.facts)
    was = read_changes({"set": told.get("was", {})})
    before = replace(state, **was)
    relations = actor.relations(state.owner, frozenset()) | actor.relations(before.owner, frozenset())
    if last.by != actor.id and Relation.OVERSEER not in relations:
        raise ForbiddenError(f"'{last.kind}' was done by {last.by}: they or their manager can undo it")
    return was
