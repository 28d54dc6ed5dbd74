"""Bit words: many plays in few integers, on every engine the same."""

import json
from datetime import date

import duckdb
import psycopg
import pytest
from play_files import SIGNALS, dump, play
from sqlglot import exp

from upcross.plays.library import load_library
from upcross.plays.verdicts import Bits, compared_signals, compile_verdicts, decode, trigger
from upcross.signals.model import Scope

AS_OF = date(2026, 3, 31)


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """130 plays: play n fires from n + 1 active seats on; every tenth tightens the gate."""
    folder = tmp_path_factory.mktemp("many")
    gate = {
        "id": "calm", "title": "Calm", "holds": ["upsell"], "params": {"most": 9}, "must": "tickets_90d <= $most",
        "reason": "r", "cleared_by": ["csm"], "action": "a", "look_again": "7d",
    }  # fmt: skip
    dump([gate], folder / "gates.yaml")
    for number in range(130):
        gates = {"tighten": {"calm": {"most": 5}}} if number % 10 == 0 else None
        data = play(id=f"play-{number:03}", params={"at": number + 1}, when={"all": ["seats_active >= $at"]},
                    keep_open_while={"all": ["seats_active >= $at"]}, gates=gates)  # fmt: skip
        dump(data, folder / f"play-{number:03}.yaml")
    library = load_library(SIGNALS, shipped=folder, tests=False)
    assert not library.report.issues, str(library.report)
    return library


def wide(active: str, tickets: str) -> str:
    return (
        "SELECT 'A' AS account_id, '' AS business_unit, 'crm' AS product_id, CAST(NULL AS VARCHAR) AS account_segment,"
        f" CAST({active} AS BIGINT) AS seats_active, CAST({tickets} AS BIGINT) AS tickets_90d"
    )


def judge(library, active, tickets):
    compiled = compile_verdicts(Scope.SUBSCRIPTION, library.running, [], AS_OF, "wide")
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE wide AS {wide(active, tickets)}")
        cursor = connection.execute(compiled.select.sql("duckdb"))
        names = [column[0] for column in cursor.description]
        (row,) = [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]
    return compiled, row


def test_more_plays_than_one_word_holds(many):
    compiled, row = judge(many, "125", "0")
    # 125 plays (0 to 124) fire: all 62 bits of words 0 and 1, and the first of word 2
    assert (row["fired_0"], row["fired_1"], row["fired_2"]) == (2**62 - 1, 2**62 - 1, 1)
    assert [v.play_id for v in decode(compiled.bits, row)] == [f"play-{n:03}" for n in range(125)]


def test_equal_gates_share_a_bit_and_tightened_ones_have_their_own(many):
    compiled, row = judge(many, "21", "7")  # 7 tickets: at most 9 passes, at most 5 does not
    assert compiled.bits.gates == ("calm", "calm")
    held = [v.play_id for v in decode(compiled.bits, row) if v.status == "held"]
    assert held == ["play-000", "play-010", "play-020"]


def test_comparisons_that_plays_share_are_computed_once(many):
    compiled = compile_verdicts(Scope.SUBSCRIPTION, many.running, [], AS_OF, "wide")
    # 130 thresholds, which the ends share, and the two of the gate
    assert len(compiled.comparisons) == 132
    assert compiled.select.sql("duckdb").count("seats_active >= 7 ") == 1


def test_unknown_is_a_bit_of_its_own(many):
    compiled, row = judge(many, "NULL", "0")
    found = decode(compiled.bits, row)
    assert {v.status.value for v in found} == {"unknown"}
    assert len(found) == 130


def test_the_map_of_bits_survives_json(many):
    compiled = compile_verdicts(Scope.SUBSCRIPTION, many.running, [], AS_OF, "wide")
    assert Bits.from_dict(json.loads(json.dumps(compiled.bits.to_dict()))) == compiled.bits


def test_without_plays_every_row_is_quiet(many):
    compiled = compile_verdicts(Scope.METER, many.running, [], AS_OF, "(SELECT '' AS account_id)")
    assert compiled.bits.plays == ()
    assert decode(compiled.bits, {"fired_0": 0, "held_0": 0, "unknown_0": 0}) == ()


def test_a_query_may_stand_for_the_relation_and_is_left_as_it_was(many):
    query = exp.select("*").from_("somewhere")
    before = query.sql()
    compiled = compile_verdicts(Scope.SUBSCRIPTION, many.running, [], AS_OF, query)
    assert "FROM somewhere" in compiled.select.sql("duckdb")
    assert query.sql() == before


def test_white_space_plays_offer_only_products_of_their_kind():
    library = load_library(SIGNALS, tests=False)
    first = trigger(library.play("stated-need")).children[0]
    assert first.text == "target_kind in (product, module, add_on)"
    assert "target_kind" in compared_signals([library.play("stated-need")])


def test_the_words_are_the_same_on_postgresql(postgres):
    library = load_library(SIGNALS, tests=False)
    for scope in (Scope.SUBSCRIPTION, Scope.METER, Scope.WHITE_SPACE):
        plays = [p for p in library.running if p.scope is scope]
        selects = [_row(scope, plays, variant) for variant in range(24)]
        rows = {}
        for dialect in ("duckdb", "postgres"):
            relation = exp.union(*[s.copy() for s in selects], distinct=False)
            text = compile_verdicts(scope, plays, [], AS_OF, relation, detail=True).select.sql(dialect)
            if dialect == "duckdb":
                with duckdb.connect() as duck:
                    rows[dialect] = duck.execute(text).fetchall()
            else:
                with psycopg.connect(postgres) as pg:
                    rows[dialect] = pg.execute(text).fetchall()
        assert sorted(map(str, rows["duckdb"])) == sorted(map(str, rows["postgres"]))


def _row(scope, plays, variant):
    """A row whose values lie on, above and below thresholds, or are unknown, by a fixed pattern."""
    cells = [exp.alias_(exp.Literal.string(f"{key} {variant}"), key) for key in scope.keys]
    cells.append(exp.alias_(exp.cast(exp.Null(), "VARCHAR"), "account_segment"))
    pools = {
        "ratio": ["0.9", "0.8999", "0.4", "-0.1", None, "1"], "count": ["0", "1", "60", "5", None, "2"],
        "days": ["90", "89", "500", "-3", None], "flag": ["true", "false", None], "amount": ["2.5", None],
        "money": ["10000", None], "text": ["x", None], "date": ["2026-01-01", None],
    }  # fmt: skip
    for index, name in enumerate(compared_signals(plays)):
        signal = SIGNALS[name]
        pool = [*signal.levels, None] if signal.levels else pools[signal.unit.value]
        value = pool[(variant * 7 + index * 3 + variant * index) % len(pool)]
        literal = exp.Null() if value is None else exp.Literal.string(value)
        cells.append(exp.alias_(exp.cast(literal, signal.unit.sql, dialect="duckdb"), name))
    return exp.select(*cells)
