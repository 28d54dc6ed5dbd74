"""One account opened by somebody who sees it: its published card as they may see it, and what the ledger has of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any
from urllib.parse import quote

from upcross.access import scope
from upcross.access.personal import for_eyes_of
from upcross.access.viewer import Viewer
from upcross.app.accounts.worth import worth_now
from upcross.app.shell.published import about, published
from upcross.ledger.models import Account, Opportunity, Person
from upcross.ledger.stage import ENDED
from upcross.portfolio.segmentation import Segment


@dataclass(frozen=True)
class Opened:
    """An account that a viewer may see. ``card`` is what is published of it; empty where nothing is yet."""

    viewer: Viewer
    row: Account
    card: Mapping[str, Any]
    today: date

    @property
    def account_id(self) -> str:
        """Its id."""
        return self.row.account_id

    @property
    def name(self) -> str:
        """What it is called."""
        return self.row.name or self.row.account_id

    @property
    def path(self) -> str:
        """Its page."""
        return path_of(self.account_id)

    @property
    def currency(self) -> str:
        """The reporting currency; '' where nothing is published."""
        return str(about().get("currency", ""))

    @cached_property
    def opportunities(self) -> list[Opportunity]:
        """What is open, held or put off here, largest first within a motion."""
        rows = scope.opportunities(self.viewer).filter(account_id=self.account_id).exclude(stage__in=ENDED)
        return sorted(rows.defer("candidate"), key=lambda one: (-(one.potential_expected or 0), one.title, str(one.id)))

    @cached_property
    def ours(self) -> dict[str, str]:
        """What our own people are called, by id."""
        return dict(Person.objects.values_list("person_id", "name"))

    def called(self, person_id: str) -> str:
        """What somebody of ours is called; an id that is nobody's is told as it is."""
        return self.ours.get(person_id) or person_id


def opened(viewer: Viewer, id: str, today: date) -> Opened:
    """An account as a viewer may see it; ``NotFoundError`` where there is none that they see."""
    row: Account = scope.one(scope.accounts(viewer), "account", account_id=id)
    publication = published()
    card = publication.get("account", row.account_id) if publication else None
    return Opened(viewer, row, for_eyes_of(viewer, card or {}), today)


def path_of(account_id: str) -> str:
    """The page of an account."""
    return f"/accounts/{quote(account_id, safe='')}/"


_ROLES = {"csm": "CSM", "account_manager": "Account manager", "ae": "AE", "renewals_manager": "Renewals",
          "partner": "Partner"}  # fmt: skip
_TABS = (
    ("", "Overview"),
    ("story", "Health & events"),
    ("people", "People"),
    ("plan", "Plan & value"),
    ("movements", "Movements"),
    ("why", "Why not?"),
)


def head_facts(found: Opened, here: str) -> dict[str, Any]:
    """What stands above every page of an account: who it is, who serves it, what it pays, and when it renews."""
    card = found.card
    return {
        "account_id": found.account_id,
        "name": found.name,
        "published": bool(card),
        "kind": [card[name] for name in ("segment", "industry", "region") if card.get(name)],
        "parent": _parent(found),
        "roles": [{"role": words, "name": card["roles"][role]["name"]}
                  for role, words in _ROLES.items() if role in card.get("roles", {})],
        "potential_segment": card.get("potential_segment"),
        "segment_words": Segment(card["potential_segment"]).words if card.get("potential_segment") else "no customer",
        "reason": card.get("reason", ""),
        "mrr": card.get("mrr"),
        "health": card.get("health") or {"score": None, "level": None},
        "adoption": card.get("adoption"),
        "renewal": _dated(card.get("renewal_on"), found.today),
        "notice_on": card.get("notice_on"),
        **(worth_now(found.opportunities) if card.get("ready") else {"ready": None, "held": None}),
        "tabs": _tabs(found, here),
        "path": found.path,
        "pdf": f"{found.path}review.pdf" if found.viewer.sees_contacts else "",
        "here": f"{found.path}{here}/" if here else found.path,
    }  # fmt: skip


def _parent(found: Opened) -> dict[str, Any] | None:
    """The account that it is part of; None where there is none, or none that the viewer sees."""
    told = found.card.get("parent")
    if not told or not scope.accounts(found.viewer).filter(account_id=told["account_id"]).exists():
        return None
    return {**told, "href": path_of(told["account_id"])}


def _tabs(found: Opened, here: str) -> list[dict[str, Any]]:
    hidden = {"plan"} if not found.viewer.sees_contacts else set()
    return [{"words": words, "href": f"{found.path}{name}/" if name else found.path, "here": name == here}
            for name, words in _TABS if name not in hidden]  # fmt: skip


def _dated(day: str | None, today: date) -> dict[str, Any] | None:
    """A day and in how many days it is; None where there is none."""
    return {"day": day, "in": (date.fromisoformat(day) - today).days} if day else None
