/*---
meaning: >
  Use of each metric in the latest 30 days (window 0) and the two windows before. total is what a window's rows add up
  to and days how many days they cover; use is a month's worth - a whole month as it is, anything finer scaled to 30
  days; peak is the highest value. Values are integer ten-thousandths, so that quotients are exact.
notes: >
  Daily rows cover the days that the feed has reached; a day without a row had no use. Coarser rows cover their own
  days. A window of which fewer than 20 days are covered is unknown. Use measured by unit belongs to the whole account
  where the product is owned by the whole account.
---*/
WITH aged AS (
  SELECT
    u.account_id,
    CASE WHEN o.product_id IS NULL AND w.product_id IS NOT NULL THEN '' ELSE u.business_unit END AS business_unit,
    u.product_id,
    u.metric,
    CAST(u.value * 10000 AS BIGINT) AS value,
    DATE_DIFF('day', u.period_start, u.period_end) AS days,
    u.period_start,
    u.period_end,
    m.months_ago IS NOT NULL AS is_month,
    COALESCE(m.months_ago, DATE_DIFF('day', CAST(u.period_end - INTERVAL 1 DAY AS DATE), @as_of) // 30) AS recency
  FROM usage AS u
  LEFT JOIN months AS m ON m.month_start = u.period_start AND m.month_end = u.period_end
  LEFT JOIN positions AS o
    ON o.account_id = u.account_id AND o.business_unit = u.business_unit AND o.product_id = u.product_id
  LEFT JOIN positions AS w
    ON w.account_id = u.account_id AND w.business_unit = '' AND w.product_id = u.product_id
  WHERE u.period_end > @days_before(125)
), periods AS (
  SELECT
    account_id,
    business_unit,
    product_id,
    metric,
    recency,
    period_start,
    MAX(days) AS days,
    MAX(period_end) AS period_end,
    BOOL_AND(is_month) AS is_month,
    SUM(value) AS value
  FROM aged
  WHERE recency >= 0 AND recency <= 2
  GROUP BY account_id, business_unit, product_id, metric, recency, period_start
), behind AS (
  SELECT COALESCE(MAX(days_behind), 0) AS days
  FROM feeds
  WHERE table_name = 'usage'
), windows AS (
  SELECT
    p.account_id,
    p.business_unit,
    p.product_id,
    p.metric,
    p.recency,
    CAST(SUM(p.value) AS BIGINT) AS total,
    CAST(MAX(p.value) AS BIGINT) AS peak,
    MAX(p.period_end) AS period_end,
    BOOL_AND(p.is_month) AS is_month,
    CAST(
      CASE
        WHEN MAX(p.days) > 1 THEN SUM(p.days)
        WHEN p.recency = 0 THEN 30 - MAX(b.days)
        ELSE 30
      END AS BIGINT
    ) AS days
  FROM periods AS p
  INNER JOIN behind AS b ON TRUE
  GROUP BY p.account_id, p.business_unit, p.product_id, p.metric, p.recency
)
SELECT
  w.account_id,
  w.business_unit,
  w.product_id,
  w.metric,
  w.recency,
  w.total,
  w.days,
  w.peak,
  w.period_end,
  CASE
    WHEN k.aggregation = 'peak' THEN w.peak
    WHEN w.is_month THEN w.total
    ELSE w.total * 30 // w.days
  END AS use
FROM windows AS w
LEFT JOIN metrics AS k ON k.metric = w.metric
WHERE w.days >= 20
