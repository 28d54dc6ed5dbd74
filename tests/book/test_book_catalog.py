"""The catalogue: nested text to rows, filling what no table maps, and never contradicting a table in silence."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from upcross.book.catalog import parse_catalog
from upcross.documents import parse
from upcross.errors import LoadError, Report

CATALOG = """\
products:
  crm:
    name: CRM
    domains: [sales, service]
    exclusive_with: crm_lite
    plans:
      basic: {rank: 1, charge: flat, prices: {EUR: 49.9}, limits: {users: 5}, features: [mail]}
      pro:
        rank: 2
        charge: per_unit
        self_serve: true
        prices: {"": {always: 20, 2024-01-01: 22.5}}
        limits: {calls: {amount: 1000, period: month, kind: hard, per_unit: true}}
  forms: {kind: add_on, parent: crm, requires: [crm], eligible: {segment: [large, mid], region: EU}}
  crm_lite: {retired_on: 2023-01-01}
metrics: {calls: {name: API calls, unit: calls, aggregation: sum, core: true}}
competitors: {Acmeforce: [sales]}
skus: {SKU-1: {product: crm, plan: pro, mechanism: seats}}
team:
  ann: {name: Ann, role: csm, manager: bob}
  bob: {role: manager}
  inbound: {role: queue}
exchange_rates: {USD: {2024-01-01: 0.92}}
"""


def test_the_nested_text_becomes_rows_of_every_reference_table(folder):
    folder.load("  {}", catalog=CATALOG)
    rows = folder.rows
    assert rows("SELECT product_id, name, kind, parent_product_id, retired_on FROM book.products") == [
        ("crm", "CRM", "product", None, None),
        ("crm_lite", "crm_lite", "product", None, date(2023, 1, 1)),
        ("forms", "forms", "add_on", "crm", None),
    ]
    assert rows("SELECT domain FROM book.product_domains") == [("sales",), ("service",)]
    assert rows("SELECT product_id, relation, other_product_id FROM book.product_relations") == [
        ("crm", "exclusive_with", "crm_lite"),
        ("forms", "requires", "crm"),
    ]
    assert rows("SELECT attribute, value FROM book.product_eligibility") == [
        ("region", "EU"),
        ("segment", "large"),
        ("segment", "mid"),
    ]
    assert rows("SELECT plan_id, product_id, rank, charge, self_serve FROM book.pricing_plans") == [
        ("basic", "crm", 1, "flat", False),
        ("pro", "crm", 2, "per_unit", True),
    ]
    assert rows("SELECT plan_id, currency, valid_from, list_price FROM book.plan_prices ORDER BY 4") == [
        ("pro", "EUR", None, 200_000),
        ("pro", "EUR", date(2024, 1, 1), 225_000),
        ("basic", "EUR", None, 499_000),
    ]
    assert rows("SELECT plan_id, metric, amount, period, kind, per_unit FROM book.plan_limits") == [
        ("basic", "users", Decimal(5), "month", "soft", False),
        ("pro", "calls", Decimal(1000), "month", "hard", True),
    ]
    assert rows("SELECT plan_id, feature FROM book.plan_features") == [("basic", "mail")]
    assert rows("SELECT metric, name, core FROM book.metrics") == [("calls", "API calls", True)]
    assert rows("SELECT competitor, domain FROM book.competitors") == [("Acmeforce", "sales")]
    assert rows("SELECT sku, plan_id, mechanism FROM book.skus") == [("SKU-1", "pro", "seats")]
    assert rows("SELECT person_id, name, role, manager FROM book.team") == [
        ("ann", "Ann", "csm", "bob"),
        ("bob", "bob", "manager", None),
        ("inbound", "inbound", "queue", None),
    ]
    assert rows("SELECT currency, valid_from, rate FROM book.exchange_rates") == [
        ("USD", date(2024, 1, 1), Decimal("0.92"))
    ]
    assert folder.store.manifest().tables["products"].sources == ("catalog.yaml",)


def test_it_fills_what_the_table_leaves_open_and_adds_what_it_lacks(folder):
    folder.load(
        "  products: p.csv",
        {"p.csv": "product_id,name,kind,parent_product_id\ncrm,CRM Suite,product,\nforms,Forms,module,\n"},
        "products:\n  crm: {domains: [sales]}\n  forms: {parent: crm}\n  chat: {kind: add_on}\n",
    )
    assert folder.rows("SELECT product_id, name, kind, parent_product_id FROM book.products") == [
        ("chat", "chat", "add_on", None),
        ("crm", "CRM Suite", "product", None),  # the catalogue says nothing about its name
        ("forms", "Forms", "module", "crm"),
    ]


def test_a_contradiction_names_both_places_and_keeps_the_last_book(folder, find):
    folder.load("  products: p.csv", {"p.csv": "product_id,name,kind\ncrm,CRM,product\n"})
    before = folder.store.manifest()
    with pytest.raises(LoadError) as caught:
        folder.load("  products: p.csv", catalog="products:\n  crm:\n    name: CRM Suite\n    kind: product\n")
    conflict = find(caught.value.report, "catalog-conflict")
    assert conflict.place.file == "catalog.yaml" and conflict.place.line == 2
    assert conflict.message == "crm: name is CRM Suite here and CRM in p.csv:2"
    assert folder.store.manifest() == before


def test_prices_are_compared_as_stored(folder, find):
    files = {"prices.csv": "plan_id,currency,list_price\nbasic,,49.90\n"}
    catalog = "products: {crm: {plans: {basic: {rank: 1, charge: flat, prices: {EUR: %s}}}}}"
    folder.load("  plan_prices: prices.csv", files, catalog % "49.9")
    with pytest.raises(LoadError) as caught:
        folder.load("  plan_prices: prices.csv", files, catalog % "50")
    assert "list_price is 50 here and 49.9 in prices.csv:2" in find(caught.value.report, "catalog-conflict").message


def test_faults_of_the_catalogue_come_at_once_with_places():
    report = Report()
    parse_catalog(
        parse(
            """\
products:
  crm:
    kinds: product
    plans:
      basic: {charge: flat}
      pro: {rank: high, charge: monthly}
      max: {rank: 3, charge: flat, prices: {EUR: {soon: 4}}}
team:
  ann: {role: boss}
""",
            "catalog.yaml",
        ),
        report,
    )
    told = sorted((issue.place.line, issue.code) for issue in report)
    assert told == [
        (3, "field-unknown"),
        (5, "field-missing"),
        (6, "field-invalid"),
        (6, "field-invalid"),
        (7, "field-invalid"),
        (9, "field-invalid"),
    ]


def test_one_plan_under_two_products_is_a_fault():
    report = Report()
    plan = "{plans: {basic: {rank: 1, charge: flat}}}"
    parse_catalog(parse(f"products:\n  a: {plan}\n  b: {plan}\n", "catalog.yaml"), report)
    assert "plan 'basic' stands under 'a' and 'b'" in report.issues[0].message


def test_a_bad_currency_in_the_catalogue_ends_the_load_with_its_place(folder, find):
    with pytest.raises(LoadError) as caught:
        folder.load("  {}", catalog="exchange_rates:\n  DOLLAR: {2024-01-01: 0.9}\n")
    fault = find(caught.value.report, "value-invalid")
    assert fault.place.file == "catalog.yaml" and fault.place.line == 2
    assert "currency code" in fault.expected
