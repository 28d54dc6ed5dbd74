"""A small company with a ledger, a project of its own, and programs that call."""

from __future__ import annotations

import itertools
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.test import Client

from opportunities.opportunity_builders import AS_OF, SETTINGS, finding
from upcross.access import tokens
from upcross.ledger.actor import operator
from upcross.ledger.applying import apply_plan
from upcross.ledger.company import AccountFacts, Company, PersonFacts
from upcross.ledger.models import Opportunity
from upcross.motions import Mechanism
from upcross.opportunities import Memory, People, Person, merge, plan_changes

BASE = "/api/v1"
HOST = {"HTTP_HOST": "upcross.example"}


@dataclass
class Program(Client):
    """A program with a token: JSON in, JSON out, over https."""

    token: str = ""
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        super().__init__(raise_request_exception=False, **HOST)

    def ask(
        self, method: str, path: str, body: Any = None, *, key: str | None = "", match: Any = None, **headers: str
    ) -> Any:
        """One request; writes bring a key of their own unless another, or none, is given."""
        if self.token:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        if method != "GET" and key is not None:
            headers["Idempotency-Key"] = key or uuid.uuid4().hex
        if match is not None:
            headers["If-Match"] = f'"{match}"' if isinstance(match, int) else match
        data = body if isinstance(body, str | bytes) else ("" if body is None else json.dumps(body))
        return self.generic(method, BASE + path, data, content_type="application/json", secure=True, headers=headers)

    def look(self, path: str) -> Any:
        """What a GET gives; it must succeed."""
        answer = self.ask("GET", path)
        assert answer.status_code == 200, answer.content
        return answer.json()


def program(*scopes: str, role: str = "", person_id: str = "") -> Program:
    """A program with a new token."""
    _, secret = tokens.make(operator("test"), "test", scopes, role=role, person_id=person_id)
    return Program(token=secret)


def small_company() -> dict[str, Opportunity]:
    """Three accounts: Cleo and Ann serve acme and beta, Cara and Eve coda; acme is asked, beta held, coda asked wider."""
    people = (
        PersonFacts("cleo", "Cleo Marsh", "cleo@us.example", "csm", "max"),
        PersonFacts("ann", "Ann Hill", "ann@us.example", "account_manager", "max"),
        PersonFacts("cara", "Cara Diaz", "cara@us.example", "csm", "mia"),
        PersonFacts("eve", "Eve Stone", "eve@us.example", "ae", "mia"),
        PersonFacts("max", "Max Boss", "max@us.example", "manager"),
        PersonFacts("mia", "Mia Boss", "mia@us.example", "manager"),
    )
    accounts = (
        AccountFacts("acme", "Acme", "smb", served_by={"csm": "cleo", "account_manager": "ann"}),
        AccountFacts("beta", "Beta", "smb", served_by={"csm": "cleo", "account_manager": "ann"}),
        AccountFacts("coda", "Coda", "enterprise", served_by={"csm": "cara", "ae": "eve"}),
    )
    found = [
        finding("acme", mrr=100, respond_within=2),
        finding("beta", mrr=40, held_by=("health",)),
        finding("coda", Mechanism.PRODUCT, product="pay", mrr=70),
    ]
    serving = People(
        {one.account_id: dict(one.served_by) for one in accounts},
        {one.person_id: Person(one.person_id, one.name, one.role) for one in people},
    )
    plan = plan_changes(merge(found), Memory.empty(), serving, AS_OF, SETTINGS)
    apply_plan(plan, Company(accounts, people))
    return {row.account_id: row for row in Opportunity.objects.all()}


UNKNOWN = {"need": "unknown", "goal": "unknown", "buyer": "unknown", "budget_owner": "unknown"}
QUALIFY = {"step": "qualify", "context": UNKNOWN}
