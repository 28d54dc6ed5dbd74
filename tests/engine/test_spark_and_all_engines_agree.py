"""One body for every engine: the same book and the same statements give the same rows, value by value and type by type.

What DuckDB gives, as the product runs it, is what is expected. Under ``UPCROSS_SOAK`` the whole sample company takes
the place of its slice, and the simulated company beside it where ``UPCROSS_SIMULATION`` says where its project is.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest
from engines import DuckDB, Engine, OtherDuckDB, PostgreSQL, Spark, write
from proofs import Answer, Asked, checked, difference, judged, moved
from sliced import Book, accounts_that_show_everything, joined, sliced, spoiled, whole, written

from contract_book import AS_OF as MOVED_ON
from contract_book import eventful, models, rows
from rich_book import rich_book
from upcross.plays.library import load_library
from upcross.project import open_project
from upcross.runs import Evaluation
from upcross.signals.frame import Frame
from upcross.signals.model import Scope

ACCOUNTS = 40
RICH_ON = date(2026, 3, 31)
CHECKED_ON = date(2026, 10, 31)
ENGINES = ("duckdb-1.5", "postgres", "spark")
SOAK = bool(os.environ.get("UPCROSS_SOAK"))

NOWHERE = {"barred_because", "breadth_30d", "pool_held_by", "stickiness_28d"}
"""Signals that neither book knows of any row: their statements run and are compared, and all say null."""

NEVER_IN_THE_SAMPLE = NOWHERE | {
    "support_potential_ceiling", "support_potential_expected", "support_potential_floor", "unmatched_need",
}  # fmt: skip
"""Signals that no account of the sample company shows."""

GAPS = {
    ("postgres", "strip_accents"): "only an extension takes accents off letters, and tells how far two words are apart",
    ("spark", "strip_accents"): "nothing takes accents off letters",
}
"""Functions that an engine lacks, and why; the day it has one, the test of that gap fails and says so.

Only the checks of accounts that are likely one company use them. Accounts are brought wherever a book lies, so that
these checks run in DuckDB, and may use what it has.
"""


@pytest.fixture(scope="module", params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """One engine after another."""
    made: Engine
    match request.param:
        case "postgres":
            made = PostgreSQL(request.getfixturevalue("postgres"))
        case "spark":
            made = Spark(request.getfixturevalue("spark"))
        case _:
            made = OtherDuckDB(request.getfixturevalue("duckdb_1_5"))
    with closing(made):
        yield made


@dataclass(frozen=True)
class Proof:
    """What is asked of a book, where engines find the book, and what is expected."""

    asked: Asked
    folder: Path
    expected: Mapping[str, Answer]


@pytest.fixture(scope="module")
def proofs(company_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Proof]:
    """Every book with what is asked of it, and what DuckDB as it is installed with the product answers."""
    project = open_project(company_project)
    book = whole(project) if SOAK else sliced(project, accounts_that_show_everything(project, ACCOUNTS))
    rich, events = rich_book(), eventful()
    frame = rich.frame(RICH_ON)
    plays = load_library(frame.registry.signals, tests=False)
    asked = {
        "sample": _over(joined(book, written(events)), project.evaluation()),
        "faulty": checked(spoiled(book), CHECKED_ON),
        "rich": judged(written(rich), Evaluation(frame, plays, ())),
        "rare": _rare(written(rich), frame),
        "eventful": moved(written(events), Frame(models(), events.snapshot(MOVED_ON))),
    }
    if SOAK and "UPCROSS_SIMULATION" in os.environ:
        simulated = open_project(os.environ["UPCROSS_SIMULATION"])
        asked["simulated"] = _over(whole(simulated), simulated.evaluation())
    found = {}
    for name, one in asked.items():
        folder = tmp_path_factory.mktemp(name)
        write(one.book, folder)
        found[name] = Proof(one, folder, one.of(DuckDB(), folder))
    return found


def _over(book: Book, evaluation: Evaluation) -> Asked:
    """Signals, verdicts and movements of a project's evaluation, over a part of its book or all of it."""
    frame = replace(evaluation.frame, snapshot=replace(evaluation.frame.snapshot, manifest=book.manifest))
    both = judged(book, replace(evaluation, frame=frame))
    return replace(both, statements={**both.statements, **moved(book, frame).statements})


def _rare(book: Book, frame: Frame) -> Asked:
    """The models alone that give signals which the sample lacks: enough for an engine that is slow to plan."""
    statements = {}
    for scope in Scope:
        chosen = [m for m in frame.registry.of(scope) if {s.name for s in m.signals} & (NEVER_IN_THE_SAMPLE - NOWHERE)]
        if chosen:
            statements[f"signals_{scope.value}"] = frame.statement(scope, chosen)
    return Asked(book, statements)


_ANSWERS: dict[tuple[str, str], Mapping[str, Answer]] = {}


def _answers(engine: Engine, proofs: Mapping[str, Proof], book: str) -> Mapping[str, Answer]:
    if book not in proofs:
        pytest.skip(
            "only where UPCROSS_SOAK is set, and UPCROSS_SIMULATION says where the simulated company's project is"
        )
    key = (engine.name, book)
    if key not in _ANSWERS:
        _ANSWERS[key] = proofs[book].asked.of(engine, proofs[book].folder)
    return _ANSWERS[key]


def _beyond(engine: str, statement: str) -> bool:
    """Whether a statement uses a function that the engine lacks."""
    return any(name == engine and function in statement for name, function in GAPS)


@pytest.mark.parametrize("book", ["sample", "faulty", "eventful", "rich", "rare", "simulated"])
def test_identical_rows(engine: Engine, proofs: Mapping[str, Proof], book: str) -> None:
    if book in (("rich", "eventful") if engine.name == "spark" else ("rare",)):
        pytest.skip("made books are asked of the quick engines as they are; the sample holds the events of one of them,"
                    " and what the other alone says is asked of the slow one")  # fmt: skip
    answers, statements = _answers(engine, proofs, book), proofs[book].asked.statements
    faults = {
        name: difference(expected, answers[name])
        for name, expected in proofs[book].expected.items()
        if not _beyond(engine.name, statements.get(name, ""))
    }
    assert {name: fault for name, fault in faults.items() if fault} == {}


@pytest.mark.parametrize(("engine", "function"), [*GAPS], indirect=["engine"])
def test_a_gap_is_a_gap_still(engine: Engine, proofs: Mapping[str, Proof], function: str) -> None:
    faulty, answers = proofs["faulty"], _answers(engine, proofs, "faulty")
    beyond = [name for name, statement in faulty.asked.statements.items() if function in statement]
    assert beyond, f"nothing uses {function} any more: take it out of GAPS"
    told = {name: difference(faulty.expected[name], answers[name]) for name in beyond}
    assert all(fault and function in fault.lower() for fault in told.values()), f"take it out of GAPS: {told}"


def test_the_books_show_everything(proofs: Mapping[str, Proof]) -> None:
    """Equal rows say nothing where they are all null, or none: every signal is known, most checks find something."""
    known = {name for book in ("sample", "rich") for name in _known(proofs[book].expected)}
    every = {name for scope in Scope for name in _columns(proofs["sample"].expected[f"signals_{scope.value}"])}
    assert every - known == NOWHERE
    assert every - _known(proofs["sample"].expected) == NEVER_IN_THE_SAMPLE
    assert all(answer[1] for name, answer in proofs["sample"].expected.items())
    found = [name for name, answer in proofs["faulty"].expected.items() if answer[1]]
    assert len(found) > 100


def _columns(answer: Answer) -> set[str]:
    assert not isinstance(answer, Exception)
    return set(answer[0])


def _known(expected: Mapping[str, Answer]) -> set[str]:
    """The columns of signals that are not null in some row."""
    found = set()
    for name, answer in expected.items():
        if name.startswith("signals_") and not isinstance(answer, Exception):
            found |= {c for i, c in enumerate(answer[0]) if any(row[i] is not None for row in answer[1])}
    return found


def test_the_movements_have_every_kind(proofs: Mapping[str, Proof]) -> None:
    kinds = {row["kind"] for row in rows(eventful(), "movements")}
    assert kinds >= {"new", "churn", "seats", "tier", "price", "discount_end", "escalator", "fx", "transfer",
                     "cross_sell", "unknown"}  # fmt: skip
    columns, moves = proofs["sample"].expected["movements"]
    assert {move[columns.index("kind")] for move in moves} >= kinds
