/*---
meaning: >
  Use of each metric in the latest 30 days (recency 0) and the windows before, over 16 months. total is what a window's
  rows add up to and days how many days they cover; use is a month's worth - a whole month as it is, anything finer
  scaled to 30 days; peak is the highest value. Values are integer ten-thousandths, so that quotients are exact.
  steady_total, steady_use and steady_peak are the same with one-off loads set aside.
notes: >
  Daily rows cover the days that the feed has reached; a day without a row had no use. Coarser rows cover their own
  days. A window of which fewer than 20 days are covered is unknown. Use measured by unit belongs to the whole account
  where the product is owned by the whole account. A one-off load is a window with more than twice the use a day of each
  of its neighbours, or for the latest window of the one before it - one month alone is no trend; it counts as the
  higher of its neighbours. A first window has no earlier neighbour, and is never set aside.
---*/
WITH units AS (
  SELECT DISTINCT account_id, business_unit, product_id
  FROM usage
  WHERE period_end > @days_before(515) AND business_unit <> ''
), moved AS (
  -- Units whose use counts for the whole account, which owns what they do not.
  SELECT u.account_id, u.business_unit, u.product_id
  FROM units AS u
  LEFT JOIN positions AS o
    ON o.account_id = u.account_id AND o.business_unit = u.business_unit AND o.product_id = u.product_id
  INNER JOIN positions AS w
    ON w.account_id = u.account_id AND w.business_unit = '' AND w.product_id = u.product_id
  WHERE o.product_id IS NULL
), gathered AS (
  SELECT DISTINCT account_id, product_id
  FROM moved
), alone AS (
  -- What one unit uses is a period of its own, row by row.
  SELECT
    u.account_id,
    u.business_unit,
    u.product_id,
    u.metric,
    CAST(u.value * 10000 AS BIGINT) AS value,
    DATE_DIFF('day', u.period_start, u.period_end) AS days,
    u.period_end,
    m.months_ago IS NOT NULL AS is_month,
    COALESCE(m.months_ago, DATE_DIFF('day', CAST(u.period_end - INTERVAL 1 DAY AS DATE), @as_of) // 30) AS recency
  FROM usage AS u
  LEFT JOIN months AS m ON m.month_start = u.period_start AND m.month_end = u.period_end
  LEFT JOIN gathered AS g ON g.account_id = u.account_id AND g.product_id = u.product_id
  WHERE u.period_end > @days_before(515) AND g.product_id IS NULL
), parts AS (
  SELECT
    u.account_id,
    CASE WHEN v.product_id IS NULL THEN u.business_unit ELSE '' END AS business_unit,
    u.product_id,
    u.metric,
    CAST(u.value * 10000 AS BIGINT) AS value,
    DATE_DIFF('day', u.period_start, u.period_end) AS days,
    u.period_start,
    u.period_end,
    m.months_ago IS NOT NULL AS is_month,
    COALESCE(m.months_ago, DATE_DIFF('day', CAST(u.period_end - INTERVAL 1 DAY AS DATE), @as_of) // 30) AS recency
  FROM usage AS u
  INNER JOIN gathered AS g ON g.account_id = u.account_id AND g.product_id = u.product_id
  LEFT JOIN months AS m ON m.month_start = u.period_start AND m.month_end = u.period_end
  LEFT JOIN moved AS v
    ON v.account_id = u.account_id AND v.business_unit = u.business_unit AND v.product_id = u.product_id
  WHERE u.period_end > @days_before(515)
), periods AS (
  SELECT account_id, business_unit, product_id, metric, recency, days, period_end, is_month, value
  FROM alone
  WHERE recency >= 0 AND recency <= 15
  UNION ALL
  SELECT
    account_id,
    business_unit,
    product_id,
    metric,
    recency,
    MAX(days) AS days,
    MAX(period_end) AS period_end,
    BOOL_AND(is_month) AS is_month,
    CAST(SUM(value) AS BIGINT) AS value
  FROM parts
  WHERE recency >= 0 AND recency <= 15
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
), measured AS (
  SELECT
    w.*,
    COALESCE(k.aggregation, 'sum') = 'peak' AS by_peak,
    LAG(w.recency) OVER (PARTITION BY w.account_id, w.business_unit, w.product_id, w.metric ORDER BY w.recency)
      AS later_recency,
    LAG(w.total) OVER (PARTITION BY w.account_id, w.business_unit, w.product_id, w.metric ORDER BY w.recency)
      AS later_total,
    LAG(w.days) OVER (PARTITION BY w.account_id, w.business_unit, w.product_id, w.metric ORDER BY w.recency)
      AS later_days,
    LAG(w.peak) OVER (PARTITION BY w.account_id, w.business_unit, w.product_id, w.metric ORDER BY w.recency)
      AS later_peak,
    LEAD(w.recency) OVER (PARTITION BY w.account_id, w.business_unit, w.product_id, w.metric ORDER BY w.recency)
      AS earlier_recency,
    LEAD(w.total) OVER (PARTITION BY w.account_id, w.business_unit, w.product_id, w.metric ORDER BY w.recency)
      AS earlier_total,
    LEAD(w.days) OVER (PARTITION BY w.account_id, w.business_unit, w.product_id, w.metric ORDER BY w.recency)
      AS earlier_days,
    LEAD(w.peak) OVER (PARTITION BY w.account_id, w.business_unit, w.product_id, w.metric ORDER BY w.recency)
      AS earlier_peak
  FROM windows AS w
  LEFT JOIN metrics AS k ON k.metric = w.metric
  WHERE w.days >= 20
), neighboured AS (
  SELECT
    m.*,
    -- The neighbours on as many days as the window itself.
    CASE
      WHEN earlier_recency <> recency + 1 OR earlier_recency IS NULL THEN NULL
      WHEN recency = 0 THEN CASE WHEN earlier_total > 0 THEN earlier_total * days // earlier_days END
      WHEN later_recency <> recency - 1 OR later_recency IS NULL THEN NULL
      WHEN later_total * earlier_days > earlier_total * later_days THEN later_total * days // later_days
      ELSE earlier_total * days // earlier_days
    END AS near_total,
    CASE
      WHEN earlier_recency <> recency + 1 OR earlier_recency IS NULL THEN NULL
      WHEN recency = 0 THEN CASE WHEN earlier_peak > 0 THEN earlier_peak END
      WHEN later_recency <> recency - 1 OR later_recency IS NULL THEN NULL
      WHEN later_peak > earlier_peak THEN later_peak
      ELSE earlier_peak
    END AS near_peak
  FROM measured AS m
), steadied AS (
  SELECT
    n.*,
    CASE WHEN total > 2 * near_total THEN near_total ELSE total END AS steady_total,
    CASE WHEN peak > 2 * near_peak THEN near_peak ELSE peak END AS steady_peak
  FROM neighboured AS n
)
SELECT
  account_id,
  business_unit,
  product_id,
  metric,
  recency,
  total,
  days,
  peak,
  period_end,
  CASE WHEN by_peak THEN peak WHEN is_month THEN total ELSE total * 30 // days END AS use,
  steady_total,
  steady_peak,
  CASE WHEN by_peak THEN steady_peak WHEN is_month THEN steady_total ELSE steady_total * 30 // days END AS steady_use
FROM steadied
