"""How the states of cells are shown: a glyph of a shape of its own, a word, and what it means."""

from __future__ import annotations

from functools import lru_cache

from upcross.app.shell.words import short_money
from upcross.money import to_decimal
from upcross.portfolio.cells import State

GLYPHS = {
    State.OWNED: "●", State.OWNED_UNUSED: "◐", State.NOT_SWITCHED_ON: "○", State.ON_TRIAL: "◒",
    State.CONTRACTED_LATER: "→", State.IN_PIPELINE: "▶", State.FITS: "◇", State.BLOCKED: "■", State.LOST_BEFORE: "↺",
    State.ELIGIBILITY_UNKNOWN: "?", State.NOT_ELIGIBLE: "–",
}  # fmt: skip

SHORT = {
    State.OWNED: "owned", State.OWNED_UNUSED: "unused", State.NOT_SWITCHED_ON: "off", State.ON_TRIAL: "trial",
    State.CONTRACTED_LATER: "later", State.IN_PIPELINE: "deal", State.FITS: "fits", State.BLOCKED: "blocked",
    State.LOST_BEFORE: "lost", State.ELIGIBILITY_UNKNOWN: "may fit", State.NOT_ELIGIBLE: "no",
}  # fmt: skip
"""One word for a cell."""

MEANING = {
    State.OWNED: "The customer has it.",
    State.OWNED_UNUSED: "The customer has it, and nobody used it in the last 30 days.",
    State.NOT_SWITCHED_ON: "It is included in what the customer pays for, and nobody uses it.",
    State.ON_TRIAL: "The customer tries it now.",
    State.CONTRACTED_LATER: "It is signed and begins later.",
    State.IN_PIPELINE: "A deal for it is open.",
    State.FITS: "It could be sold, and nothing stands against asking.",
    State.BLOCKED: "It could be sold, but a gate stands against asking now, or it is no longer sold.",
    State.LOST_BEFORE: "It was offered and lost; the day on which it may be tried again has not come.",
    State.ELIGIBILITY_UNKNOWN: "It is sold to some only, and whether to this customer is not recorded.",
    State.NOT_ELIGIBLE: "It is not sold to such a customer.",
}


@lru_cache(maxsize=16_384)
def label(amount: int | None) -> str:
    """Ten-thousandths a month as a cell shows them: 1.2k; '?' where the amount is unknown."""
    if amount is None:
        return "?"
    return short_money(to_decimal(amount))
