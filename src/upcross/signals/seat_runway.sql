/*---
scope: subscription
needs: [seats, subscriptions]
notes: >
  Seats free ÷ the growth of the last 90 days, × 90, in whole days. Early and late take the largest and the smallest
  step between the last four months instead.
signals:
  seats_run_out_in:
    unit: days
    label: "seats run out in"
    window: 90
    meaning: >
      Days until no seat is free if people join as in the last 90 days; 0 where none is free. Seats contracted for the
      next 90 days count as free.
    unknown_when: people active or seats are unknown, or do not grow
  seats_run_out_on:
    unit: date
    label: "seats run out on"
    window: 90
    meaning: That day.
    unknown_when: people do not grow, are unknown, or fill the seats later than in three years
  seats_run_out_early_on:
    unit: date
    label: "seats run out at the earliest on"
    window: 90
    meaning: The day at the fastest growth between any two of the last four months.
    unknown_when: as for the day itself
  seats_run_out_late_on:
    unit: date
    label: "seats run out at the latest on"
    window: 90
    meaning: The day at the slowest growth between any two of the last four months.
    unknown_when: as for the day itself, or people did not grow in one of these months
---*/
WITH months_apart AS (
  SELECT
    u.account_id,
    u.business_unit,
    u.product_id,
    u.seats_free,
    u.seats_growth_90d,
    MAX(CASE WHEN s.recency = 0 THEN s.active END) - MAX(CASE WHEN s.recency = 1 THEN s.active END) AS third,
    MAX(CASE WHEN s.recency = 1 THEN s.active END) - MAX(CASE WHEN s.recency = 2 THEN s.active END) AS second,
    MAX(CASE WHEN s.recency = 2 THEN s.active END) - MAX(CASE WHEN s.recency = 3 THEN s.active END) AS first
  FROM seat_use AS u
  LEFT JOIN seat_periods AS s
    ON s.account_id = u.account_id AND s.business_unit = u.business_unit AND s.product_id = u.product_id
    AND s.seat_type = u.judged_type AND s.place = 1 AND s.recency <= 3
  GROUP BY u.account_id, u.business_unit, u.product_id, u.seats_free, u.seats_growth_90d
), stepped AS (
  SELECT
    m.*,
    CASE WHEN third >= second AND third >= first THEN third WHEN second >= first THEN second ELSE first END AS fast,
    CASE WHEN third <= second AND third <= first THEN third WHEN second <= first THEN second ELSE first END AS slow
  FROM months_apart AS m
), lasting AS (
  SELECT
    account_id,
    business_unit,
    product_id,
    CASE WHEN seats_free <= 0 THEN 0 WHEN seats_growth_90d > 0 THEN seats_free * 90 // seats_growth_90d END AS days,
    CASE WHEN seats_free <= 0 THEN 0 WHEN fast > 0 AND third IS NOT NULL AND second IS NOT NULL AND first IS NOT NULL
      THEN seats_free * 30 // fast END AS days_early,
    CASE WHEN seats_free <= 0 THEN 0 WHEN slow > 0 AND third IS NOT NULL AND second IS NOT NULL AND first IS NOT NULL
      THEN seats_free * 30 // slow END AS days_late
  FROM stepped
)
SELECT
  account_id,
  business_unit,
  product_id,
  days AS seats_run_out_in,
  @as_of + CASE WHEN days <= 1095 THEN CAST(days AS INT) END AS seats_run_out_on,
  @as_of + CASE WHEN days_early <= 1095 THEN CAST(days_early AS INT) END AS seats_run_out_early_on,
  @as_of + CASE WHEN days_late <= 1095 THEN CAST(days_late AS INT) END AS seats_run_out_late_on
FROM lasting
