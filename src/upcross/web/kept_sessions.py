"""Where sessions are kept: in the database, under the hash of what the cookie holds.

A copy of the database, such as a backup, opens nobody's session.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from django.contrib.sessions.backends import db
from django.utils import timezone


def kept_under(cookie: str) -> str:
    """The key of a session's row: 160 bits of the hash of its cookie, as long as the column allows."""
    return sha256(cookie.encode()).hexdigest()[:40]


class SessionStore(db.SessionStore):
    """Django's sessions in the database, with another key."""

    def exists(self, session_key: str) -> bool:
        """Whether a cookie belongs to a session."""
        found: bool = super().exists(kept_under(session_key))
        return found

    def delete(self, session_key: str | None = None) -> None:
        """End a session: that of a cookie, or this one."""
        cookie = session_key or self.session_key
        if cookie is not None:
            super().delete(kept_under(cookie))

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        """The row that is kept."""
        row = super().create_model_instance(data)
        row.session_key = kept_under(row.session_key)
        return row

    def _get_session_from_db(self) -> Any:
        rows = self.model.objects.filter(expire_date__gt=timezone.now())
        found = rows.filter(session_key=kept_under(self.session_key)).first()
        if found is None:
            self._session_key = None
        return found
