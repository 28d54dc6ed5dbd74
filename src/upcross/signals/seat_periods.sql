/*---
meaning: >
  People on a product, one row a period, beside the seats in force on the period's last day. recency 0 is the latest
  30 days, 1 to 3 the 90 days before; whole months count as 30 days.
---*/
WITH periods AS (
  SELECT
    s.account_id,
    s.business_unit,
    s.product_id,
    s.period_start,
    CAST(s.period_end - INTERVAL 1 DAY AS DATE) AS last_day,
    SUM(s.assigned) AS assigned,
    SUM(s.active) AS active
  FROM seats AS s
  WHERE s.period_end > @days_before(155)
  GROUP BY s.account_id, s.business_unit, s.product_id, s.period_start, s.period_end
), aged AS (
  SELECT
    p.*,
    COALESCE(m.months_ago, DATE_DIFF('day', p.last_day, @as_of) // 30) AS recency
  FROM periods AS p
  LEFT JOIN months AS m
    ON m.month_start = p.period_start AND m.month_end = CAST(p.last_day + INTERVAL 1 DAY AS DATE)
)
SELECT
  a.account_id,
  a.business_unit,
  a.product_id,
  a.last_day,
  a.recency,
  MAX(a.assigned) AS assigned,
  MAX(a.active) AS active,
  CASE WHEN COUNT(*) = COUNT(e.seats) THEN SUM(e.seats) END AS seats,
  ROW_NUMBER() OVER (
    PARTITION BY a.account_id, a.business_unit, a.product_id, a.recency
    ORDER BY a.last_day DESC
  ) AS place
FROM aged AS a
LEFT JOIN entitlements AS e
  ON e.account_id = a.account_id AND e.business_unit = a.business_unit AND e.product_id = a.product_id
  AND e.from_on <= a.last_day AND (e.until_on IS NULL OR e.until_on > a.last_day)
GROUP BY a.account_id, a.business_unit, a.product_id, a.last_day, a.recency
