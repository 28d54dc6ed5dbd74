"""Runs: kept whole or not at all, the same for the same inputs, and open to Python."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

import upcross
from upcross.engine.compile import beneath
from upcross.engine.dialects import render
from upcross.errors import EngineError, ProjectError, UsageError
from upcross.kept_signals import kept_folder, view_days
from upcross.money import quantise
from upcross.motions import Mechanism, Motion
from upcross.opportunities import ChangeKind, Memory
from upcross.plays.play import PlayKind
from upcross.plays.verdicts import compile_verdicts
from upcross.signals.frame import wide_relation
from upcross.signals.model import Scope


@pytest.fixture(scope="module")
def project(sample_project: Path, tmp_path_factory: pytest.TempPathFactory) -> upcross.project.Project:
    folder = tmp_path_factory.mktemp("runs") / "project"
    shutil.copytree(sample_project, folder)
    return upcross.open(folder)


def kept(project: upcross.project.Project) -> list[Path]:
    return sorted(project.runs.rglob("run.json"))


def test_signals_and_verdicts_as_arrow_and_pandas(project: upcross.project.Project) -> None:
    plan = upcross.plan(project)
    signals = plan.run.signals("subscription")
    assert isinstance(signals, pa.Table)
    frame = signals.to_pandas()
    row = frame[(frame.account_id == "A02") & (frame.product_id == "crm")].iloc[0]
    assert (row.seats_active, row.seats_purchased, row.seat_utilization) == (48, 50, 0.96)
    verdicts = plan.run.verdicts().to_pylist()
    fired = [v for v in verdicts if v["account_id"] == "A02" and v["play"] == "seat-expansion"]
    assert [v["status"] for v in fired] == ["fired"]
    assert not [v for v in verdicts if v["status"] == "quiet"]


def test_the_plan_agrees_with_the_verdicts(project: upcross.project.Project) -> None:
    """Every fired verdict stands behind a create, every held one behind a hold or beside a play that fires."""
    plan = upcross.plan(project)
    asked = {(c.identity.account_id, c.identity.business_unit, c.identity.product_id, reason.play_id)
             for c in plan.changes.changes if c.kind is ChangeKind.CREATE for reason in c.candidate.reasons}  # fmt: skip
    fired = {(v["account_id"], v["business_unit"], v["product_id"], v["play"])
             for v in plan.run.verdicts().to_pylist() if v["status"] == "fired"}  # fmt: skip
    assert fired == {key for key in asked if key in fired}
    assert fired


def test_the_same_inputs_are_the_same_run(project: upcross.project.Project) -> None:
    upcross.plan(project)
    before = kept(project)
    upcross.plan(project)
    assert kept(project) == before


def test_what_no_longer_fires_stays_open_as_long_as_its_own_play_keeps_it(project: upcross.project.Project) -> None:
    """A02 uses 96% of its seats: below a threshold of 99%; above an end at 75%, below one at 98%."""
    memory = Memory.empty().after(upcross.plan(project).changes)
    (mine,) = [key for key in memory.open if key.account_id == "A02" and key.mechanism is Mechanism.SEATS]
    assert memory.open[mine].plays == {"seat-expansion"}
    overlay = project.folder / "plays" / "overlay.yaml"
    overlay.parent.mkdir()
    try:
        for clear_at, kind in (("75%", ChangeKind.REFRESH), ("98%", ChangeKind.EXPIRE)):
            overlay.write_text(f"plays:\n  seat-expansion:\n    params: {{fire_at: 99%, clear_at: {clear_at}}}\n")
            changes = upcross.plan(project, memory=memory).changes
            assert [c.kind for c in changes.changes if c.identity == mine] == [kind]
    finally:
        shutil.rmtree(overlay.parent)


def test_a_changed_threshold_is_another_run(project: upcross.project.Project) -> None:
    first = upcross.plan(project).run.evaluation.key()
    (project.folder / "plays").mkdir()
    overlay = project.folder / "plays" / "overlay.yaml"
    overlay.write_text("plays:\n  seat-expansion:\n    params: {fire_at: 99%}\n")
    try:
        changed = upcross.plan(project)
        assert changed.run.evaluation.key() != first
        accounts = {c.identity.account_id for c in changed.changes.changes if c.kind is ChangeKind.CREATE}
        assert "A02" not in accounts  # 96% is below 99%
        assert "A01" in accounts  # 198 of 200 is exactly 99%
    finally:
        overlay.unlink()
        overlay.parent.rmdir()


def test_a_run_that_fails_leaves_nothing_behind(project: upcross.project.Project) -> None:
    """A project's own model that the engine refuses (text divided by a number) is told with its table; no run is kept."""
    before = kept(project)
    folder = project.folder / "signals"
    folder.mkdir()
    header = (
        "/*---\nscope: account\nneeds: [accounts]\nsignals:\n  odd: {unit: ratio, meaning: m, unknown_when: n}\n---*/\n"
    )
    (folder / "odd.sql").write_text(header + "SELECT account_id, name / 2 AS odd FROM accounts\n")
    try:
        with pytest.raises(EngineError, match=r"signals/odd\.sql:7"):
            upcross.plan(project)
        assert kept(project) == before
        assert not list(project.runs.rglob(".making-*"))
    finally:
        shutil.rmtree(folder)


def test_a_companys_own_signal_goes_through_the_same_door(project: upcross.project.Project) -> None:
    folder = project.folder / "signals"
    folder.mkdir()
    header = "/*---\nscope: account\nneeds: [contacts]\nsignals:\n  contacts_known:\n    unit: count\n    meaning: People we know.\n    unknown_when: never\n---*/\n"
    (folder / "contacts_known.sql").write_text(
        header + "SELECT account_id, COUNT(*) AS contacts_known FROM contacts GROUP BY account_id HAVING COUNT(*) > 2\n"
    )
    try:
        rows = upcross.plan(project).run.signals(Scope.ACCOUNT).to_pylist()
        counts = {row["account_id"]: row["contacts_known"] for row in rows}
        assert any(counts.values())
        assert None in counts.values()  # no row of the model: unknown, for contacts are no event table
    finally:
        shutil.rmtree(folder)


def test_the_sql_of_both_engines_is_at_hand(project: upcross.project.Project) -> None:
    run = upcross.plan(project).run
    assert "DATE_DIFF" in run.sql("subscription")
    assert "DOUBLE PRECISION" in run.sql("subscription", "postgres")
    assert "fired_0" in run.sql(Scope.METER, "postgres", verdicts=True)


def test_totals_count_an_ask_once(project: upcross.project.Project) -> None:
    """Tier and usage are two ways of one ask of A06 (1,601.30), A44 (800) and A70 (1,610): the total holds each once."""
    changes = upcross.plan(project).changes
    both = [c for c in changes.changes if c.identity.account_id == "A06" and c.kind is ChangeKind.CREATE]
    assert {c.identity.mechanism.value for c in both} == {"tier", "usage"}
    every = sum(c.candidate.potential.expected or 0 for c in changes.changes
                if c.kind is ChangeKind.CREATE and c.candidate.kind is PlayKind.ASK
                and c.identity.motion is Motion.UPSELL)  # fmt: skip
    assert every - changes.totals.fired.upsell.expected == quantise("4011.30")


def test_json_of_a_plan_is_json(project: upcross.project.Project) -> None:
    told = json.loads(upcross.plan(project).changes.to_json())
    change = next(c for c in told["changes"] if c["account_id"] == "A14")
    assert change["heard"][0].startswith("“")
    assert change["motion"] == "cross_sell"


def test_a_past_day_is_judged_with_what_was_known_then(project: upcross.project.Project) -> None:
    then = upcross.plan(project, date(2026, 3, 31))
    assert then.as_of == date(2026, 3, 31)
    assert then.run.signals("subscription").num_rows > 0
    with pytest.raises(UsageError, match="before it happens"):
        upcross.plan(project, date(2026, 3, 31), known_at=date(2026, 3, 1))


def test_a_project_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="upcross init"):
        upcross.open(tmp_path)


def test_a_changed_threshold_is_judged_on_the_signals_that_are_kept(project: upcross.project.Project) -> None:
    upcross.plan(project)
    signals = sorted(project.runs.rglob("signals.json"))
    made = [file.stat().st_mtime_ns for file in signals]
    overlay = project.folder / "plays" / "overlay.yaml"
    overlay.parent.mkdir(exist_ok=True)
    before = overlay.read_text() if overlay.exists() else None
    overlay.write_text("plays:\n  seat-expansion:\n    params: {fire_at: 97%}\n")
    try:
        # 48 of 50 seats are 96%: no reason any more.
        verdicts = upcross.plan(project).run.verdicts().to_pylist()
    finally:
        overlay.unlink() if before is None else overlay.write_text(before)
    assert not [v for v in verdicts if v["account_id"] == "A02" and v["play"] == "seat-expansion"]
    assert sorted(project.runs.rglob("signals.json")) == signals
    assert [file.stat().st_mtime_ns for file in signals] == made


def test_many_days_are_judged_in_one_statement_as_each_is_alone(project: upcross.project.Project) -> None:
    days = (date(2026, 3, 31), date(2026, 4, 30))
    alone = {day: upcross.plan(project, day).run for day in days}
    evaluation = project.evaluation(days[-1])
    library = evaluation.library
    with duckdb.connect() as connection:
        view_days(connection, {day: kept_folder(run.evaluation.frame, project.runs) for day, run in alone.items()})
        for scope in Scope:
            wide = wide_relation(evaluation.frame, scope, {s: f"signals_{s.value}" for s in Scope}, by_day=True)
            attested = evaluation.attestations, None
            compiled = compile_verdicts(scope, library.running, *attested, "wide", exemptions=evaluation.exemptions)
            together = connection.sql(beneath("wide", wide, render(compiled.select))).to_arrow_table().to_pylist()
            for day, run in alone.items():
                own = run.connect().sql(f"SELECT * FROM verdicts_{scope.value} ORDER BY ALL").to_arrow_table()
                rows = [{k: v for k, v in row.items() if k != "as_of"} for row in together if row["as_of"] == day]
                key = [tuple(row[name] for name in scope.keys) for row in rows]
                assert [row for _, row in sorted(zip(key, rows, strict=True), key=lambda pair: pair[0])] == sorted(
                    own.to_pylist(), key=lambda row: tuple(row[name] for name in scope.keys)
                )
