"""Every shipped play and gate is held to the house standard."""

import re
from datetime import date
from pathlib import Path

import pytest

from upcross.motions import Motion
from upcross.opportunities import sentences
from upcross.opportunities.findings import find
from upcross.plays.comparison import leaves
from upcross.plays.fields import placeholders
from upcross.plays.library import NOT_PLAYS, SHIPPED, load_library
from upcross.plays.play import PlayKind, Status
from upcross.plays.playtest import run_tests
from upcross.plays.verdicts import compared_signals
from upcross.signals.model import visible
from upcross.signals.registry import shipped

LIBRARY = load_library(shipped())
RUN = run_tests(LIBRARY)
FILES = sorted(p.stem for p in SHIPPED.glob("*.yaml") if not p.name.endswith(".test.yaml") and p.name not in NOT_PLAYS)


def test_the_library_has_no_fault_and_no_lint():
    assert str(LIBRARY.report) == ""
    assert sorted(LIBRARY.plays) == FILES


def test_every_case_of_every_play_gets_the_verdict_it_expects():
    assert str(RUN.report) == ""
    assert {result.play for result in RUN.results} == set(FILES)


@pytest.mark.parametrize("name", FILES)
def test_a_play_keeps_the_house_standard(name):
    play = LIBRARY.plays[name]
    assert play.owner.surface
    assert bool(play.owner.close) is (play.kind is not PlayKind.ADOPTION)
    assert "csm" not in play.owner.close
    assert play.assumptions
    assert play.known_gaps
    assert play.example.endswith(".")
    assert play.version
    assert play.status is Status.STABLE
    assert not play.ignore


@pytest.mark.parametrize("name", FILES)
def test_a_play_fires_and_does_not_fire_and_is_held_by_each_of_its_gates(name):
    play = LIBRARY.plays[name]
    got = [result.got for result in RUN.results if result.play == name]
    statuses = {"fired", "quiet", "unknown"} | ({"held"} if play.kind is PlayKind.ASK else set())
    assert {verdict.status for verdict in got} == statuses
    holding = [verdict.care if play.kind is PlayKind.ANSWER else verdict.held for verdict in got]
    alone = {gates[0] for gates, verdict in zip(holding, got, strict=True) if len(gates) == 1 and not verdict.unknown}
    # without value delivered there is no credibility either, so value-delivered never holds cross-sell alone
    together = {gate for gates in holding for gate in gates}
    bound = {gate.id for gate in play.bound}
    assert bound - alone <= {"value-delivered"}
    assert together == bound


@pytest.mark.parametrize("name", FILES)
def test_evidence_covers_the_trigger_and_its_sentences(name):
    play = LIBRARY.plays[name]
    signals = visible(shipped(), play.scope)
    assert set(compared_signals([play])) <= set(signals)
    read = set(play.reads())
    assert {leaf.signal for leaf in leaves(play.when)} <= read
    assert set(play.potential_signals()) <= read & set(signals)
    told = set(placeholders(play.texts()))
    # what a person reads names at least one of the things that fired it
    words = {"latest_need", "seats_free", "latest_request_to_buy", "latest_request_for_more"}
    words |= {"objective", "competitor"}
    assert told & {leaf.signal for leaf in leaves(play.when)} or words & told


@pytest.mark.parametrize("name", FILES)
def test_every_threshold_of_a_play_is_tested_on_it(name):
    """For each numeric comparison of the trigger some case has exactly the threshold's value."""
    results = [result for result in RUN.results if result.play == name]
    for leaf in leaves(LIBRARY.plays[name].when):
        if not leaf.param:
            continue
        values = [
            found.distance
            for result in results
            for branch in [result.judgement.trigger]
            for found in _leaves(branch)
            if found.text == leaf.text
        ]
        assert 0 in values, leaf.text


def _leaves(judged):
    return [judged] if not hasattr(judged, "children") else [x for child in judged.children for x in _leaves(child)]


def test_upsell_is_closed_by_the_account_manager_and_cross_sell_by_the_ae():
    first = {play.id: play.owner.close[0] for play in LIBRARY.plays.values() if play.motion}
    for name, role in first.items():
        assert role == ("account_manager" if LIBRARY.plays[name].motion is Motion.UPSELL else "ae")


def test_the_gates_hold_what_the_requirements_say():
    everything = {"health", "adoption-dip", "adoption-floor", "value-delivered", "escalation", "outage", "dispute"}
    everything |= {"price-absorbed", "implementation", "notice-given", "renewal-at-risk", "already-in-pipeline"}
    everything |= {"do-not-contact"}
    holds = {gate.id: set(gate.holds) for gate in LIBRARY.gates.values()}
    assert {name for name, motions in holds.items() if motions == set(Motion)} == everything
    assert {name for name, motions in holds.items() if motions == {Motion.CROSS_SELL}} == {
        "credibility",
        "exclusive-product",
        "eligible",
        "sponsor-left",
    }
    assert {name for name, motions in holds.items() if motions == {Motion.UPSELL}} == {"layoff-measured"}
    assert {gate.id for gate in LIBRARY.gates.values() if not gate.attestable} == {"health", "notice-given"}


def test_nobody_asks_in_spite_of_what_is_no_matter_of_judgement():
    hard = {gate.id for gate in LIBRARY.gates.values() if not gate.overridable}
    assert hard == {"health", "notice-given", "do-not-contact", "eligible", "exclusive-product"}


def test_sentences_of_gates_hold_no_parameter_once_bound():
    for play in LIBRARY.plays.values():
        for gate in play.bound:
            assert not set(placeholders([gate.reason, gate.action])) & set(gate.params)
    health = next(gate for gate in LIBRARY.plays["seat-expansion"].bound if gate.id == "health")
    assert "we ask from 60 on" in health.reason


@pytest.mark.parametrize(
    ("deal", "told"),
    [
        ("Growth (Ann Roth, since 2026-02-01)",
         "An open deal that names no product may be for it: Growth (Ann Roth, since 2026-02-01)"),
        (None, "not known: Nobody has a deal open for it already"),
    ],
)  # fmt: skip
def test_a_deal_that_may_be_for_it_is_named(deal, told):
    """Whether the deal is for it is unknown: the ask waits, and its owner reads which deal to look at."""
    play, signals = LIBRARY.plays["stated-need"], visible(shipped(), LIBRARY.plays["stated-need"].scope)
    judgement = next(
        result.judgement
        for result in RUN.results
        if result.play == play.id and "an open deal names no product" in result.case
    )
    row = dict.fromkeys(signals) | {"account_id": "acme", "target_kind": "product", "open_deal_for_it": deal}
    [hold] = find(play, judgement, row, signals, (), date(2026, 3, 31), lambda name: ()).reason.holds
    assert sentences.hold(hold) == told
    assert ("name its product in the CRM" in hold.action) is (deal is not None)


def test_no_file_speaks_of_a_person_or_machine():
    for path in SHIPPED.glob("*.yaml"):
        web = "" if path.name == "definitions.yaml" else "|https?://"  # which cites what is published
        assert not re.search(rf"(?:^|[\s\"'(])/\w+/\w{web}", Path(path).read_text()), path.name
