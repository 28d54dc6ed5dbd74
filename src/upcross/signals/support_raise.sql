/*---
scope: subscription
needs: [subscriptions, products, pricing_plans, plan_prices]
signals:
  support_potential_floor:
    unit: money
    meaning: More MRR from the next plan of the support that they have, at the discount of today.
    unknown_when: the product is no support, has no next plan, or a list price or the MRR is unknown
  support_potential_expected:
    unit: money
    meaning: The same as the floor - today's discount is what the customer expects to keep.
    unknown_when: as for the floor
  support_potential_ceiling:
    unit: money
    meaning: More MRR from the next plan of the support at its list price.
    unknown_when: as for the floor
---*/
SELECT
  t.account_id,
  t.business_unit,
  t.product_id,
  t.tier_potential_floor AS support_potential_floor,
  t.tier_potential_expected AS support_potential_expected,
  t.tier_potential_ceiling AS support_potential_ceiling
FROM tier AS t
INNER JOIN products AS d ON d.product_id = t.product_id AND d.kind = 'support'
