"""A served company for tests in a browser: who can sign in, and what a browser noticed.

``python -m app.site FOLDER`` applies the plan of a project and makes the people.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import ConsoleMessage, Page

SIGNED_IN = "signed-in.json"
PASSWORD = "correct horse battery"
PEOPLE = {
    "csm": ("lena.hoffmann", "Lena Hoffmann"),
    "csm2": ("tom.becker", "Tom Becker"),
    "ae": ("sofia.ricci", "Sofia Ricci"),
    "manager": ("stefan.albrecht", "Stefan Albrecht"),
    "revops": ("", "Rita RevOps"),
    "leader": ("ulrike.sommer", "Ulrike Sommer"),
    "admin": ("", "Ada Admin"),
    "viewer": ("", "Vera Viewer"),
}
"""Who can sign in, by what they are to the tests: which of the sample's people, and their name."""


def email_of(who: str) -> str:
    return f"{who}@vendor.example"


@dataclass
class Site:
    """A server that runs, and whoever signed in there."""

    address: str
    folder: Path
    kill: Callable[[], None] = lambda: None
    begin_again: Callable[[], None] = lambda: None

    def signed_in(self, who: str) -> Any:
        """The cookies of somebody who signed in when the company was made; '' is nobody."""
        return json.loads((self.folder / SIGNED_IN).read_text())[who] if who else None


class Watched:
    """What a browser complains of while a page is used: errors of the console, of scripts, and refusals by the policy."""

    def __init__(self, page: Page) -> None:
        self.faults: list[str] = []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))

    def _console(self, message: ConsoleMessage) -> None:
        refused = "status of 4" in message.text  # a refusal that the page tells; Chromium notes every such answer
        if message.type in ("error", "warning") and not refused:
            self.faults.append(f"{message.type}: {message.text}")


def _make(folder: Path) -> None:
    from upcross.applied import apply
    from upcross.project import open_project
    from upcross.web.settings import use

    project = open_project(folder)
    use(project)
    apply(project)
    from django.contrib.auth.hashers import Argon2PasswordHasher, make_password

    from upcross.access.models import User

    Argon2PasswordHasher.time_cost, Argon2PasswordHasher.memory_cost = 1, 1024
    hashed = make_password(PASSWORD)
    for who, (person, name) in PEOPLE.items():
        role = who.rstrip("0123456789")
        User.objects.create(email=email_of(who), name=name, role=role, person_id=person, password=hashed)
    (folder / SIGNED_IN).write_text(json.dumps({who: _cookies(who) for who in PEOPLE}))


def _cookies(who: str) -> dict[str, Any]:
    """Somebody signs in by the form, once for all servers of the company; as a browser keeps what it is given."""
    from django.test import Client

    client = Client(headers={"host": "127.0.0.1"})
    answer = client.post("/sign-in/", {"login": email_of(who), "password": PASSWORD})
    assert answer.status_code == 302, answer.content.decode()
    return {
        "cookies": [{"name": name, "value": one.value, "domain": "127.0.0.1", "path": "/", "httpOnly": True,
                     "secure": False, "sameSite": "Lax", "expires": -1} for name, one in client.cookies.items()],
        "origins": [],
    }  # fmt: skip


if __name__ == "__main__":
    _make(Path(sys.argv[1]))
