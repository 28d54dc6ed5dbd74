/*---
meaning: >
  People on a product, one row a kind of seat and period, where they work. recency 0 is the latest 30 days, 1 the 30
  days before, and so on over 16 months; whole months count as 30 days.
notes: >
  Periods shorter than a week are taken by weeks, counted back from the as-of day, with the highest number of people: a
  quiet Sunday is no drop. Seats counted by unit belong to the whole account where the product is owned by the whole
  account.
---*/
WITH owners AS (
  SELECT DISTINCT account_id, business_unit, product_id
  FROM entitlements
), periods AS (
  SELECT
    s.account_id,
    CASE WHEN o.product_id IS NULL AND w.product_id IS NOT NULL THEN '' ELSE s.business_unit END AS business_unit,
    s.product_id,
    s.seat_type,
    s.period_start,
    CAST(s.period_end - INTERVAL 1 DAY AS DATE) AS last_day,
    DATE_DIFF('day', s.period_start, s.period_end) AS days,
    SUM(s.assigned) AS assigned,
    SUM(s.active) AS active
  FROM seats AS s
  LEFT JOIN owners AS o
    ON o.account_id = s.account_id AND o.business_unit = s.business_unit AND o.product_id = s.product_id
  LEFT JOIN owners AS w
    ON w.account_id = s.account_id AND w.business_unit = '' AND w.product_id = s.product_id
  WHERE s.period_end > @days_before(515)
  GROUP BY
    s.account_id,
    CASE WHEN o.product_id IS NULL AND w.product_id IS NOT NULL THEN '' ELSE s.business_unit END,
    s.product_id,
    s.seat_type,
    s.period_start,
    s.period_end
), placed AS (
  SELECT
    p.*,
    CASE
      WHEN p.days < 7 THEN DATE_DIFF('day', p.last_day, @as_of) // 7 * 7 // 30
      ELSE COALESCE(m.months_ago, DATE_DIFF('day', p.last_day, @as_of) // 30)
    END AS recency,
    -- Weeks of short periods are numbered below zero, so that they never meet a longer period's own day.
    CASE
      WHEN p.days < 7 THEN -1 - DATE_DIFF('day', p.last_day, @as_of) // 7
      ELSE DATE_DIFF('day', p.last_day, @as_of)
    END AS bucket
  FROM periods AS p
  LEFT JOIN months AS m
    ON m.month_start = p.period_start AND m.month_end = CAST(p.last_day + INTERVAL 1 DAY AS DATE)
), aged AS (
  SELECT
    account_id,
    business_unit,
    product_id,
    seat_type,
    recency,
    MAX(last_day) AS last_day,
    MAX(assigned) AS assigned,
    MAX(active) AS active
  FROM placed
  GROUP BY account_id, business_unit, product_id, seat_type, recency, bucket
)
SELECT
  account_id,
  business_unit,
  product_id,
  seat_type,
  recency,
  last_day,
  MAX(assigned) AS assigned,
  MAX(active) AS active,
  ROW_NUMBER() OVER (
    PARTITION BY account_id, business_unit, product_id, seat_type, recency
    ORDER BY last_day DESC
  ) AS place
FROM aged
GROUP BY account_id, business_unit, product_id, seat_type, recency, last_day
