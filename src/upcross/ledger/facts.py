"""Rows of the ledger as plain values, as every face shows them."""

from __future__ import annotations

import json
from typing import Any

from upcross.ledger.models import Entry, Opportunity
from upcross.opportunities.evidence import amount


def opportunity_facts(row: Opportunity, *, evidence: bool = False) -> dict[str, Any]:
    """One opportunity; amounts as exact decimal text in currency units, null where unknown; days as ISO text.

    With ``evidence`` also the candidate with its sentences, as the last plan found it (null where erased).
    """
    facts = {
        "id": str(row.id),
        "version": row.version,
        "account_id": row.account_id,
        "account": row.account_name or row.account_id,
        "business_unit": row.business_unit,
        "product_id": row.product_id,
        "product": row.product_name or row.product_id,
        "motion": row.motion or None,
        "mechanism": row.mechanism or None,
        "task": row.task or None,
        "episode": row.episode,
        "kind": row.kind,
        "title": row.title,
        "plays": list(row.plays),
        "stage": row.stage,
        "owner": row.owner,
        "owner_role": row.owner_role,
        "closer": row.closer or None,
        "handed_to": row.handed_to or None,
        "opened_on": _day(row.opened_on),
        "due_on": _day(row.due_on),
        "escalated": row.escalated,
        "snoozed_until": _day(row.snoozed_until),
        "until_changed": bool(row.snoozed_while),
        "held_by": list(row.gates),
        "held_since": _day(row.held_since),
        "look_again_on": _day(row.look_again_on),
        "asked_anyway": row.asked_anyway,
        "overridden": list(row.override_gates),
        "overridden_until": _day(row.override_until),
        "arm": row.arm or None,
        "origin": row.origin,
        "known": dict(row.known),
        "ended_on": _day(row.ended_on),
        "end_reason": row.end_reason or None,
        "cooldown_until": _day(row.cooldown_until),
        "won_mrr": amount(row.won_mrr),
        "currency": row.currency,
        "potential": {
            "floor": amount(row.potential_floor),
            "expected": amount(row.potential_expected),
            "ceiling": amount(row.potential_ceiling),
        },
        "with_renewal_on": _day(row.with_renewal_on),
        "alternative_of": row.alternative_of or None,
        "updated_at": row.updated_at.isoformat(),
    }
    return {**facts, "evidence": row.candidate} if evidence else facts


def entry_facts(entry: Entry, texts: dict[str, str] | None = None) -> dict[str, Any]:
    """One entry of the record: what happened, when, by whom, and what it set; texts where they are given."""
    told = json.loads(entry.facts)
    changed = {name: amount(value) if name in _MONEY else value for name, value in told.get("set", {}).items()}
    return {
        "seq": entry.seq, "version": entry.version, "kind": entry.kind, "at": entry.at.isoformat(), "by": entry.by,
        "as_of": _day(entry.as_of), "reason": told.get("reason"), "set": changed, "texts": texts or {},
        "hash": entry.hash,
    }  # fmt: skip


_MONEY = ("potential_floor", "potential_expected", "potential_ceiling", "won_mrr")


def _day(day: Any) -> str | None:
    return day.isoformat() if day else None
