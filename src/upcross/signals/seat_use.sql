/*---
scope: subscription
needs: [seats, subscriptions]
notes: >
  Where a product has several kinds of seats, a row speaks of one of them: the kind with the highest utilization, which
  runs out first. Kinds are never added up.
signals:
  seat_type:
    unit: text
    meaning: The kind of seat that the row speaks of, where the product has several - the one used most for its number.
    unknown_when: the product has one kind of seat, or no kind can be compared with the lines that sell it
  seats_active:
    unit: count
    label: "people active"
    window: 30
    meaning: Distinct people who used the product in the latest period, by a core action.
    unknown_when: no period of the last 30 days lists active people; or they share a pool that another row holds
  seats_assigned:
    unit: count
    window: 30
    meaning: Seats assigned to a person in the latest period.
    unknown_when: no period of the last 30 days lists assigned seats
  seats_reclaimable:
    unit: count
    window: 30
    meaning: Seats assigned but not used in the latest period; adoption work, not upsell.
    unknown_when: assigned or active people are unknown
  seat_utilization:
    unit: ratio
    window: 30
    meaning: Distinct people active in the latest period, for each seat in force at its end (or the plan's user limit).
    unknown_when: active people or the seats in force are unknown
  seat_utilization_min_30d:
    unit: ratio
    window: 30
    meaning: The lowest seat utilization of any period that ended in the last 30 days.
    unknown_when: no period of the last 30 days has active people and seats in force
  seat_assignment:
    unit: ratio
    window: 30
    meaning: Seats assigned in the latest period, for each seat in force at its end.
    unknown_when: assigned seats or the seats in force are unknown
  seats_growth_90d:
    unit: count
    label: "change in active people over 90 days"
    window: 90
    meaning: People active in the latest period, less those active about 90 days earlier.
    unknown_when: there is no period about 90 days before the latest
  seats_free:
    unit: count
    label: "seats free"
    window: 30
    meaning: Seats in force and contracted to come within 90 days, less the people active.
    unknown_when: active people or the seats in force are unknown
  seats_free_in_90d:
    unit: count
    label: "seats free in 90 days, at this growth"
    window: 90
    meaning: Seats free in 90 days if the people active change as they did in the last 90.
    unknown_when: free seats or the growth are unknown
---*/
WITH ranked AS (
  SELECT
    s.*,
    COUNT(*) OVER (PARTITION BY account_id, business_unit, product_id) AS kinds,
    ROW_NUMBER() OVER (
      PARTITION BY account_id, business_unit, product_id
      ORDER BY CAST(active AS DOUBLE) / NULLIF(CAST(seats AS DOUBLE), 0) DESC NULLS LAST, seat_type
    ) AS tightness
  FROM seat_periods AS s
  WHERE recency = 0 AND place = 1
), latest AS (
  SELECT account_id, business_unit, product_id, seat_type, sold_type, assigned, active, seats, kinds
  FROM ranked
  WHERE tightness = 1 AND (kinds = 1 OR seats > 0)
), lowest AS (
  SELECT
    account_id,
    business_unit,
    product_id,
    seat_type,
    MIN(CASE WHEN seats > 0 THEN CAST(active AS DOUBLE) / CAST(seats AS DOUBLE) END) AS utilization
  FROM seat_periods
  WHERE recency = 0
  GROUP BY account_id, business_unit, product_id, seat_type
), earlier AS (
  SELECT account_id, business_unit, product_id, seat_type, active
  FROM seat_periods
  WHERE recency = 3 AND place = 1
)
SELECT
  p.account_id,
  p.business_unit,
  p.product_id,
  CASE WHEN l.kinds > 1 THEN l.seat_type END AS seat_type,
  l.seat_type AS judged_type,
  l.sold_type,
  l.active AS seats_active,
  l.assigned AS seats_assigned,
  CASE WHEN l.assigned > l.active THEN l.assigned - l.active WHEN l.assigned <= l.active THEN 0 END
    AS seats_reclaimable,
  CAST(l.active AS DOUBLE) / NULLIF(CAST(l.seats AS DOUBLE), 0) AS seat_utilization,
  w.utilization AS seat_utilization_min_30d,
  CAST(l.assigned AS DOUBLE) / NULLIF(CAST(l.seats AS DOUBLE), 0) AS seat_assignment,
  l.active - e.active AS seats_growth_90d,
  l.seats + t.seats_ahead - l.active AS seats_free,
  l.seats + t.seats_ahead - l.active - (l.active - e.active) AS seats_free_in_90d
FROM positions AS p
INNER JOIN latest AS l
  ON l.account_id = p.account_id AND l.business_unit = p.business_unit AND l.product_id = p.product_id
LEFT JOIN seat_terms AS t
  ON t.account_id = p.account_id AND t.business_unit = p.business_unit AND t.product_id = p.product_id
  AND t.seat_type = l.sold_type
LEFT JOIN lowest AS w
  ON w.account_id = p.account_id AND w.business_unit = p.business_unit AND w.product_id = p.product_id
  AND w.seat_type = l.seat_type
LEFT JOIN earlier AS e
  ON e.account_id = p.account_id AND e.business_unit = p.business_unit AND e.product_id = p.product_id
  AND e.seat_type = l.seat_type
