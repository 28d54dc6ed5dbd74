"""Who may come in: people, programs, and those who are invited."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac

from upcross.access.roles import Role

_ROLES = [role.value for role in Role if role is not Role.SERVICE]
_SESSION = "upcross.access.session"


def plain_email(email: str) -> str:
    """The one way in which an e-mail address is kept and compared."""
    return email.strip().lower()


class UserManager(BaseUserManager["User"]):
    """Users by their e-mail address, however it is written."""

    def get_by_natural_key(self, username: str | None) -> User:
        """The user with an e-mail address."""
        return self.get(email=plain_email(username or ""))


class User(AbstractBaseUser):
    """One person who may sign in, by e-mail address; the role says what they may do.

    ``person_id`` is who they are among our people ('' for nobody: they own no accounts). ``sessions_since`` counts how
    often all their sessions were ended; a session of an earlier count is over.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(unique=True)
    name = models.TextField(default="", blank=True)
    role = models.TextField()
    person_id = models.TextField(default="", blank=True, db_index=True)
    is_active = models.BooleanField(default=True)
    sessions_since = models.IntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        app_label = "access"
        db_table = "access_user"
        constraints = (
            models.UniqueConstraint(Lower("email"), name="one_user_an_address"),
            models.CheckConstraint(condition=models.Q(role__in=_ROLES), name="a_role_of_people"),
        )

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep it, its address in the one way in which addresses are compared."""
        self.email = plain_email(self.email)
        super().save(*args, **kwargs)

    def get_session_auth_hash(self) -> str:
        """What a session must carry to be this user's: another password or a count further on, and it is over."""
        return self._session_mark(None)

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """The same under keys that were in use before."""
        for key in settings.SECRET_KEY_FALLBACKS:
            yield self._session_mark(key)

    def _session_mark(self, key: str | None) -> str:
        return salted_hmac(
            _SESSION, f"{self.password}:{self.sessions_since}", secret=key, algorithm="sha256"
        ).hexdigest()

    def __str__(self) -> str:
        return self.email


class ServiceToken(models.Model):
    """A program that may come in with a secret, of which only the hash is kept.

    ``scopes`` lists what it is made for; ``role`` and ``person_id`` limit it to what they may do and see ('' for none).
    """

    key = models.TextField(primary_key=True)
    name = models.TextField()
    digest = models.TextField()
    scopes = models.JSONField(default=list)
    role = models.TextField(default="", blank=True)
    person_id = models.TextField(default="", blank=True)
    made_by = models.TextField()
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "access"
        db_table = "access_service_token"

    def is_valid(self, moment: datetime) -> bool:
        """Whether it opens anything at a moment."""
        return self.revoked_at is None and (self.expires_at is None or moment < self.expires_at)


class Invitation(models.Model):
    """A link by which one person makes their account, once and within a week; only the hash of its secret is kept."""

    digest = models.TextField(primary_key=True)
    email = models.EmailField(db_index=True)
    name = models.TextField(default="", blank=True)
    role = models.TextField()
    person_id = models.TextField(default="", blank=True)
    invited_by = models.TextField()
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "access"
        db_table = "access_invitation"
        constraints = (models.CheckConstraint(condition=models.Q(role__in=_ROLES), name="an_invited_role_of_people"),)

    def is_open(self, moment: datetime) -> bool:
        """Whether it can still be accepted at a moment."""
        return self.accepted_at is None and self.withdrawn_at is None and moment < self.expires_at


class Attempt(models.Model):
    """How often something was tried lately, such as to sign in; written as a cache of Django writes it."""

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        app_label = "access"
        db_table = "access_attempt"


class SavedView(models.Model):
    """A page as somebody wants it again, by its filters: theirs alone, or for everybody.

    ``page`` names the page's route, ``query`` what stands in its address after the question mark. It holds no rows:
    whoever opens it sees of them what is theirs to see.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="saved_views")
    page = models.TextField(db_index=True)
    name = models.TextField()
    query = models.TextField()
    shared = models.BooleanField(default=False)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "access"
        db_table = "access_saved_view"
        constraints = (models.UniqueConstraint(fields=("user", "page", "name"), name="one_view_a_name"),)


class ViewMark(models.Model):
    """What a saved view is to one person: a favourite, or how they want the page to open."""

    view = models.ForeignKey(SavedView, models.CASCADE, related_name="marks")
    user = models.ForeignKey(User, models.CASCADE, related_name="view_marks")
    starred = models.BooleanField(default=False)
    is_default = models.BooleanField(default=False)

    class Meta:
        app_label = "access"
        db_table = "access_view_mark"
        constraints = (models.UniqueConstraint(fields=("view", "user"), name="one_mark_a_person"),)
