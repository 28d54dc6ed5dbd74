"""Writing the sample company's project folder."""

from __future__ import annotations

import csv
import shutil
from datetime import date
from pathlib import Path

from upcross.contract import TABLES, Table
from upcross.sample.company import AS_OF, PROJECT, Cells
from upcross.sample.crowd import crowd
from upcross.sample.stories import STORIES
from upcross.sample.tables import tell


def write_sample(folder: Path, *, stories_only: bool = False) -> date:
    """The sample company's as-of day, after its project was written into ``folder``; all of it, or only the stories.

    Writes upcross.yaml, catalog.yaml, attestations.yaml and one CSV file a table, the same bytes every time. The
    folder is made where it is missing; files of these names are replaced.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for file in sorted(PROJECT.glob("*.yaml")):
        shutil.copyfile(file, folder / file.name)
    accounts = STORIES if stories_only else (*STORIES, *crowd())
    for name, rows in tell(accounts).items():
        _write(folder / f"{name}.csv", TABLES[name], rows)
    return AS_OF


def _write(path: Path, table: Table, rows: list[Cells]) -> None:
    """One CSV file: the contract's columns in its order, without those that no row fills."""
    used = {column for cells in rows for column, value in cells.items() if value}
    columns = [name for name in table.names if name in used]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([cells.get(column, "") for column in columns] for cells in rows)
