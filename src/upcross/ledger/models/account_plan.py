"""What people typed about an account: a few fields, people, goals, proof, actions, reviews; each with its author."""

from __future__ import annotations

from django.db import models


class PlanField(models.Model):
    """One typed field of an account plan, as it stands; what it said before is in the record."""

    account_id = models.TextField()
    name = models.TextField()
    text = models.TextField()
    author = models.TextField()
    written_on = models.DateField()

    class Meta:
        app_label = "ledger"
        db_table = "ledger_plan_field"
        constraints = (models.UniqueConstraint(fields=("account_id", "name"), name="one_text_a_field"),)


class Stakeholder(models.Model):
    """One of the customer's people as we judge them: role and stance, for one product or for all ('').

    ``contact_id`` is the book's, '' where the person is in no system yet; strength is computed elsewhere, never typed.
    """

    id = models.UUIDField(primary_key=True)
    account_id = models.TextField(db_index=True)
    contact_id = models.TextField(default="")
    name = models.TextField()
    product_id = models.TextField(default="")
    role = models.TextField()
    stance = models.TextField(default="unknown")
    priorities = models.TextField(default="")
    reports_to = models.TextField(default="")
    author = models.TextField()
    written_on = models.DateField()
    removed_on = models.DateField(null=True)

    class Meta:
        app_label = "ledger"
        db_table = "ledger_stakeholder"


class Goal(models.Model):
    """One objective of the customer, in their words; met or dropped on a day, else open."""

    id = models.UUIDField(primary_key=True)
    account_id = models.TextField(db_index=True)
    text = models.TextField()
    business_unit = models.TextField(default="")
    product_id = models.TextField(default="")
    domain = models.TextField(default="")
    due_on = models.DateField(null=True)
    status = models.TextField(default="open")
    author = models.TextField()
    written_on = models.DateField()
    closed_on = models.DateField(null=True)

    class Meta:
        app_label = "ledger"
        db_table = "ledger_goal"


class Proof(models.Model):
    """A customer's own sentence that a product has paid off, signed by one of ours."""

    id = models.UUIDField(primary_key=True)
    account_id = models.TextField(db_index=True)
    business_unit = models.TextField(default="")
    product_id = models.TextField()
    sentence = models.TextField()
    contact_id = models.TextField(default="")
    author = models.TextField()
    signed_on = models.DateField()

    class Meta:
        app_label = "ledger"
        db_table = "ledger_proof"


class Action(models.Model):
    """One thing that somebody of ours is to do at an account by a day."""

    id = models.UUIDField(primary_key=True)
    account_id = models.TextField(db_index=True)
    text = models.TextField()
    owner = models.TextField(db_index=True)
    due_on = models.DateField(null=True)
    done_on = models.DateField(null=True)
    author = models.TextField()
    written_on = models.DateField()

    class Meta:
        app_label = "ledger"
        db_table = "ledger_action"


class Review(models.Model):
    """One review of an account plan: when it was held, what was said, and when the next one is."""

    id = models.UUIDField(primary_key=True)
    account_id = models.TextField(db_index=True)
    held_on = models.DateField()
    text = models.TextField()
    next_on = models.DateField(null=True)
    author = models.TextField()

    class Meta:
        app_label = "ledger"
        db_table = "ledger_review"
