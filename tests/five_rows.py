"""A book of two accounts, one product and two lines in which nothing is wrong, to which tests add what is."""

from __future__ import annotations

from upcross.errors import Issue

CATALOG = """\
products:
  crm: {domains: [sales], plans: {basic: {rank: 1, charge: per_unit, prices: {EUR: 10}, limits: {calls: 100}},
        pro: {rank: 2, charge: per_unit, prices: {EUR: 20}, limits: {calls: 500}}}}
metrics: {calls: {}}
team: {ann: {role: csm}, bob: {role: account_manager}}
"""
ACCOUNTS = "account_id,name,csm,account_manager\na1,Acme,ann,bob\na2,Beta,ann,bob\n"
LINES = (
    "line_id,valid_from,account_id,product_id,plan_id,quantity,unit_price,mrr,ends_on,currency,amount,period_months\n"
)
GOOD = "s1,2023-01-01,a1,crm,basic,10,9.50,95,,,,\ns2,2023-01-01,a2,crm,pro,2,20,40,,,,\n"
USAGE = "account_id,product_id,metric,period_start,period_end,value\n"
SEATS = "account_id,product_id,period_start,period_end,assigned,active\n"


def told(issue: Issue) -> tuple[str, ...]:
    """The examples without the place of each."""
    return tuple(example.split(" at ")[0] for example in issue.examples)
