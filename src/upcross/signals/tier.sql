/*---
scope: subscription
needs: [subscriptions, pricing_plans]
signals:
  plan:
    unit: text
    meaning: The pricing plan in force; the highest where several are.
    unknown_when: the subscription names no plan
  plan_charge:
    unit: level
    levels: [flat, per_unit]
    meaning: Whether the plan is priced per unit or at one flat price.
    unknown_when: the plan is not in the catalogue
  next_plan:
    unit: text
    meaning: The product's next higher plan, billed at the same interval where there is one.
    unknown_when: there is none, or the plan is not in the catalogue
  next_plan_available:
    unit: flag
    label: "a higher plan exists"
    meaning: Whether the product has a higher plan.
    unknown_when: the plan is not in the catalogue
  next_plan_priced:
    unit: flag
    label: "the step to the next plan has a price"
    needs: [subscriptions, pricing_plans, plan_prices]
    meaning: Whether the step to the next plan can be priced - both plans have a list price and the MRR is known.
    unknown_when: the plan is not in the catalogue
  tier_potential_floor:
    unit: money
    needs: [plan_prices]
    meaning: More MRR from the next plan at the discount the account has today.
    unknown_when: there is no next plan, or a list price or the MRR is unknown
  tier_potential_expected:
    unit: money
    needs: [plan_prices]
    meaning: The same as the floor - today's discount is what the customer expects to keep.
    unknown_when: as for the floor
  tier_potential_ceiling:
    unit: money
    needs: [plan_prices]
    meaning: More MRR from the next plan at its list price.
    unknown_when: as for the floor
---*/
WITH current_plan AS (
  SELECT
    p.account_id,
    p.business_unit,
    p.product_id,
    p.plan_id,
    p.charge,
    p.rank,
    p.mrr,
    CASE WHEN p.charge = 'flat' THEN 1 ELSE p.quantity END AS units,
    l.list_price,
    l.billing_months
  FROM positions AS p
  LEFT JOIN list_prices AS l ON l.plan_id = p.plan_id
), higher AS (
  SELECT
    c.account_id,
    c.business_unit,
    c.product_id,
    h.plan_id,
    h.list_price,
    h.charge,
    ROW_NUMBER() OVER (
      PARTITION BY c.account_id, c.business_unit, c.product_id
      ORDER BY
        CASE WHEN COALESCE(h.billing_months, 0) = COALESCE(c.billing_months, 0) THEN 0 ELSE 1 END,
        h.rank,
        h.plan_id
    ) AS place
  FROM current_plan AS c
  INNER JOIN list_prices AS h ON h.product_id = c.product_id AND h.rank > c.rank
), stepped AS (
  SELECT
    c.account_id,
    c.business_unit,
    c.product_id,
    c.plan_id,
    c.charge,
    c.rank,
    c.mrr,
    c.list_price * c.units AS list_now,
    h.plan_id AS next_plan,
    CASE WHEN h.charge = 'flat' THEN h.list_price ELSE h.list_price * c.units END AS list_next
  FROM current_plan AS c
  LEFT JOIN higher AS h
    ON h.account_id = c.account_id AND h.business_unit = c.business_unit AND h.product_id = c.product_id AND h.place = 1
), priced AS (
  SELECT
    s.*,
    CASE WHEN list_next > mrr THEN list_next - mrr WHEN list_next <= mrr THEN 0 END AS full_step,
    CASE
      WHEN list_now <= 0 THEN NULL
      WHEN mrr >= list_now THEN list_next - list_now
      ELSE list_next * (mrr * 10000 // list_now) // 10000 - mrr
    END AS same_discount
  FROM stepped AS s
)
SELECT
  account_id,
  business_unit,
  priced.product_id,
  COALESCE(o.name, priced.plan_id) AS plan,
  priced.charge AS plan_charge,
  COALESCE(h.name, next_plan) AS next_plan,
  CASE WHEN priced.rank IS NOT NULL THEN next_plan IS NOT NULL END AS next_plan_available,
  CASE WHEN priced.rank IS NOT NULL THEN COALESCE(same_discount IS NOT NULL, FALSE) END AS next_plan_priced,
  next_plan AS next_plan_id,
  -- Below zero where they pay more today than the next plan would cost; the potential is then 0, a saving is not.
  CASE WHEN same_discount > list_next - mrr THEN list_next - mrr ELSE same_discount END AS price_step,
  CASE WHEN same_discount < 0 THEN 0 WHEN same_discount > full_step THEN full_step ELSE same_discount END
    AS tier_potential_floor,
  CASE WHEN same_discount < 0 THEN 0 WHEN same_discount > full_step THEN full_step ELSE same_discount END
    AS tier_potential_expected,
  full_step AS tier_potential_ceiling
FROM priced
LEFT JOIN pricing_plans AS o ON o.plan_id = priced.plan_id
LEFT JOIN pricing_plans AS h ON h.plan_id = priced.next_plan
