/*---
meaning: >
  People active on a product where they work, all kinds of seats together, one row a period; recency as in
  people_periods.
---*/
WITH together AS (
  SELECT
    account_id,
    business_unit,
    product_id,
    recency,
    last_day,
    CASE WHEN COUNT(*) = COUNT(active) THEN SUM(active) END AS active
  FROM people_periods
  GROUP BY account_id, business_unit, product_id, recency, last_day
)
SELECT
  t.*,
  ROW_NUMBER() OVER (
    PARTITION BY account_id, business_unit, product_id, recency
    ORDER BY last_day DESC
  ) AS place
FROM together AS t
