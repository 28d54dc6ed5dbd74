/*---
scope: subscription
needs: [usage, subscriptions]
signals:
  use_30d:
    unit: amount
    window: 30
    meaning: Everything used in the last 30 days, added up.
    unknown_when: no use of the last 90 days is listed
  use_change_30d:
    unit: ratio
    window: 90
    meaning: Use a day of the last 30 days against the 60 days before.
    unknown_when: either is not listed
  use_slope_90d:
    unit: ratio
    window: 90
    meaning: The straight line through the days' use, as a share of the mean day per day.
    unknown_when: fewer than two days are listed, or nothing was used
  days_used_30d:
    unit: count
    window: 30
    meaning: Days of the last 30 with any use.
    unknown_when: no use of the last 90 days is listed
  allowance_used:
    unit: ratio
    window: 30
    meaning: Use of the last 30 days, for each unit that the plan allows a month.
    unknown_when: the plan allows no amount of what is measured, or no use is listed
---*/
WITH summed AS (
  SELECT
    account_id,
    business_unit,
    product_id,
    metric,
    SUM(value) AS total,
    COUNT(*) AS days,
    SUM(CASE WHEN period_start > @days_before(30) THEN value ELSE 0 END) AS total_now,
    COUNT(CASE WHEN period_start > @days_before(30) THEN 1 END) AS days_now,
    COUNT(CASE WHEN period_start > @days_before(30) AND value > 0 THEN 1 END) AS days_used,
    SUM(DATE_DIFF('day', @days_before(90), period_start)) AS sx,
    SUM(DATE_DIFF('day', @days_before(90), period_start) * DATE_DIFF('day', @days_before(90), period_start)) AS sxx,
    SUM(DATE_DIFF('day', @days_before(90), period_start) * value) AS sxy
  FROM usage
  WHERE period_start > @days_before(90)
  GROUP BY account_id, business_unit, product_id, metric
)
SELECT
  o.account_id,
  o.business_unit,
  o.product_id,
  s.total_now AS use_30d,
  CAST(s.total_now * (s.days - s.days_now) - (s.total - s.total_now) * s.days_now AS DOUBLE)
    / NULLIF(CAST((s.total - s.total_now) * s.days_now AS DOUBLE), 0) AS use_change_30d,
  CAST(s.days * (s.days * s.sxy - s.sx * s.total) AS DOUBLE)
    / NULLIF(CAST((s.days * s.sxx - s.sx * s.sx) * s.total AS DOUBLE), 0) AS use_slope_90d,
  s.days_used AS days_used_30d,
  CAST(s.total_now AS DOUBLE) / NULLIF(CAST(l.amount AS DOUBLE), 0) AS allowance_used
FROM owned AS o
INNER JOIN summed AS s
  ON s.account_id = o.account_id AND s.business_unit = o.business_unit AND s.product_id = o.product_id
LEFT JOIN plan_limits AS l ON l.plan_id = o.plan_id AND l.metric = s.metric
