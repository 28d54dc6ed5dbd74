/*---
meaning: >
  What each owned product allows of each metric: the plan's limit, or the commitment in force where there is one. The
  user limit is not here: people are seats. Amounts are integer ten-thousandths.
notes: >
  All products named for a commitment draw on it. A period that straddles the commitment's start counts by its days.
---*/
WITH limits AS (
  SELECT plan_id, metric, CAST(amount * 10000 AS BIGINT) AS amount, per_unit, period
  FROM (
    SELECT
      plan_id,
      metric,
      amount,
      per_unit,
      period,
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
), draws AS (
  SELECT account_id, business_unit, product_id, metric, product_id AS drawing_product_id
  FROM committed
  UNION
  SELECT c.account_id, c.business_unit, c.product_id, c.metric, d.product_id AS drawing_product_id
  FROM commitments AS c
  INNER JOIN commitment_products AS d ON d.commitment_id = c.commitment_id
  WHERE c.starts_on <= @as_of AND c.ends_on > @as_of
), drawn AS (
  SELECT
    c.account_id,
    c.business_unit,
    c.product_id,
    c.metric,
    CAST(u.value * 10000 AS BIGINT) AS value,
    DATE_DIFF('day', u.period_start, u.period_end) AS days,
    DATE_DIFF('day', CASE WHEN u.period_start < c.starts_on THEN c.starts_on ELSE u.period_start END, u.period_end)
      AS days_inside,
    u.period_end
  FROM committed AS c
  INNER JOIN draws AS d
    ON d.account_id = c.account_id AND d.business_unit = c.business_unit AND d.product_id = c.product_id
    AND d.metric = c.metric
  INNER JOIN usage AS u
    ON u.account_id = c.account_id AND u.product_id = d.drawing_product_id AND u.metric = c.metric
    AND (u.business_unit = c.business_unit OR c.business_unit = '') AND u.period_end > c.starts_on
), used AS (
  SELECT
    account_id,
    business_unit,
    product_id,
    metric,
    CAST(SUM(value * days_inside // days) AS BIGINT) AS used_to_date,
    MAX(period_end) AS known_until
  FROM drawn
  GROUP BY account_id, business_unit, product_id, metric
), by_plan AS (
  SELECT
    p.account_id,
    p.business_unit,
    p.product_id,
    l.metric,
    l.period,
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
  FALSE AS is_level,
  c.amount,
  c.starts_on,
  c.ends_on,
  u.used_to_date,
  u.known_until
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
  b.period = 'level' AS is_level,
  b.amount,
  CAST(NULL AS DATE) AS starts_on,
  CAST(NULL AS DATE) AS ends_on,
  CAST(NULL AS BIGINT) AS used_to_date,
  CAST(NULL AS DATE) AS known_until
FROM by_plan AS b
LEFT JOIN committed AS c
  ON c.account_id = b.account_id AND c.business_unit = b.business_unit AND c.product_id = b.product_id
  AND c.metric = b.metric
WHERE c.account_id IS NULL
