"""What a program was answered, kept for as long as it may ask the same again because the answer got lost."""

from __future__ import annotations

from django.db import models


class IdempotentRequest(models.Model):
    """One request that wrote something, by who sent it and the key that they gave it, and its answer.

    ``asked`` is a hash of all that was asked: the same key with another is a mistake. Written with the effect, in one
    transaction: where the effect is, the answer is.
    """

    actor = models.TextField()
    key = models.TextField()
    asked = models.TextField()
    status = models.IntegerField()
    headers = models.JSONField(default=dict)
    body = models.TextField()
    at = models.DateTimeField(db_index=True)

    class Meta:
        app_label = "ledger"
        db_table = "ledger_idempotent_request"
        constraints = (models.UniqueConstraint(fields=("actor", "key"), name="one_answer_a_key"),)
