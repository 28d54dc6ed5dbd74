"""What is to be told elsewhere: written with the entry that it is about, told at least once, every attempt kept."""

from __future__ import annotations

from django.db import models

from upcross.ledger.models.entry import Entry


class Outbox(models.Model):
    """One entry that may concern the world outside; which destinations it goes to is decided when it is sent."""

    entry = models.OneToOneField(Entry, models.PROTECT, primary_key=True, related_name="outbox")
    topic = models.TextField()
    created_at = models.DateTimeField()
    routed_at = models.DateTimeField(null=True, db_index=True)
    """When its deliveries were made; null: not looked at yet."""

    class Meta:
        app_label = "ledger"
        db_table = "ledger_outbox"


class Delivery(models.Model):
    """One message on its way to one destination: pending, delivered, or dead after its last attempt."""

    outbox = models.ForeignKey(Outbox, models.PROTECT, related_name="deliveries", null=True)
    """Null for digests, which are about many entries."""
    destination = models.TextField()
    dedupe = models.TextField(unique=True)
    body = models.JSONField()
    state = models.TextField(default="pending")
    attempts = models.IntegerField(default=0)
    created_at = models.DateTimeField()
    since = models.DateTimeField()
    """When it was first due: it is tried for a time from then on; sent again by hand, the time begins anew."""
    next_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    last_error = models.TextField(default="")

    class Meta:
        app_label = "ledger"
        db_table = "ledger_delivery"
        indexes = (models.Index(fields=("state", "next_at"), name="deliveries_due"),)


class DeliveryAttempt(models.Model):
    """One attempt: when, what came of it, and the first part of the answer."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="tried")
    number = models.IntegerField()
    at = models.DateTimeField()
    outcome = models.TextField()
    status = models.IntegerField(null=True)
    detail = models.TextField(default="")

    class Meta:
        app_label = "ledger"
        db_table = "ledger_delivery_attempt"


class Received(models.Model):
    """One message from outside that was taken, by its sender and id: repeated, it does nothing.

    ``body`` is what is still to be done about it, and null once it is done.
    """

    source = models.TextField()
    message_id = models.TextField()
    at = models.DateTimeField(db_index=True)
    body = models.JSONField(null=True)

    class Meta:
        app_label = "ledger"
        db_table = "ledger_received"
        constraints = (models.UniqueConstraint(fields=("source", "message_id"), name="one_message_an_id"),)


class Lease(models.Model):
    """Who alone may do a job until when; ``fence`` rises with every holder, so that one who lost it is told apart."""

    name = models.TextField(primary_key=True)
    holder = models.TextField()
    until = models.DateTimeField()
    fence = models.BigIntegerField(default=0)

    class Meta:
        app_label = "ledger"
        db_table = "ledger_lease"
