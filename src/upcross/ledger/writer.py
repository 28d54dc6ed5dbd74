"""The one place that writes: state, entry, texts and outbox row together, or nothing of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from django.db import transaction

from upcross.ledger.actor import Actor
from upcross.ledger.chain import START, canonical, digests_of, entry_hash, new_salt
from upcross.ledger.models import ChainHead, Entry, EntryText, Opportunity, Outbox
from upcross.ledger.refusals import NotNowError
from upcross.ledger.state import FIELDS, State, plain_changes, row_values, state_of
from upcross.ledger.step import TRANSITIONS, UNDOABLE, Step

OPPORTUNITY = "opportunity"
_WRITTEN = (*FIELDS, "version", "updated_at", "candidate")
_BATCH = 200


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


class Writer:
    """What one transaction adds to the ledger, written at its end in the order in which it was recorded."""

    def __init__(self, head: ChainHead, moment: datetime) -> None:
        self.moment = moment
        self._head = head
        self._entries: list[Entry] = []
        self._texts: list[EntryText] = []
        self._rows: dict[Any, Opportunity] = {}
        self._versions: dict[tuple[str, str], int] = {}

    @property
    def written(self) -> int:
        """How many entries this transaction adds so far."""
        return len(self._entries)

    def record(
        self, subject: str, subject_id: str, kind: str, actor: Actor, facts: Mapping[str, Any] | None = None, *,
        texts: Mapping[str, str] | None = None, as_of: date | None = None, version: int | None = None,
    ) -> Entry:  # fmt: skip
        """One entry about a subject, its texts apart, and its outbox row; empty texts are left out."""
        salted = {name: (new_salt(), text) for name, text in (texts or {}).items() if text}
        told, digests = canonical(facts or {}), digests_of(salted)
        number = self._version(subject, subject_id) if version is None else version
        seq, previous = self._head.seq + 1, self._head.hash
        value = entry_hash(
            previous, seq, subject, subject_id, number, kind, self.moment, actor.id, as_of, told, digests
        )
        entry = Entry(
            seq=seq, subject=subject, subject_id=subject_id, version=number, kind=kind, at=self.moment, by=actor.id,
            as_of=as_of, facts=told, digests=digests, previous=previous, hash=value,
        )  # fmt: skip
        self._entries.append(entry)
        self._texts += [EntryText(entry=entry, name=name, salt=salt, text=text)
                        for name, (salt, text) in salted.items()]  # fmt: skip
        self._head.seq, self._head.hash = seq, value
        return entry

    def change(
        self, row: Opportunity, step: Step, actor: Actor, changes: Mapping[str, Any], *, reason: str = "",
        texts: Mapping[str, str] | None = None, candidate: dict[str, Any] | None = None, as_of: date | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> Opportunity:  # fmt: skip
        """One step of an opportunity: the entry says what it set and, where it can be undone, what was before."""
        before = state_of(row) if row.version else State()
        if row.version and before.at not in TRANSITIONS[step].sources:
            raise NotNowError(f"'{step.value}' does not lead on from {before.at.words}: nothing was written")
        changed = before.differing(changes)
        facts: dict[str, Any] = {"set": plain_changes(changed), **(more or {})}
        if step in UNDOABLE:
            facts["was"] = plain_changes({name: getattr(before, name) for name in changed})
        if reason:
            facts["reason"] = reason
        if actor.person_id not in ("", actor.id):
            facts["person"] = actor.person_id  # which of our people it was that signed in, or lent a program their name
        if row.version == 0:
            facts["set"].setdefault("kind", row.kind)
            facts["about"] = {
                name: getattr(row, name)
                for name in ("account_id", "business_unit", "product_id", "mechanism", "motion", "task", "episode")
            }
        told = dict(texts or {})
        if candidate is not None:
            told["candidate"] = canonical(candidate)
            row.candidate = candidate
        for name, value in row_values(replace(before, **changed)).items():
            setattr(row, name, value)
        row.version += 1
        row.updated_at = self.moment
        self.record(OPPORTUNITY, str(row.id), step.value, actor, facts, texts=told, as_of=as_of, version=row.version)
        self._rows[row.id] = row
        return row

    def _version(self, subject: str, subject_id: str) -> int:
        key = (subject, subject_id)
        if key not in self._versions:
            last = Entry.objects.filter(subject=subject, subject_id=subject_id).order_by("-version").first()
            self._versions[key] = last.version if last else 0
        self._versions[key] += 1
        return self._versions[key]

    def flush(self) -> None:
        """Write all of it; the caller's transaction makes it one."""
        if not self._entries:
            return
        Opportunity.objects.bulk_create(
            self._rows.values(), batch_size=_BATCH, update_conflicts=True, update_fields=_WRITTEN, unique_fields=["id"]
        )
        Entry.objects.bulk_create(self._entries, batch_size=_BATCH)
        EntryText.objects.bulk_create(self._texts, batch_size=_BATCH)
        Outbox.objects.bulk_create(
            [
                Outbox(entry=entry, topic=f"{entry.subject}.{entry.kind}", created_at=self.moment)
                for entry in self._entries
            ],
            batch_size=_BATCH,
        )
        self._head.save(update_fields=["seq", "hash"])


@contextmanager
def writing(moment: datetime | None = None) -> Iterator[Writer]:
    """A transaction that adds to the ledger: writers take their turn, and see what those before them wrote."""
    with transaction.atomic():
        ChainHead.objects.get_or_create(pk=1, defaults={"seq": 0, "hash": START})
        head = ChainHead.objects.select_for_update().get(pk=1)
        writer = Writer(head, moment or now())
        yield writer
        writer.flush()
