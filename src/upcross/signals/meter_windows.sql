/*---
meaning: >
  Use of each metric where its allowance is judged, window by window over a year - the use of everybody who shares a pool at the
  pool's holder. Columns as in usage_windows.
notes: >
  Who shares the pool today shares it in every window, so that a new consumer is no growth. A window in which a
  consumer of the last four months is missing is unknown.
---*/
WITH matched AS (
  SELECT
    w.*,
    COALESCE(h.holder_account_id, w.account_id) AS home_account_id,
    COALESCE(h.holder_unit, w.business_unit) AS home_unit,
    ROW_NUMBER() OVER (
      PARTITION BY w.account_id, w.business_unit, w.product_id, w.metric, w.recency
      ORDER BY h.consumer_unit DESC NULLS LAST, h.pool_id
    ) AS pick
  FROM usage_windows AS w
  LEFT JOIN pools AS h
    ON h.consumer_account_id = w.account_id AND (h.consumer_unit = w.business_unit OR h.consumer_unit = '')
    AND h.product_id = w.product_id AND h.metric = w.metric
    AND (h.valid_from IS NULL OR h.valid_from <= @as_of) AND (h.valid_until IS NULL OR h.valid_until > @as_of)
  WHERE w.recency <= 11
), rosters AS (
  SELECT home_account_id, home_unit, product_id, metric, COUNT(*) AS consumers
  FROM (
    SELECT DISTINCT home_account_id, home_unit, product_id, metric, account_id, business_unit
    FROM matched
    WHERE pick = 1 AND recency <= 3
  ) AS consumers
  GROUP BY home_account_id, home_unit, product_id, metric
)
SELECT
  m.home_account_id AS account_id,
  m.home_unit AS business_unit,
  m.product_id,
  m.metric,
  m.recency,
  CAST(SUM(m.total) AS BIGINT) AS total,
  CAST(MAX(m.days) AS BIGINT) AS days,
  CAST(SUM(m.peak) AS BIGINT) AS peak,
  CAST(SUM(m.use) AS BIGINT) AS use,
  CAST(SUM(m.steady_total) AS BIGINT) AS steady_total,
  CAST(SUM(m.steady_peak) AS BIGINT) AS steady_peak,
  CAST(SUM(m.steady_use) AS BIGINT) AS steady_use,
  MAX(m.period_end) AS period_end
FROM matched AS m
LEFT JOIN rosters AS r
  ON r.home_account_id = m.home_account_id AND r.home_unit = m.home_unit AND r.product_id = m.product_id
  AND r.metric = m.metric
WHERE m.pick = 1
GROUP BY m.home_account_id, m.home_unit, m.product_id, m.metric, m.recency
HAVING COUNT(*) >= COALESCE(MAX(r.consumers), 1)
