"""What a signal is, and the SQL file that defines it: a YAML header in a comment, then one SELECT.

A signal describes and never judges. Its name reads ``<thing>_<aggregate>_<window>``; its unit decides how it is
compared, stored and shown. Null means unknown, which is neither zero nor false.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Unit(StrEnum):
    """What a signal is measured in; plays may only compare like with like."""

    RATIO = "ratio"
    COUNT = "count"
    AMOUNT = "amount"
    DAYS = "days"
    MONEY = "money"
    DATE = "date"
    LEVEL = "level"
    FLAG = "flag"
    TEXT = "text"

    @property
    def sql(self) -> str:
        """The type in which a signal of this unit is kept (DuckDB's name for it)."""
        return _SQL[self]


_SQL = {
    Unit.RATIO: "DOUBLE",
    Unit.COUNT: "BIGINT",
    Unit.AMOUNT: "DECIMAL(18, 4)",
    Unit.DAYS: "BIGINT",
    Unit.MONEY: "BIGINT",
    Unit.DATE: "DATE",
    Unit.LEVEL: "VARCHAR",
    Unit.FLAG: "BOOLEAN",
    Unit.TEXT: "VARCHAR",
}


class Scope(StrEnum):
    """What one row of signals is about."""

    ACCOUNT = "account"
    SUBSCRIPTION = "subscription"
    METER = "meter"
    WHITE_SPACE = "white_space"

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that name one row."""
        return _KEYS[self]

    @property
    def inherits(self) -> tuple[Scope, ...]:
        """The coarser scopes whose signals a play of this scope may use, nearest first.

        A white-space row inherits the subscription signals of its anchor: the owned product whose proven value
        speaks for the one that is lacking.
        """
        return _INHERITS[self]

    @property
    def extras(self) -> tuple[str, ...]:
        """Columns beside the keys that a row of this scope carries for joining, not for comparing."""
        return _EXTRAS.get(self, ())


_EXTRAS = {
    Scope.ACCOUNT: ("account_segment",),
    Scope.WHITE_SPACE: ("anchor_business_unit", "anchor_product_id"),
}
_KEYS = {
    Scope.ACCOUNT: ("account_id",),
    Scope.SUBSCRIPTION: ("account_id", "business_unit", "product_id"),
    Scope.METER: ("account_id", "business_unit", "product_id", "metric"),
    Scope.WHITE_SPACE: ("account_id", "business_unit", "product_id"),
}
_INHERITS = {
    Scope.ACCOUNT: (),
    Scope.SUBSCRIPTION: (Scope.ACCOUNT,),
    Scope.METER: (Scope.SUBSCRIPTION, Scope.ACCOUNT),
    Scope.WHITE_SPACE: (Scope.SUBSCRIPTION, Scope.ACCOUNT),
}


@dataclass(frozen=True, slots=True)
class Signal:
    """One described fact about one row of a scope."""

    name: str
    scope: Scope
    unit: Unit
    meaning: str
    unknown_when: str
    model: str
    needs: tuple[str, ...] = ()
    """Contract tables whose absence makes the signal unknown."""
    counts: str = ""
    """The event table that it counts: where that table covers the window, no row is zero."""
    window: int | None = None
    """Days of the window; None: no window."""
    levels: tuple[str, ...] = ()
    """The values of a level, lowest first."""
    words: str = ""
    """The name as people say it, where the signal's own name does not read well."""

    @property
    def label(self) -> str:
        """What people call it; where nothing is given, the name as words.

        ``seat_utilization_min_30d`` is "seat utilization, lowest of the last 30 days".
        """
        if self.words:
            return self.words
        words = self.name.split("_")
        window = ""
        if len(words) > 1 and words[-1].endswith("d") and words[-1][:-1].isdigit():
            days = words.pop()[:-1]
            window = f"in {days} days" if words[-1] == "in" else f"last {days} days"
            if words[-1] in ("in", "min", "max"):
                aggregate = words.pop()
                if aggregate != "in":
                    window = f"{'lowest' if aggregate == 'min' else 'highest'} of the last {days} days"
        return " ".join(words) + (f", {window}" if window else "")


def visible(signals: Mapping[str, Signal], scope: Scope) -> dict[str, Signal]:
    """The signals that a row of ``scope`` has: its own and those of the scopes that it inherits."""
    scopes = (scope, *scope.inherits)
    return {name: signal for name, signal in signals.items() if signal.scope in scopes}
