/*---
meaning: >
  People of each account on all products with seats together - active and entitled in the latest period, and active now
  against the average of up to three months before.
---*/
WITH used AS (
  SELECT
    account_id,
    SUM(CASE WHEN seats > 0 THEN active END) AS active,
    SUM(CASE WHEN active IS NOT NULL THEN seats END) AS seats
  FROM seat_periods
  WHERE recency = 0 AND place = 1
  GROUP BY account_id
), by_product AS (
  SELECT
    account_id,
    business_unit,
    product_id,
    MAX(CASE WHEN recency = 0 AND place = 1 THEN active END) AS now_active,
    SUM(CASE WHEN recency >= 1 AND recency <= 3 THEN active END) AS before_sum,
    COUNT(CASE WHEN recency >= 1 AND recency <= 3 THEN active END) AS before_count
  FROM people_counts
  GROUP BY account_id, business_unit, product_id
), trend AS (
  SELECT
    account_id,
    SUM(now_active * 27720) AS now_people,
    -- 27720 is divisible by every number up to 12: the averages of up to 12 periods add up exactly.
    SUM(before_sum * 27720 // before_count) AS before_people
  FROM by_product
  WHERE now_active IS NOT NULL AND before_count > 0
  GROUP BY account_id
)
SELECT
  a.account_id,
  CAST(u.active AS DOUBLE) / NULLIF(CAST(u.seats AS DOUBLE), 0) AS adoption,
  CAST(t.now_people - t.before_people AS DOUBLE) / NULLIF(CAST(t.before_people AS DOUBLE), 0) AS change
FROM accounts AS a
LEFT JOIN used AS u ON u.account_id = a.account_id
LEFT JOIN trend AS t ON t.account_id = a.account_id
