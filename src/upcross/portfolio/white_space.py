"""The white-space map: products × accounts and business units, and beside it consumption against what was bought.

A map and a ranking, never a trigger: nothing here opens an ask. Every cell has one state.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from upcross.book.load import Progress
from upcross.engine.compile import beneath
from upcross.engine.dialects import render
from upcross.engine.rows import rows
from upcross.errors import UsageError, suggest
from upcross.kept_ledger import typed_in
from upcross.motions import Motion
from upcross.names import Names, known_names
from upcross.opportunities import Potential
from upcross.plays.probe import probe
from upcross.plays.verdicts import Verdict, compile_verdicts, decode
from upcross.portfolio.cells import SIZED, Cell, State, Total, Use, counted, total, totals
from upcross.project import Project
from upcross.runs import Run, evaluate
from upcross.signals.model import Scope

_FROM_BOOK = {
    "on_trial": State.ON_TRIAL, "contracted_later": State.CONTRACTED_LATER, "in_pipeline": State.IN_PIPELINE,
    "retired": State.BLOCKED, "excluded": State.BLOCKED, "not_eligible": State.NOT_ELIGIBLE,
    "lost_before": State.LOST_BEFORE,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class WhiteSpace:
    """The map of one day: cells and consumption of the accounts chosen, and their totals."""

    as_of: date
    currency: str
    cells: tuple[Cell, ...]
    uses: tuple[Use, ...]
    unnamed: Mapping[str, int]
    """How many open deals of an account name no product, and so are in no cell."""
    missing: tuple[str, ...]
    """What the map cannot show for want of data, in words."""

    coverage_known: bool
    """Whether deals are known; without them nothing can be said of what is covered."""

    @property
    def unnamed_deals(self) -> int:
        """Open deals of these accounts that name no product."""
        return sum(self.unnamed.values())

    def within(self, accounts: frozenset[str], product: str | None = None) -> WhiteSpace:
        """The part of the map that is about some accounts, and where one is given about one product."""

        def chosen(one: Cell | Use) -> bool:
            return one.account_id in accounts and product in (None, one.product_id)

        return replace(
            self, cells=tuple(filter(chosen, self.cells)), uses=tuple(filter(chosen, self.uses)),
            unnamed={account: deals for account, deals in self.unnamed.items() if account in accounts},
        )  # fmt: skip

    def of(self, motion: Motion) -> tuple[Cell, ...]:
        """The cells of one motion: support is sold as upsell, everything else as cross-sell.

        A product that the catalogue lacks is somebody's already and is shown with cross-sell; it has no potential.
        """
        return tuple(cell for cell in self.cells if (cell.motion or Motion.CROSS_SELL) is motion)

    def total(self, motion: Motion) -> Total:
        """All cells of a motion; the motions are never added."""
        return total("all", self.of(motion))

    def by_product(self, motion: Motion) -> tuple[Total, ...]:
        """One total for each product of a motion, in order of names; they add up to the motion's total."""
        return totals(self.of(motion), lambda cell: (cell.product, cell.product_id))

    def by_account(self, motion: Motion) -> tuple[Total, ...]:
        """One total for each account, in order of names; they add up to the motion's total."""
        return totals(self.of(motion), lambda cell: (cell.account, cell.account_id))


def white_space(
    project: Project,
    as_of: date | None = None,
    *,
    account: str | None = None,
    segment: str | None = None,
    product: str | None = None,
    csm: str | None = None,
    progress: Progress | None = None,
) -> WhiteSpace:
    """The map of one day from its kept run, all of it or of one account, segment, product or CSM (ids or names).

    ``UsageError`` with the nearest name where nothing is called that. Nothing is triggered and nothing is written but
    the run.
    """
    run = evaluate(project.evaluation(as_of, typed=typed_in(project)), project.store, project.runs, progress)
    return map_of(project, run, account=account, segment=segment, product=product, csm=csm)


def map_of(
    project: Project, run: Run, *, account: str | None = None, segment: str | None = None, product: str | None = None,
    csm: str | None = None,
) -> WhiteSpace:  # fmt: skip
    """The same map of a run that is there already."""
    rows = _rows(run)
    names = known_names(run, {row["account_id"] for row in rows})
    for row in rows:
        row["deal_owner"] = names.people.person(row["deal_owner"]).name if row["deal_owner"] else ""
    chosen = _chosen(rows, names, run.as_of, account=account, segment=segment, product=product, csm=csm)
    accounts = {row["account_id"] for row in chosen}
    cells = counted([_cell(row) for row in chosen], names.excludes)
    uses = tuple(use for use in _uses(run, names) if use.account_id in accounts
                 and (product is None or use.product_id in {cell.product_id for cell in cells}))  # fmt: skip
    return WhiteSpace(
        run.as_of, project.settings.reporting_currency, cells, uses, _unnamed(run, accounts), _missing(run),
        run.evaluation.frame.snapshot.missing("crm_opportunities") is None,
    )  # fmt: skip


def _rows(run: Run) -> list[dict[str, Any]]:
    """Every cell of the book with the kept signals and gates of its row, by one statement inside the engine."""
    evaluation = run.evaluation
    snapshot = evaluation.frame.snapshot
    probes = [probe(evaluation.library, motion, Scope.WHITE_SPACE) for motion in Motion]
    compiled = compile_verdicts(Scope.WHITE_SPACE, probes, evaluation.attestations, run.as_of, "wide",
                                exemptions=evaluation.exemptions)  # fmt: skip
    judged = beneath("wide", evaluation.wide(Scope.WHITE_SPACE), render(compiled.select))
    words = [name for name in compiled.select.named_selects if name not in Scope.WHITE_SPACE.keys]
    listed = ", ".join(f"v.{word}" for word in words)
    statement = (
        "SELECT c.*, COALESCE(a.name, c.account_id) AS account, a.segment,"
        " w.account_id IS NOT NULL AND COALESCE(w.eligible, TRUE) AS sellable,"
        " w.product_potential_floor, w.product_potential_expected, w.product_potential_ceiling, w.anchor_product,"
        " w.eligibility_lacks,"
        f" w.peers_owning, {listed}"
        f" FROM ({evaluation.frame.model_statement('cells')}) AS c"
        f" LEFT JOIN ({snapshot.relation('accounts')}) AS a ON a.account_id = c.account_id"
        f" LEFT JOIN signals_white_space AS w ON {_on('w')} LEFT JOIN ({judged}) AS v ON {_on('v')}"
        " ORDER BY account, c.account_id, c.business_unit, c.kind, c.name, c.product_id"
    )
    with run.book() as book:
        found = rows(book, statement)
    for row in found:
        verdicts = decode(compiled.bits, row) if row["sellable"] else ()
        row["verdict"] = verdicts[0] if verdicts else None
    return found


def _on(alias: str) -> str:
    return " AND ".join(f"{alias}.{key} = c.{key}" for key in Scope.WHITE_SPACE.keys)


def _chosen(
    rows: list[dict[str, Any]],
    names: Names,
    as_of: date,
    *,
    account: str | None,
    segment: str | None,
    product: str | None,
    csm: str | None,
) -> list[dict[str, Any]]:
    if account is not None:
        by_id = {row["account_id"]: row["account"] for row in rows}
        rows = [row for row in rows if row["account_id"] == one_of(account, by_id, "customer")]
    if segment is not None:
        known = {row["segment"]: row["segment"] for row in rows if row["segment"]}
        rows = [row for row in rows if row["segment"] == one_of(segment, known, "segment of a customer")]
    if product is not None:
        products = {row["product_id"]: row["name"] or row["product_id"] for row in rows}
        rows = [row for row in rows if row["product_id"] == one_of(product, products, "product")]
    if csm is not None:
        serving = {row["account_id"]: names.people.in_role("csm", row["account_id"], "", as_of) for row in rows}
        persons = {person.person_id: person.name for person in serving.values() if person is not None}
        wanted = one_of(csm, persons, "CSM of a customer")
        rows = [row for row in rows if (p := serving[row["account_id"]]) is not None and p.person_id == wanted]
    return rows


def one_of(wanted: str, known: Mapping[str, str], what: str) -> str:
    """The id of what a person named by id or name; ``UsageError`` with the nearest where nothing is called that."""
    if wanted in known:
        return wanted
    named = sorted(key for key, name in known.items() if name.casefold() == wanted.casefold())
    if len(named) == 1:
        return named[0]
    if named:
        raise UsageError(f"{len(named)} are called '{wanted}': give the id ({', '.join(named[:5])})")
    near = suggest(wanted, [*known.values(), *known]) or f"known: {', '.join(sorted(set(known.values()))[:8])}"
    raise UsageError(f"no {what} is called '{wanted}'. {near}")


def _cell(row: Mapping[str, Any]) -> Cell:
    state, why = _state(row)
    verdict: Verdict | None = row["verdict"]
    sized = state in SIZED and row["sellable"]
    deal = f"deal {row['deal']}" if row["deal"] else ""
    decision = f"decision by {row['decision_on']}" if row["decision_on"] else ""
    return Cell(
        row["account_id"], row["account"], row["business_unit"], row["product_id"], row["name"] or row["product_id"],
        row["kind"] or "", state, why,
        Potential(*(row[f"product_potential_{part}"] for part in ("floor", "expected", "ceiling")))
        if sized else Potential(),
        sellable=bool(sized), covered_by=(deal or decision) if sized else "",
        gates_false=verdict.gates_false if verdict and sized else (),
        gates_unknown=verdict.gates_unknown if verdict and sized else (),
        gates_attested=verdict.gates_attested if verdict and sized else (),
        gates_exempt=verdict.gates_exempt if verdict and sized else (),
        anchor=row["anchor_product"] or "", peers_owning=row["peers_owning"],
        retry_on=row["retry_on"] if state is State.LOST_BEFORE else None,
        mrr=row["mrr"] if row["owner_unit"] == row["business_unit"] else None,
    )  # fmt: skip


def _state(row: Mapping[str, Any]) -> tuple[State, str]:
    """The state of a cell and why, from what the book says and, where it could be sold, from how the gates stand."""
    match row["state"]:
        case "owned":
            return _owned(row)
        case "open":
            lost = f"{_lost(row)}; may be tried again since {row['retry_on']}" if row["lost_on"] else ""
            verdict: Verdict | None = row["verdict"]
            held = f"held by {', '.join(verdict.gates_false)}" if verdict and verdict.gates_false else ""
            if row["eligibility_lacks"]:
                record = f"record the {row['eligibility_lacks']} of the account: it is sold to some only"
                return State.ELIGIBILITY_UNKNOWN, "; ".join(part for part in (record, held, lost) if part)
            if held:
                return State.BLOCKED, "; ".join(part for part in (held, lost) if part)
            unknown = f"not known: {', '.join(verdict.gates_unknown)}" if verdict and verdict.gates_unknown else ""
            exempt = f"exempt from {', '.join(verdict.gates_exempt)}" if verdict and verdict.gates_exempt else ""
            return State.FITS, "; ".join(part for part in (unknown, exempt, lost) if part)
        case "contracted_later":
            return State.CONTRACTED_LATER, f"from {row['contracted_from']}"
        case "in_pipeline":
            whole = " (it names no unit)" if row["business_unit"] and not row["deal_unit"] else ""
            whose = f" of {row['deal_owner']}" if row["deal_owner"] else ""
            return State.IN_PIPELINE, f"deal {row['deal']}{whose}, open since {row['deal_since']}{whole}"
        case "retired":
            return State.BLOCKED, "it is no longer sold"
        case "lost_before":
            return State.LOST_BEFORE, f"{_lost(row)}; try again from {row['retry_on']}"
        case state:
            return _FROM_BOOK[state], row["barred"] or ""


def _owned(row: Mapping[str, Any]) -> tuple[State, str]:
    whole = "by the whole account" if row["business_unit"] and row["owner_unit"] == "" else ""
    bundle = f"included in {row['included_in']}" if row["included"] else ""
    told = "; ".join(part for part in (whole, bundle) if part)
    if row["in_use"] is False:
        unused = "; ".join(part for part in (told, "no use in the last 30 days") if part)
        return (State.NOT_SWITCHED_ON if row["included"] else State.OWNED_UNUSED), unused
    return State.OWNED, "; ".join(part for part in (told, "use not known" if row["in_use"] is None else "") if part)


def _lost(row: Mapping[str, Any]) -> str:
    if row["lost_by_dropping"]:
        return f"dropped on {row['lost_on']}"
    return f"lost on {row['lost_on']} ({row['loss_reason'] or 'reason not recorded'})"


def _uses(run: Run, names: Names) -> Iterable[Use]:
    """Seats and meters of every owned product, as the run kept them."""
    connection = run.connect()
    seats = rows(connection, "SELECT * FROM signals_subscription ORDER BY ALL")
    meters = rows(connection, "SELECT * FROM signals_meter ORDER BY ALL")
    for row in seats:
        if row["seats_purchased"] is not None or row["seats_active"] is not None:
            yield _use(
                row, names, "seats", row["seats_active"], row["seats_purchased"], row["seat_utilization"], "seats"
            )
    for row in meters:
        # Within a plan's limit the step to the next plan answers nothing yet: no basis, no amount.
        ahead = row["allowance_used_ahead"] if row["allowance_used_ahead"] is not None else row["allowance_used"]
        stem = "" if row["allowance_kind"] == "limit" and (ahead is None or ahead < 1) else "usage"
        yield _use(row, names, row["metric"], row["usage_30d"], row["allowance"], row["allowance_used"], stem)


def _use(row: Mapping[str, Any], names: Names, what: str, used: Any, bought: Any, share: float | None,
         stem: str) -> Use:  # fmt: skip
    account, product = row["account_id"], row["product_id"]
    parts = [row[f"{stem}_potential_{part}"] for part in ("floor", "expected", "ceiling")] if stem else []
    return Use(account, names.accounts.get(account, account), row["business_unit"], product,
               names.products.get(product, product), what, used, bought, share, Potential(*parts))  # fmt: skip


def _unnamed(run: Run, accounts: set[str]) -> dict[str, int]:
    statement = run.evaluation.frame.model_statement("deal_lines")
    with run.book() as book:
        rows = book.execute(
            f"SELECT account_id FROM ({statement}) AS d WHERE is_open GROUP BY account_id, crm_opportunity_id"
            " HAVING COUNT(product_id) = 0"
        ).fetchall()
    return dict(Counter(account for (account,) in rows if account in accounts))


_NEEDED = {
    "products": "which products are lacking: only what somebody owns is shown",
    "crm_opportunities": "what is in pipeline or was lost",
    "crm_opportunity_lines": "which products the deals are about",
    "plan_prices": "what a product would bring",
    "seats": "whether what is owned is used by people",
    "usage": "whether what is owned is used",
}


def _missing(run: Run) -> tuple[str, ...]:
    snapshot = run.evaluation.frame.snapshot
    return tuple(
        f"{missing}: not known {what}"
        for table, what in _NEEDED.items()
        if (missing := snapshot.missing(table)) is not None
    )
