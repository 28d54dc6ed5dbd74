/*---
scope: meter
needs: [usage, subscriptions]
signals:
  usage_priced:
    unit: flag
    label: "a larger allowance has a price"
    meaning: Whether a larger allowance can be priced - a commitment by what it costs today, a limit by the next plan.
    unknown_when: never, for a meter with an allowance
  usage_potential_floor:
    unit: money
    meaning: >
      More MRR from a larger commitment, at today's price per unit, at the lower of the two paces (even since its
      start, or as in the last 30 days); for a plan limit the step to the next plan at today's discount.
    unknown_when: use or price is unknown, or a limit has no next plan with a list price
  usage_potential_expected:
    unit: money
    meaning: The same at the pace of the last 30 days.
    unknown_when: as for the floor
  usage_potential_ceiling:
    unit: money
    meaning: The same at the higher of the two paces; for a plan limit the step without any discount.
    unknown_when: as for the floor
---*/
WITH projected AS (
  SELECT
    m.account_id,
    m.business_unit,
    m.product_id,
    m.metric,
    m.kind,
    m.amount_ahead AS headroom,
    m.amount,
    CASE WHEN p.mrr > 0 THEN p.mrr END AS mrr,
    m.ahead_numerator // m.ahead_denominator AS recent,
    m.used_at_even_pace AS even,
    t.tier_potential_floor,
    t.tier_potential_expected,
    t.tier_potential_ceiling
  FROM meter_use AS m
  INNER JOIN positions AS p
    ON p.account_id = m.account_id AND p.business_unit = m.business_unit AND p.product_id = m.product_id
  LEFT JOIN tier AS t
    ON t.account_id = m.account_id AND t.business_unit = m.business_unit AND t.product_id = m.product_id
), ordered AS (
  SELECT
    q.*,
    CASE WHEN even < recent THEN even ELSE recent END AS lower_use,
    CASE WHEN even > recent THEN even ELSE recent END AS higher_use
  FROM projected AS q
)
SELECT
  account_id,
  business_unit,
  product_id,
  metric,
  CASE WHEN kind = 'limit' THEN tier_potential_expected IS NOT NULL ELSE mrr IS NOT NULL END AS usage_priced,
  CASE
    WHEN kind = 'limit' THEN tier_potential_floor
    WHEN lower_use <= headroom THEN 0
    ELSE mrr * ((lower_use - headroom) * 10000 // NULLIF(amount, 0)) // 10000
  END AS usage_potential_floor,
  CASE
    WHEN kind = 'limit' THEN tier_potential_expected
    WHEN recent <= headroom THEN 0
    ELSE mrr * ((recent - headroom) * 10000 // NULLIF(amount, 0)) // 10000
  END AS usage_potential_expected,
  CASE
    WHEN kind = 'limit' THEN tier_potential_ceiling
    WHEN higher_use <= headroom THEN 0
    ELSE mrr * ((higher_use - headroom) * 10000 // NULLIF(amount, 0)) // 10000
  END AS usage_potential_ceiling
FROM ordered
