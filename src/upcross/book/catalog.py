"""The catalogue: ``catalog.yaml``, a nested text that people keep, as rows of the contract's reference tables.

It fills only what no table maps; where both give the same cell with different values, loading says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from upcross.book.cells import literal
from upcross.documents import Document, validate
from upcross.errors import Place, Report, Severity, issue_code
from upcross.yaml_values import Path_

CATALOG_DUPLICATE = issue_code("catalog-duplicate", Severity.ERROR, "The catalogue lists one plan under two products.")

TABLES_GIVEN = (
    "products", "product_domains", "product_relations", "product_eligibility", "pricing_plans", "plan_prices",
    "plan_limits", "plan_features", "metrics", "competitors", "skus", "team", "exchange_rates",
)  # fmt: skip


def _as_limit(given: Any) -> Any:
    return given if isinstance(given, dict) else {"amount": given}


def _as_dated(given: Any) -> Any:
    return given if isinstance(given, dict) else {"always": given}


def _as_list(given: Any) -> Any:
    return [given] if isinstance(given, str) else given


def _as_days(given: Any) -> Any:
    if isinstance(given, dict):
        for day in given:
            if day != "always":
                try:
                    date.fromisoformat(str(day))
                except ValueError:
                    raise ValueError(f"'{day}' is neither a day (YYYY-MM-DD) nor 'always'") from None
    return given


Names = Annotated[list[str], BeforeValidator(_as_list)]
Dated = Annotated[dict[str, Decimal], BeforeValidator(_as_days), BeforeValidator(_as_dated)]
"""One number, or numbers by the first day on which each holds ('always': without a first day)."""


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)


class Limit(_Entry):
    """What a plan includes of one metric."""

    amount: Decimal
    period: Literal["month", "level"] | None = None
    kind: Literal["hard", "soft"] | None = None
    per_unit: bool | None = None
    overage_price: Decimal | None = None
    valid_from: date | None = None


class Plan(_Entry):
    """A pricing plan of a product."""

    name: str | None = None
    rank: int
    charge: Literal["per_unit", "flat"]
    billing_months: int | None = None
    self_serve: bool | None = None
    seat_type: str | None = None
    prices: dict[str, Dated] = Field(default_factory=dict)
    limits: dict[str, Annotated[Limit, BeforeValidator(_as_limit)]] = Field(default_factory=dict)
    features: Names = Field(default_factory=list)


class Eligible(_Entry):
    """The accounts to whom a product may be sold."""

    segment: Names = Field(default_factory=list)
    region: Names = Field(default_factory=list)
    industry: Names = Field(default_factory=list)


class Product(_Entry):
    """A product, module, add-on or support offer, with its plans."""

    name: str | None = None
    kind: Literal["product", "module", "add_on", "support"] | None = None
    parent: str | None = None
    successor: str | None = None
    retired_on: date | None = None
    counts_as_product: bool | None = None
    domains: Names = Field(default_factory=list)
    requires: Names = Field(default_factory=list)
    exclusive_with: Names = Field(default_factory=list)
    eligible: Eligible = Eligible()
    plans: dict[str, Plan] = Field(default_factory=dict)


class Metric(_Entry):
    """A metric in which use is measured."""

    name: str | None = None
    unit: str | None = None
    aggregation: Literal["sum", "peak"] | None = None
    core: bool | None = None
    kind: Literal["use", "limit_hits", "people_blocked"] | None = None
    limited_metric: str | None = None


class Sku(_Entry):
    """A price-book item."""

    product: str | None = None
    plan: str | None = None
    mechanism: Literal["seats", "tier", "usage", "support", "product", "module", "add_on"] | None = None


class Person(_Entry):
    """A person or queue of ours."""

    name: str | None = None
    role: (
        Literal["csm", "account_manager", "ae", "specialist", "renewals_manager", "manager", "revops", "finance",
                "support", "leader", "queue", "partner"] | None
    ) = None  # fmt: skip
    manager: str | None = None
    email: str | None = None
    product: str | None = None
    left_on: date | None = None


class CatalogFile(_Entry):
    """The whole of ``catalog.yaml``."""

    products: dict[str, Product] = Field(default_factory=dict)
    metrics: dict[str, Metric] = Field(default_factory=dict)
    competitors: dict[str, Names] = Field(default_factory=dict)
    skus: dict[str, Sku] = Field(default_factory=dict)
    team: dict[str, Person] = Field(default_factory=dict)
    exchange_rates: dict[str, Dated] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CatalogRow:
    """One row that the catalogue gives: the text of its cells, and where it stands."""

    cells: Mapping[str, str]
    place: Place
    assumed: Mapping[str, str] = field(default_factory=dict)
    """Cells that the catalogue leaves open and that become this where no table says otherwise."""


@dataclass(frozen=True, slots=True)
class Catalog:
    """The rows that the catalogue gives to each reference table; cells that it leaves open are not there."""

    rows: Mapping[str, Sequence[CatalogRow]] = field(default_factory=dict)


def parse_catalog(document: Document, report: Report) -> Catalog:
    """The catalogue in a document; every fault goes into ``report`` with its place."""
    if document.data is None:
        return Catalog()
    parsed = validate(document, CatalogFile, report)
    if parsed is None:
        return Catalog()
    rows: dict[str, list[CatalogRow]] = {}
    for table, cells, path in _rows(parsed):
        texts = {column: text for column, value in cells.items() if (text := literal(value)) is not None}
        assumed = _assumed(table, texts)
        rows.setdefault(table, []).append(CatalogRow(texts, document.key_place(*path), assumed))
    _check_plans(parsed, document, report)
    return Catalog(rows)


def _assumed(table: str, cells: Mapping[str, str]) -> dict[str, str]:
    """What goes without saying: a thing is called by its id, and what is sold is a product."""
    given: dict[str, str] = {}
    match table:
        case "products":
            given = {"name": cells["product_id"], "kind": "product"}
        case "pricing_plans":
            given = {"name": cells["plan_id"]}
        case "metrics":
            given = {"name": cells["metric"], "unit": cells["metric"]}
        case "team":
            given = {"name": cells["person_id"]}
    return {column: text for column, text in given.items() if column not in cells}


_Row = tuple[str, dict[str, object], Path_]


def _rows(catalog: CatalogFile) -> Iterator[_Row]:
    for product_id, product in catalog.products.items():
        yield from _product_rows(product_id, product)
    for metric_id, metric in catalog.metrics.items():
        yield "metrics", {"metric": metric_id, "name": metric.name, "unit": metric.unit,
                          "aggregation": metric.aggregation, "core": metric.core, "kind": metric.kind,
                          "limited_metric": metric.limited_metric}, ("metrics", metric_id)  # fmt: skip
    for competitor, domains in catalog.competitors.items():
        for domain in domains:
            yield "competitors", {"competitor": competitor, "domain": domain}, ("competitors", competitor)
    for sku_id, sku in catalog.skus.items():
        yield "skus", {"sku": sku_id, "product_id": sku.product, "plan_id": sku.plan,
                       "mechanism": sku.mechanism}, ("skus", sku_id)  # fmt: skip
    for person_id, person in catalog.team.items():
        yield "team", {"person_id": person_id, "name": person.name, "role": person.role,
                       "manager": person.manager, "email": person.email, "product_id": person.product,
                       "left_on": person.left_on}, ("team", person_id)  # fmt: skip
    for currency, rates in catalog.exchange_rates.items():
        for day, rate in rates.items():
            yield "exchange_rates", {"currency": currency, "valid_from": "1900-01-01" if day == "always" else day,
                                     "rate": format(rate, "f")}, ("exchange_rates", currency, day)  # fmt: skip


def _product_rows(product_id: str, product: Product) -> Iterator[_Row]:
    path: Path_ = ("products", product_id)
    yield "products", {"product_id": product_id, "name": product.name, "kind": product.kind,
                       "parent_product_id": product.parent, "successor_product_id": product.successor,
                       "retired_on": product.retired_on,
                       "counts_as_product": product.counts_as_product}, path  # fmt: skip
    for domain in product.domains:
        yield "product_domains", {"product_id": product_id, "domain": domain}, (*path, "domains")
    for relation in ("requires", "exclusive_with"):
        for other in getattr(product, relation):
            yield "product_relations", {"product_id": product_id, "relation": relation,
                                        "other_product_id": other}, (*path, relation)  # fmt: skip
    for attribute in ("segment", "region", "industry"):
        for value in getattr(product.eligible, attribute):
            yield "product_eligibility", {"product_id": product_id, "attribute": attribute,
                                          "value": value}, (*path, "eligible", attribute)  # fmt: skip
    for plan_id, plan in product.plans.items():
        yield from _plan_rows(product_id, plan_id, plan, (*path, "plans", plan_id))


def _plan_rows(product_id: str, plan_id: str, plan: Plan, path: Path_) -> Iterator[_Row]:
    yield "pricing_plans", {"plan_id": plan_id, "product_id": product_id, "name": plan.name,
                            "rank": plan.rank, "charge": plan.charge, "billing_months": plan.billing_months,
                            "self_serve": plan.self_serve, "seat_type": plan.seat_type}, path  # fmt: skip
    for currency, prices in plan.prices.items():
        for day, price in prices.items():
            yield (
                "plan_prices",
                {
                    "plan_id": plan_id,
                    "currency": currency,
                    "list_price": format(price, "f"),
                    "valid_from": None if day == "always" else day,
                },
                (*path, "prices", currency),
            )
    for metric, limit in plan.limits.items():
        overage = None if limit.overage_price is None else format(limit.overage_price, "f")
        yield "plan_limits", {"plan_id": plan_id, "metric": metric, "amount": format(limit.amount, "f"),
                              "period": limit.period, "kind": limit.kind, "per_unit": limit.per_unit,
                              "overage_price": overage,
                              "valid_from": limit.valid_from}, (*path, "limits", metric)  # fmt: skip
    for feature in plan.features:
        yield "plan_features", {"plan_id": plan_id, "feature": feature}, (*path, "features")


def _check_plans(catalog: CatalogFile, document: Document, report: Report) -> None:
    home: dict[str, str] = {}
    for product_id, product in catalog.products.items():
        for plan_id in product.plans:
            first = home.setdefault(plan_id, product_id)
            if first != product_id:
                place = document.key_place("products", product_id, "plans", plan_id)
                report.add(CATALOG_DUPLICATE.at(place, f"plan '{plan_id}' stands under '{first}' and '{product_id}'",
                                                hint="give one of them another id"))  # fmt: skip
