"""The checks themselves, by subject: references, dates, money, subscription lines, use, people, catalogue, feeds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from upcross.book.checks.check import Check
from upcross.book.store import Manifest
from upcross.contract import TABLES, Coverage, Type
from upcross.errors import Issue, Place, Severity, issue_code

REFERENCE_MISSING = issue_code(
    "reference-missing", Severity.ERROR, "Rows point at something that its own table does not hold."
)
END_BEFORE_START = issue_code("end-before-start", Severity.ERROR, "Rows end before they start.")
DATE_IMPLAUSIBLE = issue_code("date-implausible", Severity.WARNING, "Dates lie before 1990 or after 2100.")
DATE_IN_FUTURE = issue_code("date-in-future", Severity.WARNING, "Events are dated after the day of the load.")
MONEY_NEGATIVE = issue_code("money-negative", Severity.WARNING, "Prices or revenue are below zero.")
PRICE_NEGATIVE = issue_code("price-negative", Severity.WARNING, "List prices of plans are below zero.")
MRR_DIFFERS = issue_code(
    "mrr-differs", Severity.WARNING, "A line's MRR is not what its quantity and unit price, or its amount, give."
)
MRR_UNKNOWN = issue_code("mrr-unknown", Severity.WARNING, "Lines have no MRR, and nothing to compute it from.")
LINE_CONTRADICTORY = issue_code(
    "line-contradictory",
    Severity.ERROR,
    "Versions of one subscription line name different accounts, units or products.",
)
LINE_OVERLAP = issue_code(
    "line-overlap", Severity.WARNING, "Two lines of one account, unit, product and plan are in force at once."
)
LINE_WITHOUT_PLAN = issue_code("line-without-plan", Severity.WARNING, "Subscription lines name no pricing plan.")
RATE_MISSING = issue_code("rate-missing", Severity.ERROR, "Amounts are in a currency without an exchange rate.")
PLAN_WITHOUT_PRICE = issue_code("plan-without-price", Severity.WARNING, "Pricing plans have no list price.")
LIMIT_CONTRADICTORY = issue_code(
    "limit-contradictory", Severity.WARNING, "Limits of a plan contradict each other or the order of the plans."
)
PRODUCT_WITHOUT_DOMAIN = issue_code(
    "product-without-domain", Severity.WARNING, "Products name no problem domain, so that no stated need leads to them."
)
USAGE_UNSUBSCRIBED = issue_code(
    "usage-unsubscribed", Severity.WARNING, "Use is measured where no subscription was in force."
)
SEATS_EXCEEDED = issue_code("seats-exceeded", Severity.NOTE, "More people were active than seats are purchased.")
OWNER_UNKNOWN = issue_code("owner-unknown", Severity.WARNING, "People are named who are not in the team.")
OWNER_LEFT = issue_code("owner-left", Severity.WARNING, "Accounts are looked after by people who left.")
ACCOUNT_UNOWNED = issue_code("account-unowned", Severity.WARNING, "Customers lack a CSM or an account manager.")
FEED_STALE = issue_code("feed-stale", Severity.WARNING, "A feed ends long before the others.")
TABLE_NOT_MAPPED = issue_code("table-not-mapped", Severity.NOTE, "A table is not mapped, and what that costs.")

_SPANS = {
    "subscriptions": ("line_id", "valid_from", "ends_on"),
    "commitments": ("commitment_id", "starts_on", "ends_on"),
    "account_assignments": ("person_id", "valid_from", "valid_until"),
    "entitlement_pools": ("pool_id", "valid_from", "valid_until"),
    "implementations": ("account_id", "started_on", "live_on"),
    "billing_disputes": ("dispute_id", "opened_on", "closed_on"),
    "tickets": ("ticket_id", "opened_on", "closed_on"),
    "incidents": ("incident_id", "started_on", "ended_on"),
    "objectives": ("objective_id", "set_on", "met_on"),
    "crm_opportunities": ("crm_opportunity_id", "created_on", "closed_on"),
    "usage": ("account_id", "period_start", "period_end - 1"),
    "seats": ("account_id", "period_start", "period_end - 1"),
    "targets": ("person_id", "period_start", "period_end - 1"),
}
"""What starts and ends: the column that names a row, its first and its last day (or first day after)."""

_NEVER_NEGATIVE = {
    "subscriptions": ("mrr", "unit_price", "list_unit_price", "amount"),
    "commitments": ("price", "overage_rate"),
    "targets": ("mrr",),
    "crm_opportunities": ("amount", "mrr"),
}
_PRICED = ("subscriptions", "commitments", "invoices", "crm_opportunities", "plan_prices")
_GRAVE = ("accounts", "products", "pricing_plans", "metrics")
_IN_FORCE = "s.valid_from < u.period_end AND coalesce(s.ends_on, DATE '9999-12-31') > u.period_start"


def all_checks(manifest: Manifest, today: date) -> list[Check]:
    """Every check there is, for a book with this manifest, as of ``today``."""
    return [
        *_references(),
        *_dates(today),
        *_years(manifest),
        *_money(manifest),
        *_lines(),
        *_catalogue(),
        *_use(),
        *_people(today),
    ]


def _references() -> Iterator[Check]:
    for table in TABLES.values():
        for column in table.columns:
            if not column.references:
                continue
            target, key = column.references.split(".")
            to_team = target == "team"
            yield Check(
                OWNER_UNKNOWN if to_team else REFERENCE_MISSING,
                (table.name, target),
                column.name,
                f"SELECT t.{column.name} AS example FROM current.{table.name} t WHERE t.{column.name} <> '' AND"
                f" t.{column.name} NOT IN (SELECT {key} FROM current.{target})",
                f"name something that is not in {column.references}",
                f"add them to {target}, or correct the ids" + ("; until then they count for nobody" if to_team else ""),
                Severity.WARNING if to_team or target not in _GRAVE else None,
            )


def _dates(today: date) -> Iterator[Check]:
    for name, (label, start, end) in _SPANS.items():
        yield Check(
            END_BEFORE_START, (name,), end.split()[0],
            f"SELECT {label} AS example FROM current.{name} WHERE {end} < {start}",
            f"end before they start ({start})", "correct the dates in the source: such rows are never in force",
        )  # fmt: skip
    for table in TABLES.values():
        if table.coverage is Coverage.STATE or table.happened_on is None or table.name == "account_transfers":
            continue
        days = [f"{table.happened_on} - 1" if table.exclusive else table.happened_on]
        days += [column.name for column in table.columns if column.known_from == column.name]
        for day in days:
            yield Check(
                DATE_IN_FUTURE, (table.name,), day.split()[0],
                f"SELECT {table.key[0]} || ' ' || CAST({day} AS VARCHAR) AS example FROM current.{table.name}"
                f" WHERE {day} > DATE '{today}'",
                f"are dated after {today}", "look for a wrong year or a swapped day and month; they are not seen yet",
            )  # fmt: skip


def _years(manifest: Manifest) -> Iterator[Check]:
    for name, stored in manifest.tables.items():
        for column in TABLES[name].columns:
            if column.type is not Type.DATE or column.name not in stored.columns:
                continue
            # The catalogue's 'always' stands for every day there is.
            always = f" AND {column.name} <> DATE '1900-01-01'" if name == "exchange_rates" else ""
            yield Check(
                DATE_IMPLAUSIBLE, (name,), column.name,
                f"SELECT {TABLES[name].key[0]} || ' ' || CAST({column.name} AS VARCHAR) AS example FROM current.{name}"
                f" WHERE ({column.name} < DATE '1990-01-01' OR {column.name} >= DATE '2101-01-01'){always}",
                "lie before 1990 or after 2100",
                "look for a year of two digits or a swapped format; what has no end has an empty cell",
            )  # fmt: skip


def _money(manifest: Manifest) -> Iterator[Check]:
    for name, columns in _NEVER_NEGATIVE.items():
        for column in columns:
            label = TABLES[name].key[0]
            yield Check(
                MONEY_NEGATIVE, (name,), column, f"SELECT {label} AS example FROM current.{name} WHERE {column} < 0",
                "are below zero", "a credit belongs into the price of its line, not on a line of its own",
            )  # fmt: skip
    # Unit prices are often rounded to cents: half a cent a unit is no difference.
    by_price = "abs(mrr - quantity * unit_price) > 100 + 50 * abs(quantity)"
    by_amount = "period_months > 0 AND abs(mrr * period_months - amount) > 100 * period_months"
    yield Check(
        MRR_DIFFERS, ("subscriptions",), "mrr",
        f"SELECT line_id AS example FROM current.subscriptions WHERE ({by_price}) OR ({by_amount})",
        "have an MRR that differs from quantity × unit_price or amount ÷ period_months",
        "find out which is right; mrr is what counts",
    )  # fmt: skip
    yield Check(
        MRR_UNKNOWN, ("subscriptions",), "mrr",
        "SELECT line_id AS example FROM current.subscriptions WHERE mrr IS NULL AND status <> 'trial'",
        "have no MRR", "give mrr, or amount and period_months, or unit_price; their money is unknown, not zero",
    )  # fmt: skip
    rates = "SELECT NULL WHERE false"
    if "exchange_rates" in manifest.tables:
        bound = f" WHERE valid_from <= DATE '{manifest.rates_on}'" if manifest.rates_on else ""
        rates = f"SELECT currency FROM current.exchange_rates{bound}"
    for name in _PRICED:
        yield Check(
            RATE_MISSING, (name,), "currency",
            f"SELECT currency AS example FROM current.{name} WHERE currency <> '{manifest.reporting_currency}'"
            f" AND currency <> '' AND currency NOT IN ({rates})",
            f"are in a currency without a rate into {manifest.reporting_currency}",
            "add the rate to exchange_rates; until then these amounts are unknown",
        )  # fmt: skip


def _lines() -> Iterator[Check]:
    yield Check(
        LINE_CONTRADICTORY, ("subscriptions",), "line_id",
        "SELECT line_id AS example FROM current.subscriptions GROUP BY line_id"
        " HAVING count(DISTINCT account_id) > 1 OR count(DISTINCT product_id) > 1 OR count(DISTINCT business_unit) > 1",
        "are lines whose versions name several accounts, units or products",
        "give each its own line_id; replaces_line_id ties them together",
        total="SELECT count(DISTINCT line_id) FROM current.subscriptions",
    )  # fmt: skip
    yield Check(
        LINE_OVERLAP, ("subscriptions",), "line_id",
        "WITH spans AS (SELECT *, least(coalesce(lead(valid_from) OVER (PARTITION BY line_id ORDER BY valid_from),"
        " DATE '9999-12-31'), coalesce(ends_on, DATE '9999-12-31')) AS until FROM current.subscriptions),"
        " before AS (SELECT line_id, valid_from, max(until) OVER (PARTITION BY account_id, business_unit, product_id,"
        " plan_id, contract_id, sku ORDER BY valid_from, line_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"
        " AS earlier FROM spans WHERE until > valid_from AND included_in IS NULL)"
        " SELECT line_id AS example FROM before WHERE valid_from < earlier",
        "begin while another line of the same account, unit, product, plan and contract is in force",
        "if it is one line, give both versions one line_id; otherwise both are counted",
    )  # fmt: skip
    yield Check(
        LINE_WITHOUT_PLAN, ("subscriptions",), "plan_id",
        "SELECT line_id AS example FROM current.subscriptions WHERE plan_id IS NULL",
        "name no pricing plan", "map plan_id: without it there is no seat price, no limit and no next tier",
    )  # fmt: skip


def _catalogue() -> Iterator[Check]:
    yield Check(
        PRICE_NEGATIVE, ("plan_prices",), "list_price",
        "SELECT concat_ws(' ', plan_id, currency, CAST(list_price AS DECIMAL(38, 4)) / 10000) AS example"
        " FROM current.plan_prices WHERE list_price < 0",
        "are list prices below zero", "correct them in plan_prices or catalog.yaml: potentials are computed from them",
    )  # fmt: skip
    yield Check(
        PLAN_WITHOUT_PRICE, ("pricing_plans",), "plan_id",
        "SELECT plan_id AS example FROM current.pricing_plans WHERE plan_id NOT IN"
        " (SELECT plan_id FROM current.plan_prices)",
        "have no list price", "add it to plan_prices or under 'prices:' in catalog.yaml; their potential is unknown",
    )  # fmt: skip
    yield Check(
        LIMIT_CONTRADICTORY, ("plan_limits",), "amount",
        "SELECT plan_id || ' ' || metric AS example FROM current.plan_limits WHERE amount < 0"
        " UNION ALL SELECT plan_id || ' ' || metric FROM current.plan_limits GROUP BY plan_id, metric"
        " HAVING count(DISTINCT period) > 1 OR count(DISTINCT per_unit) > 1",
        "are below zero, or change between per month and at any time, or between per unit and per plan",
        "state each limit of a plan in one way",
    )  # fmt: skip
    latest = (
        "(SELECT * FROM current.plan_limits QUALIFY row_number() OVER"
        " (PARTITION BY plan_id, metric ORDER BY valid_from DESC NULLS LAST) = 1)"
    )
    yield Check(
        LIMIT_CONTRADICTORY, ("plan_limits", "pricing_plans"), "amount",
        "SELECT DISTINCT high.plan_id || ' ' || h.metric || ' below ' || low.plan_id AS example"
        " FROM current.pricing_plans high JOIN current.pricing_plans low"
        " ON high.product_id = low.product_id AND high.rank > low.rank"
        f" JOIN {latest} h ON h.plan_id = high.plan_id JOIN {latest} l"
        " ON l.plan_id = low.plan_id AND l.metric = h.metric AND l.period = h.period AND l.per_unit = h.per_unit"
        " WHERE h.amount < l.amount",
        "include less than a lower plan of the same product", "check the limit, or the rank of the plan",
    )  # fmt: skip
    yield Check(
        PRODUCT_WITHOUT_DOMAIN, ("products",), "product_id",
        "SELECT product_id AS example FROM current.products WHERE retired_on IS NULL AND product_id NOT IN"
        " (SELECT product_id FROM current.product_domains)",
        "name no problem domain", "add 'domains:' in catalog.yaml: no stated need can lead to them",
    )  # fmt: skip


def _use() -> Iterator[Check]:
    for name in ("usage", "seats"):
        yield Check(
            USAGE_UNSUBSCRIBED, (name, "subscriptions"), "account_id",
            f"SELECT u.account_id || ' ' || u.product_id AS example FROM current.{name} u WHERE NOT EXISTS"
            " (SELECT 1 FROM (SELECT account_id, product_id, min(valid_from) AS valid_from,"
            " max(coalesce(ends_on, DATE '9999-12-31')) AS ends_on FROM current.subscriptions"
            " GROUP BY account_id, product_id) s"
            f" WHERE s.account_id = u.account_id AND s.product_id = u.product_id AND {_IN_FORCE})",
            "measure use while no subscription to the product was in force",
            "a missing line, a trial, or another product id in the two sources",
        )  # fmt: skip
    yield Check(
        SEATS_EXCEEDED, ("seats", "subscriptions", "pricing_plans"), "active",
        "WITH last AS (SELECT * FROM current.seats QUALIFY row_number() OVER"
        " (PARTITION BY account_id, business_unit, product_id, seat_type ORDER BY period_start DESC) = 1),"
        " used AS (SELECT account_id, business_unit, product_id, max(period_end) AS period_end,"
        " sum(active) AS active FROM last GROUP BY account_id, business_unit, product_id),"
        " lines AS (SELECT s.*, lead(valid_from) OVER (PARTITION BY line_id ORDER BY valid_from) AS next_from"
        " FROM current.subscriptions s),"
        " bought AS (SELECT u.account_id, u.business_unit, u.product_id, sum(s.quantity) AS quantity FROM used u"
        " JOIN lines s ON s.account_id = u.account_id AND s.business_unit = u.business_unit"
        " AND s.product_id = u.product_id AND s.valid_from < u.period_end"
        " AND coalesce(s.next_from, DATE '9999-12-31') >= u.period_end"
        " AND coalesce(s.ends_on, DATE '9999-12-31') >= u.period_end"
        " JOIN current.pricing_plans p ON p.plan_id = s.plan_id AND p.charge = 'per_unit'"
        " GROUP BY u.account_id, u.business_unit, u.product_id)"
        " SELECT account_id || ' ' || product_id || ': ' || CAST(active AS VARCHAR) || ' of ' ||"
        " CAST(quantity AS VARCHAR) AS example FROM used JOIN bought USING (account_id, business_unit, product_id)"
        " WHERE active > quantity",
        "have more people active than seats purchased",
        "allowed: it may be a grace, a shared login or a missing line",
        total="SELECT count(*) FROM (SELECT DISTINCT account_id, business_unit, product_id FROM current.seats)",
    )  # fmt: skip


def _people(today: date) -> Iterator[Check]:
    for role in ("csm", "account_manager", "ae", "renewals_manager"):
        yield Check(
            OWNER_LEFT, ("accounts", "team"), role,
            f"SELECT {role} AS example FROM current.accounts JOIN current.team ON person_id = {role}"
            f" WHERE left_on <= DATE '{today}'",
            "are looked after by somebody who left", "assign the accounts anew",
        )  # fmt: skip
    customers = (
        "SELECT account_id FROM current.subscriptions WHERE valid_from <= DATE '{0}'"
        " AND coalesce(ends_on, DATE '9999-12-31') > DATE '{0}'"
    )
    for role, missing in (("csm", "csm IS NULL"), ("account_manager", "account_manager IS NULL AND ae IS NULL")):
        yield Check(
            ACCOUNT_UNOWNED, ("accounts", "subscriptions"), role,
            f"SELECT account_id AS example FROM current.accounts WHERE {missing} AND account_id IN"
            f" ({customers.format(today)})",
            f"are customers without {'a CSM' if role == 'csm' else 'an account manager or AE'}",
            f"map {role}: nobody is told about these accounts",
            total=f"SELECT count(DISTINCT account_id) FROM ({customers.format(today)})",
        )  # fmt: skip


def feed_issues(manifest: Manifest) -> Iterator[Issue]:
    """Feeds that end long before the newest day, and tables that are not mapped, with what that costs."""
    newest = manifest.newest_day()
    for stored in manifest.tables.values():
        through = stored.complete_through
        if newest is None or through is None or (newest - through).days <= stored.max_lag_days:
            continue
        yield FEED_STALE.at(
            Place(table=stored.name),
            f"ends on {through}, {(newest - through).days} days before the newest day in the book, {newest}"
            f" ({stored.max_lag_days} allowed)",
            hint="load newer rows, or declare coverage: {through: …}; what follows its end counts as unknown",
        )
    for name, cost in COSTS.items():
        if name not in manifest.tables:
            yield TABLE_NOT_MAPPED.at(Place(table=name), f"not mapped: {cost}", hint=f"map '{name}' in upcross.yaml")


COSTS: dict[str, str] = {
    "subscriptions": "no MRR, no seats purchased, no contract dates: nothing can fire",
    "products": "what is sold is unknown: no white space and no cross-sell",
    "product_domains": "a stated need leads to no product: cross-sell stays unknown",
    "pricing_plans": "plans have no order and no charge: seats and tier plays stay unknown",
    "plan_prices": "potential of seats and tiers is unknown",
    "plan_limits": "use cannot be compared with what a plan includes",
    "plan_features": "requests cannot be matched to a higher tier",
    "business_units": "white space is seen for whole accounts only",
    "commitments": "use cannot be compared with committed amounts",
    "usage": "use is unknown: usage plays and the adoption gates stay unknown",
    "seats": "people active are unknown: seats plays stay unknown",
    "health_scores": "health is computed from the scorecard, from the parts there are",
    "tickets": "the escalation gate holds everything unless it is attested",
    "incidents": "the outage gate holds everything unless it is attested",
    "billing_disputes": "the dispute gate holds everything unless it is attested",
    "price_changes": "the price gate holds everything unless it is attested",
    "invoices": "it is unknown whether a new price was paid",
    "implementations": "the implementation gate holds cross-sell, and stage and first value are unknown",
    "outcomes": "value delivered is not on record: the value and credibility gates rest on other proof",
    "objectives": "goals met do not count as proven value",
    "statements": "needs that people stated are not seen: cross-sell by need stays unknown",
    "competitor_products": "competitors in use are not seen",
    "org_changes": "new teams and areas are not seen",
    "feature_requests": "requests for features of a higher tier are not seen",
    "contacts": "who said what cannot be tied to a person",
    "team": "owners are taken as they are written, and nobody is known to have left",
    "crm_opportunities": "deals already open are not seen",
}
"""What a table's absence costs."""
