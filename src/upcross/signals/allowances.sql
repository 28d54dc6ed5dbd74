/*---
meaning: >
  What each owned product allows of each metric, where it is judged: the plan's limit, or the commitment in force where
  there is one, with what was left over of the one before. amount_ahead adds what is booked to come and covers today's
  use. The user limit is not here: people are seats. Amounts are integer ten-thousandths.
notes: >
  All products named for a commitment, and all who share a pool, draw on it. A period that straddles the commitment's
  start or end counts by its days. Plan limits of units that share a pool add up at the pool's row.
---*/
WITH limits AS (
  SELECT plan_id, metric, CAST(FLOOR(amount * 10000) AS BIGINT) AS amount, per_unit, period, kind, overage_price
  FROM (
    SELECT
      plan_id,
      metric,
      amount,
      per_unit,
      period,
      kind,
      overage_price,
      ROW_NUMBER() OVER (PARTITION BY plan_id, metric ORDER BY valid_from DESC NULLS LAST) AS place
    FROM plan_limits
    WHERE metric <> 'users' AND (valid_from IS NULL OR valid_from <= @as_of)
  ) AS dated
  WHERE place = 1
), named AS (
  SELECT DISTINCT c.account_id, c.product_id, c.metric, d.product_id AS drawing_product_id
  FROM commitments AS c
  INNER JOIN commitment_products AS d ON d.commitment_id = c.commitment_id
), draws AS (
  SELECT account_id, business_unit, product_id, metric, part, starts_on, ends_on, product_id AS drawing_product_id
  FROM commitment_spans
  WHERE part <> 'ahead'
  UNION
  SELECT
    s.account_id, s.business_unit, s.product_id, s.metric, s.part, s.starts_on, s.ends_on, d.drawing_product_id
  FROM commitment_spans AS s
  INNER JOIN named AS d ON d.account_id = s.account_id AND d.product_id = s.product_id AND d.metric = s.metric
  WHERE s.part <> 'ahead'
), drawers AS (
  SELECT
    d.*,
    d.account_id AS drawing_account_id,
    d.business_unit AS drawing_unit,
    d.starts_on AS draws_from,
    d.ends_on AS draws_until
  FROM draws AS d
  UNION ALL
  SELECT
    d.*,
    h.consumer_account_id AS drawing_account_id,
    h.consumer_unit AS drawing_unit,
    CASE WHEN h.valid_from > d.starts_on THEN h.valid_from ELSE d.starts_on END AS draws_from,
    CASE WHEN h.valid_until < d.ends_on THEN h.valid_until ELSE d.ends_on END AS draws_until
  FROM draws AS d
  INNER JOIN pools AS h
    ON h.holder_account_id = d.account_id AND h.holder_unit = d.business_unit AND h.metric = d.metric
    AND h.product_id = d.drawing_product_id
), drawn AS (
  SELECT DISTINCT
    d.account_id,
    d.business_unit,
    d.product_id,
    d.metric,
    d.part,
    u.account_id AS drawing_account_id,
    u.business_unit AS drawing_unit,
    u.product_id AS drawing_product_id,
    u.period_start,
    u.period_end,
    CAST(FLOOR(u.value * 10000) AS BIGINT) AS value,
    DATE_DIFF(
      'day',
      CASE WHEN u.period_start < d.draws_from THEN d.draws_from ELSE u.period_start END,
      CASE WHEN u.period_end > d.draws_until THEN d.draws_until ELSE u.period_end END
    ) AS days_inside
  FROM drawers AS d
  INNER JOIN usage AS u
    ON u.account_id = d.drawing_account_id AND u.product_id = d.drawing_product_id AND u.metric = d.metric
    AND (u.business_unit = d.drawing_unit OR d.drawing_unit = '')
    AND u.period_end > d.draws_from AND u.period_start < d.draws_until
), used AS (
  SELECT
    account_id,
    business_unit,
    product_id,
    metric,
    part,
    CAST(SUM(value * days_inside // DATE_DIFF('day', period_start, period_end)) AS BIGINT) AS used_to_date,
    MAX(period_end) AS known_until
  FROM drawn
  GROUP BY account_id, business_unit, product_id, metric, part
), homes AS (
  SELECT
    p.*,
    l.metric,
    l.period,
    l.kind,
    l.overage_price,
    CASE WHEN l.per_unit THEN l.amount * p.quantity ELSE l.amount END AS amount,
    h.holder_account_id,
    COALESCE(h.holder_unit, p.business_unit) AS home_unit,
    ROW_NUMBER() OVER (
      PARTITION BY p.account_id, p.business_unit, p.product_id, l.metric
      ORDER BY h.consumer_unit DESC NULLS LAST, h.pool_id
    ) AS pick
  FROM positions AS p
  INNER JOIN limits AS l ON l.plan_id = p.plan_id
  LEFT JOIN pools AS h
    ON h.consumer_account_id = p.account_id AND (h.consumer_unit = p.business_unit OR h.consumer_unit = '')
    AND h.product_id = p.product_id AND h.metric = l.metric
    AND (h.valid_from IS NULL OR h.valid_from <= @as_of) AND (h.valid_until IS NULL OR h.valid_until > @as_of)
), by_plan AS (
  SELECT
    account_id,
    home_unit AS business_unit,
    product_id,
    metric,
    MAX(period) AS period,
    BOOL_OR(kind = 'hard') AS hard_stop,
    MAX(overage_price) AS overage_price,
    CAST(SUM(amount) AS BIGINT) AS amount
  FROM homes
  WHERE pick = 1 AND (holder_account_id IS NULL OR holder_account_id = account_id)
  GROUP BY account_id, home_unit, product_id, metric
)
SELECT
  c.account_id,
  c.business_unit,
  c.product_id,
  c.metric,
  'commitment' AS kind,
  FALSE AS is_level,
  c.amount + CASE WHEN b.amount > e.used_to_date THEN b.amount - e.used_to_date ELSE 0 END AS amount,
  CASE WHEN b.amount > e.used_to_date THEN b.amount - e.used_to_date ELSE 0 END AS amount_rolled_over,
  COALESCE(a.amount_overlapping, 0) AS amount_overlapping,
  COALESCE(a.amount - a.amount_overlapping, 0) AS amount_next,
  DATE_DIFF('day', CASE WHEN a.starts_on > c.ends_on THEN a.starts_on ELSE c.ends_on END, a.ends_on) AS days_next,
  c.hard_stop,
  NOT c.unlimited AS binding,
  CASE WHEN c.terms_known = 1 THEN c.terms END AS terms,
  c.overage_price,
  c.starts_on,
  c.ends_on,
  u.used_to_date,
  u.known_until
FROM commitment_spans AS c
INNER JOIN positions AS p
  ON p.account_id = c.account_id AND p.business_unit = c.business_unit AND p.product_id = c.product_id
LEFT JOIN commitment_spans AS b
  ON b.account_id = c.account_id AND b.business_unit = c.business_unit AND b.product_id = c.product_id
  AND b.metric = c.metric AND b.part = 'before'
LEFT JOIN commitment_spans AS a
  ON a.account_id = c.account_id AND a.business_unit = c.business_unit AND a.product_id = c.product_id
  AND a.metric = c.metric AND a.part = 'ahead'
LEFT JOIN used AS u
  ON u.account_id = c.account_id AND u.business_unit = c.business_unit AND u.product_id = c.product_id
  AND u.metric = c.metric AND u.part = 'now'
LEFT JOIN used AS e
  ON e.account_id = c.account_id AND e.business_unit = c.business_unit AND e.product_id = c.product_id
  AND e.metric = c.metric AND e.part = 'before'
WHERE c.part = 'now'
UNION ALL
SELECT
  b.account_id,
  b.business_unit,
  b.product_id,
  b.metric,
  'limit' AS kind,
  b.period = 'level' AS is_level,
  b.amount,
  CAST(0 AS BIGINT) AS amount_rolled_over,
  CAST(0 AS BIGINT) AS amount_overlapping,
  CAST(0 AS BIGINT) AS amount_next,
  CAST(NULL AS BIGINT) AS days_next,
  b.hard_stop,
  TRUE AS binding,
  CAST(NULL AS VARCHAR) AS terms,
  b.overage_price,
  CAST(NULL AS DATE) AS starts_on,
  CAST(NULL AS DATE) AS ends_on,
  CAST(NULL AS BIGINT) AS used_to_date,
  CAST(NULL AS DATE) AS known_until
FROM by_plan AS b
LEFT JOIN commitment_spans AS c
  ON c.account_id = b.account_id AND c.business_unit = b.business_unit AND c.product_id = b.product_id
  AND c.metric = b.metric AND c.part = 'now'
WHERE c.account_id IS NULL
