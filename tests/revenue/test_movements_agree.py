"""Movements and months are identical on DuckDB and on a real PostgreSQL, and their models keep to the portable subset."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from contract_book import AS_OF, book, line, models, rows

from small_book import SmallBook
from upcross.engine.compile import expand_macros, parse_query
from upcross.engine.dialects import render
from upcross.engine.portable import lint_sql
from upcross.signals.frame import Frame

MODELS = sorted(name for name, model in models().models.items() if model.file.startswith("upcross/revenue/"))


def eventful() -> SmallBook:
    """Every branch of the movements at least once: prices that do not divide, other currencies, moves, commitments."""
    usd = {"currency": "USD"}
    api = {"product_id": "api", "plan_id": "api1"}
    terms = {
        "account_id": "acme",
        "product_id": "api",
        "metric": "calls",
        "starts_on": "2025-03-01",
        "ends_on": "2026-03-01",
    }
    small = book(
        line("a", "2024-01-01", 3, 100, term_ends_on="2025-02-01"),
        line("a", "2025-02-01", 4, "140.01", escalator="0.03", origin="amendment"),
        line("a", "2025-05-01", 4, 160, plan_id="pro", discount="0.15", discount_ends_on="2025-09-10"),
        line("b", "2025-01-01", 7, "33.35", **usd), line("b", "2025-06-01", 7, "41.07"),
        line("c", "2025-01-01", 1, 500, account_id="beta", ends_on="2025-07-01", **api),
        line("d", "2025-01-01", 9, 90, account_id="beta", product_id="old", plan_id="old1", ends_on="2025-08-01"),
        line("e", "2025-08-01", 9, 99, account_id="beta", product_id="desk", plan_id="desk1"),
        line("f", "2025-02-01", 1, 10, account_id="gone", ends_on="2025-04-01"),
        line("g", "2025-03-01", 3, 33, account_id="odd", currency="XXX"),
        line("h", "2025-01-01", 90, 1000, account_id="whole"), line("h", "2025-10-01", 40, 450, account_id="whole"),
        line("j", "2024-04-01", 7, "77.77", account_id="slow", escalator="0.0333"),
        line("j", "2025-04-01", 8, "93.11", account_id="slow"),
        line("i", "2025-10-01", 50, 600, account_id="part"),
        exchange_rates=[{"currency": "USD", "valid_from": "2020-01-01", "rate": "0.91234567"}],
        commitments=[{**terms, "commitment_id": "k", "amount": "1200.5", "price": 7777}],
        account_transfers=[
            {"from_account_id": "beta", "to_account_id": "acme", "kind": "merge", "effective_on": "2025-07-01"},
            {"from_account_id": "whole", "to_account_id": "part", "kind": "split", "effective_on": "2025-10-15"},
        ],
    )  # fmt: skip
    small.rows["skus"] = [{"sku": "pack", "mechanism": "usage"}]
    small.rows["accounts"][1]["parent_account_id"] = "acme"
    return small


def test_the_book_is_eventful() -> None:
    kinds = {row["kind"] for row in rows(eventful(), "movements")}
    assert kinds >= {"new", "churn", "seats", "tier", "price", "discount_end", "escalator", "fx", "transfer",
                     "cross_sell", "unknown"}  # fmt: skip


@pytest.fixture(scope="module")
def stored(postgres: str) -> str:
    with psycopg.connect(postgres) as pg:
        pg.execute("DROP SCHEMA IF EXISTS book CASCADE")
        pg.execute("CREATE SCHEMA book")
        for statement in eventful().statements():
            pg.execute(statement)  # type: ignore[arg-type]
    return postgres


@pytest.mark.parametrize("model", MODELS)
def test_identical_rows(stored: str, model: str) -> None:
    expected = rows(eventful(), model)
    statement = Frame(models(), eventful().snapshot(AS_OF)).model_statement(model)
    with psycopg.connect(stored) as pg:
        cursor = pg.execute(render(statement, "postgres"))  # type: ignore[arg-type]
        names = [column.name for column in cursor.description or ()]
        got: list[dict[str, Any]] = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    assert sorted(map(str, got)) == sorted(map(str, expected))


@pytest.mark.parametrize("model", MODELS)
def test_within_the_portable_subset(model: str) -> None:
    declared = models().models[model]
    query = parse_query(expand_macros(declared.sql, AS_OF, declared.file), declared.file)
    assert [str(issue) for issue in lint_sql(query, declared.file)] == []
