/*---
scope: subscription
needs: [seats, subscriptions]
signals:
  seat_utilization:
    unit: ratio
    window: 30
    meaning: People active in the latest period, for each unit in force.
    unknown_when: no period of the last 30 days lists active people
  seats_growth_90d:
    unit: count
    window: 90
    meaning: People active in the latest period, less those active about 90 days earlier.
    unknown_when: one of the two periods is not listed
---*/
WITH counted AS (
  SELECT
    account_id,
    business_unit,
    product_id,
    MAX(CASE WHEN period_end > @days_before(30) THEN active END) AS now_active,
    MAX(CASE WHEN period_end <= @days_before(88) AND period_end > @days_before(118) THEN active END) AS then_active
  FROM seats
  WHERE period_end > @days_before(118)
  GROUP BY account_id, business_unit, product_id
)
SELECT
  o.account_id,
  o.business_unit,
  o.product_id,
  CAST(c.now_active AS DOUBLE) / NULLIF(CAST(o.units AS DOUBLE), 0) AS seat_utilization,
  c.now_active - c.then_active AS seats_growth_90d
FROM owned AS o
INNER JOIN counted AS c
  ON c.account_id = o.account_id AND c.business_unit = o.business_unit AND c.product_id = o.product_id
