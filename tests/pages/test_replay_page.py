"""The page of a replay: every case is a row, every mark leads to one, and nothing is fetched, run or left unsaid."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from datetime import date
from fractions import Fraction
from html.parser import HTMLParser

import pytest

from upcross.errors import UpcrossError
from upcross.measure.alerts import Alert, Folded, HeldBack
from upcross.measure.baselines import Baseline
from upcross.measure.expansion import Expansion, Expansions, Shrinkage
from upcross.measure.scoring import Score, Standing, score
from upcross.motions import Mechanism, Motion
from upcross.opportunities import Identity
from upcross.pages.replay import replay_page
from upcross.plays.play import Play, PlayKind
from upcross.replaying.fidelity import Fidelity, Known
from upcross.replaying.history import Period, Step
from upcross.replaying.played import PlayReplay
from upcross.replaying.replay import Replay
from upcross.replaying.sweep import Point, Sweep

DAYS = (date(2025, 1, 31), date(2025, 2, 28), date(2025, 3, 31), date(2025, 4, 30))
THROUGH = date(2025, 9, 30)
HOSTILE = "<script>alert('x')</script> & \"Söhne\" \\1"
NAMES = {"A1": "Acme", "A2": HOSTILE, "A3": "Cedar", "crm": "CRM", "voice": "Voice", "ann": "Ann Lee"}


def play(id_: str, title: str, *mechanism: Mechanism) -> Play:
    kind = PlayKind.ASK if mechanism else PlayKind.ADOPTION
    return Play.model_construct(id=id_, title=title, summary="Why it asks.", kind=kind, mechanism=mechanism)


def alert(account: str, opened: date, expected: int | None, **more) -> Alert:
    return Alert(Identity(account, "", "crm", Mechanism.SEATS), opened, "ann", expected, **more)


def seats(alerts: tuple[Alert, ...], held: tuple[HeldBack, ...] = ()) -> Score:
    """Three customers bought seats: Acme and the hostile one within the window after an alert, Cedar under a hold."""
    bought = [
        Expansion("A1", "", "crm", Mechanism.SEATS, date(2025, 3, 10), 500_0000),
        Expansion("A2", "", "crm", Mechanism.SEATS, date(2025, 4, 11), 250_0000),
        Expansion("A3", "", "crm", Mechanism.SEATS, date(2025, 4, 20), 100_0000),
    ]
    lost = [Shrinkage("A4", "", "crm", date(2025, 5, 1), -70_0000)]
    return score(Folded(alerts, held), Expansions.of(bought), lost, DAYS, window=180, through=THROUGH,
                 standing=lambda _: Standing.UNKNOWN, chance=dict.fromkeys(DAYS, Fraction(1, 10)), noun="seat expansions")  # fmt: skip


ALERTS = (
    alert("A1", DAYS[0], 400_0000, backlog=True, closed_on=date(2025, 3, 10), why_closed="bought"),
    alert("A2", DAYS[1], None, closed_on=DAYS[2], why_closed="held"),
    alert("A4", DAYS[2], 90_0000),
    alert("A5", DAYS[3], 90_0000),
)
SOLD = seats(ALERTS, (HeldBack(Identity("A3", "", "crm", Mechanism.SEATS), DAYS[1], ("health",), None),))
RULES = (
    Baseline("everyone", "flag every row", 9, 1.0, 0.3, 90.0, SOLD),
    Baseline("at random", "as many flags", 4, 0.2, None, None),
)
NOTHING = score(Folded((), ()), Expansions.of(()), (), DAYS, window=180, through=THROUGH,
                standing=lambda _: Standing.QUIET, chance={})  # fmt: skip
SEATS = PlayReplay(play("seat-play", "More seats", Mechanism.SEATS), Folded(ALERTS, ()), SOLD, RULES)
CROSS = PlayReplay(play("voice-play", "Voice too", Mechanism.ADD_ON), Folded((), ()), NOTHING, ())


def made(*plays: PlayReplay, sweep: Sweep | None = None, together: dict[Motion, Score] | None = None) -> Replay:
    known = {"seats": Known.RECORDED, "tickets": Known.RECONSTRUCTED, "accounts": Known.TODAY}
    fidelity = Fidelity(known, ("products",), {"seat-play": {"employees": ("accounts",)}})
    return Replay(Period(DAYS, Step.MONTH), 180, THROUGH, "EUR", plays, together or {}, fidelity, NAMES, 0, sweep)


class Read(HTMLParser):
    """What a reader finds: the text of rows by their ids ('' for those without), links, headings, tags."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.rows: dict[str, str] = {}
        self.ids: list[str] = []
        self.links: list[str] = []
        self.marks: list[str] = []
        self.tags: set[str] = set()
        self.headings: list[int] = []
        self.text = ""
        self._row: str | None = None
        self._in_chart = False
        self.feed(page)

    def handle_starttag(self, tag, attrs) -> None:
        given = dict(attrs)
        self.tags.add(tag)
        self._in_chart = tag == "svg" or self._in_chart
        if given.get("id"):
            self.ids.append(given["id"])
        if tag == "a":
            (self.marks if self._in_chart else self.links).append(given["href"])
        if tag == "tr":
            self._row = given.get("id") or ""
            self.rows.setdefault(self._row, "")
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))

    def handle_endtag(self, tag) -> None:
        self._in_chart = self._in_chart and tag != "svg"
        self._row = None if tag == "tr" else self._row

    def handle_data(self, data) -> None:
        self.text = f"{self.text}{data}"
        if self._row is not None:
            self.rows[self._row] = " ".join(f"{self.rows[self._row]} {data}".split())


@pytest.fixture(scope="module")
def page() -> str:
    value = [Point("80%", False, replace(SEATS, score=SOLD)), Point("90%", True, SEATS)]
    return replay_page(made(SEATS, CROSS, sweep=Sweep("fire_at", tuple(value)), together={Motion.UPSELL: SOLD}))


@pytest.fixture(scope="module")
def read(page: str) -> Read:
    return Read(page)


def test_every_expansion_is_a_row_and_says_how_the_play_stood(read: Read) -> None:
    rows = [read.rows[f"play-seat-play-expansion-{n}"] for n in (1, 2, 3)]
    assert "Acme" in rows[0] and "2025-03-10" in rows[0] and "+500 EUR" in rows[0]
    assert "flagged at least 38 days before" in rows[0], "31 January to 10 March; the alert stood on the first day"
    assert "flagged 42 days before" in rows[1]
    assert "held" in rows[2] and "by health" in rows[2]
    assert "play-seat-play-expansion-4" not in read.rows


def test_every_alert_is_a_row_and_says_what_followed(read: Read) -> None:
    rows = [read.rows[f"play-seat-play-alert-{n}"] for n in (1, 2, 3, 4)]
    assert "the customer bought" in rows[0] and "Ann Lee" in rows[0] and "+400 EUR" in rows[0]
    assert "led to an expansion bought on 2025-03-10 : +500 EUR" in rows[0]
    assert "a gate closed" in rows[1] and "unknown" in rows[1], "its amount is not known"
    assert "still open" in rows[2] and "shrank gave up 70 EUR a month on 2025-05-01 of CRM" in rows[2]
    assert "too early to tell" in rows[3], "180 days from 30 April end after 30 September"
    assert "play-seat-play-alert-5" not in read.rows


def test_all_plays_together_have_their_cases_too(read: Read) -> None:
    assert {f"together-upsell-expansion-{n}" for n in (1, 2, 3)} <= read.rows.keys()
    assert {f"together-upsell-alert-{n}" for n in (1, 2, 3, 4)} <= read.rows.keys()


def test_every_link_and_every_mark_leads_to_something_in_the_page(read: Read) -> None:
    assert len(read.ids) == len(set(read.ids))
    assert {link.removeprefix("#") for link in read.links + read.marks} <= set(read.ids)
    # the play and one rule (the other has no share of alerts); two days of lead; two values, thrice each
    assert sorted(read.marks) == sorted(
        [
            "#play-seat-play-rule-0",
            "#play-seat-play-rule-1",
            "#play-seat-play-expansion-1",
            "#play-seat-play-expansion-2",
        ]
        + ["#play-seat-play-value-1", "#play-seat-play-value-2"] * 3
    )


def test_the_page_fetches_nothing_and_runs_nothing(page: str, read: Read) -> None:
    assert not read.tags & {"script", "link", "img", "iframe", "object"}
    assert set(re.findall(r"https?://[^\"'\s<]*", page)) <= {"http://www.w3.org/2000/svg"}
    assert "@import" not in page and "url(" not in page
    assert not re.search(r"\son\w+=", page)


def test_a_hostile_name_is_only_a_name(read: Read) -> None:
    assert HOSTILE in read.rows["play-seat-play-expansion-2"]
    hostile = replace(SEATS, play=SEATS.play.model_copy(update={"title": HOSTILE, "summary": HOSTILE}))
    again = Read(replay_page(made(hostile)))
    assert "script" not in again.tags
    assert again.text.count(HOSTILE) > 3


def test_the_summary_counts_and_says_what_is_thin(read: Read) -> None:
    summary = read.rows[""]
    assert "2 of 3 67%" in summary, "expansions flagged"
    assert "2 of 3" in summary and "too few to tell" in summary
    assert "3 seat expansions in the period; at least 39 needed for an interval under ±15 points" in summary
    assert {"#play-seat-play-expansions", "#play-seat-play-alerts"} <= set(read.links), "a count leads to its rows"
    assert "750 EUR" in summary and "100 EUR" in summary, "flagged 500 + 250; held 100"


def test_what_was_left_out_and_how_true_the_past_is(read: Read) -> None:
    text = " ".join(read.text.split())
    assert "1 of 4 alerts were opened less than 180 days before 2025-09-30" in text
    assert "Recorded, 1 table: each row bears the day on which it was recorded. seats" in text
    assert (
        "Today’s values, 1 table: the table bears no days: its values are today's on every past day. accounts" in text
    )
    assert "its trigger reads today’s values on every past day: employees (accounts)" in text


def test_a_play_without_cases_shows_dashes_and_no_zeros(read: Read) -> None:
    alone = Read(replay_page(made(CROSS)))
    summary = alone.rows[""]
    assert "– no expansions in the period" in summary and "– none flagged" in summary
    assert "0 EUR" not in summary and "0%" not in summary
    assert "No customer expanded in this way in the period" in alone.text


def test_work_that_sells_nothing_has_a_table_of_its_own() -> None:
    tasks = tuple(
        replace(one, identity=replace(one.identity, mechanism=None, task="idle-seats"), expected=None) for one in ALERTS
    )
    done = score(Folded(tasks, ()), Expansions.of(()), (), DAYS, window=180, through=THROUGH,
                 standing=lambda _: Standing.QUIET, chance={})  # fmt: skip
    found = Read(replay_page(made(PlayReplay(play("idle-seats", "Idle seats"), Folded(tasks, ()), done, ()))))
    assert "Work that sells nothing" in found.text
    assert "play-idle-seats-alert-4" in found.rows
    assert "Expansions flagged" not in found.text


def test_a_replay_of_no_play_is_still_a_page() -> None:
    assert "No play was replayed." in replay_page(made())


def test_headings_never_skip_a_level(read: Read) -> None:
    assert read.headings[0] == 1
    assert all(later <= before + 1 for before, later in zip(read.headings, read.headings[1:], strict=False))


def test_a_play_that_beats_chance_says_so_and_few_alerts_prove_nothing() -> None:
    assert replace(SEATS, beats_chance=None).against_chance == "too few to tell"
    assert replace(SEATS, beats_chance=True).against_chance == "more often than chance"
    assert replace(SEATS, beats_chance=False).against_chance == "no more often than chance"


def test_without_the_extra_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    with pytest.raises(UpcrossError, match=r"pip install 'upcross\[charts\]'"):
        replay_page(made(SEATS))
