"""Retention, the bridge, and each motion's own numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from upcross.api.refusal import invalid
from upcross.app.numbers import leading, people
from upcross.app.numbers.asked import (
    Asked,
    Found,
    asked_for,
    found_for,
    groupings,
    refuse_parts_of_the_base,
    sees_credit,
)
from upcross.app.numbers.charts import span_words, trend, waterfall
from upcross.app.numbers.meanings import MEANINGS
from upcross.app.numbers.tables import sheets_of
from upcross.app.shell.answering import Sheets, answer, part
from upcross.app.shell.published import published
from upcross.numbers.causes import CAUSES
from upcross.numbers.grouping import By
from upcross.numbers.report import Display
from upcross.numbers.rows import Level

VIEWS = {
    "why": "Why it moved", "motions": "Deeper and wider", "groups": "Groups", "leading": "Leading indicators",
    "definitions": "Definitions", "credit": "Credit",
}  # fmt: skip
"""The tabs of the page."""
_SIDES = {
    "lost": "Lost",
    "deeper": "Deeper (upsell)",
    "wider": "Wider (cross-sell)",
    "price": "Price",
    "other": "Other",
}
_BY = {By.CSM: "CSM"}
_YEAR = 12
PER = {Display.MRR: "a month", Display.ARR: "a year"}
"""What amounts are of."""
_NAMED, _NAMED_BRIEFLY = 4, 3
"""Accounts named beside a cause, and where the story is told in sentences."""


def numbers(request: HttpRequest) -> HttpResponse:
    """Retention, the bridge, and each motion's own numbers."""
    refuse_parts_of_the_base(request)
    asked = asked_for(request)
    view = request.GET.get("view") or "why"
    views = {name: words for name, words in VIEWS.items() if name != "credit" or sees_credit(request)}
    if view not in views:
        raise invalid("view", f"'{view}' is none of {', '.join(views)}")
    newest = published()
    known = newest.kept("numbers") if newest else None
    if not known or known["reason"]:
        told = {"reason": known["reason"] if known else "", "nothing": True}
        return answer(request, "numbers.html", told, title="Numbers")
    if view == "groups" and asked.by is None:
        asked = replace(asked, by=By.SEGMENT)
    if view != "groups" and asked.by is not None:
        asked = replace(asked, by=None)
    found = found_for(asked)
    facts = found.facts
    told = {
        "nothing": False,
        "view": view,
        **_choices(known, facts, asked, view, views, groupings(request)),
        "kpis": _kpis(facts, asked),
    }
    told |= _of_view(request, view, found, asked)
    if request.headers.get("HX-Target") == "leading":
        return part(request, "numbers_leading.html", told)
    return answer(request, "numbers.html", told, title="Numbers", sheets=_sheets(request, facts))


def _sheets(request: HttpRequest, facts: Any) -> Sheets:
    return {name: make for name, make in sheets_of(facts).items() if name != "credit" or sees_credit(request)}


def to_mark(asked: Asked, mark: str) -> str:
    """The address of the records behind a mark."""
    return f"{reverse('numbers.records')}?{asked.query(mark=mark)}"


def _of_view(request: HttpRequest, view: str, found: Found, asked: Asked) -> dict[str, Any]:
    facts = found.facts
    match view:
        case "why":
            return {"why": _why(facts, asked), "bridge": _bridge(facts, asked),
                    "trend": trend(facts["trailing_12_months"], lambda mark: to_mark(asked, mark))}  # fmt: skip
        case "motions":
            return {"motions": _motions(facts, asked), "balance": facts["total"]["balance"]}
        case "groups":
            called = people.names() if asked.by and asked.by.of_our_people else {}
            return {"groups": [_group(group, asked, called) for group in facts["groups"]]}
        case "leading":
            return {"leading": leading.told(asked, now="now" in request.GET or "HX-Target" in request.headers)}
        case "definitions":
            return {"definitions": facts["definitions"]}
        case _:
            return {"credit": people.credit(facts, lambda mark: to_mark(asked, mark))}


def _choices(
    known: Any, facts: Any, asked: Asked, view: str, views: Mapping[str, str], bys: list[By]
) -> dict[str, Any]:
    """The period, the level and the tabs: what is chosen, and what else could be."""
    here = f"{facts['from']}..{facts['to']}"
    periods = [
        {"value": "" if place == 0 else f"{one['first']}..{one['last']}", "words": one["words"],
         "chosen": f"{one['first']}..{one['last']}" == here}
        for place, one in enumerate(known["windows"])
    ]  # fmt: skip
    if not any(one["chosen"] for one in periods):
        periods.append({"value": asked.period, "words": span_words(facts["from"], facts["to"]), "chosen": True})
    return {
        "from": facts["from"], "to": facts["to"], "period_words": span_words(facts["from"], facts["to"]),
        "months": facts["months"], "currency": facts["currency"],
        "show": asked.show.value, "per": PER[asked.show],
        "shows": [{"value": "" if one is Display.MRR else one.value, "words": f"{per} ({one.value.upper()})",
                   "chosen": one is asked.show} for one, per in PER.items()],
        "level": facts["level"], "by": facts["by"], "rules": facts["rules"], "periods": periods,
        "levels": [{"value": level.value, "words": f"{level.value.replace('_', ' ')}s", "chosen": level is asked.level}
                   for level in Level],
        "bys": [{"value": by.value, "words": _BY.get(by, by.value).replace("_", " "), "chosen": by is asked.by}
                for by in bys],
        "by_words": _BY.get(asked.by, asked.by.value).replace("_", " ") if asked.by else None,
        "tabs": [{"words": words, "href": f"?{asked.query(view='' if name == 'why' else name)}", "here": name == view}
                 for name, words in views.items()],
        "query": asked.query(view="" if view == "why" else view),
        "meanings": MEANINGS,
        "left_out": [{**one, "name": facts["names"].get(one["account_id"], one["account_id"]),
                      "href": account(one["account_id"])} for one in facts["total"]["bridge"]["left_out"]],
    }  # fmt: skip


def account(account_id: str) -> str:
    """The page of an account."""
    return f"/accounts/{quote(account_id, safe='')}/"


def movements_of(account_id: str) -> str:
    """What an account bought, gave up and pays more for: also of one that left, whose first page has nothing to say."""
    return f"{account(account_id)}movements/"


def _kpis(facts: Any, asked: Asked) -> list[dict[str, Any]]:
    found = facts["total"]["retention"]
    short = found["short_of"]
    lines = [
        {"words": f"{'short of' if amount > 0 else 'above'} the {line} line", "amount": abs(amount)}
        for line, amount in short.items()
        if amount is not None and facts["months"] == _YEAR  # the lines are drawn for a year
    ]
    listed = [
        ("nrr", "NRR", found["nrr"], "retention"),
        ("nrr_without_price", "NRR without price", found["nrr_without_price"], "retention"),
        ("grr", "GRR", found["grr"], "retention"),
        ("logo_retention", "Customers kept", found["logo_retention"], "logo_retention"),
        ("quick_ratio", "Won ÷ lost", facts["total"]["quick_ratio"], "quick_ratio"),
    ]
    return [
        {"name": name, "label": label, **_rate(rate, to_mark(asked, mark)), "mark": mark,
         "money": name not in ("logo_retention",), "plain": name == "quick_ratio",
         "lines": lines if name == "nrr" else []}
        for name, label, rate, mark in listed
    ]  # fmt: skip


def _rate(rate: Any, href: str) -> dict[str, Any]:
    return {**{name: rate[name] for name in ("value", "numerator", "denominator", "count", "of", "reason", "marks")},
            "href": href}  # fmt: skip


def _why(facts: Any, asked: Asked) -> dict[str, Any]:
    why = facts["why"]
    order = list(CAUSES)
    causes = sorted(why["causes"], key=lambda one: order.index(one["cause"]))
    told = [
        {**one, "href": to_mark(asked, f"nrr.{one['cause']}") if one["accounts"] else None,
         "largest": [{**who, "href": movements_of(who["account_id"])} for who in one["largest"][:_NAMED]]}
        for one in causes if Decimal(one["amount"]) or abs(one["points_before"] or 0) >= 0.0005
    ]  # fmt: skip
    moved = [one for one in told if one["points"]]
    briefly = [{**one, "largest": one["largest"][:_NAMED_BRIEFLY]} for one in moved]
    losses = sorted((one for one in briefly if Decimal(one["amount"]) < 0), key=lambda one: Decimal(one["amount"]))
    gains = sorted((one for one in briefly if Decimal(one["amount"]) > 0), key=lambda one: -Decimal(one["amount"]))
    then = why["before"]["nrr"]
    shifts = [
        {**one, "shift": one["points"] - one["points_before"]}
        for one in told if one["points"] is not None and one["points_before"] is not None
    ]  # fmt: skip
    shifts.sort(key=lambda one: -abs(one["shift"]))
    return {
        **{name: why[name] for name in ("reason", "start", "end", "nrr", "before")},
        "before_words": span_words(why["before"]["from"], why["before"]["to"]),
        "difference": None if why["nrr"] is None or then is None else round(why["nrr"], 3) - round(then, 3),
        "losses": losses[:3], "gains": gains[:3], "shifts": [one for one in shifts if abs(one["shift"]) >= 0.0005][:3],
        "sides": [
            {"side": side, "words": words, "causes": own,
             "points": sum(one["points"] or 0 for one in own),
             "amount": str(sum(Decimal(one["amount"]) for one in own)),
             "points_before": None if why["before"]["reason"] else sum(one["points_before"] or 0 for one in own)}
            for side, words in _SIDES.items() if (own := [one for one in told if one["side"] == side])
        ],
    }  # fmt: skip


def _bridge(facts: Any, asked: Asked) -> dict[str, Any]:
    steps = facts["bridge_by_cause"]
    drawn = [step for step in steps if Decimal(step["amount"])]
    chart = waterfall(Decimal(facts["bridge_start"]), Decimal(facts["bridge_end"]), drawn, facts["currency"],
                      lambda mark: to_mark(asked, mark))  # fmt: skip
    expansion = facts["total"]["bridge"]["expansion"]
    return {
        "chart": chart, "start": facts["bridge_start"], "end": facts["bridge_end"], "expansion": expansion,
        "start_href": to_mark(asked, "start"), "end_href": to_mark(asked, "end"),
        "steps": [{**step, "href": to_mark(asked, step["cause"])} for step in steps],
        "residual": facts["total"]["bridge"]["residual"],
    }  # fmt: skip


_UPSELL = (
    ("seat_expansion_gross", "Seats added, of those at the start"),
    ("seat_expansion_net", "Seats added less given back, by leavers too"),
    ("tier_migration_up", "Moved to a higher plan"),
    ("tier_migration_down", "Moved to a lower plan"),
    ("tier_migration_forced", "Had to move, by our doing"),
)
_OVERAGE = (("overage_turned_commitment", "Overage turned into commitment"),)
_CROSS_SELL = (
    ("products_per_account", "Products per customer"),
    ("owning_2_or_more", "Own two or more"),
    ("owning_3_or_more", "Own three or more"),
    ("using_2_or_more", "Use two or more"),
    ("using_3_or_more", "Use three or more"),
)


def _motions(facts: Any, asked: Asked) -> list[dict[str, Any]]:
    upsell, cross = facts["total"]["upsell"], facts["total"]["cross_sell"]
    expansion = facts["total"]["bridge"]["expansion"]
    turned = upsell["overage_turned_commitment"]
    more = _rates({"overage_turned_commitment": turned.get("turned")}, _OVERAGE, asked) if "turned" in turned else []
    return [
        {
            "motion": "upsell", "words": "Deeper: more of what they have", "won": expansion["upsell"],
            "mechanisms": [_won(won, upsell, asked, won["mechanism"]) for won in upsell["by_mechanism"]],
            "rates": [*_rates(upsell, _UPSELL, asked), *more],
            "no_commitments": turned.get("reason"),
            "moved_plans": [
                {**cell, "product": facts["products"].get(cell["product_id"], cell["product_id"])}
                for cell in upsell["tier_matrix"] if cell["direction"] in ("up", "down") or cell["forced"]
            ],
        },
        {
            "motion": "cross_sell", "words": "Wider: more products", "won": expansion["cross_sell"],
            "mechanisms": [
                _won(won, cross, asked, f"cross_sell.{won['mechanism']}") for won in cross["by_mechanism"]
            ],
            "rates": _rates(cross, _CROSS_SELL, asked),
            "attach": [
                {"name": one["name"], "product_href": f"/white-space/?product={quote(one['product_id'])}",
                 "among": one["among"], **_rate(one["rate"], to_mark(asked, f"attach.{one['product_id']}"))}
                for one in cross["attach"]
            ],
            "second": cross["months_to_second_product"],
            "by_products": [
                {"products": one["products"], "nrr": _rate(one["nrr"], to_mark(asked, f"products.{one['products']}")),
                 "grr": _rate(one["grr"], to_mark(asked, f"products.{one['products']}"))}
                for one in cross["retention_by_products"]
            ],
        },
    ]  # fmt: skip


def _rates(of: Any, listed: tuple[tuple[str, str], ...], asked: Asked) -> list[dict[str, Any]]:
    return [{"name": name, "label": label, "plain": name == "products_per_account",
             **_rate(of[name], to_mark(asked, name))} for name, label in listed]  # fmt: skip


def _won(won: Any, motion: Any, asked: Asked, cause: str) -> dict[str, Any]:
    kept = motion["kept_after_12_months"][won["mechanism"]]
    return {
        **won, "href": to_mark(asked, cause) if won["won"] else None,
        "lost_href": to_mark(asked, f"{cause}-down") if won["lost"] else None,
        "kept": _rate(kept, to_mark(asked, f"kept.{won['mechanism']}")),
    }  # fmt: skip


def _group(group: Any, asked: Asked, called: dict[str, str]) -> dict[str, Any]:
    found, mark = group["retention"], f"group.{group['name']}"
    expansion = group["bridge"]["expansion"]
    return {
        "name": group["name"], "label": called.get(group["label"], group["label"]),
        "count": found["nrr"]["count"], "start": found["nrr"]["denominator"], "end": found["nrr"]["numerator"],
        **{name: _rate(found[name], to_mark(asked, mark)) for name in ("nrr", "nrr_without_price", "grr")},
        "deeper": {"amount": expansion["upsell"], "href": to_mark(asked, f"{mark}.deeper")},
        "wider": {"amount": expansion["cross_sell"], "href": to_mark(asked, f"{mark}.wider")},
    }  # fmt: skip
