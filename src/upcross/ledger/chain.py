"""The chain of entries: each one's hash covers the entry before, so that nothing is changed or dropped unnoticed."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import UTC, date, datetime

START = "0" * 64
"""What the first entry follows."""


def canonical(value: object) -> str:
    """A value as the one JSON text that it is hashed as: sorted keys, no spaces, text as it is."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in an entry: {value!r}")


def digest(salt: str, text: str) -> str:
    """The salted SHA-256 of a text that lies apart: without the text, nobody can tell what it said."""
    return hashlib.sha256(f"{salt}\n{text}".encode()).hexdigest()


def new_salt() -> str:
    """128 random bits."""
    return secrets.token_hex(16)


def entry_hash(
    previous: str, seq: int, subject: str, subject_id: str, version: int, kind: str, at: datetime, by: str,
    as_of: date | None, facts: str, digests: str,
) -> str:  # fmt: skip
    """The SHA-256 of everything an entry says and of the hash before it; the moment counts in UTC microseconds."""
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    day = as_of.isoformat() if as_of else ""
    told = [previous, seq, subject, subject_id, version, kind, moment, by, day, facts, digests]
    return hashlib.sha256(canonical(told).encode()).hexdigest()


def digests_of(texts: Mapping[str, tuple[str, str]]) -> str:
    """The canonical JSON of the digests of texts given as name → (salt, text)."""
    return canonical({name: digest(salt, text) for name, (salt, text) in texts.items()})
