"""What the embedded engine may take of the machine: memory, threads, and a folder for what memory does not hold."""

from __future__ import annotations

import os
import platform
import re
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import duckdb
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

_UNITS = {"KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40}
_LEAST = 64 * 10**6


@dataclass(frozen=True, slots=True)
class Resources:
    """What the engine may take. What is not given is DuckDB's own choice: most of the memory, and all processors."""

    memory: str = ""
    """As DuckDB writes amounts: 1GB. It bounds what one connection holds, not what Python holds beside it."""
    threads: int | None = None
    temporary: Path | None = None
    """The folder in which it puts what memory does not hold."""

    def grant(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Let a connection take as much and no more."""
        if self.memory:
            connection.execute("SET memory_limit = ?", [self.memory])
        if self.threads:
            connection.execute("SET threads = ?", [self.threads])
        if self.temporary:
            with suppress(OSError):  # who needs no such room may work where none can be made
                self.temporary.mkdir(parents=True, exist_ok=True)
                _sweep(self.temporary)
            # The files of two connections have the same names: each gets a folder, which goes with it.
            own = f"{_HERE}-{os.getpid()}-{uuid4().hex[:8]}"
            connection.execute("SET temp_directory = ?", [str(self.temporary / own)])


_HERE = re.sub(r"[^A-Za-z0-9.]", ".", platform.node())


def _sweep(temporary: Path) -> None:
    """Remove what processes of this machine left that were killed: it is rows of customers, and nobody reads it."""
    for folder in temporary.glob(f"{_HERE}-*-*"):
        number = folder.name.removeprefix(f"{_HERE}-").partition("-")[0]
        if number.isdigit() and not _runs(int(number)):
            shutil.rmtree(folder, ignore_errors=True)


def _runs(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass  # somebody else's, and there
    return True


DEFAULT = Resources()


def _memory(text: str) -> str:
    found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,3})?)\s?([KMGT]i?B)", text.strip(), re.IGNORECASE)
    if found is None:
        raise ValueError("must be an amount of memory, such as 1GB or 800MB")
    if float(found[1]) * _UNITS[found[2].upper()] < _LEAST:
        raise ValueError("must be at least 64MB: nothing can be computed in less")
    return f"{found[1]}{found[2]}"


class ResourcesText(BaseModel):
    """What computing may take of the machine, for whoever shares it; what is not given is DuckDB's own choice."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    memory: Annotated[str, AfterValidator(_memory)] | None = None
    threads: int | None = Field(default=None, ge=1, le=1024)
    temporary: str | None = Field(default=None, min_length=1)
    """A folder; a relative one starts at the project."""

    def resources(self, folder: Path) -> Resources:
        """The same for a project in a folder, whose own ``.upcross/temporary`` serves where no folder is given."""
        temporary = Path(self.temporary).expanduser() if self.temporary else Path(".upcross", "temporary")
        return Resources(self.memory or "", self.threads, folder / temporary)
