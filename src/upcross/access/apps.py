"""Access as an application of Django."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    """Users, invitations and tokens, and their migrations."""

    name = "upcross.access"
    label = "access"
    default_auto_field = "django.db.models.BigAutoField"
