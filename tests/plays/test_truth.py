"""Kleene's tables, cell by cell, as the engine computes them, and what they make of a verdict."""

from datetime import date
from itertools import product

import duckdb
import pytest
from play_files import SIGNALS, dump, play
from sqlglot import exp

from upcross.plays.attestation import Attestation
from upcross.plays.comparison import ResolvedBranch, ResolvedComparison, tree_sql
from upcross.plays.condition import Join, Op
from upcross.plays.judgement import compile_judgement
from upcross.plays.library import load_library
from upcross.plays.verdicts import compile_verdicts, decode, kept_open
from upcross.signals.model import Scope, Unit

T, F, U = True, False, None
AS_OF = date(2026, 3, 31)

AND = {
    (T, T): T, (T, F): F, (T, U): U,
    (F, T): F, (F, F): F, (F, U): F,
    (U, T): U, (U, F): F, (U, U): U,
}  # fmt: skip
OR = {
    (T, T): T, (T, F): T, (T, U): T,
    (F, T): T, (F, F): F, (F, U): U,
    (U, T): T, (U, F): U, (U, U): U,
}  # fmt: skip


def sql(value):
    return {T: "TRUE", F: "FALSE", U: "CAST(NULL AS BOOLEAN)"}[value]


@pytest.mark.parametrize(("join", "table"), [(Join.ALL, AND), (Join.ANY, OR)])
def test_all_and_any_are_kleenes_and_and_or(join, table):
    a, b = (ResolvedComparison(name, Unit.FLAG, Op.EQUAL, True, name) for name in "ab")
    tree = tree_sql(ResolvedBranch(join, (a, b)), lambda leaf: exp.column(leaf.signal)).sql("duckdb")
    for (left, right), expected in table.items():
        found = duckdb.sql(f"SELECT {tree} FROM (SELECT {sql(left)} AS a, {sql(right)} AS b)").fetchall()[0][0]
        assert found is expected, (join, left, right)


def test_nested_conditions_keep_their_brackets():
    # a and (b or c) with a false is false; without brackets (a and b) or c would be true
    a, b, c = (ResolvedComparison(name, Unit.FLAG, Op.EQUAL, True, name) for name in "abc")
    tree = ResolvedBranch(Join.ALL, (a, ResolvedBranch(Join.ANY, (b, c))))
    text = tree_sql(tree, lambda leaf: exp.column(leaf.signal)).sql("duckdb")
    assert duckdb.sql(f"SELECT {text} FROM (SELECT FALSE AS a, TRUE AS b, TRUE AS c)").fetchall() == [(False,)]


def gate(name, signal, **changes):
    return {
        "id": name, "title": name, "holds": ["upsell"], "must": {"all": [f"{signal} = 0"]}, "reason": "r",
        "cleared_by": ["csm"], "action": "a", "look_again": "7d", **changes,
    }  # fmt: skip


def build(folder, *gates):
    dump(list(gates), folder / "gates.yaml")
    data = play(params={"at": 5}, when={"all": ["seats_active >= $at"]}, keep_open_while={"all": ["seats_free <= 1"]})
    dump(data, folder / "own-play.yaml")
    found = load_library(SIGNALS, shipped=folder, tests=False)
    assert not found.report.issues, str(found.report)
    return found


@pytest.fixture
def library(tmp_path):
    return build(tmp_path, gate("one", "escalations_open"), gate("two", "disputes_open"))


def number(truth, true, false):
    return {T: str(true), F: str(false), U: "CAST(NULL AS BIGINT)"}[truth]


def relation(trigger=T, one=T, two=T, keep=T, account="A1", segment="'SMB'"):
    return (
        f"(SELECT '{account}' AS account_id, '' AS business_unit, 'crm' AS product_id, {segment} AS account_segment,"
        f" {number(trigger, 5, 4)} AS seats_active, {number(one, 0, 1)} AS escalations_open,"
        f" {number(two, 0, 1)} AS disputes_open, {number(keep, 1, 2)} AS seats_free)"
    )


def run(library, *rows, attestations=(), judged=False):
    query = " UNION ALL ".join(f"SELECT * FROM {row}" for row in rows)
    compiler = compile_judgement if judged else compile_verdicts
    compiled = compiler(Scope.SUBSCRIPTION, library.running, attestations, AS_OF, "wide")
    text = compiled.select.sql("duckdb")
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE wide AS {query}")
        cursor = connection.execute(text)
        names = [column[0] for column in cursor.description]
        return compiled, [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def verdict(library, **truths):
    attestations = truths.pop("attestations", ())
    compiled, rows = run(library, relation(**truths), attestations=attestations)
    found = decode(compiled.bits, rows[0])
    assert len(found) <= 1
    return found[0] if found else None


@pytest.mark.parametrize(("trigger", "one", "two"), list(product([T, F, U], repeat=3)))
def test_every_cell_of_trigger_and_gates(library, trigger, one, two):
    found = verdict(library, trigger=trigger, one=one, two=two)
    if trigger is F:
        assert found is None  # quiet
        return
    assert found.gates_false == tuple(name for name, truth in (("one", one), ("two", two)) if truth is F)
    assert found.gates_unknown == tuple(name for name, truth in (("one", one), ("two", two)) if truth is U)
    if trigger is U:
        assert found.status == "unknown"
    else:
        assert found.status == ("fired" if (one, two) == (T, T) else "held")


@pytest.mark.parametrize(("keep", "stays"), [(T, True), (U, True), (F, False)])
def test_an_ask_closes_only_when_its_end_is_known_to_have_come(library, keep, stays):
    compiled, rows = run(library, relation(trigger=F, keep=keep))
    assert kept_open(compiled.bits, rows[0]) == (frozenset({"own-play"}) if stays else frozenset())


def attest(gate_id, scope="book", start=AS_OF, until=AS_OF):
    return Attestation.model_validate(
        {"gate": gate_id, "scope": scope, "by": "Ann", "why": "seen", "from": start, "until": until}
    )


def test_an_attestation_turns_unknown_to_true_and_says_so(library):
    found = verdict(library, one=U, attestations=[attest("one")])
    assert (found.status, found.gates_attested, found.gates_unknown) == ("fired", ("one",), ())


def test_an_attestation_never_turns_false_to_true(library):
    found = verdict(library, one=F, attestations=[attest("one")])
    assert (found.status, found.gates_false, found.gates_attested) == ("held", ("one",), ())


def test_an_attestation_is_not_claimed_where_the_data_speaks(library):
    assert verdict(library, one=T, attestations=[attest("one")]).gates_attested == ()


@pytest.mark.parametrize(
    ("start", "until", "counts"),
    [
        (date(2026, 3, 31), date(2026, 4, 30), True),  # its first day
        (date(2026, 1, 1), date(2026, 3, 31), True),  # its last day
        (date(2026, 4, 1), date(2026, 4, 30), False),  # not yet
        (date(2026, 1, 1), date(2026, 3, 30), False),  # no longer
    ],
)
def test_an_attestation_counts_between_its_days(library, start, until, counts):
    found = verdict(library, one=U, attestations=[attest("one", start=start, until=until)])
    assert found.status == ("fired" if counts else "held")


@pytest.mark.parametrize(
    ("scope", "account", "segment", "counts"),
    [
        ("book", "A1", "'SMB'", True),
        ({"account": "A1"}, "A1", "'SMB'", True),
        ({"account": "A2"}, "A1", "'SMB'", False),
        ({"segment": "SMB"}, "A1", "'SMB'", True),
        ({"segment": "Enterprise"}, "A1", "'SMB'", False),
        ({"segment": "SMB"}, "A1", "CAST(NULL AS VARCHAR)", False),  # an account without a segment is in none
    ],
)
def test_an_attestation_speaks_for_its_scope_only(library, scope, account, segment, counts):
    found = verdict(library, one=U, account=account, segment=segment, attestations=[attest("one", scope)])
    assert found.status == ("fired" if counts else "held")


def test_a_gate_that_may_not_be_attested_holds_even_where_an_attestation_slipped_through(tmp_path):
    library = build(tmp_path, gate("one", "escalations_open", attestable=False), gate("two", "disputes_open"))
    found = verdict(library, one=U, attestations=[attest("one")])
    assert (found.status, found.gates_unknown, found.gates_attested) == ("held", ("one",), ())


def test_a_judgement_explains_with_the_engines_own_truths(library):
    compiled, rows = run(library, relation(one=F, two=U), judged=True)
    (judged,) = compiled.read(rows[0])
    assert judged.status == "held"
    assert judged.trigger.truth is True
    (leaf,) = judged.trigger.children
    assert (leaf.text, leaf.value, leaf.threshold, leaf.truth, leaf.distance) == ("seats_active >= 5", 5, 5, True, 0)
    one, two = judged.gates
    assert (one.truth, one.passes, two.truth, two.passes) == (False, False, None, False)
    assert one.condition.children[0].distance == 1  # one escalation more than none
    assert judged.missing == ("disputes_open",)
    shown = judged.to_dict()
    assert shown["gates"][0]["condition"]["all"][0]["comparison"] == "escalations_open = 0"
    assert shown["missing"] == ["disputes_open"]


def test_a_quiet_play_is_judged_too_and_says_by_how_much_it_failed(library):
    compiled, rows = run(library, relation(trigger=F), judged=True)
    (judged,) = compiled.read(rows[0])
    assert judged.status == "quiet"
    assert (judged.trigger.children[0].value, judged.trigger.children[0].distance) == (4, -1)  # 4 of 5


def test_a_branch_in_a_judgement_is_what_the_engine_made_of_it(library):
    for trigger, one, two in product([T, F, U], repeat=3):
        compiled, rows = run(library, relation(trigger=trigger, one=one, two=two), judged=True)
        (judged,) = compiled.read(rows[0])
        assert judged.trigger.truth is trigger
        assert [gate.truth for gate in judged.gates] == [one, two]
