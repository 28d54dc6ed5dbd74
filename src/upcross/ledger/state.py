"""How an opportunity stands, as a value: what its entries add up to, whatever the row in the table says."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date
from typing import Any, Protocol

from upcross.ledger.stage import Stage


@dataclass(frozen=True, slots=True)
class State:
    """Every fact about one opportunity that entries set; the columns of its row bear the same names.

    Money is in ten-thousandths a month, null where unknown. ``known`` says of need, goal, buyer and budget owner
    whether the one who qualified it knew them; what they said lies apart, with the entry.
    """

    stage: str = ""
    kind: str = "ask"
    owner: str = ""
    owner_role: str = ""
    opened_for: str = ""
    closer: str = ""
    closer_role: str = ""
    handed_to: str = ""
    opened_on: date | None = None
    due_on: date | None = None
    escalated: int = 0
    snoozed_until: date | None = None
    snoozed_while: str = ""
    resume_stage: str = ""
    cooldown: int = 0
    cooldown_until: date | None = None
    ended_on: date | None = None
    end_reason: str = ""
    held_since: date | None = None
    look_again_on: date | None = None
    gates: tuple[str, ...] = ()
    released_from: tuple[str, ...] = ()
    arm: str = ""
    origin: str = "play"
    asked_anyway: bool = False
    override_gates: tuple[str, ...] = ()
    override_until: date | None = None
    override_by: str = ""
    known: Mapping[str, bool] = field(default_factory=dict)
    won_mrr: int | None = None
    account_name: str = ""
    product_name: str = ""
    title: str = ""
    plays: tuple[str, ...] = ()
    currency: str = ""
    potential_floor: int | None = None
    potential_expected: int | None = None
    potential_ceiling: int | None = None
    with_renewal_on: date | None = None
    alternative_of: str = ""

    @property
    def at(self) -> Stage:
        """The stage as one of the enumeration; ``ValueError`` before the first entry."""
        return Stage(self.stage)

    def differing(self, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Those of the changes that change anything."""
        return {name: value for name, value in changes.items() if getattr(self, name) != value}


class Standing(Protocol):
    """What of an opportunity decides which steps lead on from it: its state, or a row with the same columns."""

    @property
    def stage(self) -> str:
        """How far it has come."""

    @property
    def kind(self) -> str:
        """Ask, answer or adoption."""

    @property
    def owner(self) -> str:
        """Whose it is."""

    @property
    def closer(self) -> str:
        """Who closes it."""

    @property
    def closer_role(self) -> str:
        """In which role."""

    @property
    def handed_to(self) -> str:
        """Whom it waits for."""


FIELDS = tuple(item.name for item in fields(State))
_DATES = frozenset(item.name for item in fields(State) if "date" in str(item.type))
_TUPLES = frozenset(item.name for item in fields(State) if str(item.type).startswith("tuple"))


def state_of(row: object) -> State:
    """The state that a row of the table shows."""
    return State(**{name: _value(name, getattr(row, name)) for name in FIELDS})


def read_changes(facts: str | Mapping[str, Any]) -> dict[str, Any]:
    """What an entry set, from its facts."""
    told = json.loads(facts) if isinstance(facts, str) else facts
    return {name: _value(name, value) for name, value in told.get("set", {}).items()}


def plain_changes(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Changes as JSON takes them."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in changes.items()}


def replay(entries: Iterable[str]) -> State:
    """The state that the facts of all entries of one opportunity add up to, in their order."""
    state = State()
    for facts in entries:
        state = replace(state, **read_changes(facts))
    return state


def row_values(state: State) -> dict[str, Any]:
    """The state as values of the row's columns."""
    return plain_changes(asdict(state))


def _value(name: str, value: Any) -> Any:
    if name in _DATES and isinstance(value, str):
        return date.fromisoformat(value)
    return tuple(value) if name in _TUPLES else value
