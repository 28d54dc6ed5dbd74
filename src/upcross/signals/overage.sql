/*---
scope: meter
needs: [usage]
signals:
  overage_months_180d:
    unit: count
    label: "months beyond the allowance, last 6"
    window: 180
    meaning: In how many of the last 6 months (or 30-day windows) use went beyond today's allowance.
    unknown_when: use of one of these months since the product is owned is unknown, and none is known to be beyond
  overage_months_365d:
    unit: count
    label: "months beyond the allowance, last 12"
    window: 365
    meaning: In how many of the last 12 months (or 30-day windows) use went beyond today's allowance.
    unknown_when: use of one of these months since the product is owned is unknown, and none is known to be beyond
  overage_30d:
    unit: amount
    label: "used beyond the allowance, last 30 days"
    window: 30
    meaning: Use beyond the allowance in the latest 30 days (or whole month).
    unknown_when: use of the latest 30 days or the allowance is unknown
  overage_cost_90d:
    unit: money
    label: "cost of overage a month, last 90 days"
    window: 90
    needs: [usage, plan_limits, commitments]
    meaning: >
      What use beyond the allowance cost a month, on average of the last 3 months - computed from use, today's allowance
      and the price beyond it, not read from invoices, so what was waived or billed otherwise is not seen.
    unknown_when: the price of use beyond the allowance is not stated, or use of one of the 3 months is unknown
---*/
SELECT
  account_id,
  business_unit,
  product_id,
  metric,
  CASE
    WHEN SUM(CASE WHEN recency <= 5 AND over_use > 0 THEN 1 ELSE 0 END) > 0
      OR COUNT(CASE WHEN recency <= 5 THEN 1 END) >= 6
      OR COUNT(CASE WHEN recency <= 5 THEN 1 END) >= MAX(days_owned) // 30
      THEN SUM(CASE WHEN recency <= 5 AND over_use > 0 THEN 1 ELSE 0 END)
  END AS overage_months_180d,
  CASE
    WHEN SUM(CASE WHEN over_use > 0 THEN 1 ELSE 0 END) > 0 OR COUNT(*) >= 12 OR COUNT(*) >= MAX(days_owned) // 30
      THEN SUM(CASE WHEN over_use > 0 THEN 1 ELSE 0 END)
  END AS overage_months_365d,
  CAST(MAX(CASE WHEN recency = 0 THEN over_use END) AS DECIMAL(18, 0)) * 0.0001 AS overage_30d,
  CASE WHEN COUNT(CASE WHEN recency <= 2 THEN cost END) = 3
    THEN CAST(SUM(CASE WHEN recency <= 2 THEN cost END) AS BIGINT) // 3 END AS overage_cost_90d
FROM overage_windows
GROUP BY account_id, business_unit, product_id, metric
