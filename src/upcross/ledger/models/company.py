"""The book's accounts and our people, as the last applied plan knew them: whom the ledger's rows are about."""

from __future__ import annotations

from django.db import models


class Account(models.Model):
    """A customer: name and segment, for lists and for who may see what."""

    account_id = models.TextField(primary_key=True)
    name = models.TextField()
    segment = models.TextField(default="", blank=True)
    region = models.TextField(default="", blank=True)
    parent_id = models.TextField(default="", blank=True)

    class Meta:
        app_label = "ledger"
        db_table = "ledger_account"


class Person(models.Model):
    """One of our people or queues; ``manager_id`` '' where nobody is above; gone from ``left_on`` on."""

    person_id = models.TextField(primary_key=True)
    name = models.TextField()
    email = models.TextField(default="", blank=True, db_index=True)
    role = models.TextField(default="", blank=True)
    manager_id = models.TextField(default="", blank=True, db_index=True)
    product_id = models.TextField(default="", blank=True)
    left_on = models.DateField(null=True, blank=True)

    class Meta:
        app_label = "ledger"
        db_table = "ledger_person"


class Assignment(models.Model):
    """Who serves an account in a role; one person a role."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="assignments")
    role = models.TextField()
    person_id = models.TextField(db_index=True)

    class Meta:
        app_label = "ledger"
        db_table = "ledger_assignment"
        constraints = (models.UniqueConstraint(fields=("account", "role"), name="one_person_a_role"),)
