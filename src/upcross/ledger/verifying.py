"""Whether the record is whole: every entry follows the one before, every text and row is as entries say."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from upcross.ledger.chain import START, digest, entry_hash
from upcross.ledger.models import ChainHead, Entry, EntryText, Opportunity
from upcross.ledger.state import State, read_changes, state_of
from upcross.ledger.writer import OPPORTUNITY

ERASE = "erase"
_PAGE = 2_000


@dataclass(frozen=True, slots=True)
class Fault:
    """The first thing that does not hold: at which entry (None: not at one), and what is wrong with it."""

    seq: int | None
    what: str

    def __str__(self) -> str:
        return f"entry {self.seq}: {self.what}" if self.seq is not None else self.what


@dataclass(frozen=True, slots=True)
class Verified:
    """What was looked at, the last hash, and the first fault (None: the record is whole).

    The last hash, kept elsewhere, shows later that nothing was cut off the end.
    """

    entries: int
    texts: int
    erased: int
    opportunities: int
    head: str
    fault: Fault | None

    def to_dict(self) -> dict[str, Any]:
        """The same facts as plain values."""
        return {
            "entries": self.entries, "texts": self.texts, "erased": self.erased,
            "opportunities": self.opportunities, "head": self.head, "whole": self.fault is None,
            "fault": {"entry": self.fault.seq, "what": self.fault.what} if self.fault else None,
        }  # fmt: skip


def verify(expected_head: str = "") -> Verified:
    """Go through the whole record; ``expected_head`` is a hash that it once ended with, which must still be in it."""
    looked = _Looking()
    fault = looked.through() or looked.end(expected_head) or looked.rows()
    return Verified(looked.seq, looked.texts, looked.erased_texts, len(looked.states), looked.previous, fault)


class _Looking:
    """One way through the record, in the order of its entries."""

    def __init__(self) -> None:
        self.seq, self.previous = 0, START
        self.texts = self.erased_texts = 0
        self.versions: dict[tuple[str, str], int] = {}
        self.states: dict[str, State] = {}
        self.hashes: set[str] = {START}
        self.erased = _erased()

    def through(self) -> Fault | None:
        """Every entry and its texts."""
        for page in _pages():
            texts: dict[int, list[EntryText]] = {}
            for text in EntryText.objects.filter(entry_id__gte=page[0].seq, entry_id__lte=page[-1].seq):
                texts.setdefault(text.entry_id, []).append(text)
            for entry in page:
                what = self._entry(entry) or self._texts(entry, texts.get(entry.seq, ()))
                if what:
                    return Fault(entry.seq if entry.seq <= self.seq + 1 else self.seq + 1, what)
                self.seq, self.previous = entry.seq, entry.hash
                self.hashes.add(entry.hash)
        return None

    def _entry(self, entry: Entry) -> str:
        if entry.seq != self.seq + 1:
            return f"is missing: after {self.seq} comes {entry.seq}"
        if entry.previous != self.previous:
            return "does not follow the entry before: one of the two was changed, or something between was taken out"
        told = entry_hash(
            entry.previous, entry.seq, entry.subject, entry.subject_id, entry.version, entry.kind, entry.at, entry.by,
            entry.as_of, entry.facts, entry.digests,
        )  # fmt: skip
        if told != entry.hash:
            return f"was changed after it was written ({entry.subject} {entry.subject_id}, {entry.kind} by {entry.by})"
        key = (entry.subject, entry.subject_id)
        if entry.version != self.versions.get(key, 0) + 1:
            return f"has version {entry.version} where {self.versions.get(key, 0) + 1} comes next"
        self.versions[key] = entry.version
        if entry.subject == OPPORTUNITY:
            state = self.states.get(entry.subject_id, State())
            self.states[entry.subject_id] = replace(state, **read_changes(entry.facts))
        return ""

    def _texts(self, entry: Entry, texts: Iterable[EntryText]) -> str:
        expected: Mapping[str, str] = json.loads(entry.digests)
        found = {text.name: text for text in texts}
        if found.keys() != expected.keys():
            names = sorted(found.keys() ^ expected.keys())
            return f"its texts are not those that it was written with: {', '.join(names)}"
        for name, text in found.items():
            self.texts += 1
            if text.erased_at is not None:
                self.erased_texts += 1
                if (entry.seq, name) not in self.erased:
                    return f"its text '{name}' is gone, and no entry says that it was erased"
            elif digest(text.salt, text.text) != expected[name]:
                return f"its text '{name}' was changed after it was written"
        return ""

    def rows(self) -> Fault | None:
        """Every row of the table equals what its entries add up to."""
        known = set()
        for row in Opportunity.objects.order_by("pk").iterator(chunk_size=_PAGE):
            known.add(str(row.pk))
            state = self.states.get(str(row.pk))
            if state is None:
                return Fault(None, f"opportunity {row.pk} has a row and no entries")
            shown = state_of(row)
            if shown != state:
                names = [n for n in State.__slots__ if getattr(shown, n) != getattr(state, n)]
                return Fault(None, f"opportunity {row.pk} shows another {', '.join(names)} than its entries add up to")
            if row.version != self.versions[OPPORTUNITY, str(row.pk)]:
                return Fault(None, f"opportunity {row.pk} is at version {row.version}, which is not its last entry's")
        lost = sorted(self.states.keys() - known)
        return Fault(None, f"opportunity {lost[0]} has entries and no row") if lost else None

    def end(self, expected_head: str) -> Fault | None:
        """The chain ends where the writers left it, and still holds the hash that somebody kept elsewhere."""
        head = ChainHead.objects.filter(pk=1).first()
        if head is not None and (head.seq, head.hash) != (self.seq, self.previous):
            return Fault(self.seq + 1, f"is missing: the record was written up to entry {head.seq}")
        if head is None and self.seq:
            return Fault(None, "the end of the chain is not marked any more")
        if expected_head and expected_head not in self.hashes:
            return Fault(None, f"the record no longer holds the hash {expected_head}: it was cut off or written anew")
        return None


def _pages() -> Iterable[list[Entry]]:
    after = -(2**62)
    while page := list(Entry.objects.filter(seq__gt=after).order_by("seq")[:_PAGE]):
        yield page
        after = page[-1].seq


def _erased() -> set[tuple[int, str]]:
    """The texts of which an entry says that they were erased."""
    found: set[tuple[int, str]] = set()
    for facts in Entry.objects.filter(kind=ERASE).values_list("facts", flat=True):
        found |= {(seq, name) for seq, name in json.loads(facts).get("erased", [])}
    return found
