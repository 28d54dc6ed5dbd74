"""How long a session lasts: twelve hours without a request, seven days whatever happens."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from allauth.core.internal.httpkit import get_client_ip
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse

from upcross.web.settings import ABSOLUTE, IDLE

log = logging.getLogger(__name__)

BEGAN = "upcross_began"
SEEN = "upcross_seen"
_NOTED_EVERY = 60
"""Seconds between two notes of when a session was last used: reading a page need not write."""


def begin(sender: Any, request: HttpRequest, user: Any, **_: Any) -> None:
    """Somebody signed in: their session's time begins."""
    request.session[BEGAN] = request.session[SEEN] = time.time()
    log.info("user:%s signed in from %s", user.pk, get_client_ip(request))


def note_failure(sender: Any, request: HttpRequest | None = None, **_: Any) -> None:
    """Somebody tried and failed; nothing of what they typed is written down."""
    log.warning("signing in failed, from %s", get_client_ip(request) if request else "here")


class SessionLimitsMiddleware:
    """Ends a session whose time is up, on the server: its cookie opens nothing any more."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Look at the session's age before anybody asks whose it is."""
        session = request.session
        if SESSION_KEY in session:
            now = time.time()
            began, seen = session.get(BEGAN, 0), session.get(SEEN, 0)
            if now - began >= ABSOLUTE.total_seconds() or now - seen >= IDLE.total_seconds():
                session.flush()
            elif now - seen >= _NOTED_EVERY:
                session[SEEN] = now
        return self.get_response(request)
