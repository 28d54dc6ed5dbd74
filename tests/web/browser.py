"""A browser as our pages meet one: it keeps cookies, sends what a form holds, and says where it is."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from django.contrib.auth.hashers import make_password
from django.test import Client

from upcross.access.models import User

PASSWORD = "correct horse battery"
SITE = "https://upcross.example"
_HASH: list[str] = []


def member(role: str = "csm", email: str = "", **facts: Any) -> User:
    """Somebody who may sign in with ``PASSWORD``; it is hashed once, as hashing is slow on purpose."""
    if not _HASH:
        _HASH.append(make_password(PASSWORD))
    return User.objects.create(email=email or f"{role}@vendor.example", role=role, password=_HASH[0], **facts)


class Browser(Client):
    """Over https, with every check in force; a fault of the server is an answer, as for everybody outside."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(
            enforce_csrf_checks=True, raise_request_exception=False, headers={"host": "upcross.example"}, **settings
        )

    def generic(self, method: str, path: str, *args: Any, **more: Any) -> Any:
        return super().generic(method, path, *args, **{**more, "secure": True})

    def submit(self, path: str, *, headers: dict[str, str] | None = None, **fields: str) -> Any:
        """Load a page and send its form, with the hidden fields that it holds."""
        return self.send(self.get(path), path, headers=headers, **fields)

    def send(self, shown: Any, path: str, *, headers: dict[str, str] | None = None, **fields: str) -> Any:
        """Send the form of a page that is open already."""
        own = {"Origin": SITE, "Sec-Fetch-Site": "same-origin", **(headers or {})}
        return self.post(path, {**hidden(shown.content.decode()), **fields}, headers=own)

    def sign_in(self, user: User, password: str = PASSWORD) -> Any:
        return self.submit("/sign-in/", login=user.email, password=password)

    @property
    def is_in(self) -> bool:
        """Whether a page opens that is for whoever is signed in."""
        return self.get("/second-factor/").status_code == 200

    @property
    def session_cookie(self) -> Any:
        return self.cookies["__Host-upcross-session"]


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of a page's forms."""
    found = re.findall(r"<input[^>]*type=\"hidden\"[^>]*>", page)
    return {name(field): unescape(value.group(1)) for field in found if (value := re.search(r'value="([^"]*)"', field))}


def name(field: str) -> str:
    found = re.search(r'name="([^"]*)"', field)
    assert found
    return found.group(1)
