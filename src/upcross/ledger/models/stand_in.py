"""Who takes over for whom until the company's own systems say so."""

from __future__ import annotations

from django.db import models


class StandIn(models.Model):
    """One account's role handed from one person to another; it counts as long as the book still names the first."""

    account_id = models.TextField()
    role = models.TextField()
    from_person = models.TextField()
    to_person = models.TextField()
    since = models.DateField()

    class Meta:
        app_label = "ledger"
        db_table = "ledger_stand_in"
        constraints = (models.UniqueConstraint(fields=("account_id", "role"), name="one_stand_in_a_role"),)
