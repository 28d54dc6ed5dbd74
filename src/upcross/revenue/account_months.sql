/*---
meaning: >
  What each account brings at the end of each month's last day: its recurring revenue (null: unknown) and how many
  products it owns, trials apart.
---*/
SELECT
  account_id,
  month_start,
  CASE WHEN COUNT(*) = COUNT(mrr) THEN CAST(SUM(mrr) AS BIGINT) END AS mrr,
  COUNT(DISTINCT CASE WHEN owned THEN product_id END) AS products
FROM product_months
GROUP BY account_id, month_start
