import pytest
from play_files import SIGNALS, play, project

from upcross.plays.library import load_library
from upcross.plays.playtest import run_tests

GIVEN = {
    "health_score": 80, "health_level": "green", "adoption": "80%", "adoption_change_unexplained_30d": "0%",
    "days_since_start": "400d", "first_value_reached": True, "escalations_open": 0, "outages_30d": 0,
    "disputes_open": 0, "price_increases_365d": 0, "seat_utilization_min_30d": "95%",
}  # fmt: skip


def run(tmp_path, *cases, **changes):
    test = {"play": "own-play", "as_of": "2026-03-31", "given": GIVEN, "cases": list(cases), **changes}
    return run_tests(project(tmp_path, play(), test=test), ["own-play"])


def case(expect, attested=(), **signals):
    return {"name": "the case", "signals": signals, "attested": list(attested), "expect": expect}


@pytest.mark.parametrize(
    ("signals", "expect"),
    [
        ({}, "fired"),
        ({"seat_utilization_min_30d": "89.99%"}, "quiet"),
        ({"seat_utilization_min_30d": None}, "unknown"),
        ({"escalations_open": 1}, {"held": ["escalation"]}),
        ({"outages_30d": None}, {"unknown": ["outage"]}),
        ({"outages_30d": None, "escalations_open": 2}, {"held": ["escalation"], "unknown": ["outage"]}),
    ],
)
def test_a_case_that_is_right_passes_and_any_other_expectation_fails(tmp_path, signals, expect):
    found = run(tmp_path, case(expect, **signals))
    assert not found.report.issues, str(found.report)
    for other in ("fired", "quiet", "unknown", {"held": ["dispute"]}):
        if other != expect:
            assert [i.code for i in run(tmp_path, case(other, **signals)).report] == ["play-test-failed"]


def test_naming_some_of_the_gates_is_not_enough(tmp_path):
    found = run(tmp_path, case({"held": ["escalation"]}, escalations_open=1, disputes_open=1))
    assert [issue.code for issue in found.report] == ["play-test-failed"]


def test_a_failure_says_expected_and_got_and_what_decided(tmp_path):
    (issue,) = run(tmp_path, case("fired", seat_utilization_min_30d="89.9%")).report
    assert "own-play: 'the case' is quiet" in issue.message
    assert issue.expected == "fired"
    assert issue.hint == "decided by seat_utilization_min_30d >= 90% (is 89.9%)"
    assert (issue.place.file, issue.place.line > 10) == ("plays/own-play.test.yaml", True)


def test_a_failure_by_a_gate_names_its_comparison(tmp_path):
    (issue,) = run(tmp_path, case("fired", escalations_open=3, outages_30d=None)).report
    assert "held (by escalation; unknown outage)" in issue.message
    assert issue.hint == "decided by escalations_open = 0 (is 3); outages_30d = 0 (is unknown)"


def test_signals_that_a_case_does_not_name_are_unknown(tmp_path):
    found = run(tmp_path, case("unknown"), given={})
    assert not found.report.issues, str(found.report)


def test_a_case_may_attest(tmp_path):
    found = run(
        tmp_path,
        case("fired", ["outage"], outages_30d=None),
        case({"unknown": ["outage"]}, outages_30d=None),  # an attestation of one case is not another's
    )
    assert not found.report.issues, str(found.report)


@pytest.mark.parametrize(
    ("wrong", "code", "said"),
    [
        (case("fired", seat_utilisation_min_30d="95%"), "signal-unknown", "did you mean 'seat_utilization_min_30d'?"),
        (case("fired", allowance_used="95%"), "signal-unknown", "unknown signal 'allowance_used'"),
        (case("fired", escalations_open="5%"), "unit-mismatch", "a whole number"),
        (case("fired", adoption=90), "unit-mismatch", "write 90%"),
        (case({"held": ["escalations"]}), "play-test-invalid", "did you mean 'escalation'?"),
        (case("fired", ["health"]), "play-test-invalid", "never attested"),
        (case({"held": ["credibility"]}), "play-test-invalid", "no gate 'credibility' binds own-play"),
    ],
)
def test_a_faulty_case_is_reported_with_its_place(tmp_path, wrong, code, said):
    report = run(tmp_path, wrong).report
    assert code in {issue.code for issue in report}
    assert said in str(report)
    assert all(issue.place.line for issue in report)


@pytest.mark.parametrize("expect", ["fire", {}, {"held": "escalation"}, {"by": ["x"]}, None])
def test_an_expectation_that_cannot_be_read_is_a_fault(tmp_path, expect):
    test = {"play": "own-play", "as_of": "2026-03-31", "cases": [case(expect)]}
    library = project(tmp_path, play(), test=test)
    assert {issue.code for issue in library.report} >= {"field-invalid"}


def test_a_test_of_another_name_is_a_fault(tmp_path):
    library = project(tmp_path, play(), test={"play": "own-plai", "as_of": "2026-03-31", "cases": [case("fired")]})
    found = run_tests(library)
    assert "own-plai" in str(found.report)
    assert "did you mean 'own-play'?" in str(found.report)


def test_shipped_tests_are_about_the_plays_as_shipped_and_a_projects_own_file_replaces_them(tmp_path):
    overlay = {"plays": {"seat-expansion": {"params": {"fire_at": "95%"}}}, "gates": {"outage": {"holds": ["upsell"]}}}
    project(tmp_path, overlay=overlay)
    assert not run_tests(load_library(SIGNALS, tmp_path)).report.issues
    own = {"play": "seat-expansion", "as_of": "2026-03-31", "given": {**GIVEN, "plan_charge": "per_unit"}}
    own["cases"] = [case("quiet", seat_utilization_min_30d="94%", seats_free=2)]  # 95% is asked for now
    library = project(tmp_path, test=own)
    found = run_tests(library, ["seat-expansion"])
    assert [str(result.got) for result in found.results] == ["quiet"]
    assert not found.report.issues
