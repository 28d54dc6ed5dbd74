"""What a person heard is judged at once, as a run over a book with that row would judge it."""

from __future__ import annotations

import csv
import shutil
import time
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest

import upcross
from upcross.book.typed import Typed
from upcross.hearing import Heard, hear, typed_of
from upcross.kept_signals import forget_typed
from upcross.opportunities import ChangeKind, Memory
from upcross.project import Project
from upcross.runs import find_kept
from upcross.verbs import load, plan

BOOK_ENDS = date(2026, 9, 30)
TODAY = date(2026, 10, 2)
REQUEST = Heard("H-1", "A10", date(2026, 9, 21), "buying_request", "Can we have the analytics too?", "lena",
                product_id="analytics", contact_id="A10-C1")  # fmt: skip
NEED = Heard("H-2", "A03", date(2026, 9, 24), "need", "Nobody here sees the numbers", "lena", domain="analytics",
             contact_id="A03-C1")  # fmt: skip
COMPLAINT = Heard("H-3", "A02", date(2026, 9, 25), "price_complaint", "Your new prices are a cheek", "lena")
SINCE = Heard("H-4", "A05", TODAY, "buying_request", "Twenty more seats, please", "lena", product_id="crm")
EVERYTHING = (REQUEST, NEED, COMPLAINT, SINCE)


@pytest.fixture(scope="module")
def project(sample_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("heard") / "project"
    shutil.copytree(sample_project, folder)
    return upcross.open(folder)


@pytest.fixture(scope="module")
def unheard(project: Project) -> upcross.verbs.Plan:
    return plan(project, memory=Memory.empty())


@pytest.fixture(scope="module")
def loaded(sample_project: Path, tmp_path_factory: pytest.TempPathFactory) -> upcross.verbs.Plan:
    """The plan of a book in which the same statements are loaded; the one heard since counts on its last day."""
    folder = tmp_path_factory.mktemp("loaded") / "project"
    shutil.copytree(sample_project, folder, ignore=shutil.ignore_patterns(".upcross"))
    table = folder / "statements.csv"
    with table.open(newline="", encoding="utf-8") as file:
        columns = next(csv.reader(file))
    with table.open("a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore", restval="", lineterminator="\n")
        for heard in EVERYTHING:
            row = replace(heard, said_on=min(heard.said_on, BOOK_ENDS)).row()
            writer.writerow({name: "" if cell is None else cell for name, cell in row.items()})
    project = upcross.open(folder)
    load(project)
    return plan(project)


def of(changes, account):
    return {c.identity: (c.kind, c.candidate.to_dict()) for c in changes.changes if c.identity.account_id == account}


@pytest.fixture(scope="module")
def at_once(project: Project, unheard: upcross.verbs.Plan) -> upcross.hearing.Hearing:
    """All of it heard at once, over the run in which nobody had said anything."""
    return hear(project, EVERYTHING, today=TODAY)


@pytest.mark.parametrize("heard", EVERYTHING, ids=lambda heard: heard.kind)
def test_what_is_heard_is_judged_as_a_run_with_that_row_would_judge_it(heard, at_once, unheard, loaded):
    assert of(at_once.changes, heard.account_id) == of(loaded.changes, heard.account_id)
    assert at_once.changes.as_of == BOOK_ENDS
    assert of(at_once.changes, heard.account_id) != of(unheard.changes, heard.account_id), "it was worth saying"


def test_the_next_run_takes_everything_that_was_typed(project, unheard, loaded):
    typed = plan(project, typed=typed_of(EVERYTHING))
    assert typed.changes == loaded.changes
    assert typed.run.folder != unheard.run.folder, "it is another run, and the one without stays"
    # Over that run, the next statement is judged without making anything anew but what reads statements.
    again = hear(project, [replace(REQUEST, statement_id="H-9")], typed=typed_of(EVERYTHING[1:]), today=TODAY)
    assert of(again.changes, "A10").keys() == of(loaded.changes, "A10").keys()
    # What was typed can be forgotten without a trace among the runs; what was loaded stays.
    assert quoted(project, REQUEST.quote)
    assert forget_typed(project.runs, keep=typed.run.evaluation.frame) == 0
    assert forget_typed(project.runs) == 1
    assert not quoted(project, REQUEST.quote)
    assert find_kept(project.evaluation(), project.store, project.runs)


def quoted(project, words):
    """In how many rows of kept signals some words stand."""
    files = str(project.runs / "*" / "signals-*" / "signals_white_space.parquet")
    asked = "SELECT COUNT(*) FROM read_parquet(?) AS t WHERE latest_request_to_buy = ?"
    return duckdb.execute(asked, [files, words]).fetchall()[0][0]  # all of it: the connection is everybody's


def test_it_takes_seconds_where_a_run_is_kept(project, unheard):
    before = sorted(project.runs.glob("*/*"))
    start = time.process_time()
    hear(project, [NEED], today=TODAY)
    assert time.process_time() - start < 15, "some 2 seconds, and a run takes ten times that"
    assert sorted(project.runs.glob("*/*")) == before, "no run is made for it"


def test_only_its_own_account_is_planned(project, unheard):
    memory = Memory.empty().after(unheard.changes)
    heard = hear(project, [REQUEST], memory=memory, today=TODAY)
    assert {c.identity.account_id for c in heard.changes.changes} == {"A10"}
    kinds = {c.identity.product_id: c.kind for c in heard.changes.changes if c.identity.mechanism}
    assert kinds["analytics"] is ChangeKind.CREATE
    assert kinds["crm"] is ChangeKind.REFRESH, "what was open goes on"


@pytest.mark.parametrize(("day", "seen"), [(date(2026, 9, 20), []), (BOOK_ENDS, [REQUEST.said_on])])
def test_a_past_day_does_not_know_what_was_heard_later(day, seen, project):
    """Said on 21 September, typed on the day after the book's end: the book's last day knows it, no day before."""
    typed = typed_of([replace(REQUEST, recorded_on=TODAY)])
    snapshot = project.evaluation(day, typed=typed).frame.snapshot
    with closing(project.store.connect(snapshot.manifest)) as book:
        found = book.execute(f"SELECT said_on FROM ({snapshot.relation('statements')}) WHERE statement_id = 'H-1'")
        assert [said_on for (said_on,) in found.fetchall()] == seen


def test_names_are_understood_and_what_cannot_be_meant_is_told_at_once(project):
    named = replace(REQUEST, account_id="Pünktlich Logistik", product_id="lindhafen ANALYTICS", kind="Buying_Request",
                    contact_id="birte pünktlich")  # fmt: skip
    with closing(project.store.connect()) as book:
        (name,) = book.execute("SELECT name FROM book.accounts WHERE account_id = 'A10'").fetchone()
    heard = hear(project, [replace(named, account_id=name)], today=TODAY)
    assert heard.typed == Typed({"statements": (REQUEST.row(),)})

    wrong = Heard("H-5", "A1O", date(2027, 1, 1), "ned", " ", "lena", product_id="analytix", domain="telefony",
                  contact_id="A02-C1")  # fmt: skip
    with pytest.raises(upcross.errors.ProblemError) as caught:
        hear(project, [wrong, replace(REQUEST, contact_id="A02-C1", business_unit="north")], today=TODAY)
    told = str(caught.value)
    for part in (
        "statements.account_id: no account is called 'A1O'",
        "no such word: 'ned'", "did you mean 'need'?",
        "no product is called 'analytix'", "did you mean 'analytics'?",
        "'quote' is missing", "2027-01-01 lies in the future",
        "nothing that we sell is known to serve 'telefony'", "did you mean 'telephony'?",
        "is a contact of account A02", "the account has no such unit: 'north'",
    ):  # fmt: skip
        assert part in told


def test_a_domain_that_nothing_serves_is_a_doubt_and_no_fault(project):
    heard = hear(project, [replace(NEED, domain="beekeeping")], today=TODAY)
    assert [issue.code for issue in heard.doubts] == ["typed-doubtful"]
