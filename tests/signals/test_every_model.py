"""What every model gets for free: it never knows the future, and its rows have the grain that it declares."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import duckdb
import pytest

from rich_book import rich_book
from small_book import SmallBook, registry
from upcross.contract import TABLES, Type
from upcross.engine.compile import expand_macros, parse_query
from upcross.signals.frame import Frame
from upcross.signals.model import Scope

AS_OF = date(2026, 3, 31)
MODELS = sorted(registry().models)


def _other_value(kind: Type, old: Any) -> Any:
    return {
        Type.TEXT: "altered", Type.INTEGER: 987, Type.DECIMAL: "98.7", Type.RATE: "9.87", Type.MONEY: "987.65",
        Type.DATE: "2031-01-01", Type.BOOLEAN: not old,
    }[kind]  # fmt: skip


def altered_future() -> SmallBook:
    """The rich book with everything changed that was not known at the end of the as-of day.

    Rows that happened later are changed and doubled; masked cells get other values; every row gets a correction that
    is recorded a day too late.
    """
    book = rich_book()
    tomorrow = str(AS_OF + timedelta(days=1))
    for name, rows in book.rows.items():
        table = TABLES[name]
        later: list[dict[str, Any]] = []
        for row in rows:
            changed = {c.name: _other_value(c.type, row.get(c.name)) for c in table.columns
                       if c.name not in table.key and c.name not in (*table.known_on, table.happened_on)
                       and not c.references and not c.values}  # fmt: skip
            if table.known_on != ("recorded_at",) or table.happened_on is not None or name == "accounts":
                later.append({**row, **changed, "recorded_at": tomorrow})
            for column in table.columns:
                known = row.get(column.known_from) if column.known_from else None
                if known and known > str(AS_OF) and column.name != column.known_from:
                    row[column.name] = _other_value(column.type, row.get(column.name))
            happened = row.get(table.happened_on or "")
            limit = str(AS_OF + timedelta(days=1 if table.exclusive else 0))
            if happened and happened > limit:
                row.update({key: value for key, value in changed.items() if key != "recorded_at"})
        rows.extend(later)
    return book


@pytest.fixture(scope="module")
def as_it_is() -> Opened:
    return opened(rich_book())


@pytest.fixture(scope="module")
def altered() -> Opened:
    return opened(altered_future())


Opened = tuple[Frame, duckdb.DuckDBPyConnection]


def opened(book: SmallBook) -> Opened:
    return book.frame(AS_OF), book.connect()


def _rows(book: Opened, model: str) -> list[dict[str, Any]]:
    frame, connection = book
    result = connection.execute(frame.model_statement(model))
    names = [column[0] for column in result.description or ()]
    return sorted((dict(zip(names, row, strict=True)) for row in result.fetchall()), key=repr)


@pytest.mark.parametrize("model", MODELS)
def test_the_future_changes_nothing(model: str, as_it_is: Opened, altered: Opened) -> None:
    assert _rows(altered, model) == _rows(as_it_is, model)


def test_the_altered_future_is_seen_a_month_later() -> None:
    """The altered book does differ once its day has come; else the test above could not fail."""
    later = AS_OF + timedelta(days=31)
    assert altered_future().every_signal(Scope.SUBSCRIPTION, later) != rich_book().every_signal(
        Scope.SUBSCRIPTION, later
    )


@pytest.mark.parametrize("model", [m for m in MODELS if registry().models[m].signals or m.endswith("_frame")])
def test_one_row_a_key(model: str, as_it_is: Opened) -> None:
    declared = registry().models[model]
    scope = declared.scope or Scope(model.removesuffix("_frame"))
    rows = _rows(as_it_is, model)
    assert rows, "no row, no test"
    keys = [tuple(row[key] for key in scope.keys) for row in rows]
    assert len(keys) == len(set(keys))
    assert None not in {part for key in keys for part in key}


@pytest.mark.parametrize("model", [m for m in MODELS if registry().models[m].file.endswith(".sql")])
def test_shipped_models_parse_back_from_postgres(model: str) -> None:
    """What is printed for PostgreSQL is one statement that reads back as one."""
    declared = registry().models[model]
    query = parse_query(expand_macros(declared.sql, AS_OF, declared.file), declared.file)
    assert parse_query(query.sql(dialect="duckdb"), declared.file).named_selects == query.named_selects


def test_what_was_known_then_and_what_is_known_now() -> None:
    """A correction recorded in May is unknown to a plan of March and known to a report that looks back from May."""
    book = rich_book()
    line = next(row for row in book.rows["subscriptions"] if row["line_id"] == "a1" and row["quantity"] == 50)
    book.rows["subscriptions"].append({**line, "quantity": 45, "mrr": 900, "recorded_at": "2026-05-10"})

    def crm(known_at: date) -> dict[str, Any]:
        rows = book.signals(Scope.SUBSCRIPTION, AS_OF, known_at)
        return next(row for row in rows if (row["account_id"], row["product_id"]) == ("acme", "crm"))

    assert crm(AS_OF)["seats_purchased"] == 50
    assert crm(date(2026, 5, 31))["seats_purchased"] == 45


def test_an_escalation_closed_later_was_open_then() -> None:
    acme = rich_book().signals(Scope.ACCOUNT, AS_OF)[0]
    assert acme["escalations_open"] == 1
    later = rich_book().signals(Scope.ACCOUNT, date(2026, 4, 3))[0]
    assert later["escalations_open"] == 0


def test_events_not_covered_are_unknown_not_zero() -> None:
    """beta has no ticket: zero while the feed is fresh; unknown when it stopped 31 days ago, or begins too late."""
    book = rich_book()
    beta = book.signals(Scope.ACCOUNT, AS_OF)[1]
    assert (beta["escalations_open"], beta["tickets_90d"]) == (0, 0)
    book.spans["tickets"] = (date(2024, 1, 1), date(2026, 2, 28))
    beta = book.signals(Scope.ACCOUNT, AS_OF)[1]
    assert (beta["escalations_open"], beta["tickets_90d"]) == (None, None)
    book.spans["tickets"] = (date(2026, 2, 1), date(2026, 3, 31))
    beta = book.signals(Scope.ACCOUNT, AS_OF)[1]
    assert (beta["escalations_open"], beta["tickets_90d"]) == (0, None)
    del book.rows["tickets"]
    assert book.signals(Scope.ACCOUNT, AS_OF)[1]["escalations_open"] is None
