"""The benchmark's job by pandas, and its plays by a rule engine that takes one row at a time.

Both judge with the predicates of ``by_hand.py``, in their own notation. Where something is unknown a play does not
fire: what fires must agree with the SQL, and is counted. ``pip install pandas rule-engine``; what is lacking is passed
over.
"""

from __future__ import annotations

import re
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import by_hand
import published_set
from on_book import connect, execute, our_statements, processor_seconds, statements_by_hand, store_of

ROWS = 1500
"""Rows that the rule engine is given."""


def tell(folder: Path) -> None:
    """Print what the same job costs other ways on a small book, against ours on the same book."""
    evaluation = published_set.evaluation(store_of(folder).manifest())
    with closing(connect(folder)) as connection:
        ours = sum(execute(connection, our_statements(evaluation)).values())
        execute(connection, statements_by_hand())
        judging = execute(connection, {"again": by_hand.judging(published_set.variants())})["again"]
        rows = connection.execute("SELECT * FROM by_hand_signals").fetchall()
        names = [column[0] for column in connection.description]
        fired = fired_by_sql(connection)
        print(f"\nother ways, {len(rows):,} rows: ours {ours:.2f} s of processor time")
        if find_spec("pandas"):
            took, found = by_pandas(connection)
            same = "the same fire" if found == fired else f"{len(found ^ fired)} DIFFER"
            print(f"  pandas, signals and plays      {took:8.2f} s, {took / ours:6.1f}x ours; {same}")
    if find_spec("rule_engine"):
        some = [dict(zip(names, row, strict=True)) for row in rows[:ROWS]]
        took, found = by_rule_engine(some)
        keys = {(row["account_id"], row["product_id"]) for row in some}
        wanted = {fires for fires in fired if fires[:2] in keys}
        # To this engine an unknown is an error that ends the rule, on either side of an `or` too.
        same = "the same fire" if found == wanted else f"{len(found ^ wanted)} of {len(wanted)} DIFFER, by unknowns"
        whole = took * len(rows) / len(some)
        print(f"  rule-engine, plays alone       {whole:8.2f} s, {whole / judging:6.0f}x the SQL's; {same}"
              f" ({len(some):,} rows judged, the rest reckoned)")  # fmt: skip


def fired_by_sql(connection: Any) -> set[tuple[str, str, str]]:
    """What fires by the statements written by hand: account, product, play."""
    found = set()
    for scope in by_hand.BINDING:
        plays = [play for play in published_set.variants() if play.scope == scope]
        for index, play in enumerate(plays):
            bit = f"(fired_{index // by_hand.WORD} & {1 << index % by_hand.WORD}) <> 0"
            rows = connection.execute(
                f"SELECT account_id, product_id FROM by_hand_verdicts WHERE scope = '{scope}' AND {bit}"
            ).fetchall()
            found |= {(*row, play.id) for row in rows}
    return found


def _asked(play: published_set.Variant) -> str:
    """A play's trigger and gates as one condition, in the notation that Python's libraries share."""
    values = {name: str(float(play.number(name))) for name in play.params}
    parts = [by_hand.TRIGGERS[play.family].format(**values), *(by_hand.GATES[g] for g in by_hand.BINDING[play.scope])]
    text = " and ".join(f"({part})" for part in parts)
    text = re.sub(r"(?<![<>])=", "==", text.replace(" AND ", " and ").replace(" OR ", " or ").replace(" IN ", " in "))
    text = re.sub(r"(\d+)e-(\d+)", lambda m: str(float(m[0])), text)
    return text.replace("('product', 'module')", "['product', 'module']")


def by_rule_engine(rows: list[dict[str, Any]]) -> tuple[float, set[tuple[str, str, str]]]:
    """Processor seconds of judging rows one after another, rules compiled before, and what fires."""
    import rule_engine

    plays = published_set.variants()
    rules = {scope: [(play.id, rule_engine.Rule(_asked(play))) for play in plays if play.scope == scope]
             for scope in by_hand.BINDING}  # fmt: skip
    found = set()
    before = processor_seconds()
    for row in rows:
        for name, rule in rules[row["scope"]]:
            try:
                if rule.matches(row):
                    found.add((row["account_id"], row["product_id"], name))
            except rule_engine.errors.EvaluationError:
                pass  # something is unknown
    return processor_seconds() - before, found


def by_pandas(connection: Any) -> tuple[float, set[tuple[str, str, str]]]:
    """Processor seconds from the book's tables to what fires, and that. Reading the files into frames is counted."""
    import pandas

    before = processor_seconds()
    day = {n: pandas.Timestamp("2026-06-30") - pandas.Timedelta(days=n) for n in (0, 30, 88, 90, 118)}

    def table(name: str, columns: str, where: str = "TRUE") -> Any:
        return connection.execute(f"SELECT {columns} FROM {name} WHERE {where}").df()

    lines = table("subscriptions", "account_id, product_id, plan_id, quantity, mrr, term_ends_on, starts_on, ends_on")
    lines = lines[lines.ends_on.isna() | (lines.ends_on > day[0])]
    own = lines.groupby(["account_id", "product_id"], as_index=False).agg(
        mrr=("mrr", "sum"), units_bought=("quantity", "sum"), term=("term_ends_on", "min"),
        started=("starts_on", "min"), plan_id=("plan_id", "max"))  # fmt: skip
    own["days_to_term"] = (own.pop("term") - day[0]).dt.days
    own["days_since_start"] = (day[0] - own.pop("started")).dt.days

    use = table("usage", "account_id, product_id, metric, period_start, CAST(value AS DOUBLE) AS value",
                "period_start > DATE '2026-04-01'")  # fmt: skip
    use["x"] = (use.period_start - day[90]).dt.days
    use["now"] = use.period_start > day[30]
    use["value_now"], use["used"] = use.value.where(use.now, 0), use.now & (use.value > 0)
    use["xx"], use["xy"] = use.x * use.x, use.x * use.value
    s = use.groupby(["account_id", "product_id", "metric"], as_index=False).agg(
        total=("value", "sum"), days=("value", "size"), total_now=("value_now", "sum"), days_now=("now", "sum"),
        days_used_30d=("used", "sum"), sx=("x", "sum"), sxx=("xx", "sum"), sxy=("xy", "sum"))  # fmt: skip
    s["use_30d"] = s.total_now
    base = (s.total - s.total_now) * s.days_now
    s["use_change_30d"] = (s.total_now * (s.days - s.days_now) - base) / base.where(base != 0)
    below = (s.days * s.sxx - s.sx * s.sx) * s.total
    s["use_slope_90d"] = s.days * (s.days * s.sxy - s.sx * s.total) / below.where(below != 0)
    limits = table("plan_limits", "plan_id, metric, CAST(amount AS DOUBLE) AS amount")
    own = own.merge(s, how="left", on=["account_id", "product_id"]).merge(limits, how="left", on=["plan_id", "metric"])
    own["allowance_used"] = own.total_now / own.amount

    seats = table("seats", "account_id, product_id, period_end, active", "period_end > DATE '2026-03-04'")
    ends = seats.period_end
    seats["active_now"] = seats.active.where(ends > day[30])
    seats["active_then"] = seats.active.where((ends <= day[88]) & (ends > day[118]))
    seated = seats.groupby(["account_id", "product_id"], as_index=False)[["active_now", "active_then"]].max()
    own = own.merge(seated, how="left", on=["account_id", "product_id"])
    own["seat_utilization"] = own.active_now / own.units_bought
    own["seats_growth_90d"] = own.active_now - own.active_then

    account = table("accounts", "account_id, segment").set_index("account_id")
    tickets = table("tickets", "account_id, opened_on, priority, escalated_on, escalation_closed_on")
    tickets = tickets[tickets.opened_on > day[90]]
    tickets["urgent"] = (tickets.opened_on > day[30]) & (tickets.priority == "urgent")
    closed = tickets.escalation_closed_on
    tickets["escalated"] = (tickets.escalated_on <= day[0]) & (closed.isna() | (closed > day[0]))
    by = tickets.groupby("account_id")
    account["tickets_opened_90d"], account["tickets_urgent_30d"] = by.size(), by.urgent.sum()
    account["escalations_open"] = by.escalated.sum()
    contacts = table("contacts", "account_id, contact_id, seniority, left_on")
    acts = table("activities", "account_id, contact_id, direction, happened_on", "happened_on > DATE '2026-04-01'")
    there = contacts[contacts.left_on.isna() | (contacts.left_on > day[0])]
    acts["recent"], acts["inward"] = acts.happened_on > day[30], acts.direction == "in"
    by = acts.groupby("account_id")
    account["activities_30d"], account["replies_90d"] = by.recent.sum(), by.inward.sum()
    met = (
        acts[["account_id", "contact_id"]].drop_duplicates().merge(there[["contact_id", "seniority"]], on="contact_id")
    )
    account["people_met_90d"] = met.groupby("account_id").size()
    account["executives_met_90d"] = met[met.seniority == "executive"].groupby("account_id").size()
    contacts["known"] = contacts.left_on.isna() | (contacts.left_on > day[0])
    contacts["gone"] = (contacts.left_on > day[90]) & (contacts.left_on <= day[0])
    by = contacts.groupby("account_id")
    known, gone = by.known.sum(), by.gone.sum()
    incidents = table("incidents", "account_id, started_on, severity")
    bad = incidents[(incidents.started_on > day[30]) & (incidents.severity == "major")]
    account["outages_30d"] = bad.groupby("account_id").size()
    account = account.fillna(dict.fromkeys([name for name in account if name != "segment"], 0))
    account["contacts_known"], account["leavers_90d"] = known, gone
    by = own.groupby("account_id")
    account["account_mrr"], account["products_owned"] = by.mrr.sum(), by.size()
    account = account.reset_index()

    products = table("products", "product_id, kind")
    customers = account[account.products_owned > 0]
    cells = customers.merge(products, how="cross")
    keys = own[["account_id", "product_id"]].assign(owned=True)
    cells = cells.merge(keys, how="left", on=["account_id", "product_id"])
    lacking = cells[cells.owned.isna()]
    owning = customers.merge(keys, on="account_id").groupby(["segment", "product_id"]).size().rename("owning")
    share = (owning / customers.groupby("segment").size().rename("all")).rename("peers_owning").reset_index()
    anchors = own.sort_values(["mrr", "product_id"], ascending=[False, True]).drop_duplicates("account_id")
    lacking = lacking.merge(anchors.drop(columns="product_id"), how="left", on="account_id")
    lacking = lacking.merge(share, how="left", on=["segment", "product_id"]).fillna({"peers_owning": 0})
    frames = {
        "account": account.assign(product_id=""),
        "subscription": own.merge(account, on="account_id"),
        "white_space": lacking.rename(columns={"kind": "target_kind"}),
    }
    found = set()
    for play in published_set.variants():
        frame = frames[play.scope]
        fires = frame[frame.eval(_asked(play))]
        found |= {(a, p, play.id) for a, p in zip(fires.account_id, fires.product_id, strict=True)}
    return processor_seconds() - before, found
