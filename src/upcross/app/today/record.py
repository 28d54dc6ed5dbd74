"""What the record says of the opportunities on a page, read at once: one history, and who returned which."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.db.models import Case, F, Q, TextField, Value, When

from upcross.app.today.rows import Shown
from upcross.ledger.models import Entry, Opportunity
from upcross.ledger.stage import Stage
from upcross.ledger.step import Step
from upcross.ledger.writer import OPPORTUNITY

_SHOWN = 30
"""So many entries of a history are shown, the newest of them."""


@dataclass(frozen=True)
class Recorded:
    """``history`` are the entries of the opportunity in the drawer, newest first, ``texts`` their texts by number.

    ``returns`` is the last return of each of those that may stand with their owner because of one, by id. Texts that
    were erased, and the evidence, are left out.
    """

    history: tuple[Entry, ...] = ()
    texts: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    returns: Mapping[str, Entry] = field(default_factory=dict)


def recorded(rows: Iterable[Shown | Opportunity], opened: Shown | Opportunity | None = None) -> Recorded:
    """What is to be told of some opportunities, and all of the one that is opened."""
    shown = list(rows) if opened is None else [*rows, opened]
    back = {str(row.id) for row in shown if row.stage in (Stage.SURFACED, Stage.QUALIFIED) and row.version > 1}
    one = str(opened.id) if opened else ""
    wanted = back | {one} if one else back
    if not wanted:
        return Recorded()
    entries = Entry.objects.filter(subject=OPPORTUNITY, subject_id__in=sorted(wanted)).order_by("-seq")
    if opened is None:
        found = entries.filter(kind=Step.RETURN.value)
    else:
        lately = Q(subject_id=one, version__gt=opened.version - _SHOWN)
        words = Case(When(texts__name="candidate", then=Value("")), default=F("texts__text"), output_field=TextField())
        found = entries.filter(lately | Q(kind=Step.RETURN.value)).annotate(
            text_name=F("texts__name"), words=words, erased_at=F("texts__erased_at")
        )
    history: dict[int, Entry] = {}
    texts: defaultdict[int, dict[str, str]] = defaultdict(dict)
    returns: dict[str, Entry] = {}
    for entry in found:
        if entry.kind == Step.RETURN and entry.subject_id in back:
            returns.setdefault(entry.subject_id, entry)
        if entry.subject_id == one:
            history.setdefault(entry.seq, entry)
            if entry.text_name and entry.text_name != "candidate" and entry.erased_at is None:
                texts[entry.seq][entry.text_name] = entry.words
    return Recorded(tuple(history.values()), texts, returns)
