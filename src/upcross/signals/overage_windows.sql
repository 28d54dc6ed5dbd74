/*---
meaning: >
  Use beyond the allowance, one row a meter and window of the last year since the product is owned; over in integer
  ten-thousandths of the metric, cost in those of the reporting currency, null where the price beyond is not known.
notes: >
  A limit is today's - use beyond the limit of an earlier plan is history. What a commitment is exceeded by is counted
  back from today, window by window. A window within 30 days of the beginning is left out.
---*/
WITH windows AS (
  SELECT
    a.account_id,
    a.business_unit,
    a.product_id,
    a.metric,
    a.kind,
    a.amount,
    a.used_to_date,
    a.overage_price,
    w.recency,
    w.total,
    CASE WHEN a.is_level THEN w.peak ELSE w.use END AS use,
    COALESCE(SUM(w.total) OVER (
      PARTITION BY w.account_id, w.business_unit, w.product_id, w.metric
      ORDER BY w.recency
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ), 0) AS later,
    DATE_DIFF('day', p.started_on, @as_of) AS days_owned
  FROM allowances AS a
  INNER JOIN positions AS p
    ON p.account_id = a.account_id AND p.business_unit = a.business_unit AND p.product_id = a.product_id
  INNER JOIN meter_windows AS w
    ON w.account_id = a.account_id AND w.business_unit = a.business_unit AND w.product_id = a.product_id
    AND w.metric = a.metric
  WHERE w.recency <= 11 AND a.binding
), exceeded AS (
  SELECT
    w.*,
    CAST(CASE
      WHEN kind = 'limit' AND use > amount THEN use - amount
      WHEN kind = 'limit' THEN 0
      WHEN used_to_date - amount - later <= 0 THEN 0
      WHEN used_to_date - amount - later > total THEN total
      ELSE used_to_date - amount - later
    END AS BIGINT) AS over_use
  FROM windows AS w
  WHERE recency * 30 + 30 <= days_owned
)
SELECT
  account_id,
  business_unit,
  product_id,
  metric,
  kind,
  recency,
  days_owned,
  use,
  over_use,
  -- Whole units first, so that neither large use nor a small price overflows or is lost.
  over_use // 10000 * overage_price + over_use % 10000 * overage_price // 10000 AS cost
FROM exceeded
