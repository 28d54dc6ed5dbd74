"""Rows that nobody tidied: what a load sets aside, and what the checks complain about."""

from __future__ import annotations

from upcross.sample.company import Cells

UNTIDY: tuple[tuple[str, Cells], ...] = (
    # set aside by the load: a month and a day that do not exist, and rows of nobody
    ("seats", {"account_id": "A20", "product_id": "crm", "period_start": "2026-13-01", "period_end": "2027-01-01",
               "assigned": "54", "active": "48"}),
    ("usage", {"account_id": "", "product_id": "crm", "metric": "automation_runs", "period_start": "2026-09-01",
               "period_end": "2026-10-01", "value": "812"}),
    ("tickets", {"ticket_id": "T-9002", "account_id": "A36", "opened_on": "2026-02-30", "closed_on": "2026-03-02",
                 "priority": "low", "kind": "question", "subject": "Does February have 30 days?"}),
    ("contacts", {"contact_id": "", "account_id": "A36", "name": "Somebody", "title": "Reception"}),
    # loaded, and reported by the checks
    ("tickets", {"ticket_id": "T-9001", "account_id": "A99", "opened_on": "2026-08-14", "closed_on": "2026-08-15",
                 "priority": "normal", "kind": "question", "subject": "Which account am I?"}),
    ("invoices", {"invoice_id": "I-A08-CHF", "account_id": "A08", "issued_on": "2026-06-15", "due_on": "2026-07-15",
                  "paid_on": "2026-07-01", "amount": "1200", "currency": "CHF"}),
    # a result of ten years from now, and two seats that stand in two lines
    ("outcomes", {"outcome_id": "OU-A36-9", "account_id": "A36", "product_id": "crm", "measured_on": "2036-02-11",
                  "kind": "measured", "sentence": "Owners get their statement on the first"}),
    ("subscriptions", {"line_id": "L-A36-3", "valid_from": "2026-01-01", "account_id": "A36", "contract_id": "C-A36",
                       "product_id": "crm", "plan_id": "crm-professional", "sku": "LH-CRM-PROFESSIONAL",
                       "quantity": "2", "unit_price": "59", "list_unit_price": "59", "mrr": "118", "currency": "EUR",
                       "status": "active", "starts_on": "2026-01-01", "rolling": "true", "booked_on": "2026-01-01",
                       "origin": "amendment"}),
    # the same companies again, entered by somebody who did not search first
    ("accounts", {"account_id": "A901", "name": "Weberknecht Logistik GmbH", "segment": "mid-market",
                  "region": "DACH", "industry": "Logistics", "employees": "400", "currency": "EUR"}),
    ("accounts", {"account_id": "A902", "name": "Zeitarbeit Holländer KG", "segment": "mid-market", "region": "DACH",
                  "industry": "Staffing", "currency": "EUR"}),
)  # fmt: skip
