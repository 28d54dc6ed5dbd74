"""What a contract table is: typed columns, a key, when its rows happened, and whether no row means zero."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum


class Type(StrEnum):
    """How a column is stored: text, whole number, decimal(18,4), rate (decimal(18,8)), money (integer
    ten-thousandths), date, boolean."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    RATE = "rate"
    MONEY = "money"
    DATE = "date"
    BOOLEAN = "boolean"

    @property
    def sql(self) -> str:
        """The type's name in DuckDB's dialect, from which every other dialect is printed."""
        return _SQL[self]


_SQL = {
    Type.TEXT: "VARCHAR",
    Type.INTEGER: "BIGINT",
    Type.DECIMAL: "DECIMAL(18, 4)",
    Type.RATE: "DECIMAL(18, 8)",
    Type.MONEY: "BIGINT",
    Type.DATE: "DATE",
    Type.BOOLEAN: "BOOLEAN",
}


class Coverage(StrEnum):
    """What the absence of a row says."""

    EVERY_ACCOUNT = "every_account"
    """Event tables: inside the covered span, no row is a true zero."""
    ONLY_LISTED = "only_listed"
    """Measurements: no row is unknown."""
    STATE = "state"
    """Facts about what is: no row means that no such thing is known, and nothing is counted."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a contract table: name, type, meaning, unit, and from when on its value is known."""

    name: str
    type: Type
    meaning: str
    unit: str = ""
    required: bool = False
    values: tuple[str, ...] = ()
    """The only values allowed, for text that is an enumeration."""
    references: str = ""
    """``table.column`` that must hold the value."""
    known_from: str = ""
    """The date column of the same row before which this value was not known; empty: known with the row."""
    default: str | bool | int | None = None
    """What an unmapped or empty cell becomes; None stays unknown."""


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the contract.

    ``happened_on`` is the date column that makes a row visible (``None``: the table states what is, without a
    date); where ``exclusive`` it is the first day after the row's period. ``known_on`` lists the columns whose
    first value that is present says when the row became known; none present: known when it happened.
    """

    name: str
    meaning: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    coverage: Coverage = Coverage.STATE
    happened_on: str | None = None
    exclusive: bool = False
    known_on: tuple[str, ...] = ("recorded_at",)
    max_lag_days: int = 7
    """How many days a feed may lie behind before what follows its end counts as unknown."""
    subject: str = ""
    _by_name: dict[str, Column] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        recorded = Column("recorded_at", Type.DATE, "Day on which this row was recorded, where the source keeps it.")
        columns = (*self.columns, recorded)
        object.__setattr__(self, "columns", columns)
        self._by_name.update({column.name: column for column in columns})

    def column(self, name: str) -> Column:
        """The column of that name; KeyError if there is none."""
        return self._by_name[name]

    def has(self, name: str) -> bool:
        """Whether the table has a column of that name."""
        return name in self._by_name

    @property
    def names(self) -> list[str]:
        """Column names in order."""
        return [column.name for column in self.columns]


def text(name: str, meaning: str, **options: object) -> Column:
    """A text column."""
    return Column(name, Type.TEXT, meaning, **options)  # type: ignore[arg-type]


def integer(name: str, meaning: str, **options: object) -> Column:
    """A whole-number column."""
    return Column(name, Type.INTEGER, meaning, **options)  # type: ignore[arg-type]


def decimal(name: str, meaning: str, **options: object) -> Column:
    """A decimal column, four places."""
    return Column(name, Type.DECIMAL, meaning, **options)  # type: ignore[arg-type]


def rate(name: str, meaning: str, **options: object) -> Column:
    """An exchange-rate column, eight places."""
    return Column(name, Type.RATE, meaning, **options)  # type: ignore[arg-type]


def money(name: str, meaning: str, **options: object) -> Column:
    """A money column: integer ten-thousandths of the row's currency."""
    return Column(name, Type.MONEY, meaning, **options)  # type: ignore[arg-type]


def day(name: str, meaning: str, **options: object) -> Column:
    """A date column."""
    return Column(name, Type.DATE, meaning, **options)  # type: ignore[arg-type]


def flag(name: str, meaning: str, **options: object) -> Column:
    """A yes/no column."""
    return Column(name, Type.BOOLEAN, meaning, **options)  # type: ignore[arg-type]


def account_id(meaning: str = "The account.", **options: object) -> Column:
    """The reference to an account that most tables carry."""
    return text("account_id", meaning, **{"required": True, "references": "accounts.account_id", **options})


def business_unit() -> Column:
    """The reference to a business unit; never null: '' is the whole account."""
    return text("business_unit", "Business unit within the account; '' is the whole account.", default="")


def product_id(meaning: str = "The product.", *, required: bool = True) -> Column:
    """The reference to a product."""
    return text("product_id", meaning, required=required, references="products.product_id")


def by_name(tables: Iterable[Table]) -> dict[str, Table]:
    """Tables by their names."""
    return {table.name: table for table in tables}
