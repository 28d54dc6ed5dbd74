/*---
meaning: List price per month of each plan in force on the as-of day, in the reporting currency (one unit, or the plan).
---*/
WITH ranked AS (
  SELECT
    v.plan_id,
    CAST(v.list_price AS DECIMAL(18, 0)) * r.rate AS exact_price,
    ROW_NUMBER() OVER (
      PARTITION BY v.plan_id
      ORDER BY CASE WHEN r.rate = 1 THEN 0 ELSE 1 END, v.valid_from DESC NULLS LAST, v.currency
    ) AS place
  FROM plan_prices AS v
  INNER JOIN constant_rates AS r ON r.currency = v.currency
  WHERE v.valid_from IS NULL OR v.valid_from <= @as_of
)
SELECT
  p.plan_id,
  p.product_id,
  p.rank,
  p.charge,
  p.billing_months,
  CAST(FLOOR(d.exact_price + 0.5) AS BIGINT) AS list_price
FROM pricing_plans AS p
LEFT JOIN ranked AS d ON d.plan_id = p.plan_id AND d.place = 1
