"""A served company for tests in a browser: who can sign in, and what a browser noticed.

``python -m app.site FOLDER`` applies the plan of a project and makes the people.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Page

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
    kill: Callable[[], None]
    begin_again: Callable[[], None]
    _states: dict[str, Any] = field(default_factory=dict)

    def signed_in(self, who: str, browser: Browser) -> Any:
        """The cookies of somebody, who signs in as people do the first time; '' is nobody."""
        if not who:
            return None
        if who not in self._states:
            context = browser.new_context(base_url=self.address)
            page = context.new_page()
            page.goto("/sign-in/")
            page.get_by_label("Email").fill(email_of(who))
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Sign in").click()
            page.wait_for_url(lambda url: "/sign-in/" not in url)
            self._states[who] = context.storage_state()
            context.close()
        return self._states[who]


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


if __name__ == "__main__":
    _make(Path(sys.argv[1]))
