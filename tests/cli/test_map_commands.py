"""White space, segments, plans as rows, and schemas, as a person types them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

WIDTH = "160"


@pytest.mark.parametrize("command", ["plan", "white-space", "segments"])
def test_the_same_rows_in_every_format(run, sample_project: Path, command: str):  # type: ignore[no-untyped-def]
    code, text, _ = run(command, "-C", sample_project, "--format", "csv")
    rows = list(csv.reader(io.StringIO(text)))
    assert code == 0
    assert len({len(row) for row in rows}) == 1
    code, table, _ = run(command, "-C", sample_project, "--format", "markdown")
    assert code == 0
    assert len(table.splitlines()) == len(rows) + 1, "a header, the line below it, and a line a row"
    code, document, _ = run(command, "-C", sample_project, "--format", "json")
    assert code == 0
    assert json.loads(document)["as_of"]


def test_white_space_of_one_account_shows_both_sides(run, sample_project: Path):  # type: ignore[no-untyped-def]
    code, text, _ = run("white-space", "-C", sample_project, "--account", "Weberknecht Logistik")
    assert code == 0
    assert text.index("Wider: products that they lack") < text.index("Deeper: what they use")
    assert "96%" in text, "48 of 50 seats"
    code, _, err = run("white-space", "-C", sample_project, "--account", "Weberknecht Logistk")
    assert code == 2
    assert "did you mean 'Weberknecht Logistik'?" in err


def test_consumption_as_rows(run, sample_project: Path):  # type: ignore[no-untyped-def]
    _, text, _ = run("white-space", "-C", sample_project, "--account", "A02", "--consumption", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["used"], row["bought"]) for row in rows if row["what"] == "seats"] == [("48", "50")]


def test_schemas_are_printed_for_the_project(run, sample_project: Path):  # type: ignore[no-untyped-def]
    code, text, _ = run("plays", "schema", "overlay", "-C", sample_project)
    assert code == 0
    assert "seat-expansion" in json.loads(text)["properties"]["plays"]["properties"]
    assert run("plays", "schema", "overlays")[0] == 2
