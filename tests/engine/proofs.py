"""Everything that the product asks of an engine about a book: signals, verdicts, movements, checks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from engines import Answer, Engine
from sliced import Book

from upcross.book.checks.rules import all_checks
from upcross.book.checks.views import current_tables, revenue_tables
from upcross.engine.stages import INLINING, in_stages
from upcross.runs import Evaluation
from upcross.signals.frame import Frame
from upcross.signals.model import Scope
from upcross.signals.registry import Registry


def difference(expected: Answer, got: Answer) -> str:
    """What is not the same, of the names of columns, the rows, or their types; empty where nothing is."""
    if isinstance(expected, Exception) or isinstance(got, Exception):
        return f"{got if isinstance(got, Exception) else expected}"[:2000]
    if expected[0] != got[0]:
        return f"columns {got[0]}"
    wanted, given = Counter(map(repr, expected[1])), Counter(map(repr, got[1]))
    if wanted == given:
        return ""
    lacking, beyond = sorted((wanted - given).elements()), sorted((given - wanted).elements())
    return f"{len(lacking)} rows lack, {len(beyond)} are too many, such as {lacking[:2]} and {beyond[:2]}"


def movement_models(registry: Registry) -> list[str]:
    """The models of revenue, each by its name."""
    return sorted(name for name, model in registry.models.items() if model.file.startswith("upcross/revenue/"))


@dataclass(frozen=True)
class Asked:
    """A book and the statements that are run over it, in DuckDB's dialect.

    ``shown`` is made first; where something is read ``after``, what ``statements`` give is kept by their names.
    """

    book: Book
    statements: Mapping[str, str]
    after: Mapping[str, str] = field(default_factory=dict)
    shown: Mapping[str, str] = field(default_factory=dict)

    def of(self, engine: Engine, folder: Path) -> dict[str, Answer]:
        """What an engine answers, by what was asked: rows, or the fault for which it gives none."""
        engine.show(self.book, folder)
        for name, select in self.shown.items():
            (engine.view if "." in name else engine.keep)(name, select)
        names, statements = list(self.statements), list(self.statements.values())
        if engine.dialect in INLINING and not self.shown:  # checks share nothing, and are short
            stages, statements = in_stages(statements)
            for stage in stages:
                engine.keep(stage.name, stage.select)
        left = dict(zip(names, statements, strict=True))
        if self.after:
            for name, statement in left.items():
                engine.keep(name, statement)
            left = {name: f"SELECT * FROM {name}" for name in left}
        return engine.answers(left) | engine.answers(self.after)


def judged(book: Book, evaluation: Evaluation) -> Asked:
    """Every signal in all scopes, kept, and every play's words over them."""
    return Asked(
        book,
        {f"signals_{scope.value}": evaluation.signals_statement(scope) for scope in Scope},
        {f"verdicts_{scope.value}": evaluation.verdicts_statement(scope) for scope in Scope},
    )


def moved(book: Book, frame: Frame) -> Asked:
    """Every model of revenue: lines, positions, months and movements."""
    return Asked(book, {name: frame.model_statement(name) for name in movement_models(frame.registry)})


def checked(book: Book, today: date) -> Asked:
    """The failing rows of every check: what a person looks up, whence it came, of which account."""
    statements = {
        f"{check.code.name} {number}": check.failing
        for number, check in enumerate(all_checks(book.manifest, today))
        if set(check.tables) <= set(book.tables)
    }
    return Asked(book, statements, shown=current_tables(book.manifest) | revenue_tables(book.manifest, today))
