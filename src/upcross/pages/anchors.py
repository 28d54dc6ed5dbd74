"""Where things stand in a page: every mark of a chart and every count leads to its row by these ids."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Anchors:
    """The ids of one section and of the rows in it; rows count from 1."""

    section: str

    @property
    def expansions(self) -> str:
        """The table of expansions."""
        return f"{self.section}-expansions"

    @property
    def alerts(self) -> str:
        """The table of alerts."""
        return f"{self.section}-alerts"

    def expansion(self, row: int) -> str:
        """A row of the table of expansions."""
        return f"{self.section}-expansion-{row}"

    def alert(self, row: int) -> str:
        """A row of the table of alerts."""
        return f"{self.section}-alert-{row}"

    def rule(self, row: int) -> str:
        """A row of the table that sets the play beside simple rules; 0 is the play itself."""
        return f"{self.section}-rule-{row}"

    def value(self, row: int) -> str:
        """A row of the table of a parameter's values."""
        return f"{self.section}-value-{row}"
