"""A unit that stands apart: which gates about the whole account a written rule keeps from binding it."""

from datetime import date

import duckdb
import pytest
from play_files import SIGNALS, dump, play

from upcross.errors import Report
from upcross.plays.exemption import Exemption, exempting, read_exemptions, unmatched_exemptions
from upcross.plays.judgement import compile_judgement
from upcross.plays.library import load_library
from upcross.plays.verdicts import compile_verdicts, decode
from upcross.signals.model import Scope

AS_OF = date(2026, 3, 31)
GATES = load_library(SIGNALS, tests=False).gates
RULE = {
    "gate": "escalation", "account": "A1", "business_unit": "iberia", "by": "Ann Berg",
    "why": "Own contract, own contacts; the escalation is in the Nordics", "from": "2026-03-01", "until": "2026-08-28",
}  # fmt: skip


def read(tmp_path, **changes):
    dump([{**RULE, **changes}], tmp_path / "exemptions.yaml")
    report = Report()
    return read_exemptions(tmp_path / "exemptions.yaml", GATES, SIGNALS, report), report


def test_a_rule_is_read_with_its_gate_unit_author_reason_and_end(tmp_path):
    (rule,), report = read(tmp_path)  # 2026-03-01 to 2026-08-28 are 180 days
    assert not report.issues
    assert (rule.gate, rule.account, rule.business_unit, rule.by, rule.until) == (
        "escalation", "A1", "iberia", "Ann Berg", date(2026, 8, 28),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"gate": "escalations"}, "no gate is called 'escalations'"),
        ({"gate": "health"}, "the gate 'health' binds everybody"),
        ({"gate": "notice-given"}, "the gate 'notice-given' binds everybody"),
        ({"gate": "adoption-floor"}, "the gate 'adoption-floor' looks at the unit itself"),
        ({"until": "2026-08-29"}, "runs for 181 days"),
        ({"until": "2026-02-28"}, "ends before it begins"),
        ({"business_unit": ""}, "business_unit"),
        ({"by": None}, "by"),
    ],
)
def test_what_a_rule_may_not_do_is_told_with_its_place(tmp_path, changes, said):
    found, report = read(tmp_path, **changes)
    assert found == ()
    assert said in str(report)
    assert "exemptions.yaml:" in str(report)


def test_gates_that_look_at_the_whole_account_can_be_stood_apart_from(tmp_path):
    may = {gate for gate in GATES if not read(tmp_path, gate=gate)[1].issues}
    assert may == {
        "escalation",
        "outage",
        "dispute",
        "price-absorbed",
        "renewal-at-risk",
        "do-not-contact",
        "implementation",
    }


def test_a_rule_for_a_unit_that_the_book_lacks_is_told(tmp_path):
    rules, _ = read(tmp_path)
    (issue,) = unmatched_exemptions(rules, {("A1", "iberica"), ("A2", "iberia")})
    assert issue.code == "exemption-unmatched"
    assert "did you mean 'iberica'?" in issue.hint
    assert unmatched_exemptions(rules, {("A1", "iberia")}) == []


# What the engine makes of it


def gate(name, signal):
    return {
        "id": name, "title": name, "holds": ["upsell"], "must": {"all": [f"{signal} = 0"]}, "reason": "r",
        "cleared_by": ["csm"], "action": "a", "look_again": "7d",
    }  # fmt: skip


@pytest.fixture
def library(tmp_path):
    dump([gate("account-wide", "escalations_open"), gate("own", "seats_free")], tmp_path / "gates.yaml")
    made = play(params={"at": 5}, when={"all": ["seats_active >= $at"]}, keep_open_while={"all": ["seats_active >= 1"]})
    dump(made, tmp_path / "own-play.yaml")
    found = load_library(SIGNALS, shipped=tmp_path, tests=False)
    assert not found.report.issues, str(found.report)
    return found


def rule(gate_id="account-wide", start="2026-03-01", until="2026-03-31", **changes):
    given = {**RULE, "gate": gate_id, "from": start, "until": until, **changes}
    return Exemption.model_validate({**given, "from": date.fromisoformat(start), "until": date.fromisoformat(until)})


def verdict(library, *rules, unit="iberia", escalations=1, free=0, judged=False):
    value = "CAST(NULL AS BIGINT)" if escalations is None else escalations
    row = (
        f"(SELECT 'A1' AS account_id, '{unit}' AS business_unit, 'crm' AS product_id, 'SMB' AS account_segment,"
        f" 9 AS seats_active, {free} AS seats_free, {value} AS escalations_open)"
    )
    make = compile_judgement if judged else compile_verdicts
    compiled = make(Scope.SUBSCRIPTION, library.running, [], AS_OF, "wide", exemptions=rules)
    text = compiled.select.sql("duckdb").replace("FROM wide", f"FROM {row} AS wide")
    cursor = duckdb.sql(text)
    (found,) = [dict(zip(cursor.columns, values, strict=True)) for values in cursor.fetchall()]
    return compiled.read(found)[0] if judged else decode(compiled.bits, found)[0]


def test_a_unit_that_stands_apart_is_asked_and_the_verdict_says_by_which_rule(library):
    assert verdict(library).status == "held"
    found = verdict(library, rule())
    assert (found.status, found.gates_false, found.gates_exempt) == ("fired", (), ("account-wide",))


def test_what_is_unknown_of_the_whole_account_does_not_bind_it_either(library):
    found = verdict(library, rule(), escalations=None)
    assert (found.status, found.gates_unknown, found.gates_exempt) == ("fired", (), ("account-wide",))


@pytest.mark.parametrize(
    ("given", "unit"),
    [
        (rule(), "nordics"),  # another unit
        (rule(), ""),  # the whole account
        (rule(account="A2"), "iberia"),
        (rule(until="2026-03-30"), "iberia"),  # over since yesterday
        (rule(start="2026-04-01", until="2026-04-30"), "iberia"),  # not yet
    ],
)
def test_a_rule_is_for_its_unit_and_its_days_only(library, given, unit):
    found = verdict(library, given, unit=unit)
    assert (found.status, found.gates_false, found.gates_exempt) == ("held", ("account-wide",), ())


def test_what_is_known_of_the_unit_itself_always_binds(library):
    found = verdict(library, rule("own"), escalations=0, free=3)
    assert (found.status, found.gates_false, found.gates_exempt) == ("held", ("own",), ())


def test_a_gate_that_passes_needs_no_rule_and_claims_none(library):
    assert verdict(library, rule(), escalations=0).gates_exempt == ()


def test_the_judgement_shows_the_truth_and_that_it_does_not_bind(library):
    found = verdict(library, rule(), judged=True)
    exempt = next(gate for gate in found.gates if gate.id == "account-wide")
    assert (exempt.truth, exempt.exempt, exempt.passes) == (False, True, True)
    assert exempting([rule()], "account-wide", "A1", "iberia", AS_OF) == (rule(),)
