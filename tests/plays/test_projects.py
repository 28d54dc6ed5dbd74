"""A project's own plays, gates and overlay on top of the shipped library; every fault of every file at once."""

import pytest
from play_files import SIGNALS, codes, dump, play, project, wider

from upcross.errors import ProjectError
from upcross.motions import Motion
from upcross.plays.library import load_library

OWN_GATE = {
    "id": "no-freeze", "title": "No buying freeze", "holds": ["upsell", "cross_sell"], "params": {"most": 0},
    "must": {"all": ["invoices_overdue <= $most"]}, "reason": "{invoices_overdue} invoice(s) overdue, {most} allowed",
    "cleared_by": ["finance"], "action": "Collect", "look_again": "14d",
}  # fmt: skip


def bound(library, name):
    return [gate.id for gate in library.play(name).bound]


def test_a_play_of_the_project_stands_beside_the_shipped_ones(tmp_path):
    library = project(tmp_path, play())
    assert "own-play" in library.plays
    assert "seat-expansion" in library.plays
    assert bound(library, "own-play") == bound(library, "seat-expansion")


def test_a_gate_of_the_project_binds_every_play_of_its_motions(tmp_path):
    library = project(tmp_path, gates=[OWN_GATE])
    assert not library.report.issues
    assert all("no-freeze" in bound(library, name) for name, found in library.plays.items() if found.motion)
    gate = library.play("seat-expansion").bound[-1]
    assert gate.reason == "{invoices_overdue} invoice(s) overdue, 0 allowed"


def test_a_play_adds_and_tightens_gates(tmp_path):
    changes = {"add": ["implementation"], "tighten": {"health": {"min_health": 75}}}
    library = project(tmp_path, play(gates=changes))
    assert not library.report.issues, str(library.report)
    assert "implementation" in bound(library, "own-play")
    health = next(gate for gate in library.play("own-play").bound if gate.id == "health")
    assert health.tightened == ("min_health is 75 (gate: 60)",)
    assert "from 75 on" in health.reason
    assert health != next(gate for gate in library.play("seat-expansion").bound if gate.id == "health")


def test_the_overlay_sets_params_owners_and_status_and_says_so(tmp_path):
    settings = {"params": {"fire_at": "95%"}, "owner": {"close": ["ae"]}, "status": "trial"}
    library = project(tmp_path, overlay={"plays": {"seat-expansion": settings}})
    assert not library.report.issues, str(library.report)
    found = library.play("seat-expansion")
    assert "seat_utilization_min_30d >= 95%" in [comparison.text for comparison in found.comparisons()]
    assert (found.owner.surface, found.owner.close, found.status) == (("csm", "account_manager"), ("ae",), "trial")
    assert found.overlaid == (
        "seat-expansion: fire_at is 95% (shipped: 90%)",
        "owner.close is ae (shipped: account_manager, ae)",
        "status is trial (shipped: stable)",
    )


def test_the_version_is_that_of_the_merged_play(tmp_path):
    shipped = load_library(SIGNALS, tests=False)
    library = project(tmp_path, overlay={"plays": {"seat-expansion": {"params": {"fire_at": "95%"}}}})
    changed = {name for name in shipped.plays if shipped.play(name).version != library.play(name).version}
    assert changed == {"seat-expansion"}


def test_the_overlay_sets_what_a_gate_holds_and_every_verdict_it_affects_says_so(tmp_path):
    settings = {"outage": {"holds": ["upsell"]}, "health": {"params": {"min_health": 50}}}
    library = project(tmp_path, overlay={"gates": settings})
    assert not library.report.issues, str(library.report)
    assert library.gates["outage"].holds == (Motion.UPSELL,)
    assert "outage" in bound(library, "seat-expansion")
    assert "outage" not in bound(library, "stated-need")
    for found in (found for found in library.plays.values() if found.motion):
        assert found.overlaid == (
            "health: min_health is 50 (shipped: 60)",
            "gate outage holds upsell (shipped: upsell, cross_sell)",
        )


@pytest.mark.parametrize(
    ("overlay", "code", "said"),
    [
        ({"plays": {"seat-expanson": {"status": "trial"}}}, "overlay-unknown", "did you mean 'seat-expansion'?"),
        ({"plays": {"seat-expansion": {"params": {"fire": "95%"}}}}, "overlay-unknown", "did you mean 'fire_at'?"),
        ({"plays": {"seat-expansion": {"when": {"all": []}}}}, "field-unknown", "unknown field 'when'"),
        ({"plays": {"seat-expansion": {"status": "off"}}}, "field-invalid", "plays.seat-expansion.status"),
        ({"gates": {"outages": {"holds": ["upsell"]}}}, "overlay-unknown", "did you mean 'outage'?"),
        ({"gates": {"outage": {"must": "mrr > 0"}}}, "field-unknown", "unknown field 'must'"),
        ({"gates": {"outage": {"attestable": False}}}, "field-unknown", "unknown field 'attestable'"),
        ({"play": {}}, "field-unknown", "did you mean 'plays'?"),
    ],
)
def test_the_overlay_sets_nothing_else(tmp_path, overlay, code, said):
    library = project(tmp_path, overlay=overlay)
    assert code in codes(library), str(library.report)
    assert said in str(library.report)
    assert {issue.place.file for issue in library.report} == {"plays/overlay.yaml"}


def test_a_setting_of_the_wrong_unit_is_blamed_on_the_overlay(tmp_path):
    library = project(tmp_path, overlay={"plays": {"seat-expansion": {"params": {"fire_at": "95"}}}})
    assert "unit-mismatch" in codes(library)
    assert "write 95%" in str(library.report)
    assert "seat-expansion" not in library.plays


@pytest.mark.parametrize(
    ("changes", "code", "said"),
    [
        ({"title": None}, "field-missing", "'title' is missing"),
        ({"owner": None}, "field-missing", "'owner' is missing"),
        ({"when": None}, "field-missing", "'when' is missing"),
        ({"titel": "x"}, "field-unknown", "did you mean 'title'?"),
        ({"mechanism": "seat"}, "field-invalid", "mechanism"),
        ({"mechanism": ["seats", "module"]}, "play-mechanism", "two motions"),
        ({"mechanism": ["seats", "tier"]}, "play-mechanism", "only in white space"),
        ({"scope": "customer"}, "field-invalid", "scope"),
        ({"respond_within": 5}, "field-invalid", "must be days, such as 30d, not 5"),
        ({"owner": {"surface": ["csm"], "close": ["aee"]}}, "field-invalid", "did you mean 'ae'?"),
        ({"owner": {"surface": [], "close": ["ae"]}}, "field-invalid", "owner.surface"),
        ({"guide": []}, "field-invalid", "guide"),
        ({"params": {"fire_at": [1]}}, "field-invalid", "must be a number, a percentage"),
        ({"params": {"fire_at": "90 percent", "clear_at": "85%"}}, "field-invalid", "params.fire_at"),
        ({"next_step": "Offer {seat_free} seats"}, "signal-unknown", "did you mean 'seats_free'?"),
        ({"guide": ["{value_delivered}", "{usage_30d} calls"]}, "signal-unknown", "{usage_30d} names nothing"),
        ({"when": {"all": ["seat_utilisation_min_30d >= $fire_at"]}}, "signal-unknown", "seat_utilization_min_30d"),
        ({"when": {"all": ["allowance_used >= $fire_at"]}}, "signal-out-of-scope", "scope meter"),
        ({"show": ["seat_free"]}, "signal-unknown", "did you mean 'seats_free'?"),
        ({"show": ["usage_30d"]}, "signal-out-of-scope", "scope meter"),
        ({"when": "seats"}, "condition-syntax", "is not a comparison"),
        ({"gates": {"add": ["credible"]}}, "gate-unknown", "no gate is called 'credible'"),
        ({"gates": {"tighten": {"credibility": {"healthy_use": "60%"}}}}, "gate-unknown", "does not hold upsell"),
        ({"gates": {"tighten": {"health": {"min_helth": 70}}}}, "param-unknown", "did you mean 'min_health'?"),
        ({"gates": {"drop": ["health"]}}, "field-unknown", "unknown field 'drop'"),
        ({"scope": "account", "when": {"all": ["mrr >= 1"]}, "keep_open_while": None}, "signal-out-of-scope",
         "gate 'adoption-dip' cannot bind this play"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_play_is_said_with_its_place(tmp_path, changes, code, said):
    library = project(tmp_path, play(**changes))
    assert code in codes(library), str(library.report)
    assert said in str(library.report)
    assert "own-play" not in library.plays
    assert "seat-expansion" in library.plays  # the sound ones stay
    assert all(issue.place.file == "plays/own-play.yaml" and issue.place.line for issue in library.report)


def test_an_upsell_product_is_not_offered_in_white_space(tmp_path):
    assert codes(project(tmp_path, wider(mechanism="seats", potential="seats_potential"))) >= {"play-mechanism"}


def test_ids_are_unique_and_equal_the_file_name(tmp_path):
    (tmp_path / "plays").mkdir()
    dump(play(id="seat-expansion"), tmp_path / "plays" / "seat-expansion.yaml")
    dump(play(id="another"), tmp_path / "plays" / "own-play.yaml")
    dump([{**OWN_GATE, "id": "health"}], tmp_path / "gates.yaml")
    library = load_library(SIGNALS, tmp_path)
    assert {"id-twice", "id-is-not-file-name"} <= codes(library)
    assert library.play("seat-expansion").file == "library/seat-expansion.yaml"
    assert library.gates["health"].attestable is False


def test_all_faults_of_all_files_come_at_once(tmp_path):
    (tmp_path / "plays").mkdir()
    (tmp_path / "plays" / "broken.yaml").write_text("id: [broken\n")
    (tmp_path / "plays" / "empty.yaml").write_text("")
    (tmp_path / "plays" / "listed.yaml").write_text("- a\n- b\n")
    dump(play(title=None, when={"all": ["seat_free <= $x", "adoption >= 90"]}), tmp_path / "plays" / "own-play.yaml")
    (tmp_path / "gates.yaml").write_text("id: not-a-list\n")
    dump({"plays": {"nothing": {}}}, tmp_path / "plays" / "overlay.yaml")
    library = load_library(SIGNALS, tmp_path, tests=False)
    files = {issue.place.file for issue in library.report}
    assert files == {f"plays/{name}.yaml" for name in ("broken", "empty", "listed", "own-play", "overlay")} | {
        "gates.yaml"
    }
    assert sorted(library.plays) == sorted(load_library(SIGNALS, tests=False).plays)


def test_names_and_units_are_reported_together(tmp_path):
    library = project(tmp_path, play(when={"all": ["seat_free <= $x", "adoption >= 90", "plan > pro"]}))
    assert [issue.code for issue in library.report] == [
        "signal-unknown",
        "param-unknown",
        "unit-mismatch",
        "unit-mismatch",
    ]


def test_drafts_and_deprecated_plays_are_read_but_not_run(tmp_path):
    library = project(
        tmp_path,
        play(id="a-draft", status="draft"),
        play(id="a-trial", status="trial"),
        play(id="gone", status="deprecated", deprecated={"on": "2026-01-01", "reason": "Replaced"}),
    )
    assert not library.report.issues, str(library.report)
    assert {"a-draft", "gone"} <= set(library.plays)
    running = {play.id for play in library.running}
    assert "a-trial" in running
    assert not running & {"a-draft", "gone"}


def test_an_unknown_play_is_answered_with_the_nearest(tmp_path):
    with pytest.raises(ProjectError, match="did you mean 'seat-expansion'"):
        load_library(SIGNALS, tests=False).play("seat-expanson")


@pytest.mark.parametrize("params", ["fire_at", ["fire_at"], 5])
def test_an_overlay_on_a_play_of_the_wrong_shape_is_a_fault_not_a_crash(tmp_path, params):
    overlay = {"plays": {"own-play": {"params": {"fire_at": "95%"}, "owner": {"close": ["ae"]}}}}
    library = project(tmp_path, play(params=params, owner={"surface": "csm", "close": 5}), overlay=overlay)
    assert "field-invalid" in codes(library)


def test_an_overlay_may_deprecate_a_play_with_its_reason(tmp_path):
    settings = {"status": "deprecated", "deprecated": {"on": "2026-01-31", "reason": "Seats are sold in the app now"}}
    library = project(tmp_path, overlay={"plays": {"seat-expansion": settings}})
    assert str(library.report) == ""
    found = library.plays["seat-expansion"]
    assert found not in library.running
    assert "deprecated on 2026-01-31: Seats are sold in the app now" in found.overlaid


def test_a_company_that_lets_a_csm_close_may_say_so_of_a_play(tmp_path):
    overlay = {"plays": {"seat-expansion": {"owner": {"close": ["csm"]}}}}
    assert codes(project(tmp_path, overlay=overlay)) == {"csm-closes"}
    assert str(load_library(SIGNALS, tmp_path, tests=False, csm_may_close=True).report) == ""
