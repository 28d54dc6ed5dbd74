"""Nobody reads about an account that is not theirs: every list, count and sum against a filter over every row."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from access.company import account, opportunity, person
from api.programs import Program
from upcross.access import tokens
from upcross.access.roles import Role
from upcross.ledger.actor import operator
from upcross.ledger.models import Opportunity

PEOPLE = [f"p{number}" for number in range(5)]
ACCOUNTS = [f"A{number}" for number in range(5)]
_ONE, _MAYBE = st.sampled_from(PEOPLE), st.sampled_from(["", *PEOPLE])
_COMPANY = st.fixed_dictionaries({
    "managers": st.lists(_MAYBE, min_size=len(PEOPLE), max_size=len(PEOPLE)),
    "serves": st.dictionaries(st.tuples(st.sampled_from(ACCOUNTS), st.sampled_from(["csm", "ae"])), _ONE, max_size=5),
    "works": st.lists(st.tuples(st.sampled_from(ACCOUNTS), _ONE, _MAYBE, _MAYBE, st.none() | st.integers(0, 99)), max_size=6),
    "role": st.sampled_from(["", "csm", "manager", "leader"]),
    "who": _ONE,
})  # fmt: skip


@settings(
    max_examples=500 if os.environ.get("UPCROSS_SOAK") else 15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(company=_COMPANY)
def test_lists_counts_and_sums_are_those_of_the_rows_one_by_one(served: Path, company: dict[str, Any]) -> None:
    with transaction.atomic():
        try:
            _judge(company)
        finally:
            transaction.set_rollback(True)


def _judge(company: dict[str, Any]) -> None:
    above = dict(zip(PEOPLE, company["managers"], strict=True))
    for name, manager in above.items():
        person(name, manager)
    for name in ACCOUNTS:
        account(name, **{role: who for (of, role), who in company["serves"].items() if of == name})
    for number, (name, owner, closer, handed_to, expected) in enumerate(company["works"]):
        money = None if expected is None else expected * 10_000
        opportunity(name, owner, product=f"P{number}", closer=closer, handed_to=handed_to, expected=money)
    role, who = company["role"], company["who"]
    _, secret = tokens.make(operator("test"), "x", ["read", "write", "contacts"], role=role, person_id=who)
    client = Program(token=secret)

    def below(name: str) -> bool:
        climbed: set[str] = set()
        while name and name not in climbed:
            climbed.add(name)
            name = above.get(name, "")
            if name == who:
                return True
        return False

    theirs = {name for name in PEOPLE if name == who or (role == Role.MANAGER and below(name))}
    rows = list(Opportunity.objects.all())

    def is_seen(name: str) -> bool:
        return role == Role.LEADER or any(
            of == name and by in theirs for (of, _), by in company["serves"].items()
        ) or any(row.account_id == name and {row.owner, row.closer, row.handed_to} & theirs for row in rows)  # fmt: skip

    seen = [row for row in rows if is_seen(row.account_id)]
    told = client.look("/opportunities?limit=200")
    assert {row["id"] for row in told["items"]} == {str(row.id) for row in seen} and told["total"] == len(seen)
    amounts = [row.potential_expected // 10_000 for row in seen if row.potential_expected is not None]
    known = None if seen and not amounts else str(sum(amounts))  # of which nothing is known is unknown, and no 0
    total = client.look("/opportunities/summary")["upsell"]
    assert (total["opportunities"], total["expected"]["mrr"]) == (len(seen), known)
    assert [row["account_id"] for row in client.look("/accounts")["items"]] == [n for n in ACCOUNTS if is_seen(n)]
    found = client.look("/accounts?search=customer")["items"]
    assert {row["account_id"] for row in found} == {name for name in ACCOUNTS if is_seen(name)}
    for row in rows:
        expected = 200 if is_seen(row.account_id) else 404
        path = f"/opportunities/{row.id}"
        for guessed in (path, f"{path}/history", f"/accounts/{row.account_id}", f"/accounts/{row.account_id}/plan"):
            assert client.ask("GET", guessed).status_code == expected, guessed
        if expected == 404:
            step = {"step": "comment", "text": "guessed"}
            assert client.ask("POST", f"{path}/steps", step, match=1).status_code == 404
            many = client.ask("POST", "/opportunities/steps", {**step, "items": [{"id": str(row.id), "version": 1}]})
            assert many.json()["items"][0]["error"]["code"] == "not-found"
            assert client.look(f"/opportunities?account={row.account_id}")["total"] == 0


@pytest.mark.parametrize(
    "query", ["?owner=p1", "?sort=potential", "?stage=surfaced", "?updated_since=2020-01-01T00:00:00Z"]
)
def test_no_filter_widens_what_is_seen(served: Path, query: str) -> None:
    person("p0")
    person("p1")
    account("A0", csm="p0")
    account("A1", csm="p1")
    opportunity("A0", "p0")
    opportunity("A1", "p1")
    _, secret = tokens.make(operator("test"), "x", ["read"], person_id="p0")
    told = Program(token=secret).look(f"/opportunities{query}")
    assert {row["account_id"] for row in told["items"]} <= {"A0"} and told["total"] == len(told["items"])
