"""Checks that set one table against another: what contradicts, what is out of order, what is likely one thing twice."""

from __future__ import annotations

from datetime import date

from five_rows import ACCOUNTS, CATALOG, LINES, SEATS, USAGE, told
from upcross.book.checks import check
from upcross.errors import Severity

HEAD = LINES.strip()


def test_what_a_fault_costs_names_the_accounts_and_their_mrr(checked, find):
    # s1 pays 95 and is the only line of a1; s3 has no MRR of its own.
    issue = find(checked(lines="s3,2023-01-01,a1,crm,pro,1,,,,,,\n"), "mrr-unknown")
    assert issue.costs.endswith("concerns 1 account with 95 EUR of MRR")
    assert "unknown, not zero" in issue.costs


def test_as_many_examples_as_asked_for(folder):
    rows = "".join(f"s{n},2023-01-01,a1,crm,,1,1,1,,,,\n" for n in range(9))
    folder.load("  subscriptions: s.csv", {"s.csv": LINES + rows})
    few, many = (next(i for i in check(folder.store, examples=n) if i.code == "line-without-plan") for n in (3, 5))
    assert (len(few.examples), len(many.examples)) == (3, 5)
    assert few.examples[0] == "s0 at s.csv:2"


def test_steps_out_of_order(checked, find):
    rows = "ticket_id,account_id,opened_on,escalated_on,escalation_closed_on\nt1,a1,2024-01-05,2024-01-03,2024-01-06\n"
    issue = find(checked(tables="  tickets: t.csv\n", files={"t.csv": rows}), "dates-disordered")
    assert issue.message.endswith("have escalated_on before opened_on")
    assert issue.examples == ("t1 2024-01-03 at t.csv:2",)


def test_parents_in_a_circle_name_its_members_only(checked, find):
    # a1 → a2 → a1; a3 leads into the circle and is not of it; a4 owns itself.
    accounts = ACCOUNTS.replace("\n", ",parent_account_id\n", 1).replace("a1,Acme,ann,bob", "a1,Acme,ann,bob,a2")
    accounts = accounts.replace("a2,Beta,ann,bob", "a2,Beta,ann,bob,a1") + "a3,Gamma,ann,bob,a1\na4,Delta,ann,bob,a4\n"
    assert told(find(checked(accounts=accounts), "parent-circle")) == ("a1", "a2", "a4")


def test_a_unit_that_the_account_does_not_have(checked, find):
    files = {
        "b.csv": "account_id,business_unit\na1,north\n",
        "x.csv": "statement_id,account_id,business_unit,said_on,kind,quote\n"
        "q1,a1,north,2024-01-02,need,x\nq2,a2,north,2024-01-02,need,x\n",
    }
    tables = "  business_units: b.csv\n  statements: x.csv\n"
    assert told(find(checked(tables=tables, files=files), "unit-unknown")) == ("a2 north",)


def test_a_statement_about_a_domain_that_no_product_addresses(checked, find):
    rows = (
        "statement_id,account_id,said_on,kind,quote,domain\n"
        "q1,a1,2024-01-02,need,x,sales\nq2,a1,2024-01-02,need,x,reporting\n"
    )
    issue = find(checked(tables="  statements: x.csv\n", files={"x.csv": rows}), "domain-unknown")
    assert told(issue) == ("reporting (statement q2)",)
    assert "cross-sell by them cannot fire" in issue.costs


def test_a_plan_of_another_product(checked, find):
    catalog = CATALOG.replace("metrics:", "  forms: {domains: [forms]}\nmetrics:", 1)
    issue = find(checked(lines="s3,2023-01-01,a1,forms,basic,1,1,1,,,,\n", catalog=catalog), "plan-of-other-product")
    assert told(issue) == ("s3: basic is of crm",)


def test_lines_cancelled_without_an_end(folder, find):
    rows = HEAD + ",cancelled_on\n" + "s1,2023-01-01,a1,crm,basic,1,1,1,,,,,2023-06-30\n"
    rows += "s2,2023-01-01,a2,crm,basic,1,1,1,2024-06-30,,,,2023-06-30\n"  # ends later, and says so
    folder.load("  subscriptions: s.csv", {"s.csv": rows})
    issue = find(check(folder.store), "line-open-after-churn")
    assert told(issue) == ("s1",)
    assert issue.message == "1 of 2 rows (50.0%) have cancelled_on and no ends_on"


def test_lines_whose_renewal_was_lost_or_whose_account_was_merged_away(folder):
    rows = HEAD + ",term_ends_on\n" + "s1,2023-01-01,a1,crm,basic,1,1,1,,,,,2024-01-01\n"
    rows += "s2,2023-01-01,a2,crm,basic,1,1,1,,,,,2024-06-01\n"  # lost, but paid until June
    rows += "s3,2023-09-01,a3,crm,basic,1,1,1,,,,,2024-09-01\n"  # began after a3 went into a4
    files = {
        "s.csv": rows,
        "o.csv": "crm_opportunity_id,account_id,kind,created_on,closed_on,result\n"
        "o1,a1,renewal,2023-10-01,2023-12-20,lost\no2,a2,renewal,2023-10-01,2023-12-20,lost\n"
        "o3,a2,renewal,2024-01-31,,\n",  # the newest day of the book
        "x.csv": "from_account_id,to_account_id,kind,effective_on\na3,a4,merge,2023-07-01\n",
    }
    folder.load("  subscriptions: s.csv\n  crm_opportunities: o.csv\n  account_transfers: x.csv", files)
    found = {told(i)[0]: i.message for i in check(folder.store) if i.code == "line-open-after-churn"}
    assert sorted(found) == ["s1", "s3"]
    assert "renewal of their account is marked lost" in found["s1"]
    assert "merged into another" in found["s3"]


def test_a_term_that_is_over(folder, find):
    # s1 is past its term; s2 is rolling; s3 was renewed by a later version; s4 ends with its term.
    rows = (
        "line_id,valid_from,account_id,product_id,mrr,term_ends_on,rolling,ends_on\n"
        "s1,2023-01-01,a1,crm,1,2024-01-01,,\ns2,2023-01-01,a2,crm,1,2024-01-01,true,\n"
        "s3,2022-01-01,a3,crm,1,2023-01-01,,\ns3,2023-01-01,a3,crm,1,2025-01-01,,\n"
        "s4,2023-01-01,a4,crm,1,2024-01-01,,2024-01-01\n"
    )
    folder.load("  subscriptions: s.csv", {"s.csv": rows})
    assert told(find(check(folder.store), "term-past")) == ("s1 2024-01-01",)


def test_price_book_items_unknown_unmapped_or_of_another_product(folder, find):
    rows = "line_id,valid_from,account_id,product_id,mrr,sku\n" + "".join(
        f"s{n},2023-01-01,a{n},crm,1,{sku}\n" for n, sku in enumerate(("CRM-P", "CRM-X", "FORMS", "OLD"))
    )
    catalog = "products: {crm: {}, forms: {}}\nskus: {CRM-P: {product: crm}, FORMS: {product: forms}, OLD: {}}\n"
    folder.load("  subscriptions: s.csv", {"s.csv": rows}, catalog)
    issues = list(check(folder.store))
    assert find(issues, "sku-unknown").examples == ("CRM-X at s.csv:3",)
    assert find(issues, "sku-unmapped").examples == ("OLD at catalog.yaml:2",)
    assert told(find(issues, "sku-differs")) == ("s2: FORMS is forms",)


def test_rates_and_quantities_that_cannot_be(checked, find):
    catalog = CATALOG + "exchange_rates: {USD: {always: 0}, GBP: {always: 1.2}}\n"
    issues = checked(lines="s3,2023-01-01,a1,crm,pro,-1,1,-1,2023-02-01,,,\n", catalog=catalog)
    assert told(find(issues, "rate-invalid")) == ("USD 0.00000000",)
    assert told(find(issues, "quantity-negative")) == ("s3",)


def test_series_of_mixed_grain_and_overlapping_periods(checked, find):
    # calls of a1: two months, then days inside the second: mixed, and counted twice. a2 has whole months.
    rows = USAGE + (
        "a1,crm,calls,2023-11-01,2023-12-01,9\na1,crm,calls,2023-12-01,2024-01-01,9\n"
        "a1,crm,calls,2023-12-05,2023-12-06,1\n"
        "a2,crm,calls,2023-11-01,2023-12-01,9\na2,crm,calls,2023-12-01,2024-01-01,9\n"
    )
    issues = checked(tables="  usage: u.csv\n", files={"u.csv": rows})
    assert find(issues, "grain-mixed").examples == ("a1 crm calls: days and months at u.csv:2",)
    assert find(issues, "grain-mixed").total == 2
    assert find(issues, "period-overlap").examples == ("a1 crm calls 2023-12-05 at u.csv:4",)


def test_people_counted_for_the_account_while_its_units_own(folder, find):
    files = {
        "s.csv": "line_id,valid_from,account_id,business_unit,product_id,mrr\n"
        "s1,2023-01-01,a1,north,crm,1\ns2,2023-01-01,a2,,crm,1\n",
        "se.csv": SEATS + "a1,crm,2023-12-01,2024-01-01,9,8\na2,crm,2023-12-01,2024-01-01,9,8\n",
        "b.csv": "account_id,business_unit\na1,north\n",
    }
    folder.load("  subscriptions: s.csv\n  seats: se.csv\n  business_units: b.csv", files)
    issue = find(check(folder.store), "seats-unplaced")
    assert issue.examples == ("a1 crm at se.csv:2",)


def test_accounts_that_are_likely_one_company(folder):
    rows = (
        "account_id,name,website,parent_account_id\n"
        "a1,Müller Maschinenbau GmbH & Co. KG,,\na2,MULLER MASCHINENBAU,,\n"  # but for accents and legal form
        "b1,Northwind Traders,https://www.northwind.example/de,\nb2,NW Trading,sales@northwind.example,\n"  # one site
        "c1,Hohenstein Logistik,,\nc2,Hohenstien Logistik,,\n"  # two letters apart in eighteen
        "d1,Branch 12,,\nd2,Branch 13,,\n"  # numbers differ
        "e1,Ost Bau,ost@gmail.com,\ne2,Filter Werk,werk@gmail.com,\n"  # a free mail host
        "f1,Acme Holding,,\nf2,Acme Inc.,,f1\n"  # a child and its parent
        "g1,Harbor Freight Co,,\ng2,Freight Harbor,freight-harbor.example,\n"  # the same words
        "h1,Berlin Hotel,berlin-hotel.example,\nh2,Hotel Berlin,hotelberlin.example,\n"  # two sites, two hotels
    )
    folder.load("  accounts: a.csv", {"a.csv": rows})
    found = {i.message.split(") ")[1]: i for i in check(folder.store) if i.code == "account-duplicate"}
    assert {says: told(issue) for says, issue in found.items()} == {
        "share a website with another account": ("b1 Northwind Traders and b2 NW Trading (northwind.example)",),
        "are called like another account but for the legal form": (
            "a1 Müller Maschinenbau GmbH & Co. KG and a2 MULLER MASCHINENBAU",
        ),
        "are called like another account with the words in another order": (
            "g1 Harbor Freight Co and g2 Freight Harbor",
        ),
        "are called almost like another account": ("c1 Hohenstein Logistik and c2 Hohenstien Logistik",),
    }
    assert {says for says, issue in found.items() if issue.severity is Severity.NOTE} == {
        "are called like another account with the words in another order",
        "are called almost like another account",
    }


def months_of(metric: str, *values: float, account: str) -> str:
    return "".join(f"{account},crm,{metric},2023-{n:02}-01,2023-{n + 1:02}-01,{v}\n" for n, v in enumerate(values, 1))


def test_a_metric_that_changes_its_unit_for_nearly_all_accounts_at_once(folder, find):
    """Bytes until March, kilobytes from April on, at five of six accounts; the sixth has used less by itself."""
    rows = "".join(months_of("bytes", 5e6, 6e6, 7e6, 8e3, 9e3, account=f"a{n}") for n in range(1, 6))
    rows += months_of("bytes", 5e6, 6e6, 7e6, 6e6, 6e6, account="a6")
    # one that took off, one that stopped, and four as before: customers, not a unit
    rows += "".join(months_of("calls", 10, 12, last, account=f"a{n}") for n, last in enumerate((900, 0, 11, 12, 13, 9)))
    folder.load("  usage: u.csv", {"u.csv": USAGE + rows})
    issue = find(check(folder.store), "unit-changed")
    assert issue.message == "5 of 12 rows (41.7%) jump in the month in which nearly all others do"
    assert issue.examples[0] == "a1 crm bytes in 2023-04: 1/875 of what it was before at u.csv:5"
    assert "a6" not in str(issue)


def test_revenue_that_is_suddenly_in_cents(folder, find):
    """Five lines renewed in July at a hundred times their MRR; a seventh part more is a price rise and no unit."""
    rows = "line_id,valid_from,account_id,product_id,mrr\n"
    rows += "".join(f"s{n},2023-01-01,a{n},crm,{n}0\ns{n},2023-07-01,a{n},crm,{n}000\n" for n in range(1, 6))
    rows += "".join(f"t{n},2023-01-01,b{n},crm,70\nt{n},2023-08-01,b{n},crm,80\n" for n in range(1, 6))
    folder.load("  subscriptions: s.csv", {"s.csv": rows})
    issue = find(check(folder.store), "unit-changed")
    assert str(issue.place) == "subscriptions.mrr"
    assert issue.examples[0] == "a1 s1 in 2023-07: 100 times what it was before at s.csv:3"


def test_every_table_says_what_its_absence_costs(folder):
    folder.load("  accounts: a.csv", {"a.csv": "account_id,name\na1,Acme\n"}, today=date(2024, 1, 31))
    notes = {issue.place.table: issue.message for issue in check(folder.store) if issue.code == "table-not-mapped"}
    assert len(notes) == 41
    assert all(len(message) > len("not mapped: ") + 10 for message in notes.values())
