"""What each account has bought and how it uses it: contract terms line by line, and consumption against limits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import duckdb

from upcross.engine.rows import rows
from upcross.opportunities.evidence import amount, plain
from upcross.publishing.accounts_rows import Cards, by_account, table
from upcross.signals.model import Unit

if TYPE_CHECKING:
    from upcross.publishing.publish import Planned


def terms_of(planned: Planned, book: duckdb.DuckDBPyConnection) -> Cards:
    """``lines``, ``commitments``, ``consumption``, ``renewal_on`` and ``notice_on`` of each account."""
    frame = planned.run.evaluation.frame
    snapshot, day = frame.snapshot, planned.run.as_of
    plans = dict(book.execute(f"SELECT plan_id, name FROM ({snapshot.relation('pricing_plans')}) AS p").fetchall())
    metrics = {row["metric"]: row for row in rows(book, snapshot.relation("metrics"))}
    lines = by_account(
        rows(
            book,
            "SELECT m.*, s.unit_price, s.currency AS own_currency, s.discount, s.cancelled_on"
            f" FROM ({frame.model_statement('mrr_lines')}) AS m"
            f" LEFT JOIN ({snapshot.relation('subscriptions')}) AS s"
            " ON s.line_id = m.line_id AND s.valid_from <= m.from_on AND NOT m.committed"
            f" WHERE m.until_on IS NULL OR m.until_on > DATE '{day}'"
            " QUALIFY ROW_NUMBER() OVER (PARTITION BY m.line_id, m.from_on ORDER BY s.valid_from DESC) = 1"
            " ORDER BY m.product_id, m.business_unit, m.from_on, m.line_id",
        )
    )
    commitments = table(book, snapshot, "commitments", "product_id, starts_on", f"ends_on > DATE '{day}'")
    owned = by_account(rows(book, "SELECT * FROM signals_subscription ORDER BY product_id, business_unit"))
    meters = by_account(rows(book, "SELECT * FROM signals_meter ORDER BY product_id, business_unit, metric"))
    potential = {
        (use.account_id, use.business_unit, use.product_id, use.what): use.potential.to_dict()
        for use in planned.white_space.uses
    }

    def make(account: str) -> dict[str, Any]:
        mine = [_line(row, planned.run.products, plans, day) for row in lines[account]]
        now = [line for line in mine if not line["ahead"]]
        bars = [_seats(row, planned.run.products, potential) for row in owned[account] if _has_seats(row)]
        bars += [_meter(row, planned.run.products, metrics, potential) for row in meters[account]]
        renewals = [row["renewal_on"] for row in owned[account] if row["renewal_on"]]
        return {
            "lines": mine,
            "commitments": [_commitment(row, planned.run.products, metrics, day) for row in commitments[account]],
            "consumption": bars,
            "renewal_on": plain(min(renewals, default=None)),
            "notice_on": min((line["notice_on"] for line in now if line["notice_on"]), default=None),
            "use_unknown": sorted({planned.run.products.get(row["product_id"], row["product_id"])
                                   for row in owned[account]} - {bar["product"] for bar in bars}),
        }  # fmt: skip

    return Cards(make)


def _line(row: Mapping[str, Any], products: Mapping[str, str], plans: Mapping[str, str], day: date) -> dict[str, Any]:
    """One line of a contract in force, or agreed for later; ``mrr`` is in the reporting currency."""
    return {
        "line_id": row["line_id"], "contract_id": row["contract_id"] or "", "product_id": row["product_id"],
        "product": products.get(row["product_id"], row["product_id"]), "unit": row["business_unit"],
        "plan": plans.get(row["plan_id"], row["plan_id"] or ""), "charge": row["charge"] or "",
        "quantity": None if row["committed"] else row["quantity"], "unit_price": amount(row["unit_price"]),
        "currency": row["own_currency"] or "", "mrr": amount(row["mrr"]), "status": row["status"],
        "discount": plain(row["discount"], Unit.RATIO), "discount_ends_on": plain(row["discount_ends_on"]),
        "escalator": plain(row["escalator"], Unit.RATIO), "from_on": plain(row["from_on"]),
        "started_on": plain(row["line_started_on"]), "term_months": row["term_months"],
        "term_ends_on": plain(row["term_ends_on"]), "until_on": plain(row["until_on"]), "rolling": row["rolling"],
        "notice_on": plain(row["notice_on"]), "cancelled_on": plain(row["cancelled_on"]),
        "included_in": products.get(row["included_in"], row["included_in"] or ""), "committed": row["committed"],
        "ahead": row["from_on"] > day,
    }  # fmt: skip


def _commitment(row: Mapping[str, Any], products: Mapping[str, str], metrics: Mapping[str, Any],
                day: date) -> dict[str, Any]:  # fmt: skip
    metric = metrics.get(row["metric"], {})
    return {
        "commitment_id": row["commitment_id"], "product": products.get(row["product_id"], row["product_id"]),
        "metric": metric.get("name") or row["metric"], "measured_in": metric.get("unit") or "",
        "amount": plain(row["amount"]), "price": amount(row["price"]), "currency": row["currency"] or "",
        "starts_on": plain(row["starts_on"]), "ends_on": plain(row["ends_on"]), "overage": row["overage"] or "",
        "overage_rate": amount(row["overage_rate"]), "ahead": bool(row["starts_on"] and row["starts_on"] > day),
    }  # fmt: skip


def _has_seats(row: Mapping[str, Any]) -> bool:
    return row["seats_purchased"] is not None or row["seats_active"] is not None


def _seats(row: Mapping[str, Any], products: Mapping[str, str], potential: Mapping[Any, Any]) -> dict[str, Any]:
    """People on seats against seats bought; ``used`` counts people who worked with it in the latest period."""
    return {
        **_bar(row, products, "seats", potential),
        "kind": "seats", "metric": "Seats", "measured_in": "people", "used": row["seats_active"],
        "assigned": row["seats_assigned"], "limit": row["seats_purchased"], "share": plain(row["seat_utilization"]),
        "ahead": None, "limit_ahead": _added(row["seats_purchased"], row["seats_contracted_90d"]),
        "reached_in": row["seats_run_out_in"],
        "reached_on": plain(row["seats_run_out_on"]), "early_on": plain(row["seats_run_out_early_on"]),
        "late_on": plain(row["seats_run_out_late_on"]),
        "binding": True, "hard_stop": True, "elapsed": None, "overage_cost": None, "terms": None,
    }  # fmt: skip


def _meter(row: Mapping[str, Any], products: Mapping[str, str], metrics: Mapping[str, Any],
           potential: Mapping[Any, Any]) -> dict[str, Any]:  # fmt: skip
    """Use of a metric against a plan's limit a month, or against what is committed for a span."""
    metric = metrics.get(row["metric"], {})
    committed = row["allowance_kind"] == "commitment"
    share, limit = row["allowance_used"], row["allowance"]
    used = share * float(limit) if committed and share is not None and limit is not None else row["usage_30d"]
    ahead = row["allowance_used_ahead"]
    return {
        **_bar(row, products, row["metric"], potential),
        "kind": "commitment" if committed else ("limit" if limit is not None else "unlimited"),
        "metric": metric.get("name") or row["metric"], "measured_in": metric.get("unit") or "",
        "used": _number(used), "assigned": None, "limit": _number(limit), "share": plain(share),
        "ahead": None if ahead is None or row["allowance_ahead"] is None else ahead * float(row["allowance_ahead"]),
        "limit_ahead": _number(row["allowance_ahead"]), "reached_in": row["allowance_exhausted_in"],
        "reached_on": plain(row["allowance_exhausted_on"]), "early_on": plain(row["allowance_exhausted_early_on"]),
        "late_on": plain(row["allowance_exhausted_late_on"]),
        "binding": row["allowance_binding"], "hard_stop": row["allowance_hard_stop"],
        "elapsed": plain(row["commitment_elapsed"]), "overage_cost": amount(row["overage_cost_90d"]),
        "terms": row["commitment_terms"],
    }  # fmt: skip


def _bar(row: Mapping[str, Any], products: Mapping[str, str], what: str, potential: Mapping[Any, Any]
         ) -> dict[str, Any]:  # fmt: skip
    key = (row["account_id"], row["business_unit"], row["product_id"], what)
    return {
        "product_id": row["product_id"], "product": products.get(row["product_id"], row["product_id"]),
        "unit": row["business_unit"], "what": what, "potential": potential.get(key),
    }  # fmt: skip


def _number(value: Any) -> int | float | None:
    """A quantity as a number; whole ones without a fraction."""
    if value is None:
        return None
    found = float(value)
    return int(found) if found.is_integer() else round(found, 4)


def _added(one: int | None, other: int | None) -> int | None:
    return None if one is None else one + (other or 0)
