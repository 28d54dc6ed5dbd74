/*---
meaning: >
  What each owned product allows of each metric: the plan's limit, or the commitment in force where there is one. The
  user limit is not here: people are seats.
---*/
WITH limits AS (
  SELECT plan_id, metric, CAST(amount * 10000 AS BIGINT) AS amount, per_unit
  FROM (
    SELECT
      plan_id,
      metric,
      amount,
      per_unit,
      ROW_NUMBER() OVER (PARTITION BY plan_id, metric ORDER BY valid_from DESC NULLS LAST) AS place
    FROM plan_limits
    WHERE metric <> 'users' AND (valid_from IS NULL OR valid_from <= @as_of)
  ) AS dated
  WHERE place = 1
), committed AS (
  SELECT
    account_id,
    business_unit,
    product_id,
    metric,
    MIN(starts_on) AS starts_on,
    MAX(ends_on) AS ends_on,
    CAST(SUM(amount * 10000) AS BIGINT) AS amount
  FROM commitments
  WHERE starts_on <= @as_of AND ends_on > @as_of
  GROUP BY account_id, business_unit, product_id, metric
), used AS (
  SELECT
    c.account_id,
    c.business_unit,
    c.product_id,
    c.metric,
    CAST(SUM(CAST(u.value * 10000 AS BIGINT)) AS BIGINT) AS used_to_date
  FROM committed AS c
  INNER JOIN usage AS u
    ON u.account_id = c.account_id AND u.business_unit = c.business_unit AND u.product_id = c.product_id
    AND u.metric = c.metric AND u.period_start >= c.starts_on
  GROUP BY c.account_id, c.business_unit, c.product_id, c.metric
), by_plan AS (
  SELECT
    p.account_id,
    p.business_unit,
    p.product_id,
    l.metric,
    CASE WHEN l.per_unit THEN l.amount * p.quantity ELSE l.amount END AS amount
  FROM positions AS p
  INNER JOIN limits AS l ON l.plan_id = p.plan_id
)
SELECT
  c.account_id,
  c.business_unit,
  c.product_id,
  c.metric,
  'commitment' AS kind,
  c.amount,
  c.starts_on,
  c.ends_on,
  u.used_to_date
FROM committed AS c
INNER JOIN positions AS p
  ON p.account_id = c.account_id AND p.business_unit = c.business_unit AND p.product_id = c.product_id
LEFT JOIN used AS u
  ON u.account_id = c.account_id AND u.business_unit = c.business_unit AND u.product_id = c.product_id
  AND u.metric = c.metric
UNION ALL
SELECT
  b.account_id,
  b.business_unit,
  b.product_id,
  b.metric,
  'limit' AS kind,
  b.amount,
  CAST(NULL AS DATE) AS starts_on,
  CAST(NULL AS DATE) AS ends_on,
  CAST(NULL AS BIGINT) AS used_to_date
FROM by_plan AS b
LEFT JOIN committed AS c
  ON c.account_id = b.account_id AND c.business_unit = b.business_unit AND c.product_id = b.product_id
  AND c.metric = b.metric
WHERE c.account_id IS NULL
