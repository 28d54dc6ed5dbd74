"""A replay as one page: how true it is, how each play did beside simple rules, and every case behind every number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from upcross.errors import UpcrossError
from upcross.measure.alerts import Alert
from upcross.measure.expansion import Expansion
from upcross.measure.scoring import STANDINGS, Fate, Score, Standing
from upcross.money import display
from upcross.motions import Mechanism, Motion
from upcross.opportunities import Identity
from upcross.pages.anchors import Anchors
from upcross.pages.words import days, percent
from upcross.replaying.fidelity import Known
from upcross.replaying.played import PlayReplay
from upcross.replaying.replay import Replay

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

FEW_ROWS = 25
"""A table with at most so many rows stands open."""

CLOSED = {
    "": "still open",
    "bought": "the customer bought",
    "held": "a gate closed",
    "cleared": "its reason was gone",
}
"""Why an alert ended, in words."""


@dataclass(frozen=True, slots=True)
class Cases:
    """A score with its rows: every expansion and every alert, by the ids under which the page shows them."""

    score: Score
    anchors: Anchors
    mechanisms: tuple[Mechanism, ...]
    play: str
    """The play's id; empty where several plays are taken together."""
    alert_ids: Mapping[Alert, str]
    expansion_ids: Mapping[Expansion, str]

    @classmethod
    def of(cls, score: Score, section: str, mechanisms: Iterable[Mechanism], play: str = "") -> Cases:
        """The cases of a score that stand in one section."""
        anchors = Anchors(section)
        alerts = {item.alert: anchors.alert(row) for row, item in enumerate(score.followed, 1)}
        expansions = {item.expansion: anchors.expansion(row) for row, item in enumerate(score.foreseen, 1)}
        return cls(score, anchors, tuple(mechanisms), play, alerts, expansions)

    @property
    def standings(self) -> list[tuple[Standing, int]]:
        """How the play stood at the expansions: each standing that there is, and how often."""
        counted = Counter(item.standing for item in self.score.foreseen)
        return [(one, counted[one]) for one in Standing if counted[one]]

    def standing(self, one: Standing) -> str:
        """A standing's name. Of several plays together only asks and holds are known."""
        return "not asked" if one is Standing.QUIET and not self.play else one.value.replace("_", " ")

    def meaning(self, one: Standing) -> str:
        """What a standing means."""
        return STANDINGS[one] if self.play else _OF_SEVERAL.get(one, STANDINGS[one])

    @property
    def young(self) -> int:
        """Alerts of which it is too early to tell what followed."""
        return sum(not item.mature for item in self.score.followed)

    @property
    def leads(self) -> list[tuple[int, bool, Expansion]]:
        """Days of lead of every expansion that was flagged, and whether it may be more."""
        return [(item.lead, item.at_least, item.expansion) for item in self.score.foreseen if item.lead is not None]


_OF_SEVERAL = {
    Standing.FLAGGED: "a play asked before",
    Standing.HELD: "a play would have asked, and gates held it back",
    Standing.QUIET: "no play asked, and no gate held an ask back",
}


@dataclass(frozen=True, slots=True)
class Section:
    """One play of the page: its cases, its charts, and how it stands against chance."""

    replayed: PlayReplay
    cases: Cases
    verdict: str
    beside: Markup | None
    leads: Markup | None
    example: tuple[str, str]
    """An account and a day on which the play asked, or could have: what to explain."""


def replay_page(replay: Replay) -> str:
    """A replay as one page of HTML that needs nothing beside it.

    In this order: how true it is, how each play did (upsell and cross-sell apart), all plays together, and for each
    play its charts and every case. Amounts are of the reporting currency a month. Raises ``UpcrossError`` where what
    draws the page is not installed.
    """
    environment = _environment()
    sections = [_section(replay, item) for item in replay.plays]
    together = [
        (motion, Cases.of(score, f"together-{motion.value}", (m for m in Mechanism if m.motion is motion)))
        for motion, score in replay.together.items()
    ]
    by_motion = {motion: [s for s in sections if s.replayed.play.motion is motion] for motion in (*Motion, None)}
    selling = [section for section in sections if section.replayed.play.motion]
    return environment.get_template("replay.html").render(
        replay=replay, sections=sections, by_motion=by_motion, together=together, selling=selling,
        verdicts=Counter(section.verdict for section in selling), tables=_tables(replay),
        alerts=sum(len(section.replayed.score.followed) for section in selling),
        young=sum(section.cases.young for section in selling), swept=_swept(replay, sections),
        money=partial(display, currency=replay.currency), name=lambda key: replay.names.get(key, key) or "–",
        about=partial(_about, replay.names),
    )  # fmt: skip


def _environment() -> Environment:
    try:
        import altair
        import jinja2
        import vl_convert  # noqa: F401
    except ImportError as error:
        raise UpcrossError(
            f"{error.name} is not installed; pages and their charts need it: pip install 'upcross[charts]'"
        ) from error
    altair.data_transformers.disable_max_rows()
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("upcross", "pages"), autoescape=True, trim_blocks=True, lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )  # fmt: skip
    made.filters |= {"percent": percent, "days": days, "word": lambda value: value.replace("_", "-"), "rate": _rate}
    made.globals |= {"CLOSED": CLOSED, "Fate": Fate, "Standing": Standing, "FEW_ROWS": FEW_ROWS, "Motion": Motion,
                     "STANDINGS": STANDINGS}  # fmt: skip
    return made


def _section(replay: Replay, item: PlayReplay) -> Section:
    from upcross.pages import charts

    play, score = item.play, item.score
    cases = Cases.of(score, f"play-{play.id}", play.mechanism, play.id)
    beside = leads = None
    if play.mechanism:
        beside = charts.beside_rules(item, cases.anchors, f"{play.title}: beside rules that anybody could follow")
        marks = [
            (lead, at_least, cases.expansion_ids[expansion],
             f"{replay.names.get(expansion.account_id, expansion.account_id)}, {expansion.decided_on}")
            for lead, at_least, expansion in cases.leads
        ]  # fmt: skip
        leads = charts.lead_days(marks, score.lead, f"{play.title}: days from alert to decision")
    return Section(item, cases, item.against_chance, beside, leads, _example(item))


def _example(item: PlayReplay) -> tuple[str, str]:
    led = [one for one in item.score.followed if one.fate is Fate.LED]
    for one in (*led, *item.score.followed):
        return one.alert.identity.account_id, one.alert.opened_on.isoformat()
    for case in item.score.foreseen:
        return case.expansion.account_id, (case.expansion.decided_on - timedelta(days=1)).isoformat()
    return "ACCOUNT", "DAY"


def _tables(replay: Replay) -> list[tuple[Known, list[str]]]:
    """The tables by how their past is known."""
    known = replay.fidelity.tables
    return [(how, names) for how in Known if (names := [name for name, one in known.items() if one is how])]


def _swept(replay: Replay, sections: Sequence[Section]) -> Markup | None:
    if replay.sweep is None or not sections:
        return None
    from upcross.pages import charts

    anchors = sections[0].cases.anchors
    return charts.swept(replay.sweep, anchors, f"{sections[0].replayed.play.title}: values of {replay.sweep.param}")


def _about(names: Mapping[str, str], cases: Cases, spot: Identity | Expansion) -> str:
    """What a case is about: the product, its unit, and what was sold where the section's cases differ in it."""
    parts = [names.get(spot.product_id, spot.product_id) or "–"]
    if spot.business_unit:
        parts.append(names.get(spot.business_unit, spot.business_unit))
    if len(cases.mechanisms) > 1 and spot.mechanism is not None:
        parts.append(spot.mechanism.value.replace("_", "-"))
    return ", ".join(parts)


def _rate(number: float) -> str:
    """A small number that is never rounded to nothing."""
    return "under 0.01" if 0 < number < 0.01 else f"{number:.2f}"
