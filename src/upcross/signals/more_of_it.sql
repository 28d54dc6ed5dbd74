/*---
scope: subscription
needs: [subscriptions]
signals:
  sold_by:
    unit: level
    levels: [seats, usage, tier, support]
    label: "how more of it is sold"
    meaning: >
      How more of the product is sold - support for a support product, usage where a commitment is in force, the next
      tier of a flat plan, else seats.
    unknown_when: never, for an owned product
  more_potential_floor:
    unit: money
    meaning: >
      More MRR from more of the product, sold that way - seats or the next plan by today's use. Whoever asks may want
      another amount.
    unknown_when: today's use points to none, or what it would cost is unknown; always for usage and support
  more_potential_expected:
    unit: money
    meaning: The same, expected.
    unknown_when: as for the floor
  more_potential_ceiling:
    unit: money
    meaning: The same, at most.
    unknown_when: as for the floor
---*/
WITH committed AS (
  SELECT DISTINCT account_id, business_unit, product_id
  FROM commitments
  WHERE starts_on <= @as_of AND ends_on > @as_of
), owned AS (
  SELECT
    p.account_id,
    p.business_unit,
    p.product_id,
    CASE
      WHEN d.kind = 'support' THEN 'support'
      WHEN c.product_id IS NOT NULL THEN 'usage'
      WHEN p.charge = 'flat' THEN 'tier'
      ELSE 'seats'
    END AS sold_by
  FROM positions AS p
  LEFT JOIN products AS d ON d.product_id = p.product_id
  LEFT JOIN committed AS c
    ON c.account_id = p.account_id AND c.business_unit = p.business_unit AND c.product_id = p.product_id
)
SELECT
  o.account_id,
  o.business_unit,
  o.product_id,
  o.sold_by,
  CASE
    WHEN o.sold_by = 'seats' THEN NULLIF(s.seats_potential_floor, 0)
    WHEN o.sold_by = 'tier' THEN t.tier_potential_floor
  END AS more_potential_floor,
  CASE
    WHEN o.sold_by = 'seats' THEN NULLIF(s.seats_potential_expected, 0)
    WHEN o.sold_by = 'tier' THEN t.tier_potential_expected
  END AS more_potential_expected,
  CASE
    WHEN o.sold_by = 'seats' THEN NULLIF(s.seats_potential_ceiling, 0)
    WHEN o.sold_by = 'tier' THEN t.tier_potential_ceiling
  END AS more_potential_ceiling
FROM owned AS o
LEFT JOIN seat_potential AS s
  ON s.account_id = o.account_id AND s.business_unit = o.business_unit AND s.product_id = o.product_id
LEFT JOIN tier AS t
  ON t.account_id = o.account_id AND t.business_unit = o.business_unit AND t.product_id = o.product_id
