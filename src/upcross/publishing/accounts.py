"""The card of each account, and one light row for each customer: what the pages of accounts show of a run.

Every table of the book is read once for all accounts; a card is put together from what was read of its account.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from upcross.engine.rows import rows
from upcross.motions import Motion
from upcross.names import Names, known_names
from upcross.opportunities.evidence import amount, plain
from upcross.opportunities.totals import Total
from upcross.portfolio.cells import Cell
from upcross.portfolio.segmentation import Placed, ready, segments_of
from upcross.publishing.accounts_gates import GateHistory
from upcross.publishing.accounts_people import people_of
from upcross.publishing.accounts_story import story_of
from upcross.publishing.accounts_terms import terms_of
from upcross.publishing.publication import Fact

if TYPE_CHECKING:
    from upcross.publishing.publish import Planned

_ROLES = ("csm", "account_manager", "ae", "renewals_manager", "partner")


def accounts(planned: Planned) -> Iterator[Fact]:
    """``account`` by account id: its card; ``account_list``: a row for each customer, in order of names; ``gate_days``.

    Amounts are exact decimal text in the reporting currency a month, null where unknown; days are ISO text.
    """
    run = planned.run
    snapshot = run.evaluation.frame.snapshot
    with run.book() as book:
        known = rows(book, f"SELECT * FROM ({snapshot.relation('accounts')}) AS a ORDER BY account_id")
        units = rows(book, f"SELECT * FROM ({snapshot.relation('business_units')}) AS u ORDER BY business_unit")
        signals = {row["account_id"]: row for row in rows(book, "SELECT * FROM signals_account")}
        parts = [make(planned, book) for make in (terms_of, people_of, story_of)]
        history = GateHistory(planned)
        history.read(book)
    parts.append(history.cards(signals))
    names = known_names(run, {row["account_id"] for row in known})
    placed = {one.account_id: one for one in segments_of(planned.project, planned.plan).accounts}
    cells: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for cell in planned.white_space.cells:
        cells[cell.account_id].append(_cell(cell))
    units_of: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for unit in units:
        units_of[unit["account_id"]].append(
            {"unit": unit["business_unit"], "name": unit["name"] or unit["business_unit"],
             "employees": unit["employees"], "potential_users": unit["potential_users"]}
        )  # fmt: skip
    listed = []
    for row in known:
        key = row["account_id"]
        card = {
            **_head(row, names, signals.get(key, {})),
            **_segment(placed.get(key)),
            "units": units_of[key],
            "white_space": cells[key],
            "open_deals_without_product": planned.white_space.unnamed.get(key, 0),
        }
        for part in parts:
            card |= part[key]
        yield "account", key, card
        if key in placed:
            listed.append(_row(card))
    yield from history.facts()
    yield "account_list", "", sorted(listed, key=lambda row: (row["name"].casefold(), row["account_id"]))


def _head(row: Mapping[str, Any], names: Names, signals: Mapping[str, Any]) -> dict[str, Any]:
    """Who the account is, who serves it, what it pays, and how it is."""
    key = row["account_id"]
    served = names.people.assigned.get(key, {})
    parent = row["parent_account_id"] or ""
    return {
        "account_id": key,
        "name": row["name"] or key,
        "segment": row["segment"] or "",
        "region": row["region"] or "",
        "industry": row["industry"] or "",
        "employees": row["employees"],
        "parent": {"account_id": parent, "name": names.accounts.get(parent, parent)} if parent else None,
        "roles": {role: {"id": served[role], "name": names.people.person(served[role]).name}
                  for role in _ROLES if served.get(role)},
        "is_customer": signals.get("is_customer"),
        "mrr": amount(signals.get("mrr")),
        "health": {"score": signals.get("health_score"), "level": signals.get("health_level"),
                   "source": signals.get("health_source"), "confidence": plain(signals.get("health_confidence"))},
        "adoption": plain(signals.get("account_adoption")),
        "single_threaded": signals.get("single_threaded"),
    }  # fmt: skip


def worth(total: Total) -> dict[str, Any]:
    """What asks are worth together; ``expected`` is null where there are asks and of none is known what it is worth."""
    told = total.to_dict()
    return {**told, "expected": None} if total.asks and total.unknown == total.asks else told


def _segment(placed: Placed | None) -> dict[str, Any]:
    """In which segment of potential it is and why, with the money of each motion apart; nulls for no customer."""
    if placed is None:
        return {"potential_segment": None, "reason": "", "ready": None, "held": None, "unknown_plays": 0}
    held = placed.asks.held
    return {
        "potential_segment": placed.segment.value,
        "reason": placed.reason,
        "only_data": placed.only_data,
        "ready": {motion.value: worth(ready(placed.asks, motion)) for motion in Motion},
        "held": {motion.value: worth(held.of(motion)) for motion in Motion},
        "unknown_plays": placed.unknown_plays,
    }


def _cell(cell: Cell) -> dict[str, Any]:
    return {
        "product_id": cell.product_id, "product": cell.product, "kind": cell.kind or None,
        "motion": cell.motion.value if cell.motion else None, "unit": cell.business_unit, "state": cell.state.value,
        "words": cell.state.words, "why": cell.why, "potential": cell.potential.to_dict(), "counts": cell.counts,
        "sellable": cell.sellable, "covered_by": cell.covered_by, "retry_on": plain(cell.retry_on),
        "gates_false": list(cell.gates_false), "gates_unknown": list(cell.gates_unknown), "mrr": amount(cell.mrr),
    }  # fmt: skip


def _row(card: Mapping[str, Any]) -> dict[str, Any]:
    """What the list shows of a customer."""
    kept = ("account_id", "name", "segment", "region", "industry", "roles", "mrr", "health", "potential_segment",
            "reason", "ready", "held", "renewal_on", "notice_on", "unknown_plays")  # fmt: skip
    return {name: card[name] for name in kept}
