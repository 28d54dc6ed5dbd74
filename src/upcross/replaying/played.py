"""Plays over the same judged days, one by one: folded, scored, and set beside rules that anybody could follow."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from upcross.measure.alerts import Alert, Day, Folded, fold
from upcross.measure.baselines import Baseline, at_random
from upcross.measure.expansion import Expansion, Expansions
from upcross.measure.scoring import Score, Standing, score
from upcross.measure.statistics import holm
from upcross.motions import Mechanism, Motion
from upcross.opportunities import Identity, Limits, People, Settings, merge
from upcross.plays.play import Play
from upcross.plays.verdicts import deciding_signal
from upcross.replaying.history import Period
from upcross.replaying.judged import RENEWAL, Gates, JudgedHistory, Said, Stretch, leading_signal
from upcross.replaying.labels import Happened
from upcross.signals.model import Scope

RENEWAL_NEAR = 90
TREND_DAYS = 28


@dataclass(frozen=True, slots=True)
class PlayReplay:
    """One play over the history, beside the rules that anybody could follow.

    Work that sells nothing has no expansion to be held against: its score holds its alerts and nothing else.
    ``beats_chance``: its alerts led to expansions more often than chance would have had it, at 5% over all the plays
    that were looked at together; None where too few are old enough to tell.
    """

    play: Play
    folded: Folded
    score: Score
    baselines: tuple[Baseline, ...]
    beats_chance: bool | None = None

    @property
    def against_chance(self) -> str:
        """How its alerts compare with as many at random, in words."""
        if self.beats_chance is None:
            return "too few to tell"
        return "more often than chance" if self.beats_chance else "no more often than chance"


@dataclass(frozen=True, slots=True)
class Scene:
    """All that plays are replayed in: the period, what happened, who served whom, and the company's settings."""

    period: Period
    window: int
    happened: Happened
    people: Mapping[date, People]
    names: Mapping[str, str]
    excludes: Mapping[str, frozenset[str]]
    """Products of which a customer can have only one."""
    settings: Settings
    limits: Limits
    gates: Gates = Gates.ALL
    """Which gates hold asks back."""

    def bought(self, mechanisms: Iterable[Mechanism]) -> Expansions:
        """The expansions of some mechanisms that a replay could foresee: after its first day, as far as known."""
        wanted, first = frozenset(mechanisms), self.period.first
        return Expansions.of(
            e
            for e in self.happened.expansions
            if e.mechanism in wanted and first < e.decided_on <= self.happened.through
        )


class Replayer:
    """Plays replayed one by one over the same judged days; what several of them share is worked out once."""

    def __init__(self, judged: JudgedHistory, scene: Scene) -> None:
        self.judged, self.scene = judged, scene
        self._chance: dict[_Sold, dict[date, Fraction]] = {}
        self._rules: dict[tuple[_Sold, str], Baseline] = {}
        self._said: dict[str, dict[date, Said]] = {}

    def replay(self, play: Play) -> PlayReplay:
        """One play alone: its own gates, cooldown and caps, undisturbed by what other plays ask."""
        said, scene = self._what(play), self.scene
        days = [
            Day(day, merge(said[day].findings) if day in said else (),
                said[day].open if day in said else frozenset(), scene.people[day])
            for day in scene.period.days
        ]  # fmt: skip
        bought = scene.bought(play.mechanism)
        folded = fold(days, bought, scene.settings, scene.limits)
        standing = self.judged.standing(play, bought.all)
        sold = _sold(play, bought, folded)
        own = self._score(sold, play, folded, bought, standing.__getitem__)
        return PlayReplay(play, folded, own, tuple(self._baselines(sold, play, own, folded)) if play.mechanism else ())

    def _what(self, play: Play) -> dict[date, Said]:
        if play.id not in self._said:
            self._said[play.id] = self.judged.said(play, self.scene.excludes, self.scene.gates)
        return self._said[play.id]

    def _score(
        self, sold: _Sold, play: Play, folded: Folded, bought: Expansions, standing: Callable[[Expansion], Standing]
    ) -> Score:
        scene = self.scene
        if sold not in self._chance:
            rates = self.judged.base_rates(play, sold.products, bought.all, scene.window) if play.mechanism else {}
            self._chance[sold] = rates
        return score(
            folded, bought, scene.happened.lost, scene.period.days, window=scene.window,
            through=scene.happened.through, standing=standing, chance=self._chance[sold], noun=_noun(play.mechanism),
        )  # fmt: skip

    def _baselines(self, sold: _Sold, play: Play, own: Score, folded: Folded) -> Iterable[Baseline]:
        judged, products = self.judged, sold.products
        told = "flag whatever could lead to one"
        yield self._rule(sold, play, "everyone", told, lambda: judged.stretches(play, products))
        drawn = judged.drawn(play, products, [item.expansion for item in own.foreseen])
        yield at_random(own, folded.alerts, drawn, self.scene.window)
        signals = judged.evaluation.frame.registry.visible_in(play.scope)
        if RENEWAL in signals:
            near = f"{RENEWAL} BETWEEN 0 AND {RENEWAL_NEAR}"
            told = f"flag whatever renews within {RENEWAL_NEAR} days"
            yield self._rule(sold, play, "renewal near", told, lambda: judged.stretches(play, products, near))
        if lead := leading_signal(play, signals):
            told = f"flag where {signals[lead].label} stands higher than {TREND_DAYS} days before"
            yield self._rule(sold, play, "trend alone", told, lambda: judged.rises(play, products, lead, TREND_DAYS))

    def _rule(
        self, sold: _Sold, play: Play, name: str, meaning: str, stretches: Callable[[], Iterable[Stretch]]
    ) -> Baseline:
        key = sold, meaning
        if key not in self._rules:
            folded = _flagging(stretches(), self.scene)
            bought = self.scene.bought(play.mechanism)
            self._rules[key] = Baseline.of(
                name, meaning, self._score(sold, play, folded, bought, lambda _: Standing.QUIET)
            )
        return self._rules[key]

    def together(self, plays: Sequence[Play]) -> dict[Motion, Score]:
        """All asks of several plays as a company would have lived through them, scored by motion."""
        scene, said = self.scene, [self._what(play) for play in plays]
        days = []
        for day in scene.period.days:
            today = [one[day] for one in said if day in one]
            findings = [finding for one in today for finding in one.findings]
            open_ = frozenset(identity for one in today for identity in one.open)
            days.append(Day(day, merge(findings), open_, scene.people[day]))
        everything = scene.bought(Mechanism)
        folded = fold(days, everything, scene.settings, scene.limits)
        found = {}
        for motion in Motion:
            bought = scene.bought(m for m in Mechanism if m.motion is motion)
            own = Folded(
                tuple(alert for alert in folded.alerts if alert.identity.motion is motion),
                tuple(hold for hold in folded.held if hold.identity.motion is motion),
            )
            found[motion] = score(
                own, bought, scene.happened.lost, scene.period.days, window=scene.window,
                through=scene.happened.through, standing=lambda _: Standing.QUIET, chance={},
                noun=f"{motion.value.replace('_', '-')} expansions",
            )  # fmt: skip
        return found


class _Sold(NamedTuple):
    """What decides which rows a play could flag: plays alike in it are set beside the same chance and rules."""

    scope: Scope
    mechanisms: tuple[Mechanism, ...]
    decides: str
    """The signal that chooses among the mechanisms; '' where there is one."""
    products: frozenset[str]
    """Those of which somebody bought so, or for which the play asked."""


def _sold(play: Play, bought: Expansions, folded: Folded) -> _Sold:
    products = {e.product_id for e in bought.all} | {alert.identity.product_id for alert in folded.alerts}
    return _Sold(play.scope, play.mechanism, deciding_signal(play), frozenset(products))


def _flagging(stretches: Iterable[Stretch], scene: Scene) -> Folded:
    """Alerts of a rule: one for each stretch."""
    first = scene.period.first
    alerts = [
        Alert(Identity(s.account_id, s.business_unit, s.product_id, Mechanism(s.mechanism)), s.since, "", None,
              backlog=s.since == first, closed_on=s.until)
        for s in stretches
    ]  # fmt: skip
    return Folded(tuple(alerts), ())


def corrected(replayed: Sequence[PlayReplay]) -> tuple[PlayReplay, ...]:
    """The plays with whether each beats chance, corrected for looking at so many (Holm).

    A play that does not is no worse than one of which too few alerts are old enough: of that nothing is said.
    """
    holds = holm({item.play.id: item.score.chance.p for item in replayed if item.score.chance is not None})
    return tuple(
        replace(item, beats_chance=True if holds.get(item.play.id) else None if _thin(item) else False)
        for item in replayed
    )


def _thin(item: PlayReplay) -> bool:
    return bool(item.score.led.thin or not item.score.led.of)


def _noun(mechanisms: Sequence[Mechanism]) -> str:
    if len(mechanisms) == 1:
        word = {Mechanism.SEATS: "seat"}.get(mechanisms[0], mechanisms[0].value.replace("_", "-"))
        return f"{word} expansions"
    return "expansions"
