"""Checks of who is who: owners who left or are missing, and accounts that are likely one company."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from upcross.book.checks.check import Check, lines_on
from upcross.errors import Severity, issue_code

OWNER_LEFT = issue_code("owner-left", Severity.WARNING, "Accounts are looked after by people who left.")
ACCOUNT_UNOWNED = issue_code("account-unowned", Severity.WARNING, "Customers lack a CSM or an account manager.")
CSM_HAS_TARGET = issue_code(
    "csm-has-target", Severity.ERROR, "A CSM has a target of closed bookings, which no CSM may have."
)
ACCOUNT_DUPLICATE = issue_code(
    "account-duplicate",
    Severity.WARNING,
    "Accounts are likely one company: one website, one name but for its legal form or the order of its words, or names"
    " a letter apart.",
)

_LEGAL_FORMS = re.findall(
    r"\S+",
    "ab ag aps as asa bv co company corp corporation cv eg ev gbr gmbh group holding holdings inc incorporated kg kgaa"
    " kk limited llc llp lp ltd mbh nv ohg oy oyj plc pte pty pvt sa sarl sas se sl spa srl sro ug",
)
_MAIL_HOSTS = re.findall(
    r"\S+",
    "gmail.com googlemail.com outlook.com hotmail.com live.com yahoo.com icloud.com gmx.de gmx.net web.de t-online.de"
    " proton.me protonmail.com aol.com qq.com 163.com",
)
_LARGEST_BLOCK = 100


def people_checks(day: date, today: date) -> Iterator[Check]:
    """Accounts are looked after by somebody who is there, and each company is one account."""
    for role in ("csm", "account_manager", "ae", "renewals_manager"):
        yield Check(
            OWNER_LEFT, ("accounts", "team"), role,
            f"SELECT {role} AS example, a.source_row, account_id FROM current.accounts a JOIN current.team t"
            f" ON person_id = {role} WHERE left_on <= DATE '{today}'",
            "are looked after by somebody who left", "assign the accounts anew",
            costs="their asks go to the next role, or to the fallback queue",
        )  # fmt: skip
    customers = f"SELECT account_id FROM ({lines_on(day)})"
    for role, missing in (("csm", "csm IS NULL"), ("account_manager", "account_manager IS NULL AND ae IS NULL")):
        yield Check(
            ACCOUNT_UNOWNED, ("accounts", "subscriptions"), role,
            f"SELECT account_id AS example, source_row, account_id FROM current.accounts WHERE {missing}"
            f" AND account_id IN ({customers})",
            f"are customers without {'a CSM' if role == 'csm' else 'an account manager or AE'}",
            f"map {role}", total=f"SELECT count(DISTINCT account_id) FROM ({customers})",
            costs="nobody is told about these accounts",
        )  # fmt: skip
    yield Check(
        CSM_HAS_TARGET, ("targets", "team"), "person_id",
        "SELECT person_id AS example, t.source_row, NULL AS account_id FROM current.targets t"
        " JOIN current.team p USING (person_id) WHERE p.role = 'csm'",
        "are targets of a CSM", "give it to who closes, or take it out: a CSM is credited by `upcross credit`",
        costs="nothing is counted against them: who is paid for closing asks customers who should be left alone",
    )  # fmt: skip
    yield from _duplicates()


def _duplicates() -> Iterator[Check]:
    """Likely duplicates, by four rules; accounts of one family (parent, or the same parent) are none.

    One website; one name once accents, punctuation, case and legal form are gone; the same words of such names in
    another order, unless their websites differ; or names of six letters and more that differ in one letter (two from
    twelve letters on), with the same numbers in them. The last is looked for among names that share their first or
    their last five letters, and not where more than a hundred do.
    """
    forms = "|".join(_LEGAL_FORMS)
    hosts = ", ".join(f"'{host}'" for host in _MAIL_HOSTS)
    named = (
        "plain AS (SELECT account_id, source_row, name, parent_account_id, website, trim(regexp_replace(regexp_replace("
        r"lower(strip_accents(name)), '[^\p{L}\p{N}]+', ' ', 'g'), "
        rf"'(\s+({forms}))+\s*$', '')) AS plain FROM current.accounts),"
        " one AS (SELECT *, replace(plain, ' ', '') AS letters, lower(website) AS site,"
        " array_to_string(list_sort(string_split(plain, ' ')), ' ') AS words,"
        r" array_to_string(regexp_extract_all(plain, '\b(?:\w*\d\w*|\w)\b'), ' ') AS numbers FROM plain)"
    )
    apart = (
        "coalesce(a.parent_account_id, '') <> b.account_id AND coalesce(b.parent_account_id, '') <> a.account_id"
        " AND (a.parent_account_id IS NULL OR b.parent_account_id IS NULL"
        " OR a.parent_account_id <> b.parent_account_id)"
    )
    told = "a.account_id || ' ' || a.name || ' and ' || b.account_id || ' ' || b.name"
    host = r"lower(regexp_extract(trim(website), '^(?:[A-Za-z]+://)?(?:[^@/]*@)?(?:www\.)?([^/:?#\s]+)', 1))"
    first = "(SELECT *, first_value(account_id) OVER (PARTITION BY {0} ORDER BY account_id) AS first FROM {1})"
    rules = (
        ("share a website with another account", "website", Severity.WARNING, (
            f"WITH sites AS (SELECT *, {host} AS host FROM current.accounts WHERE website <> ''), one AS (SELECT *"
            f" FROM sites WHERE host <> '' AND host NOT IN ({hosts}))"
            f" SELECT {told} || ' (' || b.host || ')' AS example, b.source_row, b.account_id"
            f" FROM {first.format('host', 'one')} b JOIN one a ON a.account_id = b.first"
            f" WHERE b.account_id <> b.first AND {apart}"
        )),
        ("are called like another account but for the legal form", "name", Severity.WARNING, (
            f"WITH {named} SELECT {told} AS example, b.source_row, b.account_id"
            f" FROM {first.format('letters', 'one')} b JOIN one a ON a.account_id = b.first"
            f" WHERE b.account_id <> b.first AND b.letters <> '' AND {apart}"
        )),
        ("are called like another account with the words in another order", "name", Severity.NOTE, (
            f"WITH {named} SELECT {told} AS example, b.source_row, b.account_id"
            f" FROM {first.format('words', 'one')} b JOIN one a ON a.account_id = b.first"
            f" WHERE a.letters <> b.letters AND coalesce(a.site = b.site, TRUE) AND {apart}"
        )),
        ("are called almost like another account", "name", Severity.NOTE, (
            f"WITH {named}, blocks AS (SELECT * FROM (SELECT *, 'first ' || left(letters, 5) AS block FROM one"
            " UNION ALL SELECT *, 'last ' || right(letters, 5) FROM one) WHERE length(letters) >= 6"
            f" QUALIFY count(*) OVER (PARTITION BY block, numbers) <= {_LARGEST_BLOCK})"
            f" SELECT DISTINCT {told} AS example, b.source_row, b.account_id FROM blocks a JOIN blocks b"
            " ON a.block = b.block AND a.numbers = b.numbers AND a.account_id < b.account_id"
            " WHERE a.letters <> b.letters AND levenshtein(a.letters, b.letters)"
            f" <= CASE WHEN least(length(a.letters), length(b.letters)) >= 12 THEN 2 ELSE 1 END AND {apart}"
        )),
    )  # fmt: skip
    for says, field, severity, failing in rules:
        yield Check(
            ACCOUNT_DUPLICATE, ("accounts",), field, failing, says,
            "merge them in the source, or name their common parent in parent_account_id", severity,
            costs="what one company owns is white space of its double, and its seats, needs and tickets are split",
        )  # fmt: skip
