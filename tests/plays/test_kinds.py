"""Adoption work, asks and answers: what each must say, and what gates do to it."""

import pytest
from play_files import SIGNALS, adoption, answer, codes, play, project

from upcross.motions import Motion
from upcross.plays.library import load_library
from upcross.plays.playtest import run_tests

SIGNALS_OF_A_RED_ACCOUNT = {"health_score": 20, "health_level": "red", "escalations_open": 2, "outages_30d": None}


def test_adoption_work_has_no_motion_and_no_gate(tmp_path):
    library = project(tmp_path, adoption())
    assert str(library.report) == ""
    made = library.plays["own-play"]
    assert (made.motion, made.mechanism, made.bound, made.owner.close) == (None, (), (), ())


def test_an_answer_has_a_motion_and_knows_the_gates_of_it(tmp_path):
    answered, asked = (project(tmp_path / n, p).plays["own-play"] for n, p in (("a", answer()), ("b", play())))
    assert answered.motion is Motion.UPSELL
    assert answered.bound == asked.bound


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (play(mechanism=None), "'mechanism' is missing"),
        (answer(mechanism=None), "'mechanism' is missing"),
        (play(owner={"surface": ["csm"]}), "'owner.close' is missing"),
        (play(mechanism=["seats", "tier"]), "only in white space may a play name several mechanisms"),
    ],
)
def test_who_sells_says_what_and_who_closes(tmp_path, wrong, said):
    library = project(tmp_path, wrong)
    assert said in str(library.report)
    assert "own-play" in library.left_out


@pytest.mark.parametrize(
    ("made", "expect"),
    [
        (play(), {"held": ["health", "escalation"], "unknown": ["outage"]}),
        (answer(), {"care": ["health", "escalation", "outage"]}),
        (adoption(), "fired"),
    ],
)
def test_gates_hold_our_ask_only(tmp_path, made, expect):
    """The same red account: our ask is held, an answer goes out with care, adoption work is just what it needs."""
    given = {"seat_utilization_min_30d": "95%", "requests_for_more_30d": 1}
    case = {"name": "red", "signals": SIGNALS_OF_A_RED_ACCOUNT, "expect": expect}
    test = {"play": "own-play", "as_of": "2026-03-31", "given": given, "cases": [case]}
    found = run_tests(project(tmp_path, made, test=test), ["own-play"])
    assert str(found.report) == ""
    # The expectation can fail: another one does.
    other = {"play": "own-play", "as_of": "2026-03-31", "given": given, "cases": [{**case, "expect": {"care": []}}]}
    expected_to_fail = expect != "fired"
    failed = run_tests(project(tmp_path, made, test=other), ["own-play"]).report
    assert bool(failed.errors) is expected_to_fail


# Cases of gates stand once, and are tried on every play that the gate binds.


def test_a_play_is_tried_with_the_cases_of_its_gates(tmp_path):
    given = {"seat_utilization_min_30d": "95%"}
    test = {"play": "own-play", "as_of": "2026-03-31", "given": given, "cases": [{"name": "full", "expect": "fired"}]}
    found = run_tests(project(tmp_path, play(), test=test), ["own-play"])
    assert str(found.report) == ""
    names = {result.case for result in found.results}
    assert {"full", "health: red health", "escalation: an open escalation"} <= names
    assert not any(name.startswith("credibility") for name in names), "which does not hold upsell"


def test_a_gate_that_a_play_tightens_is_not_tried_with_its_shipped_numbers(tmp_path):
    test = {"play": "own-play", "as_of": "2026-03-31", "given": {"seat_utilization_min_30d": "95%"},
            "cases": [{"name": "full", "expect": "fired"}]}  # fmt: skip
    stricter = play(gates={"tighten": {"health": {"min_health": 70}}})
    found = run_tests(project(tmp_path, stricter, test=test), ["own-play"])
    assert str(found.report) == ""
    assert not any(result.case.startswith("health:") for result in found.results)


def test_gates_say_nothing_of_their_own_where_the_case_that_they_are_tried_on_fails(tmp_path):
    test = {"play": "own-play", "as_of": "2026-03-31", "given": {"seat_utilization_min_30d": "50%"},
            "cases": [{"name": "full", "expect": "fired"}]}  # fmt: skip
    (issue,) = run_tests(project(tmp_path, play(), test=test), ["own-play"]).report
    assert "'full' is quiet" in issue.message


def test_a_projects_own_gates_bring_cases_too_and_a_wrong_name_is_told(tmp_path):
    (tmp_path / "gates.test.yaml").write_text("cases: [{name: n, gate: helth, expect: fired}]", encoding="utf-8")
    project(tmp_path, play())
    library = load_library(SIGNALS, tmp_path)
    assert "gate-unknown" in codes(library)
    assert "did you mean 'health'?" in str(library.report)
