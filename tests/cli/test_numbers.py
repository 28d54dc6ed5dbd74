"""`upcross metrics`, `metrics definitions` and `movements` as a person types them."""

from __future__ import annotations

import json
import math
import os
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from upcross import verbs
from upcross.cli import numbers
from upcross.errors import UsageError
from upcross.numbers.facts import Plain
from upcross.numbers.grouping import By
from upcross.numbers.report import metrics
from upcross.project import Project, open_project
from upcross.revenue.calendar import Window, span, window
from upcross.revenue.metrics import bridge

EXAMPLE = Path(__file__).parents[2] / "examples" / "crm-simulation"
REAL = os.environ.get("UPCROSS_CRM_SIMULATION", "")


def parsed(text: str) -> Any:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} in JSON")

    return json.loads(text, parse_constant=refuse)


def test_movements_of_a_group_tell_a_subsidiarys_first_product_as_cross_sell(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """Kid bought in March what its parent Top lacked: new as an account, cross-sell as a group; the sum is the same."""
    (tmp_path / "upcross.yaml").write_text(
        "name: x\nreporting_currency: EUR\ntables: {accounts: a.csv, products: p.csv, subscriptions: s.csv}\n"
    )
    (tmp_path / "a.csv").write_text("account_id,name,parent_account_id\ntop,Top,\nkid,Kid,top\n")
    (tmp_path / "p.csv").write_text("product_id,name,kind\ncrm,CRM,product\ndesk,Desk,product\n")
    (tmp_path / "s.csv").write_text(
        "line_id,valid_from,account_id,product_id,mrr\n1,2025-01-01,top,crm,100\n2,2026-03-01,kid,desk,40\n"
    )
    assert run("load", "-C", tmp_path)[0] == 0
    told = {}
    for level, account in (("account", "kid"), ("ultimate_parent", "top")):
        _, out, _ = run("movements", "-C", tmp_path, "--month", "2026-03", "--account", account, "--level", level,
                        "--format", "json")  # fmt: skip
        told[level] = [(row["account_id"], row["kind"], row["amount"]) for row in parsed(out)["movements"]]
    assert told == {"account": [("kid", "new", 40.0)], "ultimate_parent": [("kid", "cross_sell", 40.0)]}


def test_metrics_in_the_order_of_reading(run, sample_project: Path) -> None:  # type: ignore[no-untyped-def]
    code, out, _ = run("metrics", "-C", sample_project, "--by", "csm", "--definition", "chartmogul")
    assert code == 0
    titles = ("closed cohort: accounts that paid at the end of 2025-09", "Retention", "Bridge", "Deeper: upsell",
              "Wider: cross-sell", "Balance", "By csm", "Twelve months to", "Cohorts by first month", "Credit of CSMs")  # fmt: skip
    places = [out.index(title) for title in titles]
    assert places == sorted(places)
    assert "NRR without price, discounts and escalators" in out
    assert "NRR by ChartMogul" in out
    assert "residual 0" in out
    # Leading indicators, last of all, are read at the end of each month: two are enough to see where they stand.
    code, out, _ = run("metrics", "-C", sample_project, "--from", "2026-08", "--leading")
    assert code == 0
    assert 0 < out.index("Credit of CSMs") < out.index("Leading indicators")


def test_expansion_is_never_without_its_two_parts(run, sample_project: Path) -> None:  # type: ignore[no-untyped-def]
    _, out, _ = run("metrics", "-C", sample_project)
    lines = [row for row in out.splitlines() if "expansion " in row and "seat" not in row]
    assert lines
    assert all("upsell" in row and "cross-sell" in row for row in lines)


def test_metrics_as_json_hold_no_nan_and_add_up(run, sample_project: Path) -> None:  # type: ignore[no-untyped-def]
    code, out, _ = run("metrics", "-C", sample_project, "--by", "segment", "--format", "json")
    assert code == 0
    facts = parsed(out)
    total = facts["total"]
    steps = sum(step["net"] for step in total["bridge"]["steps"])
    assert math.isclose(total["bridge"]["start"] + steps, total["bridge"]["end"])
    assert total["bridge"]["residual"] == 0
    assert {"upsell", "cross_sell"} <= set(total)
    assert sum(group["bridge"]["end"] for group in facts["groups"]) == pytest.approx(total["bridge"]["end"])


def test_arr_is_twelve_times_mrr_and_ratios_stay(run, sample_project: Path) -> None:  # type: ignore[no-untyped-def]
    monthly = parsed(run("metrics", "-C", sample_project, "--format", "json")[1])
    yearly = parsed(run("metrics", "-C", sample_project, "--display", "arr", "--format", "json")[1])
    assert yearly["total"]["bridge"]["start"] == pytest.approx(12 * monthly["total"]["bridge"]["start"])
    assert yearly["total"]["retention"]["nrr"]["value"] == monthly["total"]["retention"]["nrr"]["value"]


def test_every_rate_drills_to_accounts_that_add_up_to_it(run, sample_project: Path) -> None:  # type: ignore[no-untyped-def]
    """One is typed; the others are put into the same form without the program being started for each."""
    found = metrics(open_project(sample_project)).total
    told = {name: Plain(parts=True).rate(rate) for name, rate in numbers.rates(found).items()}
    code, out, _ = run("metrics", "-C", sample_project, "--of", "nrr", "--format", "json")
    assert code == 0
    assert {**parsed(out), "not_tied_out": []} == {**parsed(json.dumps(told["nrr"])), "not_tied_out": []}
    for name, facts in told.items():
        assert sum(part["numerator"] for part in facts["parts"]) == pytest.approx(facts["numerator"]), name
        assert facts["value"] is not None or facts["reason"], name


def test_rates_are_asked_for_by_their_names_in_json_and_read_as_what_they_are(run, sample_project: Path) -> None:  # type: ignore[no-untyped-def]
    for name in ("logo_retention", "kept_after_12_months.seats", "quick_ratio"):
        assert run("metrics", "-C", sample_project, "--of", name)[0] == 0, name
    _, out, _ = run("metrics", "-C", sample_project, "--of", "products_per_account")
    head, _, *accounts = out.rstrip().splitlines()
    assert "%" not in head
    assert f", {len(accounts)} accounts" in head


def test_definitions_with_what_they_count_and_their_source(run, sample_project: Path) -> None:  # type: ignore[no-untyped-def]
    code, out, _ = run("metrics", "definitions", "-C", sample_project)
    assert code == 0
    for part in ("reference", "chartmogul", "help.chartmogul.com", "our reading:", "gainsight-renewals"):
        assert part in out
    facts = parsed(run("metrics", "definitions", "-C", sample_project, "--format", "json")[1])
    assert [d["id"] for d in facts["definitions"]][:2] == ["reference", "smsb"]


def test_movements_tell_their_arithmetic_and_their_lines(run, sample_project: Path) -> None:  # type: ignore[no-untyped-def]
    code, out, _ = run("movements", "-C", sample_project, "--account", "Holländer Zeitarbeit", "--month", "2025-12")
    assert code == 0
    text = " ".join(out.split())
    assert "seats (upsell) +2,950.00 renewal 50 more seats × 59.00" in text
    assert "before L-A01-1, C-A01, crm-professional, 150 units, 8,850.00" in text
    assert "after L-A01-1, C-A01, crm-professional, 200 units, 11,800.00" in text
    assert "8,850 at the start + 2,950 of movements = 11,800 at the end" in text


def test_movements_of_a_window_are_its_change_and_their_lines_are_the_states(run, sample_project: Path) -> None:  # type: ignore[no-untyped-def]
    facts = parsed(run("movements", "-C", sample_project, "--format", "json")[1])
    assert facts["start"] + facts["sum"] == pytest.approx(facts["end"])
    by_position: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for item in facts["movements"]:
        if item["amount"] is not None:
            key = (item["month"], item["account_id"], item["business_unit"], item["product_id"])
            by_position.setdefault(key, []).append(item)
    assert by_position
    for items in by_position.values():
        before, after = (sum(row["mrr"] for row in items[0][side]) for side in ("before", "after"))
        assert sum(item["amount"] for item in items) == pytest.approx(after - before)


def test_words_that_mean_nothing_are_usage_errors(run, sample_project: Path) -> None:  # type: ignore[no-untyped-def]
    for arguments, told in (
        (("metrics", "--from", "last week"), "is no month or period"),
        (("metrics", "--from", "2026-03", "--to", "2026-01"), "ends before it begins"),
        (("metrics", "--from", "2020-01"), "choose a shorter window"),
        (("metrics", "--definition", "gainsite"), "no definition is called 'gainsite'"),
        (("metrics", "--of", "nnr"), "no rate is called 'nnr'. did you mean 'nrr'? There are: nrr, nrr_without_price"),
        (("metrics", "--of", "zz"), "no rate is called 'zz'. There are: nrr,"),
        (("metrics", "--definition", "qq"), "no definition is called 'qq'. There are: reference,"),
        (("movements", "--account", "zzzz"), "no account is called 'zzzz'\n"),
        (("movements", "--account", "Hollander Zeitarbeit"), "did you mean 'Holländer Zeitarbeit'"),
    ):
        code, _, err = run(*arguments, "-C", sample_project)
        assert code == 2, arguments
        assert told in err, arguments


def test_months_ahead_are_told_to_be_as_contracted(run, sample_project: Path) -> None:  # type: ignore[no-untyped-def]
    _, out, _ = run("metrics", "-C", sample_project, "--to", "2026-12")
    assert "the book ends 2026-09: what follows is as contracted until now" in out


def test_a_book_of_subscriptions_alone_has_numbers(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """a 100 → 150 in June 2025, b 50 → gone in September: NRR 150 / 150, GRR 100 / 150."""
    (tmp_path / "upcross.yaml").write_text(
        "name: x\nreporting_currency: EUR\ntables:\n  accounts: accounts.csv\n  subscriptions: lines.csv\n"
        "  products: products.csv\n"
    )
    (tmp_path / "accounts.csv").write_text("account_id,name\na,A\nb,B\n")
    (tmp_path / "products.csv").write_text("product_id,name,kind\ncrm,CRM,product\n")
    (tmp_path / "lines.csv").write_text(
        "line_id,valid_from,account_id,product_id,quantity,mrr,ends_on,cancelled_on\n"
        "1,2024-01-01,a,crm,10,100,,\n1,2025-06-01,a,crm,15,150,,\n2,2024-01-01,b,crm,5,50,2025-09-01,2025-07-01\n"
    )
    assert run("load", "-C", tmp_path)[0] in (0, 1)
    facts = parsed(run("metrics", "-C", tmp_path, "--from", "2025-01", "--to", "2025-12", "--format", "json")[1])
    found = facts["total"]["retention"]
    assert (found["nrr"]["numerator"], found["nrr"]["denominator"]) == (150, 150)
    assert found["grr"]["value"] == pytest.approx(100 / 150)
    assert found["nrr"]["marks"] == ["only 2 accounts"]
    text = run("metrics", "-C", tmp_path, "--from", "2025-01", "--to", "2025-12")[1]
    for name in ("GRR  ", "quick ratio", "seat expansion, gross", "owning 2 or more"):
        [row] = [row for row in text.splitlines() if row.strip().startswith(name)]
        assert "[only " in row, row


def test_the_footing_of_movements_leaves_out_what_is_unknown_and_says_so(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """a 100 stays; b 100 buys what has no price; c goes from a currency without a rate to 100 EUR: 100 + 0 = 100."""
    (tmp_path / "upcross.yaml").write_text(
        "name: x\nreporting_currency: EUR\ntables: {accounts: a.csv, products: p.csv, subscriptions: s.csv}\n"
    )
    (tmp_path / "a.csv").write_text("account_id,name\na,Ace\nb,Bee\nc,Cee\n")
    (tmp_path / "p.csv").write_text("product_id,name,kind\ncrm,CRM,product\nsms,SMS,add_on\n")
    (tmp_path / "s.csv").write_text(
        "line_id,valid_from,account_id,product_id,mrr,currency\n1,2024-01-01,a,crm,100,\n2,2024-01-01,b,crm,100,\n"
        "3,2025-03-01,b,sms,,\n4,2024-01-01,c,crm,100,CHF\n4,2025-03-01,c,crm,100,EUR\n"
    )
    run("load", "-C", tmp_path)
    window = ("-C", tmp_path, "--from", "2025-01", "--to", "2025-12")
    _, out, _ = run("movements", *window)
    assert "unknown: no price" in out
    assert "unknown: no exchange rate for CHF" in out
    assert "100 at the start + 0 of movements = 100 at the end" in out
    assert "2 accounts: Bee (no price), Cee (no exchange rate for CHF)" in " ".join(out.split())
    _, out, _ = run("metrics", *window)
    assert "2 accounts: Bee (no price), Cee (no exchange rate for CHF)" in " ".join(out.split())


def test_a_book_without_subscriptions_says_what_is_missing(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "upcross.yaml").write_text("name: x\nreporting_currency: EUR\ntables:\n  accounts: accounts.csv\n")
    (tmp_path / "accounts.csv").write_text("account_id,name\na,A\n")
    assert run("load", "-C", tmp_path)[0] in (0, 1)
    code, _, err = run("metrics", "-C", tmp_path)
    assert code == 1
    assert "no table `subscriptions` is loaded" in err


def test_periods_in_words() -> None:
    def months(text: str, starts: int = 1) -> tuple[str, str]:
        found = span(text, starts)
        return f"{found.first:%Y-%m}", f"{found.last:%Y-%m}"

    assert months("2026-03") == months("2026-03-17") == ("2026-03", "2026-03")
    assert months("2026-Q2") == ("2026-04", "2026-06")
    assert months("FY2026") == ("2026-01", "2026-12")
    assert months("FY2026", 4) == ("2025-04", "2026-03")
    assert months("fy2026-q4", 4) == ("2026-01", "2026-03")
    with pytest.raises(UsageError):
        span("2026-13")


def test_windows_by_one_word_or_two() -> None:
    newest = date(2026, 6, 1)
    assert str(window(None, None, newest)) == "2025-07 to 2026-06"
    assert str(window("2026-02", None, newest)) == "2026-02 to 2026-06"
    assert str(window("2026-Q1", None, newest)) == "2026-01 to 2026-03"
    assert str(window(None, "2026-03", newest)) == "2025-04 to 2026-03"
    assert str(window("FY2025-Q1", "FY2025-Q2", newest, 7)) == "2024-07 to 2024-12"


def test_the_fiscal_year_of_the_project_file(run, sample_project: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    folder = tmp_path / "fiscal"
    shutil.copytree(sample_project, folder)
    file = folder / "upcross.yaml"
    file.write_text(file.read_text("utf-8") + "\nfiscal_year_starts: 4\n", "utf-8")
    _, out, _ = run("metrics", "-C", folder, "--from", "FY2026-Q3")
    assert "Metrics 2025-10 to 2025-12" in out
    file.write_text(file.read_text("utf-8").replace("fiscal_year_starts: 4", "fiscal_year_starts: 13"), "utf-8")
    assert run("metrics", "-C", folder)[0] == 1


@pytest.fixture(scope="module")
def simulation(tmp_path_factory: pytest.TempPathFactory) -> Project:
    if not REAL:
        pytest.skip("UPCROSS_CRM_SIMULATION is not set")
    folder = tmp_path_factory.mktemp("simulation")
    for file in EXAMPLE.glob("*.yaml"):
        shutil.copy(file, folder)
    project = open_project(folder)
    verbs.load(project, date(2024, 1, 31))
    return project


def test_the_bridge_balances_in_every_month_of_the_simulation(simulation: Project) -> None:
    """2022-03 to 2023-12, each month by itself and the whole window, with nothing left over."""
    found = metrics(simulation, "2022-03", "2023-12")
    assert found.total.bridge.residual == 0
    states, moves = found.rows.by_account, found.rows.moves
    for month in found.window.months:
        one = Window(month, month)
        step = bridge(states[one.start], states[month], moves, one)
        assert step.residual == 0, month
        assert step.end > 0


def test_groups_of_the_simulation_add_up(simulation: Project) -> None:
    for by in By:
        found = metrics(simulation, "2023-01", "2023-12", by=by)
        assert sum(group.bridge.end for group in found.groups) == found.total.bridge.end
        if by is not By.PRODUCT:
            assert sum(g.retention.nrr.numerator for g in found.groups) == found.total.retention.nrr.numerator
