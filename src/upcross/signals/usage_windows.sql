/*---
meaning: >
  Use of each metric in the latest 30 days and the two before: sums, or peaks where the metric is a peak. Whole months
  count as 30 days; null where a window has no row. Values are integer ten-thousandths, so that quotients are exact.
---*/
WITH aged AS (
  SELECT
    u.account_id,
    u.business_unit,
    u.product_id,
    u.metric,
    CAST(u.value * 10000 AS BIGINT) AS value,
    COALESCE(m.months_ago, DATE_DIFF('day', CAST(u.period_end - INTERVAL 1 DAY AS DATE), @as_of) // 30) AS recency
  FROM usage AS u
  LEFT JOIN months AS m ON m.month_start = u.period_start AND m.month_end = u.period_end
  WHERE u.period_end > @days_before(125)
)
SELECT
  a.account_id,
  a.business_unit,
  a.product_id,
  a.metric,
  CAST(CASE WHEN MAX(k.aggregation) = 'peak' THEN MAX(CASE WHEN a.recency = 0 THEN a.value END)
    ELSE SUM(CASE WHEN a.recency = 0 THEN a.value END) END AS BIGINT) AS latest,
  CAST(CASE WHEN MAX(k.aggregation) = 'peak' THEN MAX(CASE WHEN a.recency = 1 THEN a.value END)
    ELSE SUM(CASE WHEN a.recency = 1 THEN a.value END) END AS BIGINT) AS previous,
  CAST(CASE WHEN MAX(k.aggregation) = 'peak' THEN MAX(CASE WHEN a.recency = 2 THEN a.value END)
    ELSE SUM(CASE WHEN a.recency = 2 THEN a.value END) END AS BIGINT) AS before_that
FROM aged AS a
LEFT JOIN metrics AS k ON k.metric = a.metric
WHERE a.recency >= 0 AND a.recency <= 2
GROUP BY a.account_id, a.business_unit, a.product_id, a.metric
