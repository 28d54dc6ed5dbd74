"""Tables from memory in place of files."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import upcross
from upcross.errors import UsageError

ROWS = {"Konto": ["a1", "a2", None], "name": ["Acme", "Beta", "Gamma"]}


def polars_frame(rows: dict[str, list[Any]]) -> Any:
    return pytest.importorskip("polars").DataFrame(rows)


def pandas_frame(rows: dict[str, list[Any]]) -> Any:
    return pytest.importorskip("pandas").DataFrame(rows)


@pytest.mark.parametrize("frame", [pa.table, pandas_frame, polars_frame])
def test_a_frame_is_read_through_the_mapping_of_its_table(tmp_path: Path, frame: Callable[..., Any]) -> None:
    (tmp_path / "upcross.yaml").write_text(
        "name: X\nreporting_currency: EUR\ntables:\n  accounts: {file: absent.csv, columns: {account_id: Konto}}\n"
    )
    project = upcross.open(tmp_path)
    seats = frame({"account_id": ["a1"], "product_id": ["crm"], "period_start": [date(2026, 1, 1)],
                   "period_end": [date(2026, 2, 1)], "active": [48]})  # fmt: skip
    result = upcross.load(project, date(2026, 2, 1), frames={"accounts": frame(ROWS), "seats": seats})
    assert {name: table.rows for name, table in result.manifest.tables.items()} == {"accounts": 2, "seats": 1}
    (issue,) = result.report.errors
    assert issue.examples == ("frame accounts.parquet:3:Konto empty",)
    with closing(project.store.connect()) as book:
        assert book.execute("SELECT active, period_end FROM book.seats").fetchall() == [(48, date(2026, 2, 1))]
        assert book.execute("SELECT account_id FROM book.accounts ORDER BY 1").fetchall() == [("a1",), ("a2",)]


def test_what_is_no_table_or_no_frame_is_refused(tmp_path: Path) -> None:
    (tmp_path / "upcross.yaml").write_text("name: X\nreporting_currency: EUR\n")
    project = upcross.open(tmp_path)
    with pytest.raises(UsageError, match="did you mean 'accounts'"):
        upcross.load(project, frames={"acounts": pa.table(ROWS)})
    with pytest.raises(UsageError, match="no pandas, polars or Arrow table, but list"):
        upcross.load(project, frames={"accounts": [1]})
