/*---
meaning: >
  How many people each line version entitles to use its product, and with which kind of seat: the quantity on a
  per-unit plan, the plan's user limit on a flat one; null where the plan is unknown or a flat plan states no user limit.
---*/
WITH user_limits AS (
  SELECT plan_id, amount, per_unit
  FROM (
    SELECT
      plan_id,
      amount,
      per_unit,
      ROW_NUMBER() OVER (PARTITION BY plan_id ORDER BY valid_from DESC NULLS LAST) AS place
    FROM plan_limits
    WHERE metric = 'users' AND (valid_from IS NULL OR valid_from <= @as_of)
  ) AS dated
  WHERE place = 1
)
SELECT
  l.account_id,
  l.business_unit,
  l.product_id,
  l.line_id,
  l.from_on,
  l.until_on,
  COALESCE(p.seat_type, '') AS seat_type,
  p.charge,
  l.quantity,
  l.mrr,
  CASE
    WHEN p.charge = 'per_unit' THEN l.quantity
    -- Part of a person uses nothing: a limit of 2.5 people for each unit is 7 for three units, not 8.
    WHEN p.charge = 'flat' AND u.per_unit THEN CAST(FLOOR(u.amount * l.quantity) AS BIGINT)
    WHEN p.charge = 'flat' THEN CAST(FLOOR(u.amount) AS BIGINT)
  END AS seats
FROM subscription_lines AS l
LEFT JOIN pricing_plans AS p ON p.plan_id = l.plan_id
LEFT JOIN user_limits AS u ON u.plan_id = l.plan_id
WHERE l.included_in IS NULL OR p.charge IS NOT NULL
