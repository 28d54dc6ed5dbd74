"""Replays of books whose truth is known: what foresees is found right, luck is not taken for skill, harm is seen."""

from __future__ import annotations

from dataclasses import replace
from statistics import median

import pytest
from simulated import LUCKY_BOOKS, MONTHS, PLAY, Customer, Simulated, end_of, middle_of, simulate

from upcross.measure.alerts import Folded
from upcross.measure.expansion import Expansions
from upcross.measure.scoring import Standing, score
from upcross.replaying.played import PlayReplay, corrected
from upcross.replaying.sweep import read_sweep

FIRES_AT = 0.9


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    return simulate(tmp_path_factory.mktemp("simulated"))


@pytest.fixture(scope="module")
def filling(simulated: Simulated) -> PlayReplay:
    return corrected(list(simulated.book("filling")))[0]


def purchases(simulated: Simulated, book: str) -> list[tuple[Customer, int]]:
    """The customers that bought more after the first day, and the month in whose middle they did."""
    first = simulated.scene.period.first
    return [
        (customer, month)
        for customer in simulated.books[book]
        for month, seats in customer.changes.items()
        if seats > 0 and month < MONTHS and middle_of(month) > first
    ]


def lead(customer: Customer, month: int, since: int) -> int | None:
    """Days from the first month end, of those replayed, at which nine tenths were used to the purchase."""
    full = [m for m in range(since, month) if customer.used[m] >= FIRES_AT]
    return (middle_of(month) - end_of(full[0])).days if full else None


def test_what_foresees_is_found_to_the_case(simulated: Simulated, filling: PlayReplay) -> None:
    since = next(m for m in range(MONTHS) if end_of(m) == simulated.scene.period.first)
    bought = purchases(simulated, "filling")
    leads = [days for customer, month in bought if (days := lead(customer, month, since)) is not None]
    score = filling.score
    assert (score.flagged.hits, score.flagged.of) == (len(leads), len(bought))
    assert sorted(i.lead for i in score.foreseen if i.standing is Standing.FLAGGED) == sorted(leads)
    assert score.lead.value == median(leads)


def test_what_foresees_beats_chance_and_every_simple_rule(filling: PlayReplay) -> None:
    assert filling.against_chance == "more often than chance"
    led = filling.score.led.value
    assert led is not None and led > 0.8 - 0.15  # four in five who fill up buy
    assert all(rule.led is None or rule.led < led for rule in filling.baselines)
    named = {rule.name: rule for rule in filling.baselines}
    assert named["everyone"].flagged == 1.0
    random = named["at random"].flagged
    assert random is not None and random < (filling.score.flagged.low or 0)


def test_luck_is_never_skill(simulated: Simulated) -> None:
    """Ten books in which purchases know nothing of use: in none, looked at together, is the play better than chance."""
    found = []
    for seed in range(LUCKY_BOOKS):
        [one] = simulated.book(f"lucky{seed}")
        found.append(
            PlayReplay(one.play.model_copy(update={"id": f"{PLAY}@{seed}"}), one.folded, one.score, one.baselines, None)
        )
    assert [one.beats_chance for one in corrected(found)] == [False] * LUCKY_BOOKS


def test_by_luck_a_play_is_as_good_as_flags_at_random(simulated: Simulated) -> None:
    """All ten books as one of 800 accounts: shares of alerts that led and of purchases flagged are those by chance."""
    [one] = simulated.book("lucky")
    [random] = [rule for rule in one.baselines if rule.name == "at random"]
    for share, by_chance in ((one.score.led, random.led), (one.score.flagged, random.flagged)):
        assert share.low is not None and share.high is not None and by_chance is not None
        assert share.low <= by_chance <= share.high
        assert share.high - share.low < 0.1, "narrow enough to tell"


def test_customers_who_shrink_after_an_alert_are_seen(simulated: Simulated) -> None:
    [one] = corrected(list(simulated.book("shrinking")))
    alerted = {item.alert.identity.account_id for item in one.score.followed if item.mature}
    gave_up = {c.account_id for c in simulated.books["shrinking"] if any(seats < 0 for seats in c.changes.values())}
    first_alerts = {item.alert.identity.account_id for item in one.score.followed if item.shrinkage and item.mature}
    assert first_alerts == alerted & gave_up
    assert one.score.shrank.hits >= len(first_alerts) > 10
    assert one.beats_chance is not True


def test_a_small_book_says_why_it_cannot_tell(simulated: Simulated) -> None:
    [one] = corrected(list(simulated.book("thin")))
    assert (one.beats_chance, one.against_chance) == (None, "too few to tell")
    assert f"{one.score.led.of} alerts old enough to tell in the period; at least 39 needed" in one.score.led.thin


def test_a_play_without_alerts_is_not_called_worse_than_chance(filling: PlayReplay) -> None:
    nothing = score(Folded((), ()), Expansions.of([]), (), [end_of(0), end_of(1)], window=30, through=end_of(9),
                    standing=lambda _: Standing.QUIET, chance={})  # fmt: skip
    [one] = corrected([replace(filling, score=nothing)])
    assert (one.beats_chance, one.against_chance) == (None, "too few to tell")


def test_a_lower_threshold_foresees_more_and_is_right_less_often(simulated: Simulated) -> None:
    signals = simulated.evaluation.library.signals
    folder = simulated.kept.parent / "project"
    variants = read_sweep("fire_at=60%..90%:10%", simulated.play, signals, folder)
    points = variants.swept(list(simulated.book("filling", *variants.plays))).points
    assert [(point.value, point.chosen) for point in points] == [
        ("60%", False), ("70%", False), ("80%", False), ("90%", True),
    ]  # fmt: skip
    recall = [point.replayed.score.flagged.value or 0 for point in points]
    precision = [point.replayed.score.led.value or 0 for point in points]
    assert recall == sorted(recall, reverse=True) and recall[0] > recall[-1]
    assert precision == sorted(precision) and precision[-1] > precision[0]
