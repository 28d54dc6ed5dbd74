"""Books whose truth is known: customers whose seats fill up and who buy, buy by chance, or shrink instead.

All stand in one project, as what a day's signals cost hardly depends on how many accounts there are; each is then
replayed as a book of its own. Seats are measured by month, the replay's days are month ends.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
from project_files import GATES, write_project

from upcross.book.store import Manifest
from upcross.numbers.reading import COMPUTED
from upcross.periods import add_months
from upcross.plays.library import Library
from upcross.plays.play import Play
from upcross.project import Project
from upcross.replaying.history import Step
from upcross.replaying.judged import RENEWAL, JudgedHistory
from upcross.replaying.played import PlayReplay, Replayer, Scene
from upcross.replaying.replay import set_scene
from upcross.runs import Evaluation
from upcross.signals.model import Scope
from upcross.signals.registry import Registry, build

MONTHS = 18
BEGINS = date(2025, 1, 1)
ENDS = add_months(BEGINS, MONTHS) - timedelta(days=1)
WINDOW = 180
SEATS = 20
LUCKY_BOOKS = 10
PLAY = "seat-expansion"


@dataclass
class Customer:
    """One account: its use by month as a share of its seats, and the months in whose middle it takes or drops seats."""

    account_id: str
    used: list[float]
    changes: dict[int, int] = field(default_factory=dict)

    def seats(self, month: int) -> int:
        """The seats at the end of a month."""
        return SEATS + sum(seats for when, seats in self.changes.items() if when <= month)


def middle_of(month: int) -> date:
    """The day in a month on which customers decide."""
    return add_months(BEGINS, month) + timedelta(days=14)


def end_of(month: int) -> date:
    """The last day of a month."""
    return add_months(BEGINS, month + 1) - timedelta(days=1)


def filling(book: str, seed: int, accounts: int = 100) -> list[Customer]:
    """Half fill up step by step and mostly buy one to four months after nine tenths; of the others one in ten buys."""
    dice, found = random.Random(seed), []
    for number in range(accounts):
        level = dice.choice([0.4, 0.5, 0.6, 0.7, 0.8])
        customer = Customer(f"{book}-{number}", [level] * MONTHS)
        if number % 2:
            full = dice.randint(5, 12)
            customer.used = [round(max(0.4, 0.95 - 0.1 * max(full - month, 0)), 2) for month in range(MONTHS)]
            if dice.random() < 0.8:
                _buys(customer, full + dice.randint(1, 4))
        elif dice.random() < 0.1:
            _buys(customer, dice.randint(3, 16))
        found.append(customer)
    return found


def _buys(customer: Customer, month: int) -> None:
    customer.changes[month] = SEATS // 2
    for later in range(month, MONTHS):
        customer.used[later] = min(customer.used[later], 0.6)


def lucky(book: str, seed: int, accounts: int = 80) -> list[Customer]:
    """Use goes up and down by chance, and one in twenty-five takes two seats a month, whatever its use."""
    dice, found = random.Random(seed), []
    for number in range(accounts):
        high, used = dice.random() < 0.3, []
        for _ in range(MONTHS):
            used.append(0.95 if high else 0.6)
            high = high != (dice.random() < 0.2)
        changes = {month: 2 for month in range(2, MONTHS) if dice.random() < 0.04}
        found.append(Customer(f"{book}-{number}", used, changes))
    return found


def shrinking(book: str, seed: int, accounts: int = 60) -> list[Customer]:
    """Half fill up, and four in five of these give up seats one to three months later."""
    dice, found = random.Random(seed), []
    for number in range(accounts):
        customer = Customer(f"{book}-{number}", [0.6] * MONTHS)
        if number % 2:
            full = dice.randint(3, 9)
            customer.used = [0.6 if month < full else 0.95 for month in range(MONTHS)]
            if dice.random() < 0.8:
                customer.changes[full + dice.randint(1, 3)] = -SEATS // 2
        elif dice.random() < 0.2:
            customer.changes[dice.randint(3, 16)] = 2
        found.append(customer)
    return found


def rows(customers: list[Customer]) -> dict[str, list[dict[str, Any]]]:
    """The customers as contract tables: accounts, lines, seats and the company's own health scores."""
    accounts, lines, seats, health = [], [], [], []
    for customer in customers:
        account = {"account_id": customer.account_id}
        accounts.append({**account, "name": customer.account_id, "csm": "ann", "account_manager": "ann"})
        versions = {date(2024, 1, 1): SEATS}
        versions |= {middle_of(month): customer.seats(month) for month in sorted(customer.changes)}
        lines += [
            {"line_id": f"line-{customer.account_id}", **account, "product_id": "crm", "plan_id": "std",
             "valid_from": day, "quantity": quantity, "mrr": 10 * quantity, "rolling": "true"}
            for day, quantity in versions.items()
        ]  # fmt: skip
        for month, used in enumerate(customer.used):
            active = round(used * customer.seats(month))
            period = {"period_start": add_months(BEGINS, month), "period_end": add_months(BEGINS, month + 1)}
            seats.append({**account, "product_id": "crm", **period, "assigned": active, "active": active})
            health.append({**account, "measured_on": end_of(month), "score": 90})
    return {
        "accounts": accounts, "subscriptions": lines, "seats": seats, "health_scores": health,
        "products": [{"product_id": "crm", "name": "CRM", "kind": "product"}],
        "pricing_plans": [{"plan_id": "std", "product_id": "crm", "name": "Standard", "rank": 1, "charge": "per_unit"}],
        "plan_prices": [{"plan_id": "std", "list_price": 10}],
        "team": [{"person_id": "ann", "name": "Ann Lee", "role": "csm"}],
    }  # fmt: skip


class OnePlay(Project):
    """A project with the models alone that one play needs: a day's signals are made in a moment."""

    def registry(self, manifest: Manifest | None) -> Registry:
        """The models behind the signals that the play reads."""
        whole = super().registry(manifest)
        read = {*super().library(whole, tests=False).play(PLAY).reads(), RENEWAL}
        wanted = (
            {whole.signals[name].model for name in read} | {f"{scope.value}_frame" for scope in Scope} | {*COMPUTED}
        )
        reached: set[str] = set()
        while wanted:
            name = wanted.pop()
            reached.add(name)
            wanted |= {inner for inner in whole.models[name].reads if inner in whole.models} - reached
        return build((), [model for name, model in whole.models.items() if name in reached])

    def library(self, registry: Registry, *, tests: bool = True) -> Library:
        """All plays: they are read against all signals."""
        return super().library(super().registry(None), tests=tests)


@dataclass
class Simulated:
    """All books, with every day's signals kept."""

    books: Mapping[str, list[Customer]]
    evaluation: Evaluation
    scene: Scene
    folders: Mapping[date, Path]
    kept: Path

    @property
    def play(self) -> Play:
        """The play that is replayed."""
        return self.evaluation.library.play(PLAY)

    def book(self, name: str, *variants: Play) -> Iterator[PlayReplay]:
        """The play, or its variants, replayed on one book as if no other were there."""
        mine = {customer.account_id for customer in self.books[name]}
        happened = self.scene.happened
        own = replace(
            happened,
            expansions=tuple(e for e in happened.expansions if e.account_id in mine),
            lost=tuple(s for s in happened.lost if s.account_id in mine),
        )
        plays = variants or (self.play,)
        with JudgedHistory(self.evaluation, plays, self._folders(name)) as judged:
            replayer = Replayer(judged, replace(self.scene, happened=own))
            for play in plays:
                yield replayer.replay(play)

    def _folders(self, name: str) -> dict[date, Path]:
        found = {day: self.kept / name / str(day) for day in self.folders}
        with duckdb.connect() as connection:
            for day, folder in found.items():
                if not folder.exists():
                    folder.mkdir(parents=True)
                    for scope in Scope:
                        file = f"signals_{scope.value}.parquet"
                        query = f"SELECT * FROM '{self.folders[day] / file}' WHERE account_id LIKE '{name}%'"
                        connection.execute(f"COPY ({query}) TO '{folder / file}' (FORMAT parquet)")
        return found


def simulate(folder: Path) -> Simulated:
    """Write, load and keep all books."""
    books = {"filling": filling("filling", 7), "shrinking": shrinking("shrinking", 8), "thin": lucky("thin", 9, 6)}
    books |= {f"lucky{seed}": lucky(f"lucky{seed}", 100 + seed) for seed in range(LUCKY_BOOKS)}
    everybody = [customer for customers in books.values() for customer in customers]
    books["lucky"] = [customer for customer in everybody if customer.account_id.startswith("lucky")]
    made = write_project(folder / "project", rows(everybody), today=ENDS, attested=GATES)
    project = OnePlay(made.folder, made.document, made.settings)
    evaluation = project.evaluation(ENDS)
    scene, folders, _ = set_scene(project, evaluation, since=end_of(3), step=Step.MONTH, window=WINDOW, progress=None)
    return Simulated(books, evaluation, scene, folders, folder / "kept")
