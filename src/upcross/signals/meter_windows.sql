/*---
meaning: >
  Use of each metric where its allowance is judged, window by window over a year - the use of everybody who shares a pool
  at the pool's holder, and of all products that draw on a commitment in force at the commitment's. Columns as in
  usage_windows.
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
), drawing AS (
  SELECT DISTINCT s.account_id, s.business_unit, s.product_id, s.metric, d.product_id AS drawing_product_id
  FROM commitment_spans AS s
  INNER JOIN commitments AS c
    ON c.account_id = s.account_id AND c.product_id = s.product_id AND c.metric = s.metric
    AND c.starts_on <= @as_of AND c.ends_on > @as_of
  INNER JOIN commitment_products AS d ON d.commitment_id = c.commitment_id AND d.product_id <> s.product_id
  WHERE s.part = 'now'
), used AS (
  SELECT
    m.account_id,
    m.business_unit,
    m.home_account_id,
    m.home_unit,
    m.product_id AS home_product_id,
    m.metric,
    m.recency,
    m.total,
    m.days,
    m.peak,
    m.use,
    m.steady_total,
    m.steady_peak,
    m.steady_use,
    m.period_end,
    TRUE AS own
  FROM matched AS m
  WHERE m.pick = 1
  UNION ALL
  SELECT
    m.account_id,
    m.business_unit,
    d.account_id AS home_account_id,
    d.business_unit AS home_unit,
    d.product_id AS home_product_id,
    m.metric,
    m.recency,
    m.total,
    m.days,
    m.peak,
    m.use,
    m.steady_total,
    m.steady_peak,
    m.steady_use,
    m.period_end,
    FALSE AS own
  FROM matched AS m
  INNER JOIN drawing AS d
    ON d.account_id = m.home_account_id AND (d.business_unit = m.home_unit OR d.business_unit = '')
    AND d.drawing_product_id = m.product_id AND d.metric = m.metric
  WHERE m.pick = 1
), complete AS (
  SELECT COUNT(*) AS tables
  FROM complete_tables
  WHERE table_name = 'usage'
), rosters AS (
  SELECT home_account_id, home_unit, home_product_id, metric, COUNT(*) AS consumers
  FROM (
    SELECT DISTINCT home_account_id, home_unit, home_product_id, metric, account_id, business_unit
    FROM used
    WHERE own AND recency <= 3
  ) AS consumers
  GROUP BY home_account_id, home_unit, home_product_id, metric
)
SELECT
  m.home_account_id AS account_id,
  m.home_unit AS business_unit,
  m.home_product_id AS product_id,
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
FROM used AS m
INNER JOIN complete AS c ON TRUE
LEFT JOIN rosters AS r
  ON r.home_account_id = m.home_account_id AND r.home_unit = m.home_unit
  AND r.home_product_id = m.home_product_id AND r.metric = m.metric
GROUP BY m.home_account_id, m.home_unit, m.home_product_id, m.metric, m.recency
-- Another product's use alone tells the whole only where the product's own missing row is a true zero.
HAVING COUNT(CASE WHEN m.own THEN 1 END) >= COALESCE(MAX(r.consumers), 0)
  OR (MAX(c.tables) > 0 AND COUNT(*) > COUNT(CASE WHEN m.own THEN 1 END))
