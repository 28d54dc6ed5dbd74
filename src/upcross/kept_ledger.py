"""The ledger of a project: where it is, what it remembers, and what its company's own rules are.

Nothing of the ledger is imported before it is opened: a project that never applied a plan needs no database.
"""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from contextlib import closing
from datetime import date
from typing import TYPE_CHECKING, Any

from upcross import periods
from upcross.book.typed import NOTHING, Typed
from upcross.engine.rows import rows
from upcross.errors import ProjectError, UsageError, suggest
from upcross.ledger.place import Place, connect
from upcross.meant import Known
from upcross.names import served_accounts
from upcross.opportunities import Memory
from upcross.project import Project
from upcross.runs import Run

if TYPE_CHECKING:
    from upcross.ledger.account_plan import Names
    from upcross.ledger.actor import Actor
    from upcross.ledger.company import Company
    from upcross.ledger.house import House


def ledger_of(project: Project) -> Place:
    """Where the project's ledger is, whether or not there is one yet."""
    return Place.of(project.folder / ".upcross", project.settings.ledger.database or "")


def open_ledger(project: Project) -> Place:
    """The project's ledger, made where there is none, as the one that this process speaks to."""
    place = ledger_of(project)
    connect(place)
    return place


def need_ledger(project: Project) -> Place:
    """The project's ledger; ``UsageError`` where nothing was ever applied."""
    place = ledger_of(project)
    if not place.exists:
        raise UsageError("nothing was applied here yet, so there is no ledger: run `upcross apply` first")
    connect(place)
    return place


def remembered(project: Project, as_of: date) -> Memory:
    """What was asked before, for a plan of a day; empty where nothing was ever applied.

    A day before the ledger's last plan is looked at as if nothing had been asked: what was asked later is no memory of
    that day.
    """
    if not ledger_of(project).exists:
        return Memory.empty()
    open_ledger(project)
    from upcross.ledger.applying import last_applied
    from upcross.ledger.remembering import remember

    last = last_applied()
    return Memory.empty() if last is None or last > as_of else remember(as_of, periods.today())


def typed_in(project: Project) -> Typed:
    """What people typed, as rows of the book; nothing where there is no ledger."""
    if not ledger_of(project).exists:
        return NOTHING
    open_ledger(project)
    from upcross.ledger.account_plan import typed_contact_roles, typed_objectives, typed_outcomes
    from upcross.ledger.hearing import typed_statements

    return Typed(
        {
            "statements": tuple(typed_statements()),
            "contact_roles": tuple(typed_contact_roles()),
            "objectives": tuple(typed_objectives()),
            "outcomes": tuple(typed_outcomes()),
        }
    )


def plan_names(project: Project, account_id: str) -> Names | None:
    """What the plan of an account may name, by the loaded book; None where nothing is loaded."""
    from upcross.ledger.account_plan import Names

    try:
        manifest = project.store.manifest()
    except ProjectError:
        return None
    with closing(project.store.connect(manifest)) as book:
        known = Known(book)
        contacts = {contact for contact, account in known.accounts_of_contacts.items() if account == account_id}
        products = frozenset(known.named("products.product_id"))
        return Names(frozenset(contacts), products, frozenset(known.units.get(account_id, ())))


def house_of(project: Project) -> House:
    """The company's own rules that people's steps obey."""
    from upcross.ledger.house import House

    library = project.library(project.registry(None), tests=False)  # rules need no book
    return House(
        outcomes=project.outcomes,
        csm_may_close=project.settings.routing.csm_may_close,
        soft_gates=frozenset(gate.id for gate in library.gates.values() if gate.overridable),
        queues=frozenset({project.settings.routing.queue, *project.settings.routing.pools}),
    )


def company_of(run: Run) -> Company:
    """The accounts and people of a run's book on its day, as the ledger keeps them."""
    from upcross.ledger.company import AccountFacts, Company, PersonFacts

    snapshot = run.evaluation.frame.snapshot
    with run.book() as connection, closing(connection.cursor()) as book:
        accounts = rows(book, snapshot.relation("accounts"))
        served = served_accounts(book, snapshot, accounts)
        team = rows(book, snapshot.relation("team"))
    return Company(
        tuple(
            AccountFacts(
                row["account_id"], row["name"], row["segment"] or "", row["region"] or "", _parent(row),
                served.get(row["account_id"], {}),
            )
            for row in accounts
        ),
        tuple(
            PersonFacts(
                row["person_id"], row["name"] or row["person_id"], row["email"] or "", row["role"] or "",
                row["manager"] or "", row["product_id"] or "", row["left_on"],
            )
            for row in team
        ),
    )  # fmt: skip


def _parent(row: Mapping[str, Any]) -> str:
    return row["parent_account_id"] or ""


def actor_of(project: Project, person: str | None) -> Actor:
    """Whoever sits at the command line, or the one of our people in whose name they act; ``UsageError`` for others."""
    from upcross.ledger.actor import Actor, operator
    from upcross.ledger.models import Person

    if person is None:
        return operator(operator_name())
    known = dict(Person.objects.values_list("person_id", "role"))
    if person not in known:
        raise UsageError(f"nobody of ours has the id '{person}'. {suggest(person, known)}")
    role = known[person]
    below: set[str] = set()
    wave = {person}
    while wave:
        found = set(Person.objects.filter(manager_id__in=sorted(wave)).values_list("person_id", flat=True))
        wave = found - below - {person}
        below |= wave
    oversees = role in ("revops", "leader")
    return Actor(person, person, role, frozenset(below), oversees, bool(below) or oversees)


def operator_name() -> str:
    """Whoever sits at the command line, as the record names them."""
    return getpass.getuser()
