"""Addresses of engines, such as ``postgresql://reader@host/db?schema=upcross``: read once, told without secrets."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

from upcross.errors import Place, ProjectError, Severity, issue_code

ADDRESS_INVALID = issue_code("source-address-invalid", Severity.ERROR, "The address of an engine cannot mean anything.")

ENGINES: Mapping[str, tuple[str, str, str]] = {
    "postgresql": ("PostgreSQL", "postgres", "postgresql://reader@host/database?schema=upcross"),
    "spark": ("Spark", "spark", "spark:local[2]?path=warehouse, spark://host:7077?schema=upcross"
                                " or spark:sc://host:15002?schema=upcross"),
    "databricks": ("Databricks", "databricks", "databricks://host/sql/1.0/warehouses/id?catalog=main&schema=upcross"),
    "snowflake": ("Snowflake", "snowflake", "snowflake://user@account/database/schema?warehouse=name"),
    "bigquery": ("BigQuery", "bigquery", "bigquery://project/dataset"),
    "trino": ("Trino", "trino", "trino://user@host:443/catalog/schema"),
}  # fmt: skip
"""By the scheme of an address: the engine's name, its dialect, and how an address of it is written."""

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_SECRET = re.compile(r"(//[^/@:]*):[^@/]*@")
_SECRET_OPTION = re.compile(r"([?&](?:password|token|access_token|private_key[^=]*)=)[^&]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Address:
    """Where an engine is, and in which schema the contract's tables lie."""

    scheme: str
    shown: str
    """As people are told it: as it was written, without passwords."""
    user: str | None
    password: str | None = field(repr=False)
    host: str
    port: int | None
    path: tuple[str, ...]
    options: Mapping[str, str] = field(repr=False)

    @property
    def engine(self) -> str:
        """The engine's name, as people know it."""
        return ENGINES[self.scheme][0]

    @property
    def dialect(self) -> str:
        """The dialect in which statements are printed for it."""
        return ENGINES[self.scheme][1]


def hidden(text: str) -> str:
    """An address without what must not be told."""
    return _SECRET_OPTION.sub(r"\1…", _SECRET.sub(r"\1@", text))


def read_address(text: str, place: Place | None = None, environment: Mapping[str, str] = os.environ) -> Address:
    """An address as it is written, with each ``${NAME}`` taken from the environment.

    Raises ``ProjectError`` where it names no engine, or a variable that is not set.
    """
    shown = hidden(text)
    unset = sorted({name for name in _VARIABLE.findall(text) if not environment.get(name)})
    if unset:
        raise ProjectError(ADDRESS_INVALID.at(place, f"the environment variable {unset[0]} is not set",
                                              hint=f"set it where Upcross runs: export {unset[0]}=…"))  # fmt: skip
    scheme = text.split(":", 1)[0].lower()
    scheme = "postgresql" if scheme == "postgres" else scheme
    if scheme not in ENGINES or ":" not in text:
        raise ProjectError(
            ADDRESS_INVALID.at(place, f"'{shown}' names no engine",
                               expected="; ".join(example for _, _, example in ENGINES.values()),
                               hint="leave 'source:' out where the data are files")
        )  # fmt: skip
    filled = _VARIABLE.sub(lambda match: environment[match[1]], text)
    if scheme == "spark" and not filled.startswith("spark://"):
        master, _, options = filled.removeprefix("spark:").partition("?")
        return Address(scheme, shown, None, None, master, None, (), dict(parse_qsl(options)))
    parts = urlsplit(filled)
    try:
        port = parts.port
    except ValueError:
        raise ProjectError(ADDRESS_INVALID.at(place, f"'{shown}' has a port that is no number",
                                              expected=ENGINES[scheme][2])) from None  # fmt: skip
    return Address(
        scheme, shown, _unquoted(parts.username), _unquoted(parts.password), parts.hostname or "", port,
        tuple(unquote(part) for part in parts.path.split("/") if part), dict(parse_qsl(parts.query)),
    )  # fmt: skip


def _unquoted(text: str | None) -> str | None:
    return None if text is None else unquote(text)
