"""The one secret of a project, from which everything that must not be forged or read is derived."""

from __future__ import annotations

import base64
import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from upcross.errors import UsageError

VARIABLE = "UPCROSS_SECRET_KEY"
"""The environment variable that holds the secret where no file shall; it outweighs the file."""

_SHORTEST = 32


def secret_key(state: Path) -> str:
    """The secret of a project whose state lies in a folder: from the environment, else from its file, made once.

    It lies outside the database, so that a copy of the one opens nothing without the other. ``UsageError`` where others
    of the machine may read the file, or the secret is too short to be one.
    """
    given = os.environ.get(VARIABLE, "")
    if given:
        if len(given) < _SHORTEST:
            raise UsageError(f"{VARIABLE} has {len(given)} characters; expected at least {_SHORTEST} random ones")
        return given
    file = state / "secret"
    if not file.exists():
        _make(file)
    if stat.S_IMODE(file.stat().st_mode) & 0o077:
        raise UsageError(f"others may read {file}, which holds the project's secret; run: chmod 600 {file}")
    return file.read_text("ascii").strip()


def sealing(key: str, purpose: str) -> Fernet:
    """What encrypts and decrypts what is kept for one purpose, under a key derived from the project's secret."""
    derived = HKDF(SHA256(), 32, salt=None, info=f"upcross {purpose}".encode()).derive(key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))


def _make(file: Path) -> None:
    """Write a new secret beside its place, then link it there: of two who start at once, both read the same one."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f"secret.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as opened:
        opened.write(secrets.token_urlsafe(48) + "\n")
        opened.flush()
        os.fsync(opened.fileno())
    try:
        with suppress(FileExistsError):
            os.link(draft, file)
    finally:
        draft.unlink()
