"""The link by which somebody chooses a new password, as the page for forgotten passwords would mail it."""

from __future__ import annotations

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.urls import reverse

from upcross.access.models import User


def reset_path(user: User) -> str:
    """The path of a link that is good once, for two hours; every link before it stays good until one is used."""
    key = default_token_generator.make_token(user)
    return reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": key})
