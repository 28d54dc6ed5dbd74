"""Rules that anybody could follow without a play: what a play must beat to be worth its work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import comb
from typing import NamedTuple

from upcross.measure.alerts import Alert
from upcross.measure.expansion import Expansion
from upcross.measure.scoring import Score
from upcross.opportunities import Identity


@dataclass(frozen=True, slots=True)
class Baseline:
    """How a rule would have done: the share of expansions flagged, of flags that led to one, and days of lead.

    ``score`` is there where the rule flags certain rows; chance flags none in particular, and its shares are what is
    to be expected of it.
    """

    name: str
    meaning: str
    alerts: int
    flagged: float | None
    led: float | None
    lead: float | None
    score: Score | None = None

    @classmethod
    def of(cls, name: str, meaning: str, score: Score) -> Baseline:
        """The rule whose flags were scored like a play's."""
        flagged, led, lead = score.flagged.value, score.led.value, score.lead.value
        return cls(name, meaning, len(score.followed), flagged, led, lead, score)

    def to_dict(self) -> dict[str, object]:
        """The same facts as plain values."""
        return {"name": self.name, "meaning": self.meaning, "alerts": self.alerts, "flagged": self.flagged,
                "led": self.led, "lead_days": self.lead}  # fmt: skip


class Drawn(NamedTuple):
    """Of the rows of a day that could have been flagged: on how many a flag would have been about an expansion."""

    hits: int
    rows: int

    def missed_by(self, flags: int) -> float:
        """The chance that so many flags, each on a row of its own, all miss."""
        return comb(self.rows - self.hits, flags) / comb(self.rows, flags) if flags + self.hits <= self.rows else 0.0


def at_random(
    score: Score, alerts: Sequence[Alert], drawn: Mapping[tuple[date, Expansion], Drawn], window: int
) -> Baseline:
    """As many flags as the play, on the same days and for as long, on rows drawn at random: what is to be expected.

    ``drawn`` gives, for a day and an expansion, the rows from which that day's flags are drawn. The chance that an
    expansion is flagged is one less the chance that every flag in question misses it. They are on as many different
    rows as the play's are: what stands flagged is not drawn again.
    """
    mature = [item for item in score.followed if item.mature and item.chance is not None]
    led = sum(float(item.chance or 0) for item in mature) / len(mature) if mature else None
    chances = [_flagged(item.expansion, alerts, drawn, window) for item in score.foreseen]
    flagged = sum(chances) / len(chances) if chances else None
    meaning = "as many flags, on the same days, on rows drawn at random"
    return Baseline("at random", meaning, len(alerts), flagged, led, None)


def _flagged(
    expansion: Expansion, alerts: Iterable[Alert], drawn: Mapping[tuple[date, Expansion], Drawn], window: int
) -> float:
    since, missed = expansion.decided_on - timedelta(days=window), 1.0
    first: dict[Identity, date] = {}
    for alert in alerts:
        if alert.opened_on < expansion.decided_on and (alert.closed_on is None or alert.closed_on > since):
            first.setdefault(alert.identity.first, alert.opened_on)
    flagged = 0
    for day, flags in sorted(Counter(first.values()).items()):
        if found := drawn.get((day, expansion)):
            missed *= Drawn(found.hits, found.rows - flagged).missed_by(flags)
        flagged += flags
    return 1 - missed
