/*---
meaning: >
  Use against allowance, one row a meter: what is used now, and what will be used when it matters. For a plan limit
  that is a month's use in 60 days at the trend of the last 90; for a commitment its use at the end of its span at the
  pace of the last 30 days (used_ahead_30 is thirty times that, to stay whole).
  Where usage is declared complete, a window without a row is zero; else it is unknown.
  What was used before the product was owned is no trend.
---*/
WITH unlisted AS (
  SELECT MAX(0) AS value
  FROM complete_tables
  WHERE table_name = 'usage'
), paced AS (
  SELECT
    a.account_id,
    a.business_unit,
    a.product_id,
    a.metric,
    a.kind,
    a.amount,
    COALESCE(a.used_to_date, n.value) AS used_to_date,
    COALESCE(w.latest, n.value) AS latest,
    COALESCE(w.previous, n.value) AS previous,
    CASE WHEN p.started_on <= @days_before(90) THEN COALESCE(w.before_that, n.value) END AS before_that,
    DATE_DIFF('day', a.starts_on, @as_of) + 1 AS days_elapsed,
    DATE_DIFF('day', @as_of, a.ends_on) - 1 AS days_left,
    DATE_DIFF('day', a.starts_on, a.ends_on) AS days_whole
  FROM allowances AS a
  INNER JOIN positions AS p
    ON p.account_id = a.account_id AND p.business_unit = a.business_unit AND p.product_id = a.product_id
  LEFT JOIN usage_windows AS w
    ON w.account_id = a.account_id AND w.business_unit = a.business_unit AND w.product_id = a.product_id
    AND w.metric = a.metric
  INNER JOIN unlisted AS n ON TRUE
)
SELECT
  account_id,
  business_unit,
  product_id,
  metric,
  kind,
  amount,
  latest,
  previous,
  days_elapsed,
  days_left,
  days_whole,
  CASE WHEN kind = 'commitment' THEN used_to_date ELSE latest END AS used,
  CASE
    WHEN kind = 'commitment' THEN used_to_date * 30 + latest * days_left
    WHEN 2 * latest < before_that THEN 0
    ELSE (2 * latest - before_that) * 30
  END AS used_ahead_30,
  CASE
    WHEN kind = 'commitment' AND used_to_date >= amount THEN 0
    WHEN kind = 'commitment' AND latest > 0 THEN (amount - used_to_date) * 30 // latest
    WHEN kind = 'limit' AND latest >= amount THEN 0
    WHEN kind = 'limit' AND latest > before_that THEN (amount - latest) * 60 // (latest - before_that)
  END AS days_to_allowance,
  used_to_date * days_whole // days_elapsed AS used_at_even_pace
FROM paced
