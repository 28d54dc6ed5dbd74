/*---
meaning: >
  Use against allowance, one row a meter: what is used now, and what will be used when it matters. For a plan limit
  that is a month's use in 60 days at the trend of the last 90; for a commitment its use at the end of its span at the
  daily pace of the latest 30 days (ahead_numerator over ahead_denominator, to stay whole).
notes: >
  Where usage is declared complete, a window without a row is zero; else it is unknown. What was used before the product
  was owned is no trend. The pace of a commitment runs on from the last day that its usage is known.
---*/
WITH unlisted AS (
  SELECT MAX(0) AS value
  FROM complete_tables
  WHERE table_name = 'usage'
), latest AS (
  SELECT account_id, business_unit, product_id, metric, use, peak, total, days
  FROM usage_windows
  WHERE recency = 0
), earlier AS (
  SELECT account_id, business_unit, product_id, metric, use, peak, total, days, recency
  FROM usage_windows
  WHERE recency >= 1
), shares AS (
  SELECT
    a.account_id,
    a.business_unit,
    a.product_id,
    a.metric,
    a.kind,
    a.amount,
    COALESCE(a.used_to_date, n.value) AS used_to_date,
    COALESCE(CASE WHEN a.is_level THEN w.peak ELSE w.use END, n.value) AS latest,
    COALESCE(CASE WHEN a.is_level THEN v.peak ELSE v.use END, n.value) AS previous,
    CASE
      WHEN p.started_on > @days_before(90) THEN NULL
      WHEN a.is_level THEN COALESCE(b.peak, n.value)
      -- Months differ in length: the earlier one is put on as many days as the latest, so that 28 days are no dip.
      WHEN w.days > 0 AND w.use = w.total THEN COALESCE(b.total * w.days // b.days, n.value)
      ELSE COALESCE(b.use, n.value)
    END AS before_that,
    COALESCE(w.total, n.value) AS total,
    COALESCE(w.days, 30) AS days,
    DATE_DIFF('day', a.starts_on, @as_of) + 1 AS days_elapsed,
    DATE_DIFF('day', COALESCE(a.known_until, CAST(@as_of + INTERVAL 1 DAY AS DATE)), a.ends_on) AS days_left,
    DATE_DIFF('day', a.starts_on, a.ends_on) AS days_whole
  FROM allowances AS a
  INNER JOIN positions AS p
    ON p.account_id = a.account_id AND p.business_unit = a.business_unit AND p.product_id = a.product_id
  LEFT JOIN latest AS w
    ON w.account_id = a.account_id AND w.business_unit = a.business_unit AND w.product_id = a.product_id
    AND w.metric = a.metric
  LEFT JOIN earlier AS v
    ON v.account_id = a.account_id AND v.business_unit = a.business_unit AND v.product_id = a.product_id
    AND v.metric = a.metric AND v.recency = 1
  LEFT JOIN earlier AS b
    ON b.account_id = a.account_id AND b.business_unit = a.business_unit AND b.product_id = a.product_id
    AND b.metric = a.metric AND b.recency = 2
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
  days_whole,
  CASE WHEN kind = 'commitment' THEN used_to_date ELSE latest END AS used,
  CASE
    WHEN kind = 'commitment' THEN used_to_date * days + total * days_left
    WHEN 2 * latest < before_that THEN 0
    ELSE 2 * latest - before_that
  END AS ahead_numerator,
  CASE WHEN kind = 'commitment' THEN days ELSE 1 END AS ahead_denominator,
  CASE
    WHEN kind = 'commitment' AND used_to_date >= amount THEN 0
    WHEN kind = 'commitment' AND total > 0 THEN (amount - used_to_date) * days // total
    WHEN kind = 'limit' AND latest >= amount THEN 0
    WHEN kind = 'limit' AND latest > before_that THEN (amount - latest) * 60 // (latest - before_that)
  END AS days_to_allowance,
  used_to_date * days_whole // days_elapsed AS used_at_even_pace
FROM shares
