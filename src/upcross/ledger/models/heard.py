"""What a person heard a customer say, as they typed it."""

from __future__ import annotations

from django.db import models


class Heard(models.Model):
    """One statement of a customer, logged by one of us; a source of the book's ``statements``.

    ``contact_id`` and ``said_by`` name who said it ('' where unknown); the words and the name are erased on request.
    """

    statement_id = models.TextField(primary_key=True)
    account_id = models.TextField(db_index=True)
    business_unit = models.TextField(default="")
    said_on = models.DateField()
    kind = models.TextField()
    product_id = models.TextField(default="")
    domain = models.TextField(default="")
    quote = models.TextField()
    contact_id = models.TextField(default="")
    said_by = models.TextField(default="")
    heard_by = models.TextField()
    heard_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "ledger"
        db_table = "ledger_heard"
