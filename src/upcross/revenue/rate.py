"""A rate as people can check it: numerator, denominator, the accounts behind them, and a reason instead of NaN."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

FEW = 20
"""With fewer accounts than this a rate says little; it is shown with a mark."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one account (or other unit) adds to a rate: ten-thousandths for money, whole numbers for counts."""

    account_id: str
    numerator: int
    denominator: int


@dataclass(frozen=True, slots=True)
class Rate:
    """A ratio of two exact sums over accounts; without a denominator it has a reason and no value."""

    parts: tuple[Part, ...]
    reason: str = ""
    note: str = ""
    money: bool = True
    """Whether the parts are money (else counts)."""
    of: str = "accounts"
    """What the parts are counted in."""
    plain: bool = False
    """Whether it is read as a number (2.50 products an account) and not as a share."""

    @classmethod
    def over(
        cls, parts: Iterable[Part], *, empty: str, zero: str = "", note: str = "", money: bool = True,
        of: str = "accounts", plain: bool = False,
    ) -> Rate:  # fmt: skip
        """The rate over parts; ``empty`` is the reason where there is none, ``zero`` where their bases sum to zero."""
        listed = tuple(sorted(parts, key=lambda part: part.account_id))
        reason = empty if not listed else ""
        if listed and sum(part.denominator for part in listed) <= 0:
            reason = zero or empty
        return cls(listed, reason, note, money, of, plain)

    @classmethod
    def unknown(cls, reason: str, *, money: bool = True, of: str = "accounts") -> Rate:
        """A rate that cannot be given, and why."""
        return cls((), reason, "", money, of)

    @property
    def numerator(self) -> int:
        """The sum above the line."""
        return sum(part.numerator for part in self.parts)

    @property
    def denominator(self) -> int:
        """The sum below the line."""
        return sum(part.denominator for part in self.parts)

    @property
    def count(self) -> int:
        """How many parts it is made of."""
        return len(self.parts)

    @property
    def counted(self) -> str:
        """How many of what: "1 account", "12 readings of accounts"."""
        first, _, rest = self.of.partition(" ")
        return " ".join(part for part in (counted(self.count, first.removesuffix("s")), rest) if part)

    @property
    def exact(self) -> Fraction | None:
        """The ratio, exactly; None where there is a reason."""
        return None if self.reason else Fraction(self.numerator, self.denominator)

    @property
    def value(self) -> float | None:
        """The ratio; None where there is a reason."""
        exact = self.exact
        return None if exact is None else float(exact)

    @property
    def marks(self) -> tuple[str, ...]:
        """What a reader must know before relying on it."""
        few = (f"only {self.counted}",) if not self.reason and self.count < FEW else ()
        return (*few, *((self.note,) if self.note else ()))


def counted(count: int, noun: str) -> str:
    """A number and its noun: "1 account", "1,200 accounts"."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def percent(rate: Rate) -> str:
    """A rate as people read it: "103.4%", "2.50" where it is a plain number, or "–" where there is none."""
    exact = rate.exact
    if exact is None:
        return "–"
    if rate.plain:
        return f"{float(exact):.2f}"
    thousandths = round(exact * 1000)
    return f"{'-' if thousandths < 0 else ''}{abs(thousandths) // 10}.{abs(thousandths) % 10}%"
