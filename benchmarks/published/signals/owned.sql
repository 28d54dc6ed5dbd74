/*---
meaning: What an account owns of one product on the as-of day - its lines in force, added up.
---*/
SELECT
  account_id,
  business_unit,
  product_id,
  CAST(SUM(mrr) AS BIGINT) AS mrr,
  CAST(SUM(quantity) AS BIGINT) AS units,
  MIN(term_ends_on) AS term_ends_on,
  MIN(starts_on) AS started_on,
  MAX(plan_id) AS plan_id
FROM subscriptions
WHERE valid_from <= @as_of AND (ends_on IS NULL OR ends_on > @as_of) AND status = 'active'
GROUP BY account_id, business_unit, product_id
