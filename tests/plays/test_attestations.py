from datetime import date

import pytest

from upcross.errors import Report, Severity
from upcross.plays.attestation import attesting, read_attestations, unmatched
from upcross.plays.library import load_library
from upcross.signals.registry import shipped

GATES = load_library(shipped(), tests=False).gates
WHOLE = """\
- gate: outage
  scope: book
  by: Ann Berg
  why: No incident log before May; I checked the status page
  from: 2026-03-01
  until: 2026-08-28
"""


def read(tmp_path, source):
    path = tmp_path / "attestations.yaml"
    path.write_text(source)
    report = Report()
    return read_attestations(path, GATES, report, "attestations.yaml"), report


def test_a_named_persons_word_is_read(tmp_path):
    (found,), report = read(tmp_path, WHOLE)  # 2026-03-01 to 2026-08-28 are 180 days
    assert not report.issues
    assert (found.gate, found.by, found.until) == ("outage", "Ann Berg", date(2026, 8, 28))


def test_the_list_may_stand_under_its_name(tmp_path):
    source = "attestations:\n" + "".join(f"  {line}\n" for line in WHOLE.splitlines())
    assert len(read(tmp_path, source)[0]) == 1


@pytest.mark.parametrize(
    ("scope", "account", "segment", "covers"),
    [
        ("book", "A1", None, True),
        ("{account: A1}", "A1", "SMB", True),
        ("{account: A1}", "A2", "SMB", False),
        ("{segment: SMB}", "A1", "SMB", True),
        ("'segment: SMB'", "A1", "SMB", True),
        ("{segment: SMB}", "A1", None, False),
        ("{account: 17}", "17", None, True),
    ],
)
def test_whom_it_speaks_for(tmp_path, scope, account, segment, covers):
    found, report = read(tmp_path, WHOLE.replace("book", scope))
    assert not report.issues, str(report)
    assert bool(attesting(found, "outage", account, segment, date(2026, 3, 1))) is covers
    assert not attesting(found, "dispute", account, segment, date(2026, 3, 1))
    assert not attesting(found, "outage", account, segment, date(2026, 8, 29))


@pytest.mark.parametrize(
    ("old", "new", "said", "line"),
    [
        ("gate: outage", "gate: outages", "did you mean 'outage'?", 1),
        ("gate: outage", "gate: health", "the gate 'health' is never attested", 1),
        ("until: 2026-08-28", "until: 2026-08-29", "runs for 181 days", 6),
        ("until: 2026-08-28", "until: 2026-02-28", "ends before it begins", 6),
        ("scope: book", "scope: everybody", "must be book, 'segment: NAME' or 'account: ID'", 2),
        ("scope: book", "scope: {account: }", "must name the account", 2),
        ("scope: book", "scope: {account: '  '}", "must name the account", 2),
        ("scope: book", "scope: {account: [A1]}", "must name the account", 2),
        ("scope: book", "scope: {account: true}", "must name the account", 2),
        ("scope: book", "scope: {segment: ''}", "must name the segment", 2),
        ("scope: book", "scope: 'segment: '", "must name the segment", 2),
        ("scope: book", "scope: account", "must name the account", 2),
        ("scope: book", "scope:", "outage.scope: is empty and must be book", 2),
        ("by: Ann Berg", "by: ''", "outage.by: must not be empty", 3),
        ("by: Ann Berg", "by:", "outage.by: must not be empty", 3),
        ("  why: No incident log before May; I checked the status page\n", "", "'outage.why' is missing", 1),
        ("by: Ann Berg", "bye: Ann Berg", "did you mean 'by'?", 3),
        ("from: 2026-03-01", "from: yesterday", "outage.from: must be a day such as 2026-03-31, not 'yesterday'", 5),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path, old, new, said, line):
    found, report = read(tmp_path, WHOLE.replace(old, new))
    assert found == ()
    assert said in str(report)
    assert line in {issue.place.line for issue in report}


def test_all_faults_are_reported_and_the_sound_ones_stay(tmp_path):
    bad = WHOLE.replace("outage", "health")
    found, report = read(tmp_path, bad + WHOLE + bad)
    assert len(found) == 1
    assert [issue.place.line for issue in report] == [1, 13]


def test_no_file_and_an_empty_file_attest_nothing(tmp_path):
    assert read_attestations(tmp_path / "none.yaml", GATES, Report()) == ()
    assert read(tmp_path, "")[0] == ()


@pytest.mark.parametrize("source", ["attest: []\n", "just text\n", "- 5\n", "attestations: 5\n"])
def test_a_file_of_another_shape_is_refused_without_a_traceback(tmp_path, source):
    found, report = read(tmp_path, source)
    assert found == ()
    assert report.errors


def test_who_is_not_in_the_book_is_told_with_the_nearest_name(tmp_path):
    scopes = ("book", "{account: A11}", "{account: A12}", "{segment: SMB}", "{segment: Midmarket}")
    found, report = read(tmp_path, "".join(WHOLE.replace("book", scope) for scope in scopes))
    assert not report.issues, str(report)
    account, segment = unmatched(found, {"A11", "B99"}, {"SMB", "Mid-market"})
    assert (account.code, account.severity, account.place.line) == (
        "attestation-unmatched",
        Severity.WARNING,
        6 * 2 + 2,
    )
    assert "the book has no account 'A12'" in account.message
    assert account.hint == "did you mean 'A11'?"
    assert "no segment 'Midmarket'" in segment.message
    assert (segment.place.file, segment.place.line) == ("attestations.yaml", 6 * 4 + 2)
