/*---
scope: subscription
needs: [seats, subscriptions, pricing_plans]
notes: >
  Seats are counted where they are judged: a pool's at its holder, and of several kinds the kind that seat_type names.
signals:
  subscription_mrr:
    unit: money
    needs: [subscriptions]
    meaning: MRR of the product in the reporting currency, all its lines in force together.
    unknown_when: an amount or an exchange rate is missing
  seats_purchased:
    unit: count
    needs: [subscriptions, pricing_plans]
    meaning: Seats in force - the quantity on a per-unit plan, the user limit of a flat one.
    unknown_when: >
      the plan is not in the catalogue, a flat plan states no user limit, the seats are part of a pool that another row
      holds, or there are several kinds of which none can be judged
  seats_contracted_90d:
    unit: count
    needs: [subscriptions]
    meaning: Seats that contracted lines and steps add within 90 days; headroom, not opportunity.
    unknown_when: the seats of a line ahead are not known
  seats_reclaimable_value:
    unit: money
    meaning: What the seats assigned but not used cost a month, at the price paid today.
    unknown_when: the plan is not per unit, or assigned or active people or the MRR are unknown
  seats_potential_floor:
    unit: money
    meaning: >
      More MRR from the seats that bring utilization back to 80% for the people active today, at the price paid today;
      per-unit plans only, seats contracted ahead taken off.
    unknown_when: the plan is not per unit, or active people, seats or MRR are unknown
  seats_potential_expected:
    unit: money
    meaning: The same for the people active in 90 days at the growth of the last 90; without growth as the floor.
    unknown_when: as for the floor
  seats_potential_ceiling:
    unit: money
    meaning: The same for the people active in a year at that growth.
    unknown_when: as for the floor, or the growth is unknown
---*/
WITH sold AS (
  SELECT
    t.*,
    COUNT(*) OVER (PARTITION BY account_id, business_unit, product_id) AS kinds
  FROM seat_terms AS t
), judged AS (
  SELECT
    p.account_id,
    p.business_unit,
    p.product_id,
    p.mrr AS paid_mrr,
    CASE WHEN t.charges = 1 THEN t.charge END AS charge,
    CASE WHEN t.mrr > 0 THEN t.mrr END AS mrr,
    t.quantity,
    t.seats,
    t.seats_ahead,
    s.seats_active AS active,
    s.seats_reclaimable AS idle,
    CASE WHEN s.seats_growth_90d > 0 THEN s.seats_growth_90d WHEN s.seats_growth_90d <= 0 THEN 0 END AS growth
  FROM positions AS p
  LEFT JOIN seat_use AS s
    ON s.account_id = p.account_id AND s.business_unit = p.business_unit AND s.product_id = p.product_id
  LEFT JOIN sold AS t
    ON t.account_id = p.account_id AND t.business_unit = p.business_unit AND t.product_id = p.product_id
    AND (t.kinds = 1 OR t.seat_type = s.sold_type)
), wanted AS (
  SELECT
    g.*,
    (active * 10 + 7) // 8 - seats - seats_ahead AS now_short,
    ((active + COALESCE(growth, 0)) * 10 + 7) // 8 - seats - seats_ahead AS soon_short,
    ((active + 4 * growth) * 10 + 7) // 8 - seats - seats_ahead AS year_short
  FROM judged AS g
)
SELECT
  account_id,
  business_unit,
  product_id,
  paid_mrr AS subscription_mrr,
  seats AS seats_purchased,
  seats_ahead AS seats_contracted_90d,
  CASE WHEN charge = 'per_unit' THEN CAST(idle AS BIGINT) * mrr // NULLIF(quantity, 0) END AS seats_reclaimable_value,
  CASE WHEN charge = 'per_unit' AND now_short <= 0 THEN 0
    WHEN charge = 'per_unit' THEN CAST(now_short AS BIGINT) * mrr // NULLIF(quantity, 0) END AS seats_potential_floor,
  CASE WHEN charge = 'per_unit' AND soon_short <= 0 THEN 0
    WHEN charge = 'per_unit' THEN CAST(soon_short AS BIGINT) * mrr // NULLIF(quantity, 0) END AS seats_potential_expected,
  CASE WHEN charge = 'per_unit' AND year_short <= 0 THEN 0
    WHEN charge = 'per_unit' THEN CAST(year_short AS BIGINT) * mrr // NULLIF(quantity, 0) END AS seats_potential_ceiling
FROM wanted
