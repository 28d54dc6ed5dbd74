"""Where the ledger is kept, and how to get at it: a file of SQLite in the project, or a PostgreSQL database.

Django is imported when a ledger is opened, and not before: who only plans does without it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit, urlunsplit

from upcross.errors import UpcrossError, UsageError

VARIABLE = "UPCROSS_DATABASE"
"""The environment variable that names the ledger's database; it outweighs the project file."""

_PRAGMAS = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA journal_size_limit=16777216"


class NewerLedgerError(UpcrossError):
    """The ledger was written by a newer version than this one."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where one project's ledger is: the file, unless ``url`` names a PostgreSQL database."""

    file: Path
    url: str = ""

    @classmethod
    def of(cls, state: Path, url: str = "") -> Place:
        """The ledger of a project whose state lies in a folder; the environment outweighs the project's own setting."""
        return cls(state / "ledger.sqlite3", os.environ.get(VARIABLE, "") or url)

    @property
    def exists(self) -> bool:
        """Whether there may be a ledger: its file is there, or a database is named."""
        return bool(self.url) or self.file.exists()

    def __str__(self) -> str:
        """The place in words, without a password."""
        if not self.url:
            return str(self.file)
        parts = urlsplit(self.url)
        return f"postgresql://{parts.hostname or ''}{parts.path}"

    @property
    def without_password(self) -> str:
        """The address of the database, its password left out."""
        parts = urlsplit(self.url)
        who, _, where = parts.netloc.rpartition("@")
        name = who.partition(":")[0]
        return urlunsplit(parts._replace(netloc=f"{name}@{where}" if name else where))

    def database(self) -> dict[str, Any]:
        """Django's settings of the database; ``UsageError`` for an address that names no PostgreSQL database."""
        if not self.url:
            return {
                "ENGINE": "upcross.ledger.sqlite",
                "NAME": str(self.file.resolve()),
                "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 30, "init_command": _PRAGMAS},
            }
        parts = urlsplit(self.url)
        name = unquote(parts.path.removeprefix("/"))
        if parts.scheme not in ("postgresql", "postgres") or not name:
            raise UsageError(
                f"the ledger's database is given as '{parts.scheme}:…'; expected an address such as"
                f" postgresql://user@host/upcross, in {VARIABLE} or as ledger: database: of the project file"
            )
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": name,
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": unquote(parts.hostname or ""),
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": dict(parse_qsl(parts.query)),
        }


def bare_settings(place: Place) -> dict[str, Any]:
    """Django's settings for a command that needs the ledger alone: no pages, no sign-in."""
    return {
        "DATABASES": {"default": place.database()},
        "INSTALLED_APPS": ["upcross.ledger.apps.LedgerConfig"],
        "USE_TZ": True,
        "TIME_ZONE": "UTC",
        "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
    }


def connect(place: Place, *, migrated: bool = True) -> None:
    """Make a ledger the one that this process speaks to; made where it is not there yet, brought up to date.

    A process that serves pages has configured Django already: its settings stay, and the ledger is that of the place.
    Raises ``NewerLedgerError`` where a newer version has written it.
    """
    import django
    from django.apps import apps
    from django.conf import settings
    from django.db import connections

    if not settings.configured and "DJANGO_SETTINGS_MODULE" not in os.environ:
        settings.configure(**bare_settings(place))
    if not apps.ready:
        django.setup()
    wanted, known = place.database(), connections.databases["default"]
    if any(known.get(name) != value for name, value in wanted.items()):
        connections["default"].close()
        del connections["default"]
        known.update(wanted)
    if migrated:
        if not place.url:
            place.file.parent.mkdir(parents=True, exist_ok=True)
            place.file.touch(mode=0o600)  # it holds names, addresses and the hashes of passwords
        bring_up_to_date(place)


def bring_up_to_date(place: Place) -> None:
    """Every migration that the ledger lacks, each in a transaction of its own; an interrupted run goes on next time."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    known = executor.loader.disk_migrations
    newer = sorted(
        name for app, name in executor.loader.applied_migrations if app == "ledger" and (app, name) not in known
    )
    if newer:
        raise NewerLedgerError(
            f"the ledger at {place} was written by a newer version of Upcross (it has {newer[-1]}, which this one does"
            " not know); nothing was touched. Update Upcross, or restore a backup made before the update"
        )
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", verbosity=0, interactive=False)
