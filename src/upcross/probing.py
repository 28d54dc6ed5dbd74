"""How the gates of a motion stand on every row of some accounts, whether or not any play fires there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import duckdb

from upcross.engine.compile import text_literal
from upcross.engine.dialects import render
from upcross.engine.rows import rows
from upcross.motions import Motion
from upcross.opportunities import Finding
from upcross.opportunities.findings import find
from upcross.plays.judgement import compile_judgement
from upcross.plays.probe import probe
from upcross.runs import Evaluation
from upcross.signals.model import Scope
from upcross.unknowns import why_unknown


def probed(
    connection: duckdb.DuckDBPyConnection,
    evaluation: Evaluation,
    motion: Motion,
    scope: Scope,
    accounts: Iterable[str],
    without: tuple[str, ...] = (),
) -> Iterable[tuple[Mapping[str, Any], Finding]]:
    """Each row of a scope's wide relation, and what the motion's gates (but those ``without``) say of it as holds.

    ``connection`` shows the signals of the accounts as ``signals_<scope>``. Keys that a scope lacks are ''.
    """
    frame = evaluation.frame
    play = probe(evaluation.library, motion, scope, without)
    compiled = compile_judgement(
        scope, [play], evaluation.attestations, evaluation.as_of, "probed", exemptions=evaluation.exemptions
    )
    listed = ", ".join(text_literal(account) for account in sorted(accounts)) or "''"
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE probed AS SELECT * FROM ({evaluation.wide(scope)}) AS w"
        f" WHERE account_id IN ({listed})"
    )
    found = rows(connection, "SELECT * FROM probed")
    details = rows(connection, render(compiled.select))
    by_key = {tuple(detail[key] for key in scope.keys): detail for detail in details}
    signals = frame.registry.visible_in(scope)
    for row in found:
        [judgement] = compiled.read(by_key[tuple(row[key] for key in scope.keys)])
        told: dict[str, Any] = {"business_unit": "", "product_id": "", **row}
        finding = find(
            play, judgement, told, signals, evaluation.attestations, evaluation.as_of,
            lambda name: why_unknown(frame, frame.registry.signals[name]), evaluation.exemptions,
        )  # fmt: skip
        yield told, finding
