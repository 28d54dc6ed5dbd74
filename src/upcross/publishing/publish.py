"""Publish a run: each part in turn, into one file that pages read.

A part is a module with a function from what was planned to facts; it is listed in ``PARTS``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from upcross.portfolio.white_space import WhiteSpace, map_of
from upcross.project import Project
from upcross.publishing.accounts import accounts
from upcross.publishing.numbers import numbers
from upcross.publishing.plays import plays
from upcross.publishing.publication import Fact, write
from upcross.publishing.quality import feeds, quality
from upcross.publishing.unknown import unknown
from upcross.publishing.white_space import white_space
from upcross.runs import Run
from upcross.verbs import Plan


@dataclass(frozen=True)
class Planned:
    """What parts are made from: the project, and the plan of the day with its run."""

    project: Project
    plan: Plan

    @property
    def run(self) -> Run:
        """The kept run behind the plan."""
        return self.plan.run

    @cached_property
    def domains(self) -> list[str]:
        """The problems that products are for, as the catalogue names them."""
        relation = self.run.evaluation.frame.snapshot.relation("product_domains")
        with self.run.book() as book:
            return [
                row[0] for row in book.execute(f"SELECT DISTINCT domain FROM ({relation}) AS d ORDER BY 1").fetchall()
            ]

    @cached_property
    def segments(self) -> list[str]:
        """The segments of the accounts."""
        relation = self.run.evaluation.frame.snapshot.relation("accounts")
        with self.run.book() as book:
            found = book.execute(f"SELECT DISTINCT segment FROM ({relation}) AS a WHERE segment <> '' ORDER BY 1")
            return [row[0] for row in found.fetchall()]

    @cached_property
    def white_space(self) -> WhiteSpace:
        """The white-space map of the run, made once for all parts that tell of it."""
        return map_of(self.project, self.run)


Part = Callable[[Planned], Iterable[Fact]]


def _about(planned: Planned) -> Iterator[Fact]:
    run = planned.run
    manifest = run.evaluation.frame.snapshot.manifest
    behind = [{"table": one["table"], "state": one["state"]} for one in feeds(planned) if one["state"] != "fresh"]
    yield "about", "", {
        "as_of": run.as_of.isoformat(),
        "known_at": run.evaluation.frame.snapshot.known_at.isoformat(),
        "run": run.folder.name,
        "load_id": manifest.load_id,
        "currency": planned.project.settings.reporting_currency,
        "feeds_behind": behind,
        "products": dict(sorted(planned.run.products.items())),
        "domains": planned.domains,
        "segments": planned.segments,
        "plays": {play.id: play.title for play in run.evaluation.library.running},
    }  # fmt: skip


PARTS: tuple[Part, ...] = (_about, plays, quality, unknown, accounts, white_space, numbers)
"""Every part, in the order in which they are made."""


def publish(project: Project, plan: Plan) -> Path:
    """Publish a plan's run for pages to read, and give the file; readers go over to it at once."""
    planned = Planned(project, plan)
    name = f"{planned.run.as_of.isoformat()}-{planned.run.folder.name}"
    facts = (fact for part in PARTS for fact in part(planned))
    return write(project.folder / ".upcross", name, facts)
