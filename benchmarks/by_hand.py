"""The benchmark's signals and plays as a person would write them: two DuckDB statements, without the compiler.

Statement one makes every signal at the grain of account and product (and of the account alone); statement two judges
all plays over it. Nothing here comes from ``upcross``: the predicates are written out again, only the numbers of the
settings are shared. It knows this book alone: no corrections, business units, trials, currencies or time travel.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Protocol


class Setting(Protocol):
    """A play in one setting."""

    @property
    def id(self) -> str: ...
    @property
    def family(self) -> str: ...
    @property
    def scope(self) -> str: ...
    @property
    def params(self) -> Mapping[str, str]: ...
    def number(self, name: str) -> Decimal: ...


SIGNALS = """
WITH owned AS (
  SELECT account_id, product_id, SUM(mrr)::BIGINT AS mrr, SUM(quantity)::BIGINT AS units_bought,
    DATE_DIFF('day', DATE '2026-06-30', MIN(term_ends_on)) AS days_to_term,
    DATE_DIFF('day', MIN(starts_on), DATE '2026-06-30') AS days_since_start, MAX(plan_id) AS plan_id
  FROM subscriptions
  WHERE valid_from <= DATE '2026-06-30' AND (ends_on IS NULL OR ends_on > DATE '2026-06-30') AND status = 'active'
  GROUP BY account_id, product_id
), support AS (
  SELECT account_id, COUNT(*) AS opened,
    COUNT(*) FILTER (opened_on > DATE '2026-05-31' AND priority = 'urgent') AS urgent,
    COUNT(*) FILTER (escalated_on <= DATE '2026-06-30'
      AND (escalation_closed_on IS NULL OR escalation_closed_on > DATE '2026-06-30')) AS escalated
  FROM tickets WHERE opened_on > DATE '2026-04-01' AND opened_on <= DATE '2026-06-30'
  GROUP BY account_id
), touch AS (
  SELECT a.account_id, COUNT(*) FILTER (happened_on > DATE '2026-05-31') AS touched,
    COUNT(*) FILTER (direction = 'in') AS replies, COUNT(DISTINCT c.contact_id) AS met,
    COUNT(DISTINCT c.contact_id) FILTER (c.seniority = 'executive') AS executives
  FROM activities AS a
  LEFT JOIN contacts AS c ON c.contact_id = a.contact_id AND (c.left_on IS NULL OR c.left_on > DATE '2026-06-30')
  WHERE happened_on > DATE '2026-04-01' AND happened_on <= DATE '2026-06-30'
  GROUP BY a.account_id
), people AS (
  SELECT account_id, COUNT(*) FILTER (left_on IS NULL OR left_on > DATE '2026-06-30') AS known,
    COUNT(*) FILTER (left_on > DATE '2026-04-01' AND left_on <= DATE '2026-06-30') AS leavers
  FROM contacts GROUP BY account_id
), outages AS (
  SELECT account_id, COUNT(*) AS outages FROM incidents
  WHERE started_on > DATE '2026-05-31' AND started_on <= DATE '2026-06-30' AND severity = 'major' GROUP BY account_id
), seated AS (
  SELECT account_id, product_id, MAX(active) FILTER (period_end > DATE '2026-05-31') AS active,
    MAX(active) FILTER (period_end <= DATE '2026-04-03' AND period_end > DATE '2026-03-04') AS active_then
  FROM seats WHERE period_end > DATE '2026-03-04' AND period_end <= DATE '2026-07-01' GROUP BY account_id, product_id
), used AS (
  SELECT account_id, product_id, metric, SUM(value) AS total, COUNT(*) AS days,
    SUM(CASE WHEN period_start > DATE '2026-05-31' THEN value ELSE 0 END) AS total_now,
    COUNT(CASE WHEN period_start > DATE '2026-05-31' THEN 1 END) AS days_now,
    COUNT(CASE WHEN period_start > DATE '2026-05-31' AND value > 0 THEN 1 END) AS days_used,
    SUM(period_start - DATE '2026-04-01') AS sx,
    SUM((period_start - DATE '2026-04-01') * (period_start - DATE '2026-04-01')) AS sxx,
    SUM((period_start - DATE '2026-04-01') * value) AS sxy
  FROM usage WHERE period_start > DATE '2026-04-01' AND period_end <= DATE '2026-07-01'
  GROUP BY account_id, product_id, metric
), own AS MATERIALIZED (
  SELECT o.*, s.active / NULLIF(o.units_bought, 0) AS seat_utilization, s.active - s.active_then AS seats_growth_90d,
    u.total_now AS use_30d, u.days_used AS days_used_30d,
    (u.total_now * (u.days - u.days_now) - (u.total - u.total_now) * u.days_now)::DOUBLE
      / NULLIF(((u.total - u.total_now) * u.days_now)::DOUBLE, 0) AS use_change_30d,
    (u.days * (u.days * u.sxy - u.sx * u.total))::DOUBLE
      / NULLIF(((u.days * u.sxx - u.sx * u.sx) * u.total)::DOUBLE, 0) AS use_slope_90d,
    u.total_now::DOUBLE / NULLIF(l.amount::DOUBLE, 0) AS allowance_used,
    ROW_NUMBER() OVER (PARTITION BY o.account_id ORDER BY o.mrr DESC, o.product_id) AS place
  FROM owned AS o
  LEFT JOIN seated AS s USING (account_id, product_id)
  LEFT JOIN used AS u USING (account_id, product_id)
  LEFT JOIN plan_limits AS l ON l.plan_id = o.plan_id AND l.metric = u.metric
), account AS (
  SELECT a.account_id, COALESCE(a.segment, '') AS segment, COALESCE(s.opened, 0) AS tickets_opened_90d,
    COALESCE(s.urgent, 0) AS tickets_urgent_30d, COALESCE(s.escalated, 0) AS escalations_open,
    COALESCE(t.touched, 0) AS activities_30d, COALESCE(t.replies, 0) AS replies_90d,
    COALESCE(t.met, 0) AS people_met_90d, COALESCE(t.executives, 0) AS executives_met_90d,
    p.known AS contacts_known, p.leavers AS leavers_90d, COALESCE(i.outages, 0) AS outages_30d,
    m.account_mrr, m.products_owned
  FROM accounts AS a
  LEFT JOIN support AS s USING (account_id)
  LEFT JOIN touch AS t USING (account_id)
  LEFT JOIN people AS p USING (account_id)
  LEFT JOIN outages AS i USING (account_id)
  LEFT JOIN (SELECT account_id, SUM(mrr)::BIGINT AS account_mrr, COUNT(*) AS products_owned FROM owned
    GROUP BY account_id) AS m USING (account_id)
), peers AS (
  SELECT segment, product_id, COUNT(*) / MAX(customers) AS peers_owning
  FROM (SELECT segment, COUNT(*) OVER (PARTITION BY segment) AS customers, account_id FROM account
    WHERE products_owned > 0) AS a
  JOIN owned AS o USING (account_id)
  GROUP BY segment, product_id
), grid AS (
  SELECT a.*, p.product_id, p.kind
  FROM account AS a
  JOIN (SELECT product_id, kind FROM products UNION ALL SELECT '', '') AS p
    ON p.product_id = '' OR a.products_owned > 0
)
SELECT g.account_id, g.product_id,
  CASE WHEN g.product_id = '' THEN 'account' WHEN o.product_id IS NULL THEN 'white_space' ELSE 'subscription' END
    AS scope,
  g.* EXCLUDE (account_id, product_id, segment, kind),
  COALESCE(o.mrr, n.mrr) AS mrr,
  CASE WHEN o.product_id IS NULL THEN n.units_bought ELSE o.units_bought END AS units_bought,
  CASE WHEN o.product_id IS NULL THEN n.days_to_term ELSE o.days_to_term END AS days_to_term,
  CASE WHEN o.product_id IS NULL THEN n.days_since_start ELSE o.days_since_start END AS days_since_start,
  CASE WHEN o.product_id IS NULL THEN n.seat_utilization ELSE o.seat_utilization END AS seat_utilization,
  CASE WHEN o.product_id IS NULL THEN n.seats_growth_90d ELSE o.seats_growth_90d END AS seats_growth_90d,
  CASE WHEN o.product_id IS NULL THEN n.use_30d ELSE o.use_30d END AS use_30d,
  CASE WHEN o.product_id IS NULL THEN n.days_used_30d ELSE o.days_used_30d END AS days_used_30d,
  CASE WHEN o.product_id IS NULL THEN n.use_change_30d ELSE o.use_change_30d END AS use_change_30d,
  CASE WHEN o.product_id IS NULL THEN n.use_slope_90d ELSE o.use_slope_90d END AS use_slope_90d,
  CASE WHEN o.product_id IS NULL THEN n.allowance_used ELSE o.allowance_used END AS allowance_used,
  CASE WHEN o.product_id IS NULL THEN g.kind END AS target_kind,
  CASE WHEN o.product_id IS NULL AND g.product_id <> '' THEN COALESCE(w.peers_owning, 0) END AS peers_owning
FROM grid AS g
LEFT JOIN own AS o ON o.account_id = g.account_id AND o.product_id = g.product_id
LEFT JOIN own AS n ON n.account_id = g.account_id AND n.place = 1
LEFT JOIN peers AS w ON w.segment = g.segment AND w.product_id = g.product_id
"""

OFFERED = "target_kind IN ('product', 'module') AND "
TRIGGERS = {
    "seats-full": "seat_utilization >= {full_at} AND seats_growth_90d >= {growth} AND units_bought >= 20",
    "seats-before-term": "seat_utilization >= {full_at} AND days_to_term <= {near}",
    "seats-and-sponsor": "seat_utilization >= {full_at} AND executives_met_90d >= {met}",
    "seats-many": "units_bought >= {many} AND seat_utilization >= {full_at}",
    "allowance-used-up": "allowance_used >= {share} AND use_slope_90d > {slope} AND days_used_30d >= 28",
    "allowance-before-term": "allowance_used >= {share} AND days_to_term <= {near}",
    "steep-use": "use_change_30d >= {rise} AND days_used_30d >= {days}",
    "steep-line": "use_slope_90d >= {slope} AND use_30d >= {rank}",
    "heavy-for-its-price": "use_30d >= {amount} AND mrr <= {small} * 10000",
    "old-and-growing": "days_since_start >= {age} AND use_change_30d >= {rise} AND people_met_90d >= {met}",
    "large-and-growing": "account_mrr >= {large} * 10000 AND use_change_30d >= {rise}",
    "either-limit": "(seat_utilization >= {full_at} OR allowance_used >= {share}) AND replies_90d >= {replies}"
    " AND products_owned >= 3",
    "support-heavy": "tickets_opened_90d >= {tickets} AND tickets_urgent_30d >= {urgent} AND mrr >= 15000000",
    "peers-own-it": OFFERED + "peers_owning >= {peers} AND executives_met_90d >= {met}",
    "few-and-paying": OFFERED + "products_owned <= {few} AND account_mrr >= {paying} * 10000"
    " AND use_change_30d >= {rise}",
    "they-write": OFFERED + "replies_90d >= {replies} AND seat_utilization >= {full_at}",
    "much-touched": OFFERED + "activities_30d >= {touched} AND people_met_90d >= {met}"
    " AND tickets_opened_90d <= {tickets}",
    "term-near": OFFERED + "days_to_term <= {near} AND mrr >= {large} * 10000 AND peers_owning >= 2e-1",
    "people-leave": "leavers_90d >= {left} AND activities_30d <= {quiet}",
    "trouble": "escalations_open >= {escalated} AND outages_30d >= {outages} AND tickets_opened_90d >= {tickets}",
}
KEEPS = {
    "seats-full": "seat_utilization >= 8e-1",
    "seats-before-term": "seat_utilization >= 85e-2 AND days_to_term > 0",
    "seats-and-sponsor": "seat_utilization >= 8e-1",
    "seats-many": "units_bought >= 100",
    "allowance-used-up": "allowance_used >= 9e-1",
    "allowance-before-term": "allowance_used >= 9e-1",
    "steep-use": "use_change_30d >= 2e-2",
    "steep-line": "use_slope_90d >= 0e0",
    "heavy-for-its-price": "use_30d >= 20000",
    "old-and-growing": "use_change_30d >= 0e0",
    "large-and-growing": "account_mrr >= 80000000",
    "either-limit": "replies_90d >= 2",
    "support-heavy": "tickets_opened_90d >= 3",
    "peers-own-it": "executives_met_90d >= 1",
    "few-and-paying": "account_mrr >= 30000000",
    "they-write": "replies_90d >= 3",
    "much-touched": "activities_30d >= 2",
    "term-near": "days_to_term > 0",
    "people-leave": "leavers_90d >= 1",
    "trouble": "escalations_open >= 1",
}
GATES = {
    "calm": "escalations_open = 0 AND tickets_urgent_30d <= 1",
    "no-outage": "outages_30d = 0",
    "in-use": "days_used_30d >= 10 OR seat_utilization >= 4e-1",
    "no-dip": "use_change_30d >= -1e-1",
    "settled": "days_since_start >= 60",
    "in-touch": "activities_30d >= 1",
    "known-there": "contacts_known >= 4 AND leavers_90d <= 2",
}
BINDING = {
    "account": (),
    "subscription": ("calm", "no-outage", "in-use", "no-dip", "settled", "in-touch"),
    "white_space": tuple(GATES),
}
"""The gates that bind every play of a scope, in the order of their bits."""
WORD = 62


def judging(plays: Sequence[Setting], signals: str = "by_hand_signals") -> str:
    """Statement two: words of bits for each row of the first statement's table, 62 plays a word in order of ids."""
    return "\nUNION ALL BY NAME\n".join(
        _judging(scope, [play for play in plays if play.scope == scope], signals)
        for scope in BINDING
        if any(play.scope == scope for play in plays)
    )


def _judging(scope: str, plays: Sequence[Setting], signals: str) -> str:
    judged = []
    for index, play in enumerate(plays):
        values = {name: _literal(play, name) for name in play.params}
        judged.append(f"({TRIGGERS[play.family].format(**values)}) AS t{index}")
    keeps = {family: f"k{index}" for index, family in enumerate(dict.fromkeys(play.family for play in plays))}
    judged += [f"({KEEPS[family]}) AS {name}" for family, name in keeps.items()]
    gates = BINDING[scope]
    judged += [f"({GATES[gate]}) AS g{index}" for index, gate in enumerate(gates)]
    passes = " AND ".join(f"COALESCE(g{index}, FALSE)" for index in range(len(gates))) or "TRUE"
    words = [
        *_words("fired", [f"t{index} AND passes" for index in range(len(plays))]),
        *_words("held", [f"t{index} AND NOT passes" for index in range(len(plays))]),
        *_words("unknown", [f"t{index} IS NULL" for index in range(len(plays))]),
        *_words("open", [f"COALESCE({keeps[play.family]}, TRUE)" for play in plays]),
        *_words("gate_false", [f"NOT g{index}" for index in range(len(gates))]),
        *_words("gate_unknown", [f"g{index} IS NULL" for index in range(len(gates))]),
    ]
    return (
        f"SELECT '{scope}' AS scope, account_id, product_id, {', '.join(words)} FROM (SELECT *, {passes} AS passes"
        f" FROM (SELECT account_id, product_id, {', '.join(judged)} FROM {signals} WHERE scope = '{scope}'))"
    )


def _literal(play: Setting, name: str) -> str:
    # A share is compared as a double, everything else as the whole number that it is.
    return f"{play.number(name)}e0" if play.params[name].endswith("%") else str(play.number(name))


def _words(word: str, conditions: Sequence[str]) -> list[str]:
    told = []
    for number, start in enumerate(range(0, max(len(conditions), 1), WORD)):
        bits = [f"CASE WHEN {c} THEN {1 << bit} ELSE 0 END"
                for bit, c in enumerate(conditions[start : start + WORD])]  # fmt: skip
        told.append(f"CAST({' + '.join(bits) or '0'} AS BIGINT) AS {word}_{number}")
    return told
