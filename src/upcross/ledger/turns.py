"""One at a time, across processes: a lock that its holder's end releases, however it ends."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def alone(job: str) -> Iterator[None]:
    """Do a job while nobody else does the same on this ledger; who comes second waits."""
    if connection.vendor == "postgresql":
        key = int.from_bytes(hashlib.sha256(f"upcross {job}".encode()).digest()[:8], "big", signed=True)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [key])
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [key])
        return
    turn = os.open(f"{connection.settings_dict['NAME']}.{job}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield
    finally:
        os.close(turn)
