"""How far an opportunity has come."""

from __future__ import annotations

from enum import StrEnum


class Stage(StrEnum):
    """The stages of an opportunity: held, the open ones in their order, put off, and the ways in which it ends."""

    HELD = "held"
    SURFACED = "surfaced"
    QUALIFIED = "qualified"
    HANDED_OFF = "handed_off"
    ACCEPTED = "accepted"
    SNOOZED = "snoozed"
    WON = "won"
    LOST = "lost"
    DONE = "done"
    DISMISSED = "dismissed"
    EXPIRED = "expired"

    @property
    def words(self) -> str:
        """The stage as people read it."""
        return self.value.replace("_", " ")


WORKED = frozenset({Stage.SURFACED, Stage.QUALIFIED, Stage.HANDED_OFF, Stage.ACCEPTED})
"""Stages in which somebody is to do something now."""

OPEN = WORKED | {Stage.SNOOZED}
"""Stages in which it is open: somebody owns it, and nothing else is asked for the same thing."""

ENDED = frozenset({Stage.WON, Stage.LOST, Stage.DONE, Stage.DISMISSED, Stage.EXPIRED})
"""Stages that it does not leave, but by undoing."""
