"""The pipeline as an audit needs it: open deals with their lines, beside what their accounts own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from upcross.engine.rows import rows
from upcross.motions import Mechanism
from upcross.names import Names, known_names
from upcross.pipeline.deals import WORDS, Deal, Line, Owned, Product, Proposal, Words, propose
from upcross.portfolio.white_space import one_of
from upcross.runs import Run

RENEWAL_WINDOW = 90
"""Days between the closing of a deal and of a renewal within which they are one conversation."""
_NEEDED = {
    "crm_opportunity_lines": "what the deals are about, but for products that their names mention",
    "products": "which products there are, and of which kind",
    "contact_roles": "who would sign",
    "contacts": "who would sign",
}


@dataclass(frozen=True, slots=True)
class Pipeline:
    """All open deals and what they are held to; amounts in ten-thousandths of the reporting currency."""

    as_of: date
    deals: tuple[Deal, ...]
    owned: Mapping[tuple[str, str, str], Owned]
    """What is owned, by account, unit and product."""
    products: Mapping[str, Product]
    ranks: Mapping[str, int]
    names: Names
    missing: tuple[str, ...]
    words: Words
    """The words of deals' names that speak for each mechanism."""

    @property
    def customers(self) -> frozenset[str]:
        """The accounts that own something today."""
        return frozenset(account for account, _, _ in self.owned)

    def account(self, account: str) -> str:
        """What people call an account."""
        return self.names.accounts.get(account, account)

    def product(self, product: str) -> str:
        """What people call a product."""
        return self.products[product].name if product in self.products else product

    def person(self, person: str) -> str:
        """What people call one of our people; '' stays ''."""
        return self.names.people.person(person).name if person else ""

    def chosen(self, deals: Iterable[Deal], *, csm: str | None, owner: str | None) -> list[Deal]:
        """The deals of one owner, or of one CSM's accounts, by id or name; those that are worth most first."""
        listed = list(deals)
        if owner is not None:
            owners = {deal.owner: self.person(deal.owner) for deal in listed if deal.owner}
            wanted = one_of(owner, owners, "owner of an open deal")
            listed = [deal for deal in listed if deal.owner == wanted]
        if csm is not None:
            serving = {d.account_id: self.names.people.in_role("csm", d.account_id, "", self.as_of) for d in listed}
            persons = {person.person_id: person.name for person in serving.values() if person is not None}
            wanted = one_of(csm, persons, "CSM of an account with an open deal")
            listed = [d for d in listed if (p := serving[d.account_id]) is not None and p.person_id == wanted]
        return sorted(listed, key=lambda d: (-(d.mrr or 0), self.account(d.account_id), d.deal_id))

    def propose(self, deal: Deal, line: Line) -> Proposal:
        """Which mechanism a line looks like, beside what its account owns where the deal is about it."""
        return propose(line, deal.name, self.products, self._owned_by(deal), self.ranks, self.words)

    def beside(self, deal: Deal) -> list[Deal]:
        """The other open deals of the account that may be about the same unit."""
        return [
            other
            for other in self.deals
            if other.account_id == deal.account_id and other is not deal and deal.meets(other.business_unit)
        ]

    def renewals_of(self, deal: Deal) -> list[Deal]:
        """The open renewals of the account that are expected to close at about the same time, or nobody says when."""
        return [
            other
            for other in self.beside(deal)
            if other.renews
            and (
                other.expected_close_on is None
                or deal.expected_close_on is None
                or abs((other.expected_close_on - deal.expected_close_on).days) <= RENEWAL_WINDOW
            )
        ]

    def renewal_on(self, deal: Deal, products: tuple[str, ...]) -> date | None:
        """The next day on which a term ends: of the deal's products where owned, else of anything owned there."""
        owned = self._owned_by(deal)
        days = [owned[product].renewal_on for product in products if product in owned]
        days = days or [found.renewal_on for found in owned.values()]
        return min((day for day in days if day is not None), default=None)

    def grows(self, renewal: Deal, product: str) -> bool:
        """Whether a renewal's lines hold more of a product than is owned today, or a product that is not owned."""
        has = self._owned_by(renewal).get(product)
        for line in renewal.lines:
            if line.product_id == product:
                if has is None or line.tag is not None:
                    return True
                more_units = line.quantity is not None and has.quantity is not None and line.quantity > has.quantity
                more_money = line.mrr is not None and has.mrr is not None and line.mrr > has.mrr
                if more_units or more_money:
                    return True
        return False

    def _owned_by(self, deal: Deal) -> dict[str, Owned]:
        return {
            product: found
            for (account, unit, product), found in self.owned.items()
            if account == deal.account_id and deal.meets(unit)
        }


def read_pipeline(run: Run, words: Words = WORDS) -> Pipeline:
    """The open deals of the book as known on the run's day, with all that they are held to."""
    frame, snapshot = run.evaluation.frame, run.evaluation.frame.snapshot
    with run.book() as book:
        deals = _deals(
            rows(book, f"SELECT * FROM ({frame.model_statement('deal_lines')}) AS d WHERE is_open"
                 " ORDER BY crm_opportunity_id, line_id")
        )  # fmt: skip
        positions = rows(
            book,
            "SELECT p.*, s.renewal_on FROM ("
            + frame.model_statement("positions")
            + ") AS p LEFT JOIN signals_subscription AS s ON s.account_id = p.account_id"
            " AND s.business_unit = p.business_unit AND s.product_id = p.product_id WHERE NOT p.trial",
        )
        products = rows(book, f"SELECT product_id, name, kind FROM ({snapshot.relation('products')}) AS p")
        plans = rows(book, f"SELECT plan_id, rank FROM ({snapshot.relation('pricing_plans')}) AS p")
    owned = {
        (row["account_id"], row["business_unit"], row["product_id"]): Owned(
            row["plan_id"] or "", row["rank"], row["charge"] or "", row["quantity"], row["mrr"], row["renewal_on"]
        )
        for row in positions
    }
    missing = tuple(
        f"{why}: not known {what}" for table, what in _NEEDED.items() if (why := snapshot.missing(table)) is not None
    )
    return Pipeline(
        run.as_of, deals, owned, {row["product_id"]: Product(row["name"], row["kind"]) for row in products},
        {row["plan_id"]: row["rank"] for row in plans}, known_names(run, {deal.account_id for deal in deals}), missing,
        words,
    )  # fmt: skip


def _deals(rows: Iterable[Mapping[str, Any]]) -> tuple[Deal, ...]:
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        groups.setdefault(row["crm_opportunity_id"], []).append(row)
    return tuple(_deal(deal_id, listed) for deal_id, listed in groups.items())


def _deal(deal_id: str, rows: list[Mapping[str, Any]]) -> Deal:
    first = rows[0]
    lines = tuple(
        Line(
            row["line_id"], row["product_id"] or "", row["plan_id"] or "",
            Mechanism(tag) if (tag := row["mechanism"] or row["deal_mechanism"]) else None, row["quantity"], row["mrr"],
        )
        for row in rows
    )  # fmt: skip
    known = [line.mrr for line in lines if line.mrr is not None]
    total = sum(known) if len(known) == len(lines) else first["deal_mrr"]
    return Deal(
        deal_id, first["account_id"], first["business_unit"] or "", first["name"] or "", first["kind"] or "",
        first["owner"] or "", first["created_on"], first["stage"] or "", first["expected_close_on"], total,
        bool(first["upcross_key"]), lines,
    )  # fmt: skip
