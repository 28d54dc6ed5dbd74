"""Rows that people typed stand beside those that are loaded."""

from datetime import date

import duckdb
import pytest

from upcross.book.typed import Typed

DAY = date(2026, 6, 1)


def statement(number, **cells):
    return {"statement_id": number, "account_id": "a", "said_on": DAY, "kind": "need", "quote": "typed", **cells}


def role(stance, **cells):
    return {"contact_id": "c", "role": "champion", "stance": stance, **cells}


def test_a_loaded_row_wins_over_a_typed_one_of_its_key():
    connection = duckdb.connect()
    loaded = Typed({"statements": (statement("s1", quote="loaded"),)}).show(connection, "statements", "")
    connection.execute(f"CREATE TABLE loaded AS {loaded}")
    typed = Typed({"statements": (statement("s1"), statement("s2"))})
    found = connection.execute(typed.show(connection, "statements", "SELECT * FROM loaded")).df()
    assert dict(zip(found.statement_id, found.quote, strict=True)) == {"s1": "loaded", "s2": "typed"}


@pytest.mark.parametrize(
    ("confirmed_in_crm", "stances"),
    [(None, {"unknown", "for"}), (date(2026, 5, 1), {"unknown", "for"}), (date(2026, 7, 1), {"unknown"})],
)
def test_a_judgement_stands_as_a_correction_unless_the_crm_was_confirmed_later(confirmed_in_crm, stances):
    connection = duckdb.connect()
    crm = Typed({"contact_roles": (role("unknown", confirmed_on=confirmed_in_crm),)})
    connection.execute(f"CREATE TABLE loaded AS {crm.show(connection, 'contact_roles', '')}")
    typed = Typed({"contact_roles": (role("for", confirmed_on=DAY, recorded_at=DAY),)})
    found = connection.execute(typed.show(connection, "contact_roles", "SELECT * FROM loaded")).df()
    assert set(found.stance) == stances


def test_what_is_left_out_is_as_the_contract_says():
    connection = duckdb.connect()
    typed = Typed({"statements": (statement("s1"),)})
    (row,) = connection.execute(typed.show(connection, "statements", "")).df().to_dict("records")
    assert (row["business_unit"], row["explicit"], row["product_id"]) == ("", True, None)


def test_what_was_heard_since_counts_on_the_last_day_of_the_book():
    (row,) = Typed({"statements": (statement("s1", recorded_at=DAY),)}).until(date(2026, 5, 31)).rows["statements"]
    assert (row["said_on"], row["recorded_at"]) == (date(2026, 5, 31), date(2026, 5, 31))


def test_the_order_of_rows_is_immaterial_and_a_later_one_replaces_its_like():
    one, two = statement("s1"), statement("s2")
    assert Typed({"statements": (one, two)}).keys() == Typed({"statements": (two, one)}).keys()
    assert (Typed({"statements": (one,)}) + Typed({"statements": (statement("s1", quote="now"),)})).rows[
        "statements"
    ] == (statement("s1", quote="now"),)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ({"statement": ()}, "no table 'statement'"),
        ({"statements": ({"said": DAY},)}, "no column said"),
        ({"statements": ({"account_id": "a"},)}, "lacks its key statement_id"),
    ],
)
def test_rows_that_no_table_takes_are_refused(rows, said):
    with pytest.raises(ValueError, match=said):
        Typed(rows)
