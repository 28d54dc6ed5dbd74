"""What speaks for an ask, as a short text that stays the same until that changes: for putting off until then."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from decimal import Decimal

from upcross.money import SCALE
from upcross.opportunities.evidence import Evidence, plain
from upcross.signals.model import Unit

_LETTERS = 12
_WINDOW = re.compile(r"_\d+d$", re.ASCII)
_PASSING = frozenset({Unit.DAYS, Unit.DATE})
_WORDS = frozenset({Unit.TEXT, Unit.LEVEL})


def fingerprint(told: Iterable[tuple[str, str, Iterable[Evidence]]]) -> str:
    """Twelve letters for plays (id and meter) and their evidence; other letters once something of it has changed.

    Compared values and words count. Days and dates do not: they pass by themselves. Ratios count in whole percents,
    money in whole units, amounts by their two leading digits, and what a window of days counts by its doublings, since
    old events drop out of a window by themselves.
    """
    parts = sorted(
        (play, metric, sorted({f"{e.signal}={_settled(e)}" for e in evidence if _speaks(e)}))
        for play, metric, evidence in told
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:_LETTERS]


def _speaks(evidence: Evidence) -> bool:
    return evidence.unit not in _PASSING and bool(evidence.operator or evidence.unit in _WORDS)


def _settled(evidence: Evidence) -> str:
    value = evidence.value
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return str(plain(value))
    match evidence.unit:
        case Unit.RATIO:
            return f"{round(value * 100)}%"
        case Unit.MONEY:
            return str(round(value / SCALE))
        case Unit.COUNT if _WINDOW.search(evidence.signal):
            return f"{'-' if value < 0 else ''}2^{abs(int(value)).bit_length()}"
        case Unit.AMOUNT:
            return f"{value:.1e}"
    return str(value)
