"""The price book: every item that is sold, what it is mapped to, and what it most likely is where nothing says so."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from typing import Any

from upcross.book.checks.views import create_revenue, create_views
from upcross.book.store import Store

_USAGE_WORDS = frozenset({"api", "calls", "call", "usage", "credits", "credit", "overage", "metered", "gb", "storage"})
_SEAT_WORDS = frozenset({"seat", "seats", "user", "users", "lic", "license", "licence", "licenses"})
_FILLERS = frozenset({"the", "for", "and", "plan", "edition", "sku", "annual", "monthly", "yearly", "year", "month"})


@dataclass(frozen=True, slots=True)
class Product:
    """A product as far as items are matched to it."""

    product_id: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A pricing plan as far as items are matched to it."""

    plan_id: str
    product_id: str
    name: str
    charge: str


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an item is: product, plan and the mechanism of more of it; None where it is not known."""

    product: str | None = None
    plan: str | None = None
    mechanism: str | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One price-book item, and the recurring revenue sold with it."""

    sku: str
    lines: int
    mrr: int
    """Of the lines in force on the book's newest day, in ten-thousandths of the reporting currency a month."""
    share: float
    """Of all such revenue, 0 to 1."""
    mapped: Meaning | None
    """What the table ``skus`` says; None: it lacks the item, or names no product."""
    proposal: Meaning | None
    """What it most likely is, where ``mapped`` is None or incomplete; None: nothing fits."""
    reason: str = ""
    """Why the proposal is made."""


@dataclass(frozen=True, slots=True)
class PriceBook:
    """All items, most revenue first."""

    items: tuple[Item, ...]
    without_item: float
    """The share of revenue whose lines name no item."""
    currency: str

    @property
    def unmapped(self) -> tuple[Item, ...]:
        """Items that are mapped to no product, most revenue first."""
        return tuple(item for item in self.items if item.mapped is None)

    def snippet(self) -> str:
        """The proposals as text for ``catalog.yaml``; what nothing fits is a comment to fill in."""
        out = ["skus:"]
        for item in self.items:
            if item.proposal is None and item.mapped is not None:
                continue
            key = item.sku if re.fullmatch(r"[A-Za-z][\w-]*", item.sku) else json.dumps(item.sku, ensure_ascii=False)
            told = f"# {item.share:.1%} of MRR"
            if item.proposal is None:
                out.append(f"  # {key}: {{product: }}  {told}: nothing fits")
                continue
            cells = [("product", item.proposal.product), ("plan", item.proposal.plan),
                     ("mechanism", item.proposal.mechanism)]  # fmt: skip
            inner = ", ".join(f"{name}: {value}" for name, value in cells if value)
            out.append(f"  {key}: {{{inner}}}  {told}; {item.reason}")
        return "\n".join(out) if len(out) > 1 else ""


def read_price_book(store: Store, today: date | None = None) -> PriceBook:
    """Every item of ``skus`` and of the subscription lines, with proposals for those that are not mapped.

    An item is proposed to be what all its lines name, where that is a known product; else the product and plan whose
    ids and names share most words with it. Raises ``ProjectError`` where nothing is loaded.
    """
    manifest = store.manifest()
    with closing(store.connect(origins=True)) as connection:
        create_views(connection, manifest)
        create_revenue(connection, manifest, today or manifest.loaded_on)

        def fetch(query: str) -> list[tuple[Any, ...]]:
            return connection.execute(query).fetchall()

        products = [Product(*row) for row in fetch("SELECT product_id, name, kind FROM current.products ORDER BY 1")]
        plans = [Plan(*row) for row in fetch("SELECT plan_id, product_id, name, charge FROM current.pricing_plans"
                                             " ORDER BY 1")]  # fmt: skip
        mapped = {sku: Meaning(*rest) for sku, *rest in fetch("SELECT sku, product_id, plan_id, mechanism"
                                                              " FROM current.skus")}  # fmt: skip
        sold = {sku: rest for sku, *rest in fetch(
            "SELECT s.sku, count(DISTINCT s.line_id), any_value(r.mrr), list(DISTINCT s.product_id),"
            " list(DISTINCT s.plan_id) FILTER (WHERE s.plan_id <> '') FROM current.subscriptions s LEFT JOIN"
            " (SELECT sku, sum(mrr) AS mrr FROM line_revenue GROUP BY sku) r ON r.sku = s.sku WHERE s.sku <> ''"
            " GROUP BY s.sku")}  # fmt: skip
        total, named = fetch("SELECT coalesce(sum(mrr), 0), coalesce(sum(mrr) FILTER (WHERE sku <> ''), 0)"
                             " FROM line_revenue")[0]  # fmt: skip
    items = []
    for sku in {**sold, **mapped}:
        lines, mrr, own_products, own_plans = sold.get(sku, [0, 0, [], []])
        known = mapped.get(sku)
        meaning, reason = propose(sku, own_products or (), own_plans or (), products, plans)
        if known is not None and known.product:
            meaning, reason = _complete(known, meaning, reason)
        share = int(mrr or 0) / int(total) if total else 0.0
        items.append(
            Item(sku, lines, int(mrr or 0), share, known if known and known.product else None, meaning, reason)
        )
    items.sort(key=lambda item: (-item.mrr, item.sku))
    return PriceBook(tuple(items), 1 - int(named) / int(total) if total else 0.0, manifest.reporting_currency)


def _complete(known: Meaning, meaning: Meaning | None, reason: str) -> tuple[Meaning | None, str]:
    """A proposal for what a mapped item leaves open; none where it says everything or the proposal contradicts it."""
    if meaning is None or meaning.product != known.product or known.mechanism:
        return None, ""
    if known.plan and meaning.plan and known.plan != meaning.plan:
        return None, ""
    return Meaning(known.product, known.plan or meaning.plan, meaning.mechanism), reason


def propose(
    sku: str, own_products: Sequence[str], own_plans: Sequence[str], products: Sequence[Product], plans: Sequence[Plan]
) -> tuple[Meaning | None, str]:
    """What an item most likely is, and why; ``own_products`` and ``own_plans`` are those that its lines name."""
    by_id = {product.product_id: product for product in products}
    words = _words(sku)
    product, why = None, ""
    if len(own_products) == 1 and own_products[0] in by_id:
        product, why = by_id[own_products[0]], "its lines name the product"
    else:
        product, why = _best_product(words, products, plans)
    if product is None:
        return None, ""
    plan, plan_why = _best_plan(words, own_plans, [plan for plan in plans if plan.product_id == product.product_id],
                                product)  # fmt: skip
    mechanism = _mechanism(words, product, plan)
    joined = " " if plan_why == "and plan" else ", "
    reason = f"{why}{joined}{plan_why}" if plan_why else why
    return Meaning(product.product_id, plan.plan_id if plan else None, mechanism), reason


def _best_product(
    words: Sequence[str], products: Sequence[Product], plans: Sequence[Plan]
) -> tuple[Product | None, str]:
    scored = []
    for product in products:
        of_plans = [
            word for plan in plans if plan.product_id == product.product_id for word in _words(plan.plan_id, plan.name)
        ]
        points, why = _score(words, _words(product.product_id, product.name), "product")
        more, plan_why = _score(
            words, [w for w in of_plans if w not in _words(product.product_id, product.name)], "plan"
        )
        if points or more >= 3:
            scored.append((points * 2 + more, why or plan_why, product))
    return _single(scored)


def _best_plan(
    words: Sequence[str], own: Sequence[str], plans: Sequence[Plan], product: Product
) -> tuple[Plan | None, str]:
    named = [plan for plan in plans if plan.plan_id in own]
    if len(own) == 1 and named:
        return named[0], "and plan"
    if len(plans) == 1:
        return plans[0], "which has one plan"
    beside = set(_words(product.product_id, product.name))
    scored = [
        (points, f"{why}", plan)
        for plan in plans
        if (found := _score(words, [w for w in _words(plan.plan_id, plan.name) if w not in beside], "plan"))
        and (points := found[0])
        and (why := found[1])
    ]
    return _single(scored)


def _single(scored: list[tuple[int, str, Any]]) -> tuple[Any, str]:
    """The one with most points, or nothing where two have as many."""
    best = max((points for points, _, _ in scored), default=0)
    top = [(found, why) for points, why, found in scored if points == best]
    return top[0] if len(top) == 1 else (None, "")


def _score(words: Sequence[str], others: Iterable[str], what: str) -> tuple[int, str]:
    """Points for words in common: three for the same word, two where one begins the other (three letters and more)."""
    points, told = 0, []
    for other in dict.fromkeys(others):
        if other in words:
            points += 3
            told.append(f"'{other}' is in the {what}'s name")
            continue
        begun = next((word for word in words if min(len(word), len(other)) >= 3
                      and (other.startswith(word) or word.startswith(other))), None)  # fmt: skip
        if begun:
            points += 2
            told.append(f"'{begun}' is like '{other}' of the {what}")
    return points, ", ".join(told)


def _mechanism(words: Sequence[str], product: Product, plan: Plan | None) -> str | None:
    if product.kind in ("support", "module", "add_on"):
        return product.kind
    if _USAGE_WORDS & set(words):
        return "usage"
    if (plan is not None and plan.charge == "per_unit") or _SEAT_WORDS & set(words):
        return "seats"
    return "tier" if plan is not None else None


def _words(*texts: str) -> list[str]:
    return list(dict.fromkeys(_split(texts)))


def _split(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        spaced = re.sub(r"(?<=[a-zäöüß])(?=[A-ZÄÖÜ])|(?<=\d)(?=[^\W\d])|(?<=[^\W\d])(?=\d)", " ", text)
        for word in re.split(r"[\W_]+", spaced.lower()):
            if len(word) > 1 and not word.isdigit() and word not in _FILLERS:
                yield word


def price_book_facts(found: PriceBook) -> Mapping[str, object]:
    """A price book as plain values, for JSON."""

    def meaning(one: Meaning | None) -> dict[str, str | None] | None:
        return None if one is None else {"product": one.product, "plan": one.plan, "mechanism": one.mechanism}

    return {
        "items": [
            {"sku": item.sku, "lines": item.lines, "mrr": f"{item.mrr / 10_000:.2f}", "share": round(item.share, 6),
             "mapped": meaning(item.mapped), "proposal": meaning(item.proposal), "reason": item.reason}
            for item in found.items
        ],
        "share_without_item": round(found.without_item, 6),
        "currency": found.currency,
        "snippet": found.snippet(),
    }  # fmt: skip
