/*---
scope: subscription
needs: [usage, metrics]
notes: >
  Working days are Monday to Friday; only days count on which the feed has a row of the product from anybody. From
  people counted by the day, stickiness is the average number on a working day ÷ the number on the busiest day; from core
  use measured by the day, the share of working days with use. Weekly and monthly feeds cannot tell.
signals:
  breadth_30d:
    unit: ratio
    label: "share of the product's functions in use"
    window: 30
    meaning: Share of the metrics of use that anybody has on the product of which this account had use in the latest 30 days.
    unknown_when: fewer than two metrics of the product are measured, or none of this account's latest 30 days
  stickiness_28d:
    unit: ratio
    label: "how regularly they use it"
    window: 28
    needs: [seats, usage]
    meaning: >
      People active on an average working day of the last 28 days, for those on the busiest day; where people are not
      counted by the day, the share of working days on which a core function was used.
    unknown_when: >
      neither people nor core use are measured by the day (a weekly or monthly feed does not tell on which days they came)
---*/
WITH functions AS (
  SELECT w.product_id, COUNT(DISTINCT w.metric) AS metrics
  FROM usage_windows AS w
  LEFT JOIN metrics AS k ON k.metric = w.metric
  WHERE w.recency <= 3 AND COALESCE(k.kind, 'use') = 'use'
  GROUP BY w.product_id
), touched AS (
  SELECT
    w.account_id,
    w.business_unit,
    w.product_id,
    COUNT(DISTINCT CASE WHEN w.total > 0 THEN w.metric END) AS metrics
  FROM usage_windows AS w
  LEFT JOIN metrics AS k ON k.metric = w.metric
  WHERE w.recency = 0 AND COALESCE(k.kind, 'use') = 'use'
  GROUP BY w.account_id, w.business_unit, w.product_id
), daily_people AS (
  SELECT account_id, business_unit, product_id, period_start AS day, SUM(active) AS active
  FROM seats
  WHERE period_start > @days_before(28) AND DATE_DIFF('day', period_start, period_end) = 1 AND active IS NOT NULL
  GROUP BY account_id, business_unit, product_id, period_start
), daily_use AS (
  SELECT u.account_id, u.business_unit, u.product_id, u.period_start AS day, MAX(u.value) AS value
  FROM usage AS u
  INNER JOIN metrics AS k ON k.metric = u.metric AND k.core
  WHERE u.period_start > @days_before(28) AND DATE_DIFF('day', u.period_start, u.period_end) = 1
  GROUP BY u.account_id, u.business_unit, u.product_id, u.period_start
), fed AS (
  SELECT product_id, COUNT(DISTINCT people_day) AS people_days, COUNT(DISTINCT use_day) AS use_days
  FROM (
    SELECT product_id, day AS people_day, CAST(NULL AS DATE) AS use_day
    FROM daily_people
    WHERE DATE_DIFF('day', DATE '1900-01-01', day) % 7 < 5
    UNION ALL
    SELECT product_id, CAST(NULL AS DATE) AS people_day, day AS use_day
    FROM daily_use
    WHERE DATE_DIFF('day', DATE '1900-01-01', day) % 7 < 5
  ) AS days
  GROUP BY product_id
), by_people AS (
  SELECT
    account_id,
    business_unit,
    product_id,
    SUM(CASE WHEN DATE_DIFF('day', DATE '1900-01-01', day) % 7 < 5 THEN active ELSE 0 END) AS people,
    MAX(active) AS busiest
  FROM daily_people
  GROUP BY account_id, business_unit, product_id
), by_use AS (
  SELECT
    account_id,
    business_unit,
    product_id,
    SUM(CASE WHEN value > 0 AND DATE_DIFF('day', DATE '1900-01-01', day) % 7 < 5 THEN 1 ELSE 0 END) AS days
  FROM daily_use
  GROUP BY account_id, business_unit, product_id
)
SELECT
  p.account_id,
  p.business_unit,
  p.product_id,
  CASE WHEN f.metrics >= 2 THEN CAST(t.metrics AS DOUBLE) / CAST(f.metrics AS DOUBLE) END AS breadth_30d,
  COALESCE(
    CAST(h.people AS DOUBLE) / NULLIF(CAST(h.busiest * d.people_days AS DOUBLE), 0),
    CAST(u.days AS DOUBLE) / NULLIF(CAST(d.use_days AS DOUBLE), 0)
  ) AS stickiness_28d
FROM positions AS p
LEFT JOIN functions AS f ON f.product_id = p.product_id
LEFT JOIN touched AS t
  ON t.account_id = p.account_id AND t.business_unit = p.business_unit AND t.product_id = p.product_id
LEFT JOIN fed AS d ON d.product_id = p.product_id
LEFT JOIN by_people AS h
  ON h.account_id = p.account_id AND h.business_unit = p.business_unit AND h.product_id = p.product_id
LEFT JOIN by_use AS u
  ON u.account_id = p.account_id AND u.business_unit = p.business_unit AND u.product_id = p.product_id
