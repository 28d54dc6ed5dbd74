"""How the gates of a motion stand at accounts and products where no play fired, with the evidence of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from upcross.motions import Motion
from upcross.opportunities.evidence import Attested, HoldReason, Truth
from upcross.plays.exemption import exempting
from upcross.probing import probed
from upcross.runs import Run
from upcross.signals.model import Scope

_SCOPES = {Motion.UPSELL: Scope.SUBSCRIPTION, Motion.CROSS_SELL: Scope.WHITE_SPACE}


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds one row back: gates that are false or not known; and gates that pass on a word or rule."""

    holds: tuple[HoldReason, ...] = ()
    attested: tuple[Attested, ...] = ()

    @property
    def false(self) -> tuple[HoldReason, ...]:
        """The gates that the facts speak against."""
        return tuple(hold for hold in self.holds if hold.truth is Truth.FALSE)

    @property
    def unknown(self) -> tuple[HoldReason, ...]:
        """The gates for which data is missing."""
        return tuple(hold for hold in self.holds if hold.truth is Truth.UNKNOWN)

    def and_also(self, other: Standing) -> Standing:
        """Both together, each gate once; a false one outweighs one that is not known."""
        by_gate: dict[str, HoldReason] = {}
        for hold in (*self.false, *other.false, *self.unknown, *other.unknown):
            by_gate.setdefault(hold.gate, hold)
        # A word or rule that speaks for one row only does not let the other pass.
        said = dict.fromkeys(word for word in (*self.attested, *other.attested) if word.gate not in by_gate)
        return Standing(tuple(by_gate.values()), tuple(said))

    @property
    def exempt(self) -> tuple[Attested, ...]:
        """The gates that would hold it and do not bind its unit, by whose written rule."""
        return tuple(word for word in self.attested if word.exempt)


class Standings:
    """The standing of every row of some accounts, each scope judged once when it is first asked for."""

    def __init__(self, run: Run, accounts: Iterable[str], without: tuple[str, ...] = ()) -> None:
        self._run, self._accounts, self._without = run, sorted(set(accounts)), without
        self._rows: dict[tuple[Motion, Scope], dict[tuple[str, str, str], Standing]] = {}

    def of(self, motion: Motion, account: str, business_unit: str, product: str) -> Standing | None:
        """How the motion's gates stand for a product of an account; None where there is no such row to judge.

        Upsell is judged on what is owned, cross-sell on what is lacking. Without a unit every unit's rows speak.
        """
        rows = self._judged(motion, _SCOPES[motion])
        units = [
            standing
            for (a, unit, p), standing in rows.items()
            if a == account and p == product and (unit in ("", business_unit) or not business_unit)
        ]
        return _together(units)

    def of_account(self, motion: Motion, account: str, business_unit: str = "") -> Standing:
        """How those gates of a motion stand that look at the account alone; those that do not bind the unit pass."""
        standing = self._judged(motion, Scope.ACCOUNT).get((account, "", ""), Standing())
        holds, passing = [], list(standing.attested)
        evaluation = self._run.evaluation
        for hold in standing.holds:
            rules = exempting(evaluation.exemptions, hold.gate, account, business_unit, self._run.as_of)
            if rules:
                passing.append(Attested(hold.gate, rules[0].by, rules[0].until, rules[0].why, exempt=True))
            else:
                holds.append(hold)
        return Standing(tuple(holds), tuple(passing))

    def _judged(self, motion: Motion, scope: Scope) -> Mapping[tuple[str, str, str], Standing]:
        if (motion, scope) not in self._rows:
            self._rows[motion, scope] = dict(self._judge(motion, scope))
        return self._rows[motion, scope]

    def _judge(self, motion: Motion, scope: Scope) -> Iterable[tuple[tuple[str, str, str], Standing]]:
        connection, evaluation = self._run.connect(), self._run.evaluation
        for row, finding in probed(connection, evaluation, motion, scope, self._accounts, self._without):
            key = (row["account_id"], row["business_unit"], row["product_id"])
            yield key, Standing(finding.reason.holds, finding.reason.attested)


def _together(standings: Iterable[Standing]) -> Standing | None:
    found: Standing | None = None
    for standing in standings:
        found = standing if found is None else found.and_also(standing)
    return found
