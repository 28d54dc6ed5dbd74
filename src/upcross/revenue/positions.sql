/*---
meaning: >
  What an account owns of one product on the as-of day: its lines in force, added up; contiguous lines of one product
  are one position, so a renewed or re-billed line does not begin it anew, and neither does a gap of up to 7 days, as
  where end dates are written as the last day. Trials do not count as owning.
---*/
WITH spans AS (
  SELECT
    account_id,
    business_unit,
    product_id,
    from_on,
    until_on,
    MAX(COALESCE(until_on, DATE '9999-12-31')) OVER (
      PARTITION BY account_id, business_unit, product_id
      ORDER BY from_on, line_id
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS covered_until
  FROM mrr_lines
  WHERE from_on <= @as_of AND (until_on IS NULL OR until_on > from_on) AND status <> 'trial'
), started AS (
  SELECT
    account_id,
    business_unit,
    product_id,
    MAX(from_on) AS started_on
  FROM spans
  WHERE covered_until IS NULL OR DATE_DIFF('day', covered_until, from_on) > 7
  GROUP BY account_id, business_unit, product_id
), in_force AS (
  SELECT
    l.*,
    ROW_NUMBER() OVER (
      PARTITION BY l.account_id, l.business_unit, l.product_id
      ORDER BY COALESCE(l.rank, -1) DESC, l.mrr DESC NULLS LAST, l.line_id
    ) AS place
  FROM mrr_lines AS l
  WHERE l.from_on <= @as_of AND (l.until_on IS NULL OR l.until_on > @as_of)
)
SELECT
  f.account_id,
  f.business_unit,
  f.product_id,
  MIN(s.started_on) AS started_on,
  MAX(CASE WHEN f.place = 1 THEN f.plan_id END) AS plan_id,
  MAX(CASE WHEN f.place = 1 THEN f.charge END) AS charge,
  MAX(CASE WHEN f.place = 1 THEN f.rank END) AS rank,
  CAST(SUM(f.quantity) AS BIGINT) AS quantity,
  CASE WHEN COUNT(*) = COUNT(f.mrr) THEN CAST(SUM(f.mrr) AS BIGINT) END AS mrr,
  MIN(f.term_ends_on) AS term_ends_on,
  MAX(f.term_months) AS term_months,
  MIN(f.line_started_on) AS line_started_on,
  BOOL_AND(f.rolling) AS rolling,
  BOOL_OR(f.notice_on IS NOT NULL) AS notice_given,
  BOOL_AND(f.status = 'trial') AS trial,
  BOOL_AND(f.status = 'paused') AS paused
FROM in_force AS f
LEFT JOIN started AS s
  ON s.account_id = f.account_id AND s.business_unit = f.business_unit AND s.product_id = f.product_id
GROUP BY f.account_id, f.business_unit, f.product_id
