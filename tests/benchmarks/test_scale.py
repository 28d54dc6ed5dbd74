"""The benchmark of scale compares the product with statements written by hand: on a small book both must agree."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def big_book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A generated book of 200 accounts, and the benchmarks' own modules to import."""
    sys.path.insert(0, str(BENCHMARKS))
    from big_book import write_big_book

    folder = tmp_path_factory.mktemp("big") / "book"
    write_big_book(folder, 200)
    return folder


def test_every_signal_and_verdict_is_as_written_by_hand(big_book: Path) -> None:
    from on_book import compared

    different, counts = compared(big_book)
    assert different == []
    assert counts["rows"] == 1400 and counts["fired"] > 0


def test_the_comparison_sees_one_wrong_value(big_book: Path) -> None:
    from on_book import connect, differences, execute, our_statements, statements_by_hand, store_of
    from published_set import evaluation

    evaluated = evaluation(store_of(big_book).manifest())
    with closing(connect(big_book)) as connection:
        execute(connection, our_statements(evaluated) | statements_by_hand())
        connection.execute(
            "UPDATE by_hand_signals SET replies_90d = replies_90d + 1 WHERE scope = 'account' AND account_id = 'a0000007'"
        )
        found = differences(connection, evaluated)
    assert any("signals by account" in line for line in found)
    assert not any("verdicts" in line for line in found)


def test_the_same_seed_is_the_same_book(big_book: Path, tmp_path: Path) -> None:
    from big_book import write_big_book
    from on_book import store_of

    write_big_book(tmp_path, 200)
    told = []
    for folder in (big_book, tmp_path):
        with closing(store_of(folder).connect()) as connection:
            told.append(connection.execute("SELECT count(*), sum(value), max(account_id) FROM book.usage").fetchall())
    assert told[0] == told[1]
    assert told[0][0][0] == pytest.approx(200_000, rel=0.02)


def test_a_pandas_program_finds_the_same(big_book: Path) -> None:
    pytest.importorskip("pandas")
    from on_book import connect, execute, statements_by_hand
    from other_ways import by_pandas, fired_by_sql

    with closing(connect(big_book)) as connection:
        execute(connection, statements_by_hand())
        _, found = by_pandas(connection)
        assert found == fired_by_sql(connection) != set()
