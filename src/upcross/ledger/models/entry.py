"""The record of everything that happened, each entry chained to the one before; personal text lies apart."""

from __future__ import annotations

from django.db import models


class Entry(models.Model):
    """One thing that happened to one subject, and who did it; written once, never changed.

    ``seq`` counts all entries from 1 without a gap; ``version`` those of one subject. ``facts`` is canonical JSON
    without personal text; ``digests`` canonical JSON of salted hashes of the texts that lie apart. ``hash`` covers all
    of it and the hash of the entry before.
    """

    seq = models.BigIntegerField(primary_key=True)
    subject = models.TextField()
    subject_id = models.TextField()
    version = models.BigIntegerField()
    kind = models.TextField()
    at = models.DateTimeField(db_index=True)
    by = models.TextField()
    as_of = models.DateField(null=True)
    facts = models.TextField()
    digests = models.TextField()
    previous = models.TextField()
    hash = models.TextField()

    class Meta:
        app_label = "ledger"
        db_table = "ledger_entry"
        constraints = (
            models.UniqueConstraint(fields=("subject", "subject_id", "version"), name="one_entry_a_version"),
        )
        indexes = (models.Index(fields=("kind", "at"), name="entries_of_a_kind"),)


class EntryText(models.Model):
    """One text of an entry, which may name people; once erased it is empty, and the chain still holds."""

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="texts")
    name = models.TextField()
    salt = models.TextField()
    text = models.TextField()
    erased_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "ledger"
        db_table = "ledger_entry_text"
        constraints = (models.UniqueConstraint(fields=("entry", "name"), name="one_text_a_name"),)


class ChainHead(models.Model):
    """The last entry of the chain: the one row that every writer takes first, so that entries follow each other."""

    seq = models.BigIntegerField()
    hash = models.TextField()

    class Meta:
        app_label = "ledger"
        db_table = "ledger_chain_head"
