"""Checks of the loaded book: each finds its fault, counts it, shows it, and stays silent where all is well."""

from __future__ import annotations

from datetime import date

from five_rows import CATALOG, LINES, SEATS, USAGE, told
from upcross.book.checks import check
from upcross.errors import CODES, Severity


def test_a_clean_book_has_no_error_and_no_warning(checked):
    assert checked() == []


def test_what_the_load_set_aside_is_told_again(checked, find):
    issue = find(checked(lines="s3,2023-13-01,a1,crm,basic,1,1,1,,,,\n"), "value-invalid")
    assert (issue.count, issue.total) == (1, 3)


def test_missing_references_are_counted_with_share_and_examples(checked, find):
    issue = find(
        checked(lines="s3,2023-01-01,a9,crm,basic,1,1,1,,,,\ns4,2024-01-01,a9,crm,pro,1,1,1,,,,\n"), "reference-missing"
    )
    assert issue.message == "2 of 4 rows (50.0%) name something that is not in accounts.account_id"
    assert issue.examples == ("a9 at s.csv:4",)
    assert str(issue.place) == "subscriptions.account_id"
    assert issue.severity is Severity.ERROR


def test_an_end_before_the_start(checked, find):
    issue = find(checked(lines="s3,2023-05-01,a1,crm,pro,1,1,1,2023-04-30,,,\n"), "end-before-start")
    assert issue.message == "1 of 3 rows (33.3%) end before they start (valid_from)"
    assert told(issue) == ("s3",)


def test_an_end_on_the_day_of_the_start_is_no_fault(checked):
    assert checked(lines="s3,2023-05-01,a1,crm,pro,1,1,1,2023-05-01,,,\n") == []


def test_a_corrected_row_is_judged_by_its_latest_version(folder):
    head = LINES.strip() + ",recorded_at\n"
    folder.load(
        "  subscriptions: s.csv",
        {
            "s.csv": head + "s1,2023-05-01,a1,crm,pro,1,1,1,2023-04-30,,,,2023-05-01\n"
            "s1,2023-05-01,a1,crm,pro,1,1,1,2024-04-30,,,,2023-06-01\n"
        },
    )
    assert "end-before-start" not in {issue.code for issue in check(folder.store)}


def test_mrr_against_quantity_and_price_and_against_amount(checked, find):
    # s3: 10 × 9.50 = 95, not 100. s4: 1000 / 12 = 83.33. s5: 900 / 12 = 75, not 80. s6 differs by rounding only.
    issue = find(
        checked(
            lines="s3,2023-01-01,a1,crm,pro,10,9.50,100,2023-02-01,,,\n"
            "s4,2023-03-01,a1,crm,pro,1,,83.33,2023-04-01,,1000,12\n"
            "s5,2023-05-01,a1,crm,pro,1,,80,2023-06-01,,900,12\n"
            "s6,2023-07-01,a1,crm,pro,3,3.33,10,2023-08-01,,,\n"
        ),
        "mrr-differs",
    )
    assert told(issue) == ("s3", "s5")


def test_unknown_mrr_and_missing_plan(checked, find):
    issues = checked(lines="s3,2023-01-01,a1,crm,,1,,,,,,\n")
    assert told(find(issues, "mrr-unknown")) == ("s3",)
    assert told(find(issues, "line-without-plan")) == ("s3",)


def test_negative_money(checked, find):
    assert told(find(checked(lines="s3,2023-01-01,a1,crm,pro,1,,-5,,,,\n"), "money-negative")) == ("s3",)


def test_one_line_with_two_accounts(checked, find):
    issue = find(checked(lines="s1,2023-06-01,a2,crm,basic,10,9.50,95,,,,\n"), "line-contradictory")
    assert told(issue) == ("s1",)
    assert issue.total == 2


def test_versions_of_a_line_do_not_overlap_but_two_lines_may(checked, find):
    # s1 is raised in June: one line, two versions. s3 begins beside s1 with the same plan.
    assert checked(lines="s1,2023-06-01,a1,crm,basic,20,9.50,190,,,,\n") == []
    assert told(find(checked(lines="s3,2023-06-01,a1,crm,basic,1,9,9,,,,\n"), "line-overlap")) == ("s3",)
    # s3 begins on the day on which s0 ends: half-open, no overlap.
    assert (
        checked(
            lines="s0,2022-01-01,a2,crm,basic,1,9,9,2022-06-01,,,\ns3,2022-06-01,a2,crm,basic,1,9,9,2022-07-01,,,\n"
        )
        == []
    )


def test_a_currency_without_a_rate(checked, find):
    line = "s3,2023-01-01,a1,crm,pro,1,1,1,2023-02-01,USD,,\n"
    assert told(find(checked(lines=line), "rate-missing")) == ("USD",)
    rates = CATALOG + "exchange_rates: {USD: {2023-06-01: 0.9}}\n"
    assert checked(lines=line, catalog=rates) == []
    assert told(find(checked(lines=line, catalog=rates, rates_on=date(2023, 1, 1)), "rate-missing")) == ("USD",)


def test_plans_without_price_products_without_domain_and_falling_limits(checked, find):
    issues = checked(
        catalog="""\
products:
  crm: {domains: [sales], plans: {basic: {rank: 1, charge: flat, limits: {calls: 100}},
        pro: {rank: 2, charge: flat, prices: {EUR: 20}, limits: {calls: 50}}}}
  forms: {kind: add_on}
metrics: {calls: {}}
team: {ann: {}, bob: {}}
"""
    )
    assert told(find(issues, "plan-without-price")) == ("basic",)
    assert told(find(issues, "product-without-domain")) == ("forms",)
    assert told(find(issues, "limit-contradictory")) == ("pro calls below basic",)


def test_limits_stated_in_two_ways(checked, find):
    tables = "  plan_limits: l.csv\n"
    rows = "plan_id,metric,amount,period,valid_from\nbasic,mails,5,month,2023-01-01\nbasic,mails,9,level,2024-01-01\n"
    assert told(find(checked(tables=tables, files={"l.csv": rows}), "limit-contradictory")) == ("basic mails",)


def test_use_outside_any_subscription(checked, find):
    rows = USAGE + "a1,crm,calls,2022-12-01,2023-01-01,5\na1,crm,calls,2023-12-01,2024-01-01,5\n"
    issue = find(checked(tables="  usage: u.csv\n", files={"u.csv": rows}), "usage-unsubscribed")
    assert issue.message.startswith("1 of 2 rows")
    assert told(issue) == ("a1 crm",)


def test_use_of_a_pool_that_another_account_holds_is_no_fault(checked, find):
    """a2 shares what a1 has bought from October to December; desk is bought by nobody."""
    pools = "pool_id,holder_account_id,product_id,consumer_account_id,valid_from,valid_until\n"
    files = {
        "u.csv": USAGE + "a2,crm,calls,2022-12-01,2023-01-01,5\na2,crm,calls,2023-10-01,2023-11-01,5\n"
        "a2,crm,calls,2024-01-01,2024-02-01,5\na2,desk,calls,2023-11-01,2023-12-01,5\n",
        "p.csv": pools + "p1,a1,crm,a2,2023-10-01,2024-01-01\np2,a1,desk,a2,,\n",
        "s.csv": LINES + "s1,2023-01-01,a1,crm,basic,10,9.50,95,,,,\n",
    }
    issues = checked(tables="  usage: u.csv\n  entitlement_pools: p.csv\n", files=files,
                     catalog=CATALOG.replace("metrics:", "  desk: {domains: [support]}\nmetrics:", 1))  # fmt: skip
    issue = find(issues, "usage-unsubscribed")
    assert issue.examples == ("a2 crm at u.csv:2", "a2 desk at u.csv:5") and issue.count == 3


def test_more_people_active_than_seats_is_a_note(checked, folder):
    rows = SEATS + "a1,crm,2023-12-01,2024-01-01,9,12\na2,crm,2023-12-01,2024-01-01,2,2\n"
    assert checked(tables="  seats: se.csv\n", files={"se.csv": rows}) == []
    note = next(issue for issue in check(folder.store) if issue.code == "seats-exceeded")
    assert told(note) == ("a1 crm: 12 of 10",)
    assert note.severity is Severity.NOTE


def test_years_that_nobody_means(checked, find):
    # s3: a year of two digits; s4: the first day that is too late; s5 and s6: the last and the first that are not.
    lines = (
        "s3,0024-01-01,a1,crm,pro,1,1,1,0024-02-01,,,\ns4,2023-03-01,a1,crm,pro,1,1,1,2101-01-01,,,\n"
        "s5,2023-03-01,a2,crm,basic,1,1,1,2100-12-31,,,\ns6,1990-01-01,a1,crm,pro,1,1,1,1990-02-01,,,\n"
    )
    issues = [issue for issue in checked(lines=lines) if issue.code == "date-implausible"]
    assert {issue.place.field: told(issue) for issue in issues} == {
        "valid_from": ("s3 0024-01-01",),
        "ends_on": ("s3 0024-02-01", "s4 2101-01-01"),
    }
    assert issues[0].message == "1 of 6 rows (16.7%) lie before 1990 or after 2100"
    assert issues[0].severity is Severity.WARNING


def test_a_rate_that_always_holds_is_no_implausible_date(checked):
    assert checked(catalog=CATALOG + "exchange_rates: {USD: {always: 0.9}}\n") == []


def test_negative_list_prices_of_a_table_and_of_the_catalogue(checked, find):
    issue = find(checked(catalog=CATALOG.replace("EUR: 10", "EUR: -10.5")), "price-negative")
    assert issue.examples[0].startswith("basic EUR -10.5")
    assert issue.message == "1 of 2 rows (50.0%) are list prices below zero"
    assert (issue.severity, issue.place.table, issue.place.field) == (Severity.WARNING, "plan_prices", "list_price")


def test_dates_in_the_future(checked, find):
    rows = "ticket_id,account_id,opened_on,closed_on\nt1,a1,2024-03-01,\nt2,a1,2024-01-31,\n"
    issue = find(checked(tables="  tickets: t.csv\n", files={"t.csv": rows}), "date-in-future")
    assert told(issue) == ("t1 2024-03-01",)
    assert "after 2024-01-31" in issue.message


def test_a_stale_feed(checked, find):
    tables = "  tickets: t.csv\n  usage: u.csv\n"
    files = {
        "t.csv": "ticket_id,account_id,opened_on\nt1,a1,2024-01-30\n",
        "u.csv": USAGE + "a1,crm,calls,2023-12-01,2024-01-01,5\n",
    }
    issue = find(checked(tables=tables, files=files), "feed-stale")
    assert str(issue.place) == "usage"
    assert issue.message == "ends on 2023-12-31, 30 days before the newest day in the book, 2024-01-30 (7 allowed)"
    files["t.csv"] = "ticket_id,account_id,opened_on\nt1,a1,2024-01-07\n"  # 7 days are allowed
    assert checked(tables=tables, files=files) == []


def test_owners_unknown_left_or_missing(checked, find):
    accounts = "account_id,name,csm,account_manager\na1,Acme,zoe,bob\na2,Beta,,gus\n"
    catalog = CATALOG.replace("bob: {role: account_manager}", "bob: {}, gus: {left_on: 2024-01-31}")
    issues = checked(accounts=accounts, catalog=catalog)
    assert told(find(issues, "owner-unknown")) == ("zoe",)
    assert told(find(issues, "owner-left")) == ("gus",)
    unowned = find(issues, "account-unowned")
    assert told(unowned) == ("a2",) and unowned.message == "1 of 2 rows (50.0%) are customers without a CSM"


def test_a_csm_has_no_target_of_closed_bookings(checked, find):
    targets = "person_id,motion,period_start,period_end,mrr\nbob,upsell,2024-01-01,2024-04-01,900\n"
    tables, files = "  targets: t.csv\n", {"t.csv": targets + "cleo,upsell,2024-01-01,2024-04-01,100\n"}
    catalog = CATALOG.replace("bob: {role: account_manager}", "bob: {role: account_manager}, cleo: {role: csm}")
    issue = find(checked(tables=tables, files=files, catalog=catalog), "csm-has-target")
    assert told(issue) == ("cleo",) and issue.severity is Severity.ERROR
    assert "credited by `upcross credit`" in issue.hint


def test_tables_that_are_not_mapped_say_what_that_costs(checked, folder):
    checked()
    notes = {issue.place.table: issue for issue in check(folder.store) if issue.code == "table-not-mapped"}
    assert "escalation gate" in notes["tickets"].message
    assert "subscriptions" not in notes and "products" not in notes


def test_every_declared_check_code_is_listed_with_a_meaning():
    for name in ("end-before-start", "feed-stale", "table-not-mapped", "value-invalid", "catalog-conflict"):
        assert CODES[name].meaning.endswith(".")


def test_what_checks_find_is_kept_for_the_load_and_found_anew_after_the_next(checked, folder):
    first = checked(lines="s3,2023-05-01,a1,crm,pro,1,1,1,2023-04-30,,,\n")
    looked: list[str] = []

    def again(**options):
        looked.clear()
        return check(folder.store, progress=lambda told, *_: looked.append(told), **options)

    assert [issue for issue in again() if issue.severity is not Severity.NOTE] == first
    assert looked == [], "nothing was looked at again"
    assert len(again(today=date(2030, 1, 1))) >= len(first) and looked, "another day may find other faults"
    assert checked() == [], "the corrected rows of the next load"


def test_a_kept_result_that_cannot_be_read_is_found_anew(checked, folder):
    first = checked(lines="s3,2023-05-01,a1,crm,pro,1,1,1,2023-04-30,,,\n")
    [kept] = folder.path.rglob("checks-*.json")
    kept.write_text("[{", encoding="utf-8")
    assert [issue for issue in check(folder.store) if issue.severity is not Severity.NOTE] == first
