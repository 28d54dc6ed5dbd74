/*---
scope: subscription
needs: [seats, subscriptions, pricing_plans]
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
    unknown_when: the plan is not in the catalogue, or a flat plan states no user limit
  seats_contracted_90d:
    unit: count
    needs: [subscriptions]
    meaning: Seats that contracted lines and steps add within 90 days; headroom, not opportunity.
    unknown_when: never, for an owned product
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
WITH entitled AS (
  SELECT
    account_id,
    business_unit,
    product_id,
    CASE WHEN COUNT(*) = COUNT(seats) THEN SUM(seats) END AS seats
  FROM entitlements
  WHERE from_on <= @as_of AND (until_on IS NULL OR until_on > @as_of)
  GROUP BY account_id, business_unit, product_id
), grown AS (
  SELECT
    p.account_id,
    p.business_unit,
    p.product_id,
    p.charge,
    CASE WHEN p.mrr > 0 THEN p.mrr END AS mrr,
    p.mrr AS paid_mrr,
    p.quantity,
    p.quantity_ahead,
    e.seats,
    s.seats_active AS active,
    CASE WHEN s.seats_growth_90d > 0 THEN s.seats_growth_90d WHEN s.seats_growth_90d <= 0 THEN 0 END AS growth
  FROM positions AS p
  LEFT JOIN entitled AS e
    ON e.account_id = p.account_id AND e.business_unit = p.business_unit AND e.product_id = p.product_id
  LEFT JOIN seat_use AS s
    ON s.account_id = p.account_id AND s.business_unit = p.business_unit AND s.product_id = p.product_id
), wanted AS (
  SELECT
    g.*,
    (active * 10 + 7) // 8 - seats - quantity_ahead AS now_short,
    ((active + COALESCE(growth, 0)) * 10 + 7) // 8 - seats - quantity_ahead AS soon_short,
    ((active + 4 * growth) * 10 + 7) // 8 - seats - quantity_ahead AS year_short
  FROM grown AS g
)
SELECT
  account_id,
  business_unit,
  product_id,
  paid_mrr AS subscription_mrr,
  seats AS seats_purchased,
  quantity_ahead AS seats_contracted_90d,
  CASE WHEN charge <> 'per_unit' THEN NULL WHEN now_short <= 0 THEN 0
    ELSE CAST(now_short AS BIGINT) * mrr // NULLIF(quantity, 0) END AS seats_potential_floor,
  CASE WHEN charge <> 'per_unit' THEN NULL WHEN soon_short <= 0 THEN 0
    ELSE CAST(soon_short AS BIGINT) * mrr // NULLIF(quantity, 0) END AS seats_potential_expected,
  CASE WHEN charge <> 'per_unit' THEN NULL WHEN year_short <= 0 THEN 0
    ELSE CAST(year_short AS BIGINT) * mrr // NULLIF(quantity, 0) END AS seats_potential_ceiling
FROM wanted
