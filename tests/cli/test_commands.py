"""The commands as a person types them: what they print, what they write, and how they exit."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from upcross.cli import app
from upcross.sample import write_sample


class Result:
    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err
        self.text = " ".join(out.split())


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):  # type: ignore[no-untyped-def]
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: object) -> Result:
        monkeypatch.setattr(sys, "argv", ["upcross", *map(str, arguments)])
        code = 0
        try:
            app.main()
        except SystemExit as exit_:
            code = int(exit_.code or 0)
        captured = capsys.readouterr()
        return Result(code, captured.out, captured.err)

    return run


def test_init_load_check_plan_explain_on_a_new_folder(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """The whole way of a new user; the sample has faults, so load and check exit with 1.

    From the first load on with the written stories alone: the crowd around them makes the way longer, not another.
    """
    folder = tmp_path / "new"
    assert run("init", folder, "--sample").code == 0
    write_sample(folder, stories_only=True)
    assert run("plan", "-C", folder).code == 1
    loaded = run("load", "-C", folder)
    assert loaded.code == 1
    assert "2026-13-01" in loaded.text
    checked = run("check", "-C", folder)
    assert checked.code == 1
    assert "A99" in checked.text
    planned = run("plan", "-C", folder)
    assert planned.code == 0
    told = run("explain", "Weberknecht Logistik", "-C", folder)
    assert told.code == 0
    assert "FIRED seat-expansion" in told.text


def test_plan_prints_its_sections_in_the_order_of_deciding(run, sample_project: Path) -> None:  # type: ignore[no-untyped-def]
    text = run("plan", "-C", sample_project).out
    titles = ("What is wrong with the data", "Deeper: upsell", "Wider: cross-sell", "Held back", "Unknown", "Try next")
    places = [text.index(title) for title in titles]
    assert places == sorted(places)
    assert text.count("  upcross ") == 3


def test_plan_line_has_evidence_amount_owner_and_next_step(run, sample_project: Path) -> None:  # type: ignore[no-untyped-def]
    text = run("plan", "-C", sample_project, "--motion", "upsell", "--most", 0).text
    line = text[text.index("Weberknecht Logistik") :][:700]
    for part in (
        "seats",
        "96% (threshold 90%)",
        "a month",
        "Lena Hoffmann (csm)",
        "Marc Lehmann",
        "respond by",
        "next",
    ):
        assert part in line, part
    assert "Wider" not in text or "0 asks" in text[text.index("Wider") :][:60]


def test_plan_of_one_owner(run, sample_project: Path) -> None:  # type: ignore[no-untyped-def]
    document = json.loads(run("plan", "-C", sample_project, "--owner", "lena hoffmann", "--format", "json").out)
    assert document["changes"]
    for change in document["changes"]:
        assert "Lena Hoffmann" in (change["owner"]["name"], (change["closer"] or {}).get("name"))
    wrong = run("plan", "-C", sample_project, "--owner", "Lena Hofman")
    assert wrong.code == 2
    assert "did you mean 'Lena Hoffmann'?" in wrong.err


def test_json_never_adds_the_motions_without_its_parts(run, sample_project: Path) -> None:  # type: ignore[no-untyped-def]
    totals = json.loads(run("plan", "-C", sample_project, "--format", "json").out)["totals"]["fired"]
    parts = float(totals["upsell"]["expected"]) + float(totals["cross_sell"]["expected"])
    assert float(totals["expansion"]["expected"]) == pytest.approx(parts)


def test_a_second_plan_reads_the_kept_run_and_says_the_same(run, sample_project: Path) -> None:  # type: ignore[no-untyped-def]
    first = run("plan", "-C", sample_project, "--format", "json").out
    kept = sorted((sample_project / ".upcross" / "runs").rglob("run.json"))
    assert run("plan", "-C", sample_project, "--format", "json").out == first
    assert sorted((sample_project / ".upcross" / "runs").rglob("run.json")) == kept


def test_explain_names_the_failing_comparison_and_how_far_it_is(run, sample_project: Path) -> None:  # type: ignore[no-untyped-def]
    """A08 has 900 of 1,000 seats and does not grow: the percentage holds, the seats left do not."""
    text = run("explain", "A08", "-C", sample_project, "--play", "seat-expansion").text
    assert "QUIET seat-expansion" in text
    assert "✓ seat utilization, lowest of the last 30 days: 90% (threshold 90%)" in text
    assert "✗ seats free: 100 (threshold at most 10), 90 away" in text
    assert "[seats: " in text


def test_explain_json_has_the_same_facts(run, sample_project: Path) -> None:  # type: ignore[no-untyped-def]
    told = json.loads(run("explain", "A08", "-C", sample_project, "--play", "seat-expansion", "--format", "json").out)
    (play,) = [row for row in told["plays"] if row["product_id"] == "crm"]
    assert play["status"] == "quiet"
    free = play["trigger"]["all"][-1]["any"][0]
    assert (free["signal"], free["value"], free["threshold"], free["truth"]) == ("seats_free", 100, 10, False)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("explain", "Weberknecht Logistk"), "did you mean 'Weberknecht Logistik'?"),
        (("explain", "A02", "--play", "seat-expansio"), "did you mean 'seat-expansion'?"),
        (("explain", "A02", "--product", "crn"), "did you mean 'crm'?"),
        (("signals", "seat_utilisation"), "did you mean 'seat_utilization'?"),
        (("tables", "subscription"), "did you mean 'subscriptions'?"),
        (("plays", "show", "stated-needs"), "did you mean 'stated-need'?"),
        (("plan", "--as-of", "31.03.2026"), "31.03.2026"),
        (("plan", "--format", "yaml"), "yaml"),
        (("signals", "mrr", "--sql", "postgress"), "did you mean 'postgres'?"),
    ],
)
def test_a_wrong_word_is_answered_with_the_nearest_right_one(run, sample_project, arguments, said) -> None:  # type: ignore[no-untyped-def]
    result = run(*arguments, "-C", sample_project)
    assert result.code in (1, 2)
    assert said in " ".join(result.err.split())
    assert "Traceback" not in result.err


def test_outside_a_project_the_shipped_things_can_be_looked_at(run, tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.chdir(tmp_path)
    assert "seat-expansion" in run("plays", "list").out
    assert "seat_utilization" in run("signals").out
    assert "billing_disputes" in run("tables").out
    assert run("plays", "test").code == 0
    assert run("plays", "lint").code == 0
    missing = run("plan")
    assert missing.code == 1
    assert "upcross init" in missing.err


def test_signals_print_the_sql_of_both_engines(run, sample_project: Path) -> None:  # type: ignore[no-untyped-def]
    duck = run("signals", "seat_utilization", "-C", sample_project, "--sql", "duckdb").out
    postgres = run("signals", "seat_utilization", "-C", sample_project, "--sql", "postgres").out
    assert "DATE_DIFF" in duck
    assert "DATE_DIFF" not in postgres
    assert "DOUBLE PRECISION" in postgres


def test_every_fault_of_a_project_is_told_at_once_with_its_place(run, sample_project, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    folder = tmp_path / "faulty"
    shutil.copytree(sample_project, folder)
    (folder / "plays").mkdir()
    (folder / "plays" / "overlay.yaml").write_text("plays:\n  seat-expansio:\n    params: {fire_at: 95%}\n")
    (folder / "attestations.yaml").write_text(
        "- gate: health\n  scope: book\n  by: Me\n  why: because\n  from: 2026-09-01\n  until: 2027-09-01\n"
    )
    result = run("plan", "-C", folder)
    text = " ".join(result.err.split())
    assert result.code == 1
    assert "plays/overlay.yaml:2:" in text
    assert "seat-expansion" in text
    assert "attestations.yaml:1:" in text
    assert "never attested" in text


def test_an_overlay_changes_a_threshold_and_the_verdict_says_so(run, sample_project, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """At 97% the account with 48 of 50 seats (96%) falls quiet; the explanation names the overlay."""
    folder = tmp_path / "tighter"
    shutil.copytree(sample_project, folder)
    (folder / "plays").mkdir()
    (folder / "plays" / "overlay.yaml").write_text("plays:\n  seat-expansion:\n    params: {fire_at: 97%}\n")
    text = run("explain", "A02", "-C", folder, "--play", "seat-expansion").text
    assert "QUIET seat-expansion" in text
    assert "96% (threshold 97%), 1 points away" in text
    assert "set by the project" in text


def test_a_cold_start_of_the_real_program(sample_project: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "upcross.cli.app", "plan", "-C", str(sample_project)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Deeper: upsell" in done.stdout
