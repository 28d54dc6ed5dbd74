"""A fault is told once, in plain words, at the place where its reader can mend it."""

import pytest
from play_files import SIGNALS, codes, dump, play, project

from upcross.errors import ProjectError, Severity
from upcross.plays.library import load_library
from upcross.plays.playtest import run_tests

GATE = {
    "id": "no-freeze", "title": "No buying freeze", "holds": ["upsell"], "params": {"most": 0},
    "must": {"all": ["invoices_overdue <= $most"]}, "reason": "Overdue", "cleared_by": ["finance"],
    "action": "Collect", "look_again": "14d",
}  # fmt: skip
OVERLAY = "plays/overlay.yaml"


def write(folder, **files):
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_yaml", ".yaml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return load_library(SIGNALS, folder, tests=False)


def lines(library):
    return [(issue.place.file, issue.place.line, issue.place.column) for issue in library.report]


# What the overlay sets is mended in the overlay.


@pytest.mark.parametrize(
    ("setting", "code", "column"),
    [
        ("params: {fire_at: 95}", "unit-mismatch", 23),
        ("params: {fire_at: 80%}", "clear-above-fire", 23),
        ("params: {clear_at: 95%}", "clear-above-fire", 24),
        ("params: {clear_at: 0%}", "never-clears", 24),
        ("params: {fire_at: 900%}", "implausible-threshold", 23),
        ("params: {fire_at: 90 percent}", "field-invalid", 23),
        ("owner: {close: [csm]}", "csm-closes", 20),
        ("owner: {close: [cms]}", "field-invalid", 21),
        ("status: deprecated", "deprecated-without-reason", 13),
    ],
)
def test_a_fault_that_the_overlay_causes_points_into_it(tmp_path, setting, code, column):
    library = write(tmp_path, plays__overlay_yaml=f"plays:\n  seat-expansion:\n    {setting}\n")
    assert codes(library) == {code}, str(library.report)
    assert set(lines(library)) == {(OVERLAY, 3, column)}  # a play may break a rule in two ways


@pytest.mark.parametrize(
    ("gate", "setting", "code", "column"),
    [
        ("outage", "holds: []", "field-invalid", 12),
        ("health", "params: {min_health: 60%}", "unit-mismatch", 26),
        ("health", "params: {min_health: sixty points}", "field-invalid", 26),
        ("credibility", "holds: [expand]", "field-invalid", 13),
    ],
)
def test_a_gate_that_the_overlay_breaks_is_mended_in_it(tmp_path, gate, setting, code, column):
    library = write(tmp_path, plays__overlay_yaml=f"gates:\n  {gate}:\n    {setting}\n")
    assert codes(library) == {code}, str(library.report)
    assert lines(library) == [(OVERLAY, 3, column)]


def test_a_tightened_value_of_the_wrong_unit_is_mended_where_it_is_tightened(tmp_path):
    library = project(tmp_path, play(gates={"tighten": {"health": {"min_health": "70%"}}}))
    (issue,) = library.report
    assert (issue.code, issue.place.file) == ("unit-mismatch", "plays/own-play.yaml")
    text = (tmp_path / "plays" / "own-play.yaml").read_text().splitlines()
    assert '"min_health": "70%"' in text[issue.place.line - 1]


def test_a_gate_that_compares_a_lacking_signal_several_times_is_told_of_once(tmp_path):
    library = project(tmp_path, play(scope="account", when={"all": ["mrr >= 1"]}, keep_open_while=None))
    told = [issue.message for issue in library.report if "'adoption-floor'" in issue.message]
    assert told == [
        f"gate 'adoption-floor' cannot bind this play: '{name}' is a signal of scope subscription, not of account"
        for name in ("adoption", "days_since_start")  # the gate compares them five times
    ]


# An own gate at fault is told once.


def test_a_gate_that_reads_what_rows_lack_is_one_error_at_its_own_line(tmp_path):
    library = project(tmp_path, gates=[{**GATE, "must": {"all": ["invoices_overdue <= $most", "usage_30d >= 0"]}}])
    (issue,) = library.report
    assert issue.code == "signal-out-of-scope"
    assert issue.place.file == "gates.yaml"
    assert "usage_30d >= 0" in (tmp_path / "gates.yaml").read_text().splitlines()[issue.place.line - 1]
    assert "gate 'no-freeze' cannot bind" in issue.message


def test_own_plays_are_not_blamed_for_a_gate_that_fits_no_shipped_play(tmp_path):
    library = project(tmp_path, play(), gates=[{**GATE, "must": "usage_30d >= 0"}])
    assert [issue.place.file for issue in library.report] == ["gates.yaml"]


def test_motions_that_the_overlay_gives_a_gate_are_blamed_on_the_overlay(tmp_path):
    gate = {**GATE, "holds": ["cross_sell"], "must": "stated_needs_90d >= 0"}  # of white space
    library = project(tmp_path, gates=[gate], overlay={"gates": {"no-freeze": {"holds": ["upsell"]}}})
    assert [(issue.code, issue.place.file) for issue in library.report] == [("signal-out-of-scope", OVERLAY)]


def test_gates_are_called_by_their_ids(tmp_path):
    library = project(tmp_path, gates=[GATE, {**GATE, "id": "other", "holds": ["upsel"], "look_again": 7}])
    assert [issue.message for issue in library.report] == [
        "other.holds.1: must be one of upsell, cross_sell, not 'upsel'",
        "other.look_again: must be days, such as 30d, not 7",
    ]
    assert library.report.issues[0].hint == "did you mean 'upsell'?"


def test_an_own_gate_does_not_make_shipped_tests_incomplete(tmp_path):
    overlay = {"gates": {"implementation": {"holds": ["upsell", "cross_sell"]}}}
    project(tmp_path, gates=[GATE], overlay=overlay)
    library = load_library(SIGNALS, tmp_path)
    assert str(library.report) == ""
    assert {"no-freeze", "implementation"} <= {gate.id for gate in library.play("seat-expansion").bound}


def test_an_own_gate_is_asked_of_own_tests(tmp_path):
    cases = [{"name": word, "expect": word} for word in ("fired", "quiet", "unknown")]
    test = {"play": "own-play", "as_of": "2026-03-31", "cases": cases}
    library = project(tmp_path, play(), gates=[GATE], test=test)
    (issue,) = library.report
    assert issue.message.endswith("no case is held by no-freeze"), "the shipped gates bring cases of their own"
    assert issue.place.file == "plays/own-play.test.yaml"


# What is not read is told.


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("plays/own.yml", "rename it: own.yaml"),
        ("plays/own.YAML", "rename it: own.yaml"),
        ("plays/own.test.yml", "rename it: own.test.yaml"),
        ("plays/overlay.Yml", "rename it: overlay.yaml"),
        ("plays/upsell/own.yaml", "move it into plays/"),
        ("plays/gates.yaml", "move it beside upcross.yaml"),
        ("gates.yml", "rename it: gates.yaml"),
    ],
)
def test_a_file_whose_name_or_place_keeps_it_out_is_told(tmp_path, name, hint):
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text("id: own\n")
    (issue,) = load_library(SIGNALS, tmp_path).report
    assert (issue.code, issue.severity, issue.place.file) == ("file-ignored", Severity.WARNING, name)
    assert issue.hint == hint


def test_a_file_in_the_place_of_the_folder_is_told_and_other_files_are_not(tmp_path):
    (tmp_path / "plays").write_text("id: own\n")
    (issue,) = load_library(SIGNALS, tmp_path).report
    assert (issue.code, issue.place.file) == ("file-ignored", "plays")
    (tmp_path / "plays").unlink()
    (tmp_path / "plays").mkdir()
    (tmp_path / "plays" / "README.md").write_text("Our plays\n")
    assert str(load_library(SIGNALS, tmp_path).report) == ""


# One fault, one issue.


def test_a_parameter_that_cannot_be_read_is_not_unknown_as_well(tmp_path):
    library = project(
        tmp_path, play(params={"fire_at": "90 percent", "clear_at": "85%"}, next_step="From {fire_at} on")
    )
    (issue,) = library.report
    assert (issue.code, issue.message.split(":")[0]) == ("field-invalid", "params.fire_at")
    gate = {**GATE, "params": {"most": "a few"}, "reason": "More than {most}"}
    (tmp_path / "plays" / "own-play.yaml").unlink()
    (issue,) = project(tmp_path, gates=[gate]).report
    assert (issue.code, issue.place.file) == ("field-invalid", "gates.yaml")


@pytest.mark.parametrize(
    ("changes", "message", "hint"),
    [
        ({"scope": "whitespace"}, "scope: must be one of account, subscription, meter, white_space, not 'whitespace'",
         "did you mean 'white_space'?"),
        ({"mechanism": ["product", "modul"]}, "not 'modul'", "did you mean 'module'?"),
        ({"mechanism": "addon"}, "mechanism: must be one of seats", "did you mean 'add_on'?"),
        ({"status": "live"}, "status: must be one of draft, trial, stable, deprecated, not 'live'", ""),
        ({"owner": {"surface": ["cms"], "close": ["ae"]}}, "owner.surface.1: must be one of csm, ", "did you mean 'csm'?"),
        ({"owner": ["csm"]}, "owner: must be a mapping (key: value), not a list", ""),
        ({"owner": {"surface": "csm", "close": ["ae"]}}, "owner.surface: must be a list, not 'csm'", ""),
        ({"guide": []}, "guide: must not be empty", ""),
        ({"title": ""}, "title: must not be empty", ""),
        ({"title": 5}, "title: must be text, not 5", "write it in quotes: '5'"),
        ({"id": "Own Play"}, "id: must be lower-case letters, digits and hyphens, such as seat-expansion, not 'Own Play'",
         ""),
        ({"timing": 5}, "timing: must be a mapping (key: value), not 5", ""),
        ({"deprecated": {"on": "yesterday", "reason": "x"}},
         "deprecated.on: must be a day such as 2026-03-31, not 'yesterday'", ""),
    ],
)  # fmt: skip
def test_what_a_field_must_be_is_said_in_plain_words(tmp_path, changes, message, hint):
    (tmp_path / "plays").mkdir()
    dump(play(**changes), tmp_path / "plays" / "own-play.yaml")
    (issue,) = load_library(SIGNALS, tmp_path, tests=False).report
    assert message in issue.message
    assert issue.hint == hint


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("", "the file is empty", 1),
        ("# nothing yet\n", "the file is empty", 1),
        ("- a\n", "the file must be a mapping (key: value), not a list", 1),
        ("id: own-play\nowner:\n", "owner: is empty and must be a mapping (key: value)", 2),
        ("id: own-play\nguide:\n", "guide: is empty and must be a list", 2),
    ],
)
def test_empty_files_and_fields_are_called_empty(tmp_path, text, message, line):
    library = write(tmp_path, plays__own_play_yaml=text)
    assert (message, line) in [(issue.message, issue.place.line) for issue in library.report]
    assert "NoneType" not in str(library.report)


def test_text_that_is_not_utf_8_is_told_with_its_line(tmp_path):
    (tmp_path / "plays").mkdir()
    (tmp_path / "plays" / "own-play.yaml").write_bytes("id: own-play\ntitle: Für alle\n".encode("latin-1"))
    (issue,) = load_library(SIGNALS, tmp_path, tests=False).report
    assert str(issue.place) == "plays/own-play.yaml:2:9"  # 't' is column 1, 'ü' column 9
    assert issue.message == "line 2 is not UTF-8 text (byte 21 of the file)"  # 13 bytes of line 1, 8 before it


# Tests that cannot run do not pass.

SOUND = {"play": "own-play", "as_of": "2026-03-31", "cases": [{"name": "nothing known", "expect": "unknown"}]}


def run(folder, *names):
    found = run_tests(load_library(SIGNALS, folder), names or None)
    return [(issue.code, issue.place.file) for issue in found.report.errors], len(found.results)


@pytest.mark.parametrize(
    ("test", "code"),
    [
        ("play: [own-play\n", "yaml-syntax"),
        ("", "field-invalid"),
        ("play: own-play\nas_of: 2026-03-31\ncases: []\n", "field-invalid"),
        ("play: own-play\nas_of: 2026-03-31\n", "field-missing"),
    ],
)
def test_a_test_file_that_cannot_be_read_is_an_error_named_or_not(tmp_path, test, code):
    project(tmp_path, play())
    (tmp_path / "plays" / "own-play.test.yaml").write_text(test)
    assert run(tmp_path, "own-play") == ([(code, "plays/own-play.test.yaml")], 0)
    assert run(tmp_path, "seat-expansion")[0] == []
    assert "no-test" not in codes(load_library(SIGNALS, tmp_path))  # it has one


def test_a_named_play_without_a_test_file_is_an_error(tmp_path):
    project(tmp_path, play())
    assert run(tmp_path, "own-play") == ([("play-test-missing", "plays/own-play.yaml")], 0)


def test_what_is_broken_fails_the_tests_of_all_and_is_told_once(tmp_path):
    """All plays are tested once for all of it, as that takes a while."""
    project(tmp_path, play(), test=SOUND)
    plays = tmp_path / "plays"
    (plays / "a.yaml").write_text("id: [a\n")
    dump(play(id="b", title=None), plays / "b.yaml")
    dump({**SOUND, "play": "b"}, plays / "b.test.yaml")
    dump(play(id="c"), plays / "c.yaml")
    (plays / "c.test.yaml").write_text("play: [c\n")
    dump(play(id="untested"), plays / "untested.yaml")  # no error: `plays lint` warns
    errors, cases = run(tmp_path)
    assert errors == [
        ("yaml-syntax", "plays/a.yaml"), ("field-missing", "plays/b.yaml"), ("yaml-syntax", "plays/c.test.yaml"),
    ]  # fmt: skip
    assert cases > 200  # the others are tested all the same
    assert run(tmp_path, "own-play") == ([], 1)
    library = load_library(SIGNALS, tmp_path)
    with pytest.raises(ProjectError, match=r"plays/a\.yaml:2:1"):
        library.play("a")


def test_a_broken_play_is_told_once_where_it_has_tests(tmp_path):
    project(tmp_path, play(title=None), test=SOUND)
    assert run(tmp_path, "own-play") == ([("field-missing", "plays/own-play.yaml")], 0)


def test_gates_and_overlay_at_fault_fail_every_test(tmp_path):
    project(tmp_path, play(), test=SOUND, gates=[{**GATE, "holds": []}], overlay={"plays": {"nobody": {}}})
    expected = [("field-invalid", "gates.yaml"), ("overlay-unknown", OVERLAY)]
    assert run(tmp_path, "own-play") == (expected, 1)
