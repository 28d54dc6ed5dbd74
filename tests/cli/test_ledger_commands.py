"""A day with the ledger from the command line: apply, work, log, reassign, unlock, verify, back up, restore."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

WIDTH = "110"


@pytest.fixture(scope="module")
def project(sample_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample's stories with a ledger: what a plan shows is applied."""
    folder = tmp_path_factory.mktemp("worked") / "demo"
    shutil.copytree(sample_project, folder)
    return folder


def opened(run, project: Path, *more: object) -> list[dict]:
    code, out, errors = run("opportunities", "-C", project, "--format", "json", *more)
    assert code == 0, errors
    return json.loads(out)


def test_a_day_from_the_command_line(run, project, tmp_path) -> None:
    code, _, errors = run("opportunities", "-C", project)
    assert (code, errors.strip()) == (
        2, "upcross: nothing was applied here yet, so there is no ledger: run `upcross apply` first")  # fmt: skip

    code, out, errors = run("plan", "-C", project, "--format", "json")
    assert code == 0, errors
    plan = json.loads(out)
    code, out, errors = run("apply", "-C", project, "--format", "json")
    assert code == 0, errors
    applied = json.loads(out)
    assert applied["plan"]["changes"] == plan["changes"]  # exactly what plan shows
    kinds = [change["kind"] for change in plan["changes"]]
    assert applied["applied"]["written"] == {"create": kinds.count("create"), "hold": kinds.count("hold")}
    assert applied["applied"]["backlog"]

    code, out, _ = run("apply", "-C", project)
    assert code == 0
    assert f"nothing new\n  {len(kinds)} stood so already" in out

    listed = opened(run, project)
    assert len(listed) == kinds.count("create")
    [ask] = [row for row in listed if row["account_id"] == "A01" and row["mechanism"] == "seats"]
    code, out, errors = run("work", "qualify", ask["id"], "-C", project, "--as", "nobody")
    assert code == 2
    assert "nobody of ours has the id 'nobody'" in errors
    code, out, errors = run("work", "qualify", ask["id"], "-C", project, "--as", ask["owner"], "--need", "seats")
    assert code == 1
    assert 'context.goal: is missing: say it in words, or "unknown"' in errors
    four = ["--need", "seats for the new team", "--goal", "unknown", "--buyer", "Ida", "--budget-owner", "unknown"]
    code, out, errors = run("work", "qualify", ask["id"], "-C", project, "--as", ask["owner"], *four)
    assert (code, errors) == (0, "")
    assert f"qualified, owned by {ask['owner']}" in out
    code, out, _ = run("work", "hand-off", ask["id"][:8], "-C", project, "--as", ask["owner"])
    assert "handed off" in out
    code, out, errors = run("work", "accept", ask["id"], "-C", project, "--as", ask["owner"])
    assert code == 1
    assert f"is for its closer or overseer; it is owned by {ask['owner']}" in errors

    code, out, errors = run("log", "A01", "We need reports across regions", "-C", project, "--domain", "analytics",
                            "--said-by", "Ida", "--as", ask["owner"])  # fmt: skip
    assert code == 0, errors
    assert "Kept: A01, need: “We need reports across regions”" in out
    before = len(opened(run, project))
    code, out, errors = run("log", "A0l", "x", "-C", project, "--kind", "nead")
    assert code == 1
    assert "no account is called 'A0l'" in errors
    assert "did you mean 'need'?" in errors
    assert len(opened(run, project)) == before
    code, out, _ = run("apply", "-C", project)  # what was heard is in every later run, and judged alike
    assert "nothing new" in out

    code, out, errors = run("open", "A01", "CRM", "product", "-C", project)
    assert code == 1
    assert "owns Lindhafen CRM already" in errors
    code, out, errors = run("open", "A01", "Lindhafen Desk", "product", "-C", project, "--text", "asked at the fair")
    assert code == 0, errors
    [by_hand] = [row for row in opened(run, project) if row["origin"] == "hand"]
    assert (by_hand["product"], by_hand["kind"]) == ("Lindhafen Desk", "ask")
    code, out, _ = run("apply", "-C", project)  # it does not vanish for want of a play
    assert "nothing new" in out

    code, out, errors = run("unlock", "-C", project, "--format", "json")
    told = json.loads(out)
    money = [float(blocker["alone"]["mrr"]) for blocker in told["blockers"]]
    assert money == sorted(money, reverse=True)
    assert all(blocker["person"] and blocker["action"] for blocker in told["blockers"])
    assert set(told["held"]) == {"upsell", "cross_sell"}
    code, out, _ = run("unlock", "-C", project)
    assert code == 0
    assert "Waiting behind gates  deeper" in out

    mine = [row["id"] for row in opened(run, project) if row["owner"] == ask["owner"]]
    other = next(row["owner"] for row in opened(run, project) if row["owner_role"] == "csm" != row["owner"] and
                 row["owner"] != ask["owner"])  # fmt: skip
    code, out, errors = run("reassign", "-C", project, "--from", ask["owner"], "--to", other)
    assert code == 0, errors
    rows = {row["id"]: row for row in opened(run, project)}
    assert {rows[key]["owner"] for key in mine} == {other}
    code, out, _ = run("apply", "-C", project)
    assert "given to another owner" not in out  # the book still names the first; the ledger knows better
    assert {row["owner"] for row in opened(run, project) if row["id"] in mine} == {other}

    code, out, _ = run("audit-log", "verify", "-C", project)
    assert code == 0
    assert out.startswith("The record is whole:")

    copy = tmp_path / "monday"
    code, out, errors = run("backup", copy, "-C", project)
    assert code == 0, errors
    run("work", "comment", ask["id"], "-C", project, "--text", "after the copy")
    code, _, errors = run("restore", copy, "-C", project)
    assert code == 2
    assert "say --replace to set it aside" in errors
    code, out, errors = run("restore", copy, "-C", project, "--replace")
    assert code == 0, errors
    assert "the ledger is back" in out
    assert opened(run, project)
