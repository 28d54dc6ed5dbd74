"""What speaks for an ask and what holds it back: values beside their thresholds, gates, and what is missing.

Values are kept as they were compared; sentences are made of them when they are read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from upcross.money import to_decimal
from upcross.signals.model import Unit

Value = bool | int | float | Decimal | date | str | None


class Truth(StrEnum):
    """How a gate failed: the facts speak against it, or they are missing."""

    FALSE = "false"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One value that spoke for or against an ask, beside the threshold it was compared with.

    ``text`` names the signal in business words. Without an ``operator`` it is a fact that sentences mention and
    that was compared with nothing. ``value`` None is unknown. Money is in ten-thousandths. ``threshold`` is a tuple
    for ``in``. ``against`` names the other signal, in business words, where the threshold is one. ``metric`` is
    set for facts about one meter. ``source`` says where the value came from (table, rows, dates).
    """

    signal: str
    text: str
    value: Value
    unit: Unit
    operator: str = ""
    threshold: Value | tuple[Value, ...] = None
    against: str = ""
    metric: str = ""
    source: str = ""
    shown: bool = False
    """Whether it is told beside the comparisons, although it was compared with nothing."""

    def to_dict(self) -> dict[str, object]:
        """The same facts as plain values; money in currency units as exact decimal text."""
        limits = [plain(v, self.unit) for v in self.threshold] if isinstance(self.threshold, tuple) else None
        return {
            "signal": self.signal,
            "text": self.text,
            "metric": self.metric,
            "unit": self.unit.value,
            "value": plain(self.value, self.unit),
            "operator": self.operator,
            "threshold": limits if isinstance(self.threshold, tuple) else plain(self.threshold, self.unit),
            "against": self.against,
            "source": self.source,
        }


@dataclass(frozen=True, slots=True)
class Missing:
    """What a fact would need in order to be known: a table, a column of it, or a span of days in it.

    ``why`` says it in words where the book can tell more; ``rows`` is on how many rows it is missing.
    """

    table: str
    column: str = ""
    since: date | None = None
    until: date | None = None
    why: str = ""
    rows: int | None = None

    def to_dict(self) -> dict[str, object]:
        """The same facts as plain values; ``since`` and ``until`` are the first and last day missing."""
        return {
            "table": self.table,
            "column": self.column,
            "since": plain(self.since),
            "until": plain(self.until),
            "why": self.why,
            "rows": self.rows,
        }


@dataclass(frozen=True, slots=True)
class HoldReason:
    """One gate that holds an ask back: how it failed, who can clear it, by what, and when to look again.

    ``title`` is the gate's condition in words; ``sentence`` what a person reads when the facts speak against it,
    with ``{signal}`` placeholders filled from ``evidence``. ``cleared_by`` lists roles, most able first.
    ``look_again`` is in days. ``missing`` is set where the truth is unknown; ``maybe`` then says what may stand in the
    way, where something is known of it. Where it is not ``overridable``, nobody asks in spite of it.
    """

    gate: str
    truth: Truth
    sentence: str
    title: str = ""
    cleared_by: tuple[str, ...] = ()
    action: str = ""
    look_again: int | None = None
    evidence: tuple[Evidence, ...] = ()
    missing: tuple[Missing, ...] = ()
    maybe: str = ""
    overridable: bool = True

    def to_dict(self) -> dict[str, object]:
        """The same facts as plain values."""
        return {
            "gate": self.gate,
            "title": self.title,
            "truth": self.truth.value,
            "cleared_by": list(self.cleared_by),
            "action": self.action,
            "look_again_days": self.look_again,
            "overridable": self.overridable,
            "evidence": [evidence.to_dict() for evidence in self.evidence],
            "missing": [missing.to_dict() for missing in self.missing],
        }


@dataclass(frozen=True, slots=True)
class Override:
    """A named person's decision to ask in spite of some gates, through the day ``until``."""

    gates: frozenset[str]
    until: date
    by: str

    def covers(self, hold: HoldReason) -> bool:
        """Whether the ask is made in spite of a hold; a gate that nobody may override still holds."""
        return hold.overridable and hold.gate in self.gates


@dataclass(frozen=True, slots=True)
class Attested:
    """A gate that passed on a named person's word: its data is missing, or it does not bind the unit (``exempt``)."""

    gate: str
    by: str
    until: date
    why: str = ""
    exempt: bool = False

    def to_dict(self) -> dict[str, object]:
        """The same facts as plain values."""
        return {"gate": self.gate, "by": self.by, "until": plain(self.until), "why": self.why,
                "exempt": self.exempt}  # fmt: skip


def amount(money: int | None) -> str | None:
    """Ten-thousandths as exact decimal text in currency units ("1250", "12.5"); None stays None."""
    if money is None:
        return None
    text = f"{to_decimal(money):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def plain(value: Value, unit: Unit | None = None) -> object:
    """A value as JSON takes it: days as ISO text, decimals and money as exact text, None where unknown."""
    if unit is Unit.MONEY and isinstance(value, int):
        return amount(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value) if unit in (Unit.RATIO, Unit.COUNT, Unit.DAYS) else f"{value:f}"
    return value
