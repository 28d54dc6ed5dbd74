"""What can be done to an opportunity: one table of transitions, from which stages, to which, and by whom."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from upcross.ledger.actor import Relation
from upcross.ledger.stage import ENDED, OPEN, WORKED, Stage
from upcross.plays.play import PlayKind


class Step(StrEnum):
    """One kind of entry about an opportunity."""

    CREATE = "create"
    OPEN = "open"
    REFRESH = "refresh"
    HOLD = "hold"
    RELEASE = "release"
    EXPIRE = "expire"
    ESCALATE = "escalate"
    QUALIFY = "qualify"
    HAND_OFF = "hand_off"
    ACCEPT = "accept"
    RETURN = "return"
    WIN = "win"
    LOSE = "lose"
    FINISH = "finish"
    DISMISS = "dismiss"
    SNOOZE = "snooze"
    WAKE = "wake"
    REASSIGN = "reassign"
    CLAIM = "claim"
    OVERRIDE = "override"
    COMMENT = "comment"
    UNDO = "undo"
    ERASE = "erase"

    @property
    def words(self) -> str:
        """The step as people say it."""
        return self.value.replace("_", " ")


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table: what a step does to the stage, who may take it, and for which kinds of opportunity.

    ``target`` None: the stage stays, or what the step is given decides (waking, undoing).
    """

    step: Step
    sources: frozenset[Stage]
    target: Stage | None
    by: frozenset[Relation]
    kinds: frozenset[PlayKind] = frozenset(PlayKind)


_OWNERS = frozenset({Relation.OWNER, Relation.OVERSEER})
_CLOSERS = frozenset({Relation.CLOSER, Relation.OVERSEER})
_HANDS = _OWNERS | _CLOSERS
_SYSTEM = frozenset({Relation.SYSTEM})
_ALL = frozenset({Relation.COLLEAGUE})
_SALES = frozenset({PlayKind.ASK, PlayKind.ANSWER})
_TASKS = frozenset({PlayKind.ADOPTION})

_ROWS = (
    # What runs, clocks and feeds do.
    Transition(Step.CREATE, frozenset({Stage.EXPIRED}), None, _SYSTEM),
    Transition(Step.REFRESH, OPEN | {Stage.HELD}, None, _SYSTEM),
    Transition(Step.HOLD, frozenset({Stage.SURFACED, Stage.SNOOZED, Stage.EXPIRED}), Stage.HELD, _SYSTEM),
    Transition(Step.RELEASE, frozenset({Stage.HELD, Stage.SNOOZED}), Stage.SURFACED, _SYSTEM),
    Transition(Step.EXPIRE, frozenset({Stage.HELD, Stage.SURFACED, Stage.SNOOZED}), Stage.EXPIRED, _SYSTEM),
    Transition(Step.ESCALATE, WORKED, None, _SYSTEM),
    # What people do.
    Transition(Step.OPEN, frozenset({Stage.EXPIRED}), None, _ALL, _SALES),
    Transition(Step.QUALIFY, frozenset({Stage.SURFACED, Stage.QUALIFIED}), Stage.QUALIFIED, _OWNERS, _SALES),
    Transition(Step.HAND_OFF, frozenset({Stage.QUALIFIED}), Stage.HANDED_OFF, _OWNERS, _SALES),
    Transition(Step.ACCEPT, frozenset({Stage.HANDED_OFF, Stage.QUALIFIED}), Stage.ACCEPTED, _CLOSERS, _SALES),
    Transition(Step.RETURN, frozenset({Stage.HANDED_OFF, Stage.ACCEPTED}), Stage.SURFACED, _HANDS, _SALES),
    Transition(Step.WIN, WORKED, Stage.WON, _HANDS, _SALES),
    Transition(Step.LOSE, WORKED, Stage.LOST, _HANDS, _SALES),
    Transition(Step.FINISH, WORKED, Stage.DONE, _OWNERS, _TASKS),
    Transition(Step.DISMISS, OPEN | {Stage.HELD}, Stage.DISMISSED, _OWNERS),
    Transition(Step.SNOOZE, frozenset({Stage.SURFACED, Stage.QUALIFIED}), Stage.SNOOZED, _OWNERS),
    Transition(Step.WAKE, frozenset({Stage.SNOOZED}), None, _OWNERS),
    Transition(Step.REASSIGN, OPEN | {Stage.HELD}, None, _OWNERS),
    Transition(Step.CLAIM, WORKED, None, _ALL),
    Transition(Step.OVERRIDE, frozenset({Stage.HELD}), Stage.SURFACED, _ALL, _SALES),
    Transition(Step.COMMENT, frozenset(Stage), None, _ALL),
    Transition(Step.UNDO, frozenset(Stage), None, _ALL),
    Transition(Step.ERASE, frozenset(Stage), None, _ALL),
)

TRANSITIONS: dict[Step, Transition] = {row.step: row for row in _ROWS}
"""The table: one row a step."""

UNDOABLE = frozenset(
    {Step.QUALIFY, Step.HAND_OFF, Step.ACCEPT, Step.RETURN, Step.WIN, Step.LOSE, Step.FINISH, Step.DISMISS,
     Step.SNOOZE, Step.WAKE, Step.REASSIGN, Step.CLAIM, Step.OVERRIDE, Step.UNDO}
)  # fmt: skip
"""What a person did and can take back, as long as nobody did anything since."""

PASSING = frozenset({Step.REFRESH, Step.COMMENT, Step.ESCALATE, Step.ERASE})
"""What may come after an act without standing in the way of its undoing: it decides nothing."""

assert not any(row.sources & ENDED - {Stage.EXPIRED} for row in _ROWS if row.step not in
               (Step.COMMENT, Step.UNDO, Step.ERASE))  # fmt: skip
