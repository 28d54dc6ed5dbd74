"""The tables of an export, each with its columns' units and meanings; money is in currency units."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa

from upcross.access.personal import IMPERSONAL
from upcross.contract import TABLES, Type
from upcross.kept_ledger import ledger_of, need_ledger, typed_in
from upcross.kept_signals import Progress
from upcross.numbers.drilldown import movements
from upcross.plan_sheet import plan_sheet
from upcross.portfolio.white_space import map_of
from upcross.portfolio.white_space_sheet import cells_sheet, uses_sheet
from upcross.project import Project
from upcross.revenue.history import Move
from upcross.runs import Run
from upcross.sheets import Sheet
from upcross.signals.model import Scope, Unit
from upcross.verbs import plan

_PEOPLE = frozenset({"heard", "why", "because", "care", "next_step"})
"""Columns of sentences, in which names and quotes of the customer's people may stand."""

_ACCOUNT = ("account_id", "name", "parent_account_id", "segment", "region", "industry", "employees", "currency", "csm",
            "account_manager", "ae", "renewals_manager", "partner")  # fmt: skip
_MONEY_OF_MOVES = frozenset({"amount", "before_mrr", "after_mrr", "base_mrr"})
_COUNTS_OF_MOVES = frozenset({"before_quantity", "after_quantity", "units"})

_OPPORTUNITY: Mapping[str, tuple[Unit, str]] = {
    "id": (Unit.TEXT, "the opportunity's id in the ledger"),
    "account_id": (Unit.TEXT, "the account"),
    "business_unit": (Unit.TEXT, "the unit of the account; empty: the whole account"),
    "product_id": (Unit.TEXT, "what is offered"),
    "motion": (Unit.TEXT, "upsell or cross_sell; never added up"),
    "mechanism": (Unit.TEXT, "how revenue grows by it"),
    "kind": (Unit.TEXT, "ask, answer or adoption"),
    "stage": (Unit.TEXT, "where it stands"),
    "owner": (Unit.TEXT, "who works on it (id)"),
    "closer": (Unit.TEXT, "who closes it (id)"),
    "opened_on": (Unit.DATE, "when it was opened"),
    "due_on": (Unit.DATE, "by when its owner responds"),
    "ended_on": (Unit.DATE, "when it ended"),
    "end_reason": (Unit.TEXT, "why it ended"),
    "won_mrr": (Unit.MONEY, "recurring revenue a month that was won"),
    "potential_floor": (Unit.MONEY, "the least that it may bring a month"),
    "potential_expected": (Unit.MONEY, "what it is expected to bring a month"),
    "potential_ceiling": (Unit.MONEY, "the most that it may bring a month"),
    "currency": (Unit.TEXT, "the currency of its amounts"),
}


@dataclass(frozen=True, slots=True)
class Exported:
    """One table of an export."""

    name: str
    meaning: str
    rows: pa.Table
    columns: Mapping[str, tuple[str, str]]
    """Unit and meaning of each column."""


def results(
    project: Project, as_of: date | None = None, *, people: bool = False, progress: Progress | None = None
) -> list[Exported]:
    """Every result of a day as a table: accounts, signals, verdicts, plan, white space, movements, opportunities.

    Without ``people`` no column stands in it that may name or quote somebody at a customer. Nothing is written but the
    day's run; opportunities are those of the ledger, and absent where there is none.
    """
    planned = plan(project, as_of, typed=typed_in(project), progress=progress)
    run = planned.run
    found = [_accounts(run), *(_signals(run, scope, people) for scope in Scope), _verdicts(run)]
    found.append(_of_sheet("plan", "What to ask, answer, hold back or close now, one row a change.",
                           plan_sheet(planned.changes), people))  # fmt: skip
    mapped = map_of(project, run)
    found.append(_of_sheet("white_space", "Every product against every account and unit, and how it stands.",
                           cells_sheet(mapped), people))  # fmt: skip
    found.append(_of_sheet("consumption", "What is used of what was bought.", uses_sheet(mapped), people))
    found.append(_movements(project))
    if ledger_of(project).exists:
        found.append(_opportunities(project))
    return found


def _accounts(run: Run) -> Exported:
    table = TABLES["accounts"]
    listed = [name for name in _ACCOUNT if table.has(name)]
    relation = run.evaluation.frame.snapshot.relation("accounts")
    with run.book() as book:
        rows = book.sql(f"SELECT {', '.join(listed)} FROM ({relation}) AS a ORDER BY account_id").to_arrow_table()
    columns = {name: (_unit(table.column(name).type), table.column(name).meaning) for name in listed}
    return Exported("accounts", table.meaning, rows, columns)


def _unit(kind: Type) -> str:
    return {Type.INTEGER: "count", Type.DATE: "date", Type.BOOLEAN: "flag", Type.MONEY: "money"}.get(kind, "text")


def _signals(run: Run, scope: Scope, people: bool) -> Exported:
    signals = run.evaluation.frame.registry.signals
    cells, columns = [], {}
    for name in run.connect().execute(f"SELECT * FROM signals_{scope.value} LIMIT 0").description or ():
        signal = signals.get(name[0])
        unit = signal.unit if signal else Unit.TEXT
        if signal and unit is Unit.TEXT and not people and signal.name not in IMPERSONAL:
            continue
        money = unit is Unit.MONEY
        cells.append(f"CAST({name[0]} * CAST(0.0001 AS DECIMAL(5, 4)) AS DECIMAL(18, 4)) AS {name[0]}" if money
                     else name[0])  # fmt: skip
        columns[name[0]] = (unit.value, signal.meaning if signal else "what the row is about")
    order = ", ".join(scope.keys)
    rows = run.connect().sql(
        f"SELECT {', '.join(cells)} FROM signals_{scope.value} ORDER BY {order}"
    ).to_arrow_table()  # fmt: skip
    told = f"Every signal, one row a {' and '.join(scope.keys)}; empty is unknown."
    return Exported(f"signals_{scope.value}", told, rows, columns)


def _verdicts(run: Run) -> Exported:
    found = run.verdicts()
    arrays: list[Any] = []
    for field in found.schema:
        values = found[field.name].to_pylist()
        arrays.append(pa.array(["; ".join(v) if isinstance(v, list) else v for v in values], pa.string()))
    columns = {
        "scope": "what the play is about", "account_id": "the account", "business_unit": "its unit; empty: all of it",
        "product_id": "the product", "metric": "the metric", "play": "the play",
        "status": "fired, held by a gate, or unknown; plays that say nothing have no row",
        "gates_false": "gates that hold it", "gates_unknown": "gates that cannot tell",
        "gates_attested": "gates for which somebody's word stands", "gates_exempt": "gates that do not bind here",
    }  # fmt: skip
    return Exported("verdicts", "What each play says of each row, where it says anything.",
                    pa.table(arrays, names=found.column_names),
                    {name: ("text", columns.get(name, "")) for name in found.column_names})  # fmt: skip


def _of_sheet(name: str, meaning: str, sheet: Sheet, people: bool) -> Exported:
    kept = [column for column in sheet.columns if people or column not in _PEOPLE]
    chosen = sheet.only(kept)
    columns = {column: (unit.value, column.replace("_", " ")) for column, unit in chosen.columns.items()}
    return Exported(name, meaning, chosen.to_arrow(), columns)


def _movements(project: Project) -> Exported:
    units = {
        field: Unit.MONEY if field in _MONEY_OF_MOVES else Unit.COUNT if field in _COUNTS_OF_MOVES
        else Unit.DATE if field == "month_start" else Unit.TEXT
        for field in Move._fields
    }  # fmt: skip
    rows = tuple(tuple(told.move) for told in movements(project).told)
    return _of_sheet("movements", "Every cause of a change of recurring revenue in the last twelve months.",
                     Sheet(units, rows), people=True)  # fmt: skip


def _opportunities(project: Project) -> Exported:
    need_ledger(project)
    from upcross.ledger.models import Opportunity

    def cells() -> Iterator[tuple[Any, ...]]:
        for row in Opportunity.objects.order_by("opened_on", "id"):
            yield tuple(str(row.id) if name == "id" else getattr(row, name) for name in _OPPORTUNITY)

    sheet = Sheet({name: unit for name, (unit, _) in _OPPORTUNITY.items()}, tuple(cells()))
    return Exported("opportunities", "What was asked and what came of it, from the ledger.", sheet.to_arrow(),
                    {name: (unit.value, told) for name, (unit, told) in _OPPORTUNITY.items()})  # fmt: skip


def described(tables: Iterable[Exported]) -> pa.Table:
    """The description of an export: table, column, unit and meaning, a row a column."""
    rows = [
        {"table": table.name, "column": column, "unit": unit, "meaning": meaning}
        for table in tables
        for column, (unit, meaning) in table.columns.items()
    ]
    return pa.Table.from_pylist(
        rows, pa.schema([(name, pa.string()) for name in ("table", "column", "unit", "meaning")])
    )
