"""A book of many accounts: the sample company told again and again, each time with accounts of its own.

    python benchmarks/book_of_many.py FOLDER [--accounts 5000]

Every account's story is kept whole: contracts, usage, people, deals; ids are made apart by a suffix.
"""

from __future__ import annotations

import argparse
import csv
import sys
from pathlib import Path

from upcross.sample import write_sample

OURS = {"product_id", "plan_id", "person_id"}
"""Ids of what is the vendor's: the same for every customer."""
OTHERS = {"reports_to"}
"""Columns that hold an id and are not called so."""
WHOLE = {"exchange_rates", "targets", "team"}
"""Tables that are about the vendor."""


def write_many(folder: Path, accounts: int) -> int:
    """How many accounts there are after the sample was told often enough to have at least so many."""
    write_sample(folder)
    with (folder / "accounts.csv").open(encoding="utf-8") as file:
        told = sum(1 for _ in csv.DictReader(file))
    times = -(-accounts // told)
    for path in sorted(folder.glob("*.csv")):
        if path.stem not in WHOLE:
            _repeat(path, times)
    return told * times


def _repeat(path: Path, times: int) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    columns = list(rows[0])
    keys = [name for name in columns if (name.endswith("_id") and name not in OURS) or name in OTHERS]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        for number in range(times):
            mark = f"-{number}" if number else ""
            for row in rows:
                made = {**row, **{key: f"{row[key]}{mark}" for key in keys if row[key]}}
                if number and path.stem == "accounts":
                    made["name"] = f"{row['name']} {number + 1}"
                writer.writerow(made)


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("folder", type=Path)
    asked.add_argument("--accounts", type=int, default=5000)
    given = asked.parse_args()
    print(f"{write_many(given.folder, given.accounts):,} accounts in {given.folder}")
    sys.exit(0)
