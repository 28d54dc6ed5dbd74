"""Every rule with an offender, and with its neighbour that keeps it."""

import pytest
from play_files import SIGNALS, adoption, answer, codes, play, project, wider

from upcross.errors import CODES, Severity
from upcross.plays.library import load_library
from upcross.plays.lint import RULES

CASES = [{"name": "n", "signals": {}, "expect": "quiet"}]


def test_the_play_that_the_offenders_vary_keeps_every_rule(tmp_path):
    assert str(project(tmp_path, play(), wider(id="wider-play")).report) == ""


OFFENDERS = [
    # what peers own, and how many, is no need
    ("white-space-is-not-a-trigger", wider(params={"share": "60%"}, when={"all": ["peers_owning >= $share"]})),
    ("white-space-is-not-a-trigger", wider(params={"worth": 500}, when={"all": ["anchor_mrr > $worth"]})),
    # a need that may be zero need not be there
    ("white-space-is-not-a-trigger", wider(params={"heard": 0}, keep_open_while={"all": ["stated_needs_90d >= -1"]})),
    # a need on one branch only does not help the other
    (
        "white-space-is-not-a-trigger",
        wider(params={"heard": 1, "n": 9}, when={"any": ["stated_needs_90d >= $heard", "peers >= $n"]}),
    ),
    ("milestone-is-not-a-trigger", play(params={"fire_at": "90%", "clear_at": "85%", "soon": "90d"}, when={
        "all": ["seat_utilization_min_30d >= $fire_at", "days_to_renewal <= $soon"]})),
    ("milestone-is-not-a-trigger", play(params={"old": "300d"}, when={"all": ["days_since_start >= $old"]},
                                        keep_open_while={"all": ["days_since_start >= $old"]})),
    ("no-threshold", play(when={"all": ["next_plan_available = true"]}, params={"clear_at": "85%"})),
    ("no-threshold", play(when={"any": ["seat_utilization_min_30d >= $fire_at", "next_plan_available = true"]})),
    ("number-without-name", play(when={"all": ["seat_utilization_min_30d >= $fire_at", "seats_free <= 5"]})),
    ("implausible-threshold", play(params={"fire_at": "900%", "clear_at": "85%"})),
    ("implausible-threshold", play(params={"fire_at": "1001%", "clear_at": "85%"})),
    ("implausible-threshold", play(cooldown="0d")),
    ("unused-param", play(params={"fire_at": "90%", "clear_at": "85%", "spare": 3})),
    ("never-clears", play(keep_open_while=None, params={"fire_at": "90%"})),
    ("never-clears", play(keep_open_while={"all": ["seats_active >= 0"]}, params={"fire_at": "90%"})),
    ("clear-above-fire", play(params={"fire_at": "90%", "clear_at": "95%"})),
    ("clear-above-fire", play(params={"fire_at": "90%", "few": 5, "fewer": 3}, when={
        "all": ["seat_utilization_min_30d >= $fire_at", "seats_free <= $few"]},
        keep_open_while={"all": ["seats_free <= $fewer"]})),
    ("drops-a-gate", play(gates={"tighten": {"health": {"min_health": 40}}})),
    ("drops-a-gate", play(gates={"tighten": {"adoption-floor": {"ramping_until": "180d"}}})),
    ("no-potential", play(potential=None)),
    ("no-potential", play(potential="seat_potential")),
    ("potential-mismatch", play(potential="tier_potential")),
    ("guide-starts-with-product", play(guide=["We have {product} for you, as {value_delivered}", "More"])),
    ("guide-starts-with-product", play(guide=["Say hello", "Then {value_delivered}"])),
    ("csm-closes", play(owner={"surface": ["csm"], "close": ["ae", "csm"]})),
    ("no-assumptions", play(assumptions=None)),
    ("no-assumptions", play(known_gaps=[])),
    ("deprecated-without-reason", play(status="deprecated")),
    ("adoption-sells-nothing", adoption(mechanism="seats")),
    ("adoption-sells-nothing", adoption(potential="seats_potential")),
    ("adoption-sells-nothing", adoption(owner={"surface": ["csm"], "close": ["ae"]})),
    ("adoption-sells-nothing", adoption(timing={"with_renewal_within": "90d"})),
    ("adoption-sells-nothing", adoption(gates={"add": ["health"]})),
    # what nobody asked for is no answer, even on one branch, and no answer waits
    ("answer-is-asked-for", answer(when={"all": ["seat_utilization_min_30d >= $requests"]}, params={"requests": "90%"})),
    ("answer-is-asked-for", answer(params={"requests": 0}, keep_open_while={"all": ["requests_for_more_30d >= -1"]})),
    ("answer-is-asked-for", answer(respond_within="2d")),
    ("deprecated-without-reason", play(deprecated={"on": "2026-01-01", "reason": "Replaced by another"})),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "offender"), OFFENDERS, ids=[rule for rule, _ in OFFENDERS])
def test_each_offender_breaks_its_rule_and_no_other(tmp_path, rule, offender):
    library = project(tmp_path, offender)
    assert codes(library) == {rule}, str(library.report)
    issue = library.report.issues[0]
    assert issue.place.file == "plays/own-play.yaml"
    assert issue.place.line > 0
    assert issue.hint == RULES[rule].message()


def test_every_rule_about_plays_has_an_offender():
    assert {rule for rule, _ in OFFENDERS} == {name for name, rule in RULES.items() if not rule.about_tests}


KEEPERS = [
    wider(when={"all": ["competitors_seen_365d > 0", "peers_owning >= $share"]}, params={"share": "60%"},
          keep_open_while={"all": ["competitors_seen_365d >= 1"]}),
    wider(when={"any": ["new_teams_90d >= $n", "org_changes_90d >= $n"]}, params={"n": 1},
          keep_open_while={"any": ["new_teams_90d >= 1", "org_changes_90d >= 1"]}),
    wider(when={"all": ["days_since_need <= $fresh"]}, params={"fresh": "30d"},
          keep_open_while={"all": ["stated_needs_90d >= 1"]}),
    # two ways to fire, and an end that holds on both
    play(params={"full": "90%", "used": "60%"}, when={"any": ["plan_limit_used >= $full", {
        "all": ["plan_limit_used >= $used", "seats_free <= 1"]}]},
         keep_open_while={"all": ["plan_limit_used >= $used"]}),
    play(gates={"add": ["credibility"], "tighten": {"health": {"min_health": 70}, "outage": {}}}),
    play(gates={"tighten": {"adoption-dip": {"deepest_dip": "-5%"}}}),
    adoption(),
    answer(),
    answer(mechanism=["seats", "tier"], when={"all": ["days_since_request_for_more <= $fresh"]}, params={"fresh": "7d"},
           potential="more_potential"),
    play(params={"fire_at": "500%", "clear_at": "85%"}, cooldown="1d"),
    play(status="deprecated", deprecated={"on": "2026-01-01", "reason": "Replaced by seat-expansion"}),
]  # fmt: skip


@pytest.mark.parametrize("keeper", KEEPERS)
def test_what_keeps_the_rules_is_not_blamed(tmp_path, keeper):
    assert str(project(tmp_path, keeper).report) == ""


def test_a_play_without_a_test_file_is_told_so(tmp_path):
    project(tmp_path, play())
    library = load_library(SIGNALS, tmp_path)
    assert codes(library) == {"no-test"}
    assert library.report.issues[0].severity is Severity.WARNING
    assert "own-play" in library.plays


def test_a_test_file_shows_silence_and_every_gate(tmp_path):
    library = project(tmp_path, play(), test={"play": "own-play", "as_of": "2026-03-31", "cases": CASES})
    assert codes(library) == {"no-negative-test"}
    said = str(library.report)
    assert "no case expects fired" in said
    assert "no case expects unknown" in said
    assert "no case expects quiet" not in said
    assert "held by health, adoption-dip" in said


def test_a_rule_is_ignored_with_a_reason(tmp_path):
    csm_closes = {"owner": {"surface": ["csm"], "close": ["csm"]}}
    assert (
        codes(project(tmp_path, play(**csm_closes, ignore={"csm-closes": "We have no sellers below 10 seats"})))
        == set()
    )


def test_a_rule_is_not_ignored_without_a_reason(tmp_path):
    library = project(tmp_path, play(ignore={"csm-closes": " "}))
    assert codes(library) == {"field-invalid"}


@pytest.mark.parametrize("rule", ["white-space-is-not-a-trigger", "milestone-is-not-a-trigger", "drops-a-gate"])
def test_some_rules_cannot_be_ignored(tmp_path, rule):
    offender = next(dict(data) for name, data in OFFENDERS if name == rule)
    offender["ignore"] = {rule: "We would rather not"}
    assert codes(project(tmp_path, offender)) == {rule, "lint-not-ignorable"}


def test_an_ignored_rule_must_exist(tmp_path):
    library = project(tmp_path, play(ignore={"csm-close": "typo"}))
    assert codes(library) == {"lint-ignore-unknown"}
    assert "did you mean 'csm-closes'?" in str(library.report)


def test_every_rule_is_an_issue_code_with_words_for_its_author():
    for name, rule in RULES.items():
        assert CODES[name] is rule.code
        assert len(rule.message()) > 60
        assert rule.message().endswith(".")
