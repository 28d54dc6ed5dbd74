/*---
scope: subscription
needs: [subscriptions, pricing_plans, plan_limits]
signals:
  plan_limit_used:
    unit: ratio
    label: "share of the plan's tightest limit in use"
    window: 30
    meaning: >
      The highest share in use of any limit that the plan sets - its user limit (lowest share of the last 30 days) or
      a metered limit (the latest 30 days).
    unknown_when: nothing is known of the use of any limit that the plan sets (zero where it sets none)
  plan_limit_used_ahead:
    unit: ratio
    label: "share of the plan's tightest limit in 60 days"
    window: 90
    meaning: >
      The highest share of any limit of the plan that will be in use in 60 days at the trend of the last 90 - people for
      its user limit, use for a metered one.
    unknown_when: the trend of no limit that the plan sets is known (zero where it sets none)
---*/
WITH some_limits AS (
  SELECT COUNT(*) AS limits
  FROM plan_limits
), shares AS (
  SELECT
    p.account_id,
    p.business_unit,
    p.product_id,
    s.seat_utilization_min_30d AS share,
    CAST(3 * s.seats_active + 2 * s.seats_growth_90d AS DOUBLE) / NULLIF(CAST(3 * e.seats_purchased AS DOUBLE), 0)
      AS share_ahead
  FROM positions AS p
  INNER JOIN seat_use AS s
    ON s.account_id = p.account_id AND s.business_unit = p.business_unit AND s.product_id = p.product_id
  LEFT JOIN seat_potential AS e
    ON e.account_id = p.account_id AND e.business_unit = p.business_unit AND e.product_id = p.product_id
  WHERE p.charge = 'flat'
  UNION ALL
  SELECT
    p.account_id,
    p.business_unit,
    p.product_id,
    CAST(s.seats_active AS DOUBLE) / CAST(u.amount AS DOUBLE) AS share,
    CAST(3 * s.seats_active + 2 * s.seats_growth_90d AS DOUBLE) / CAST(3 * u.amount AS DOUBLE) AS share_ahead
  FROM positions AS p
  INNER JOIN plan_limits AS u
    ON u.plan_id = p.plan_id AND u.metric = 'users' AND NOT u.per_unit AND u.amount > 0
    AND (u.valid_from IS NULL OR u.valid_from <= @as_of)
  INNER JOIN seat_use AS s
    ON s.account_id = p.account_id AND s.business_unit = p.business_unit AND s.product_id = p.product_id
  WHERE p.charge = 'per_unit'
  UNION ALL
  SELECT
    p.account_id,
    p.business_unit,
    p.product_id,
    CAST(0 AS DOUBLE) AS share,
    CAST(0 AS DOUBLE) AS share_ahead
  FROM positions AS p
  INNER JOIN some_limits AS n ON n.limits > 0
  LEFT JOIN plan_limits AS u ON u.plan_id = p.plan_id
  WHERE p.charge IS NOT NULL AND u.plan_id IS NULL
  UNION ALL
  SELECT
    account_id,
    business_unit,
    product_id,
    CAST(used AS DOUBLE) / NULLIF(CAST(amount AS DOUBLE), 0) AS share,
    CAST(ahead_numerator AS DOUBLE) / NULLIF(CAST(amount * ahead_denominator AS DOUBLE), 0) AS share_ahead
  FROM meter_use
  WHERE kind = 'limit'
)
SELECT
  account_id,
  business_unit,
  product_id,
  MAX(share) AS plan_limit_used,
  MAX(share_ahead) AS plan_limit_used_ahead
FROM shares
GROUP BY account_id, business_unit, product_id
