"""A small company for tests in which many work at once: twenty accounts, Cleo the CSM, Ann who closes."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable
from datetime import date
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from upcross.ledger.company import AccountFacts, Company, PersonFacts
from upcross.ledger.place import Place, connect
from upcross.motions import Mechanism
from upcross.opportunities import (
    ChangePlan,
    Finding,
    Identity,
    Memory,
    People,
    Person,
    Potential,
    Reason,
    Settings,
    merge,
    plan_changes,
)

TODAY = date(2026, 3, 31)
SERVED = {"csm": "cleo", "account_manager": "ann"}
COMPANY = Company(
    tuple(AccountFacts(f"a{n}", f"Account {n}", served_by=SERVED) for n in range(20)),
    (
        PersonFacts("cleo", "Cleo Marsh", "cleo@us.example", "csm"),
        PersonFacts("ann", "Ann Roth", "", "account_manager"),
    ),
)
PEOPLE = People(
    {account.account_id: SERVED for account in COMPANY.accounts},
    {person.person_id: Person(person.person_id, person.name, person.role) for person in COMPANY.people},
)


def planned_for(accounts: Iterable[int], memory: Memory | None = None, day: date = TODAY) -> ChangePlan:
    """A day's plan: every account named is ready for more seats."""
    found = [
        Finding(
            Identity(f"a{n}", "", "crm", Mechanism.SEATS),
            Reason("seats", "More seats", potential=Potential(n, 100 + n, 200 + n), cooldown=30, respond_within=5),
            f"Account {n}",
            "CRM",
        )
        for n in accounts
    ]
    return plan_changes(merge(found), memory or Memory.empty(), PEOPLE, day, Settings("queue", "EUR"))


class Hand:
    """Another process that works on the same ledger; what it says by ``tell`` it has been acknowledged."""

    def __init__(self, place: Place, work: Callable[..., None], *given: Any) -> None:
        from django.db import connections

        connections.close_all()
        context = multiprocessing.get_context("fork")
        self._reads, writes = context.Pipe(duplex=False)
        self.process: BaseProcess = context.Process(target=_run, args=(place, writes, work, given))
        self.process.start()
        writes.close()

    def first(self) -> Any:
        """What it says first; waits for it."""
        return self._reads.recv()

    def kill(self) -> list[Any]:
        """End it at once, without a chance to tidy up; what it said before."""
        self.process.kill()
        return self.said()

    def said(self) -> list[Any]:
        """Everything that it says until it ends."""
        found = []
        while True:
            try:
                found.append(self._reads.recv())
            except (EOFError, OSError):
                break
        self.process.join()
        return found


def _run(place: Place, writes: Connection, work: Callable[..., None], given: tuple[Any, ...]) -> None:
    connect(place, migrated=False)
    work(writes.send, *given)
