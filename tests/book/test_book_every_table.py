"""Every table of the contract can be read: none of its columns bears a name that loading keeps for itself."""

from __future__ import annotations

import duckdb

from upcross.book.staging import Staging
from upcross.contract import TABLES


def test_every_table_of_the_contract_can_be_staged() -> None:
    staging = Staging(duckdb.connect(), "EUR")
    for table in TABLES.values():
        staging.create(table)
    staged = {name for (name,) in staging.connection.execute(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'stage'").fetchall()}  # fmt: skip
    assert staged == set(TABLES)
