"""The ledger as an application of Django."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """The ledger's tables and migrations."""

    name = "upcross.ledger"
    label = "ledger"
    default_auto_field = "django.db.models.BigAutoField"
