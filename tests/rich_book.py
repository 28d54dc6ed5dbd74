"""A small book with a row of nearly every kind, for tests that hold over all models."""

from __future__ import annotations

from typing import Any

from small_book import SmallBook, month

MONTHS = ("2025-11-01", "2025-12-01", "2026-01-01", "2026-02-01", "2026-03-01", "2026-04-01")


def rich_book() -> SmallBook:
    """Three accounts, two with units, three products, and an event of every kind around March 2026."""
    people = {"acme": (40, 42, 44, 46, 48, 49), "beta": (90, 85, 70, 60, 55, 50)}
    seats = [
        {"account_id": account, "business_unit": unit, "product_id": "crm", **month(start), "assigned": count + 1,
         "active": count}
        for account, unit in (("acme", ""), ("beta", "emea"))
        for start, count in zip(MONTHS, people[account], strict=True)
    ]  # fmt: skip
    usage = [
        {"account_id": "acme", "product_id": "api", "metric": "calls", **month(start), "value": f"{value}.25"}
        for start, value in zip(MONTHS, (500, 600, 700, 800, 950, 990), strict=True)
    ]
    line: dict[str, Any] = {"product_id": "crm", "plan_id": "std", "term_months": 12, "term_ends_on": "2027-01-01"}
    return SmallBook(
        {
            "accounts": [
                {"account_id": "acme", "name": "Acme", "segment": "mid", "region": "EMEA"},
                {"account_id": "beta", "name": "Beta", "segment": "mid", "region": "AMER"},
                {"account_id": "gone", "name": "Gone", "segment": "small"},
            ],
            "business_units": [{"account_id": "beta", "business_unit": u, "potential_users": 80} for u in ("emea", "us")],
            "products": [
                {"product_id": "crm", "name": "CRM", "kind": "product"},
                {"product_id": "api", "name": "API", "kind": "product"},
                {"product_id": "desk", "name": "Desk", "kind": "product"},
                {"product_id": "wfm", "name": "WFM", "kind": "add_on", "parent_product_id": "desk"},
                {"product_id": "audit", "name": "Audit", "kind": "module"},
                {"product_id": "care", "name": "Care", "kind": "support"},
                {"product_id": "lite", "name": "Desk Lite", "kind": "product"},
            ],
            "product_domains": [{"product_id": "desk", "domain": "support"}, {"product_id": "audit", "domain": "risk"}],
            "product_relations": [
                {"product_id": "audit", "relation": "requires", "other_product_id": "crm"},
                {"product_id": "desk", "relation": "exclusive_with", "other_product_id": "helpline"},
                {"product_id": "lite", "relation": "exclusive_with", "other_product_id": "desk"},
            ],
            "product_eligibility": [{"product_id": "audit", "attribute": "region", "value": "EMEA"}],
            "pricing_plans": [
                {"plan_id": "std", "product_id": "crm", "name": "Standard", "rank": 1, "charge": "per_unit"},
                {"plan_id": "pro", "product_id": "crm", "name": "Pro", "rank": 2, "charge": "per_unit"},
                {"plan_id": "api1", "product_id": "api", "name": "API 1", "rank": 1, "charge": "flat"},
                {"plan_id": "api2", "product_id": "api", "name": "API 2", "rank": 2, "charge": "flat"},
                {"plan_id": "desk1", "product_id": "desk", "name": "Desk", "rank": 1, "charge": "per_unit"},
                {"plan_id": "audit1", "product_id": "audit", "name": "Audit", "rank": 1, "charge": "flat"},
                {"plan_id": "care1", "product_id": "care", "name": "Care", "rank": 1, "charge": "flat"},
                {"plan_id": "care2", "product_id": "care", "name": "Care Plus", "rank": 2, "charge": "flat"},
            ],
            "plan_prices": [
                {"plan_id": p, "list_price": v}
                for p, v in (("std", "20"), ("pro", "30.55"), ("api1", "300"), ("api2", "800"), ("desk1", "15"), ("audit1", "99"), ("care1", "50"), ("care2", "90"))
            ],
            "plan_limits": [
                {"plan_id": "api1", "metric": "calls", "amount": 1000, "overage_price": "0.03"},
                {"plan_id": "api2", "metric": "calls", "amount": 5000, "overage_price": "0.01"},
                {"plan_id": "api1", "metric": "users", "amount": 5},
            ],
            "plan_features": [
                {"plan_id": "pro", "feature": "forecasting"}, {"plan_id": "desk1", "feature": "Shared mailbox"},
            ],
            "metrics": [{"metric": "calls", "name": "Calls", "unit": "calls", "core": True},
                        {"metric": "refused", "name": "Refused", "unit": "calls", "kind": "limit_hits",
                         "limited_metric": "calls"}],
            "competitors": [{"competitor": "HelpCo", "domain": "support"}],
            "exchange_rates": [{"currency": "USD", "valid_from": "2025-01-01", "rate": "0.91234567"}],
            "subscriptions": [
                {**line, "line_id": "a1", "account_id": "acme", "valid_from": "2025-01-01", "quantity": 40, "mrr": 800},
                {**line, "line_id": "a1", "account_id": "acme", "valid_from": "2026-01-01", "quantity": 50, "mrr": 950,
                 "recorded_at": "2025-12-20"},
                {**line, "line_id": "a3", "account_id": "acme", "product_id": "care", "plan_id": "care1",
                 "valid_from": "2025-06-01", "quantity": 1, "mrr": 50},
                {**line, "line_id": "a2", "account_id": "acme", "product_id": "api", "plan_id": "api1",
                 "valid_from": "2025-06-01", "quantity": 1, "mrr": "299.99", "rolling": True},
                {**line, "line_id": "b1", "account_id": "beta", "business_unit": "emea", "valid_from": "2024-03-01",
                 "quantity": 100, "mrr": "1999.5", "currency": "USD", "notice_on": "2026-03-20",
                 "ends_on": "2026-05-01", "cancelled_on": "2026-03-20"},
                {**line, "line_id": "g1", "account_id": "gone", "valid_from": "2024-01-01", "ends_on": "2025-01-01",
                 "quantity": 5, "mrr": 100},
            ],
            "commitments": [
                {"commitment_id": "c1", "account_id": "acme", "product_id": "crm", "metric": "calls", "amount": 12000,
                 "starts_on": "2026-01-01", "ends_on": "2027-01-01", "currency": "USD", "overage": "rate",
                 "overage_rate": "0.05"},
                {"commitment_id": "c0", "account_id": "acme", "product_id": "crm", "metric": "calls", "amount": 9000,
                 "starts_on": "2025-01-01", "ends_on": "2026-01-01", "overage": "rollover"},
                {"commitment_id": "c2", "account_id": "acme", "product_id": "crm", "metric": "calls", "amount": 20000,
                 "starts_on": "2027-01-01", "ends_on": "2028-01-01", "booked_on": "2026-03-20"},
            ],
            "entitlement_pools": [
                {"pool_id": "pl", "holder_account_id": "acme", "product_id": "crm", "consumer_account_id": "gone",
                 "valid_from": "2026-01-01"},
            ],
            "seats": [*seats, *({"account_id": "gone", "product_id": "crm", **month(start), "assigned": 3, "active": 2}
                                for start in MONTHS[2:])],
            "usage": usage + [{**row, "product_id": "crm", "value": 1400} for row in usage[2:]]
            + [{**row, "metric": "refused", "value": 7} for row in usage[3:]],
            "tickets": [
                {"ticket_id": "t1", "account_id": "acme", "opened_on": "2026-03-02", "escalated_on": "2026-03-05",
                 "escalation_closed_on": "2026-04-02", "closed_on": "2026-04-03", "kind": "problem"},
                {"ticket_id": "t2", "account_id": "acme", "opened_on": "2026-03-20", "kind": "price_complaint"},
                {"ticket_id": "t3", "account_id": "acme", "opened_on": "2026-03-21", "kind": "question",
                 "product_id": "desk", "contact_id": "k2", "subject": "How do shared mailboxes work?"},
            ],
            "incidents": [{"incident_id": "i1", "product_id": "crm", "started_on": "2026-03-10", "ended_on": "2026-03-11"}],
            "billing_disputes": [{"dispute_id": "d1", "account_id": "beta", "opened_on": "2026-02-01", "closed_on": "2026-04-10"}],
            "invoices": [
                {"invoice_id": "v1", "account_id": "acme", "issued_on": "2026-03-01", "due_on": "2026-03-15",
                 "paid_on": "2026-04-05", "amount": 950},
            ],
            "price_changes": [
                {"price_change_id": "p1", "product_id": "crm", "announced_on": "2026-01-15",
                 "effective_on": "2026-02-15", "change": "0.05"},
            ],
            "implementations": [
                {"account_id": "acme", "product_id": "crm", "started_on": "2025-01-05", "live_on": "2025-02-01",
                 "first_value_on": "2025-03-01"},
                {"account_id": "beta", "business_unit": "emea", "product_id": "crm", "started_on": "2026-03-05"},
            ],
            "outcomes": [
                {"outcome_id": "o1", "account_id": "acme", "product_id": "crm", "measured_on": "2026-02-20",
                 "kind": "measured", "sentence": "Quotes go out in two days instead of five"},
            ],
            "objectives": [
                {"objective_id": "ob1", "account_id": "acme", "product_id": "crm", "domain": "sales",
                 "set_on": "2025-10-01", "met_on": "2026-04-02", "sentence": "Forecast within 5%"},
                {"objective_id": "ob2", "account_id": "acme", "domain": "support", "set_on": "2026-01-15",
                 "due_on": "2026-06-30", "met_on": "2026-05-02", "sentence": "Answer within a day", "contact_id": "k2"},
                {"objective_id": "ob3", "account_id": "acme", "domain": "risk", "set_on": "2026-02-15",
                 "sentence": "Pass the audit"},
            ],
            "statements": [
                {"statement_id": "s1", "account_id": "acme", "said_on": "2026-03-12", "kind": "pain", "domain": "support",
                 "quote": "Our support team drowns in e-mail", "person": "Ana"},
                {"statement_id": "s2", "account_id": "beta", "business_unit": "us", "said_on": "2026-03-15",
                 "kind": "need", "product_id": "crm", "quote": "We want what EMEA has", "contact_id": "k1"},
                {"statement_id": "s3", "account_id": "acme", "said_on": "2026-03-20", "kind": "question",
                 "domain": "weather", "quote": "Can you forecast rain?", "contact_id": "k2"},
                {"statement_id": "s4", "account_id": "acme", "said_on": "2026-03-18", "kind": "buying_request",
                 "product_id": "crm", "quote": "Send us a quote for ten more seats", "person": "Ana"},
                {"statement_id": "s5", "account_id": "acme", "said_on": "2026-03-19", "kind": "buying_request",
                 "domain": "support", "quote": "What does the help desk cost?", "person": "Ana"},
            ],
            "contacts": [
                {"contact_id": "k1", "account_id": "beta", "business_unit": "us", "name": "Kim Lee", "title": "Sales lead",
                 "seniority": "vp", "department": "Sales", "joined_on": "2025-05-01", "left_on": "2026-04-05"},
                {"contact_id": "k2", "account_id": "acme", "name": "Ana Ruiz", "title": "Head of support",
                 "seniority": "director", "department": "Support", "joined_on": "2026-02-02"},
                {"contact_id": "k3", "account_id": "acme", "name": "Bo Lind", "seniority": "c_level",
                 "department": "Sales", "joined_on": "2024-05-01", "left_on": "2026-03-20", "do_not_contact": True},
            ],
            "contact_roles": [
                {"contact_id": "k2", "product_id": "desk", "role": "economic_buyer", "confirmed_on": "2026-02-20"},
                {"contact_id": "k3", "role": "champion", "confirmed_on": "2025-01-20"},
                {"contact_id": "k1", "crm_opportunity_id": "x1", "role": "user_lead", "confirmed_on": "2025-06-01"},
            ],
            "activities": [
                {"activity_id": f"y{n}", "account_id": account, "contact_id": contact, "kind": kind, "direction": way,
                 "happened_on": day}
                for n, (account, contact, kind, way, day) in enumerate((
                    ("acme", "k2", "call", "inbound", "2026-03-03"), ("acme", "k2", "email", "outbound", "2026-03-20"),
                    ("acme", "k3", "meeting", "both", "2025-11-20"), ("beta", "k1", "note", "outbound", "2026-03-25"),
                    ("beta", "k1", "meeting", "both", "2026-04-20")))
            ],
            "crm_opportunities": [
                {"crm_opportunity_id": "x1", "account_id": "beta", "business_unit": "us", "created_on": "2025-05-01",
                 "closed_on": "2025-08-01", "result": "lost", "loss_reason": "no budget"},
                {"crm_opportunity_id": "x2", "account_id": "acme", "created_on": "2026-01-10", "closed_on": "2026-04-11",
                 "result": "lost"},
                {"crm_opportunity_id": "d1", "account_id": "acme", "name": "Seats", "kind": "expansion",
                 "created_on": "2026-02-01", "closed_on": "2026-04-15", "result": "won"},
                {"crm_opportunity_id": "d3", "account_id": "beta", "name": "Renewal", "kind": "renewal",
                 "created_on": "2026-01-10", "stage": "At risk", "stage_changed_on": "2026-03-20"},
            ],
            "crm_opportunity_lines": [
                {"crm_opportunity_id": "x1", "line_id": "1", "product_id": "desk"},
                {"crm_opportunity_id": "x2", "line_id": "1", "product_id": "desk"},
                {"crm_opportunity_id": "d1", "line_id": "1", "product_id": "crm", "mechanism": "seats"},
                {"crm_opportunity_id": "d2", "line_id": "1", "product_id": "desk"},
            ],
            "feature_requests": [
                {"request_id": f"r{n}", "account_id": "acme", "product_id": "crm", "feature": "forecasting",
                 "contact_id": f"k{n}", "requested_on": f"2026-03-{n:02}"}
                for n in (1, 2)
            ] + [
                {"request_id": "r3", "account_id": "acme", "product_id": "crm", "feature": "shared mailbox",
                 "contact_id": "k2", "requested_on": "2026-03-05"},
            ],
            "competitor_products": [{"account_id": "acme", "competitor": "HelpCo", "seen_on": "2026-01-10", "ends_on": "2026-06-30"}],
            "org_changes": [
                {"account_id": "beta", "kind": "layoff", "happened_on": "2026-01-20"},
                {"account_id": "acme", "kind": "new_team", "domain": "support", "happened_on": "2026-02-10",
                 "quote": "Acme opens a service centre"},
            ],
        }
    )  # fmt: skip
