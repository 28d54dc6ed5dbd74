"""What a person opens without any play: sized, judged by the same gates, and planned beside what plays find."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

import duckdb

from upcross.engine.compile import text_literal
from upcross.engine.rows import rows
from upcross.motions import Mechanism, Motion
from upcross.opportunities import Finding, Identity, Potential, Timing
from upcross.opportunities.findings import once_an_account
from upcross.probing import probed
from upcross.runs import Evaluation
from upcross.signals.model import Scope

BY_HAND = "by-hand"
"""What stands in the place of a play among the reasons of an ask that a person opened."""

COOLDOWN = 90
"""Days for which the same thing is not asked again once it has ended, as most plays have it."""

_PARTS = ("floor", "expected", "ceiling")


def hand_findings(
    connection: duckdb.DuckDBPyConnection, evaluation: Evaluation, wanted: Iterable[Identity]
) -> tuple[Finding, ...]:
    """A finding for each thing that people opened and that can still be sold: fired, or held by its motion's gates.

    ``connection`` shows the signals of their accounts as ``signals_<scope>``. What is in no row any more, since it was
    bought or given up, has no finding.
    """
    groups: defaultdict[tuple[Mechanism, Scope], set[Identity]] = defaultdict(set)
    for identity in wanted:
        if identity.mechanism is not None:
            for scope in _scopes(identity.mechanism):
                groups[identity.mechanism, scope].add(identity.first)
    found = []
    for (mechanism, scope), identities in sorted(groups.items(), key=lambda group: (group[0][0], group[0][1])):
        accounts = {identity.account_id for identity in identities}
        meters = _metered(connection, evaluation, accounts) if mechanism is Mechanism.USAGE else {}
        for row, finding in probed(connection, evaluation, mechanism.motion, scope, accounts):
            offered = finding.identity.mechanism if scope is Scope.WHITE_SPACE else mechanism
            identity = replace(finding.identity, mechanism=offered)
            if identity in identities and offered is mechanism:
                key = (identity.account_id, identity.business_unit, identity.product_id)
                found.append(_by_hand(finding, identity, meters.get(key) or _potential(row, mechanism)))
    return once_an_account(found)


def _by_hand(finding: Finding, identity: Identity, potential: Potential) -> Finding:
    """What a probe says of a row, as the reason that a person is."""
    reason = replace(
        finding.reason, play_id=BY_HAND, title="Opened by hand", potential=potential, cooldown=COOLDOWN, touch="",
        surface=(), close=(), respond_within=None, next_step="", guide=(), timing=Timing(), evidence=(),
        whole_account=False,
    )  # fmt: skip
    return Finding(identity, reason)


def _scopes(mechanism: Mechanism) -> tuple[Scope, ...]:
    """Where it can be sold: of what is owned, of what is lacking, and of support either."""
    if mechanism is Mechanism.SUPPORT:
        return (Scope.SUBSCRIPTION, Scope.WHITE_SPACE)
    return (Scope.SUBSCRIPTION if mechanism.motion is Motion.UPSELL else Scope.WHITE_SPACE,)


def _potential(row: Mapping[str, Any], mechanism: Mechanism) -> Potential:
    """How much it may bring: by the mechanism, else by what was asked for, else of the product; unknown where none."""
    stems = (mechanism.value, "more") if mechanism.motion is Motion.UPSELL else ()
    for stem in (*stems, "product"):
        found = Potential(*(row.get(f"{stem}_potential_{part}") for part in _PARTS))
        if found.expected is not None:
            return found
    return Potential()


def _metered(
    connection: duckdb.DuckDBPyConnection, evaluation: Evaluation, accounts: Collection[str]
) -> dict[tuple[str, str, str], Potential]:
    """The largest potential of any meter of each product owned, where one is known."""
    names = ("account_id", "business_unit", "product_id", *(f"usage_potential_{p}" for p in _PARTS))
    if any(name not in evaluation.frame.registry.signals for name in names[3:]):
        return {}
    listed = ", ".join(text_literal(account) for account in sorted(accounts))
    statement = f"SELECT {', '.join(names)} FROM signals_{Scope.METER.value} WHERE account_id IN ({listed})"
    found: dict[tuple[str, str, str], Potential] = {}
    for row in rows(connection, statement):
        account, unit, product, *amounts = (row[name] for name in names)
        potential = Potential(*amounts)
        if potential.expected is not None:
            key = (account, unit, product)
            found[key] = max(potential, found.get(key, Potential()), key=lambda one: one.size)
    return found
