/*---
meaning: >
  List price per month of each plan at the end of each month (of one unit, or of a flat plan), in the reporting
  currency, by the currency it is listed in ('' where that is worth exactly the reporting currency).
---*/
WITH listed AS (
  SELECT
    v.plan_id,
    CASE WHEN r.rate = 1 THEN '' ELSE v.currency END AS currency,
    m.months_ago,
    CAST(FLOOR(CAST(v.list_price AS DECIMAL(18, 0)) * r.rate + 0.5) AS BIGINT) AS list_price,
    ROW_NUMBER() OVER (
      PARTITION BY v.plan_id, CASE WHEN r.rate = 1 THEN '' ELSE v.currency END, m.months_ago
      ORDER BY v.valid_from DESC NULLS LAST, v.currency
    ) AS place
  FROM plan_prices AS v
  INNER JOIN constant_rates AS r ON r.currency = v.currency
  INNER JOIN months AS m ON v.valid_from IS NULL OR v.valid_from < m.month_end
)
SELECT plan_id, currency, months_ago, list_price
FROM listed
WHERE place = 1
