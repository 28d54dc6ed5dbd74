/*---
scope: white_space
needs: [subscriptions, products]
signals:
  target_kind:
    unit: level
    levels: [support, add_on, module, product]
    meaning: What the product that is lacking is - product, module, add-on or support.
    unknown_when: never, for a product in the catalogue
  anchor_product:
    unit: text
    meaning: The owned product that speaks for it.
    unknown_when: the unit owns no product
  anchor_mrr:
    unit: money
    meaning: MRR of the anchor.
    unknown_when: an amount or an exchange rate is missing
  eligible:
    unit: flag
    label: "it may be sold to an account of this kind"
    needs: [accounts]
    meaning: >
      Whether the account may have the product - of the segment, region and industry that it is sold to, owning what it
      requires and nothing that excludes it. Where it may not, the product is no white space and has no row, unless they
      asked to buy it.
    unknown_when: the catalogue sells it to some segments, regions or industries only, and the account's is not recorded
  eligibility_lacks:
    unit: text
    needs: []
    meaning: What of the account is not recorded, so that nobody knows whether the product may be sold to it.
    unknown_when: nothing is lacking
  barred_because:
    unit: text
    needs: []
    meaning: Why they cannot have the product that they asked to buy.
    unknown_when: they can have it, as far as is known
  product_potential_floor:
    unit: money
    needs: [plan_prices, pricing_plans]
    meaning: >
      MRR from the lowest plan of the product that costs something, at list price, for the people who stated the need (one
      at least); a flat plan counts its price.
    unknown_when: the product has no plan with a list price
  product_potential_expected:
    unit: money
    needs: [plan_prices, pricing_plans]
    meaning: The same for the people active on the anchor.
    unknown_when: as for the floor; for a per-unit plan also when people active on the anchor are unknown
  product_potential_ceiling:
    unit: money
    needs: [plan_prices, pricing_plans]
    meaning: The same for everybody in the unit who could use it, or else for the anchor's seats.
    unknown_when: as for the floor; for a per-unit plan also when neither number is known
---*/
WITH entry AS (
  SELECT product_id, charge, list_price
  FROM (
    SELECT
      product_id,
      charge,
      list_price,
      ROW_NUMBER() OVER (PARTITION BY product_id ORDER BY rank, billing_months NULLS FIRST, plan_id) AS place
    FROM list_prices
    WHERE list_price > 0
  ) AS priced
  WHERE place = 1
), lacking AS (
  SELECT account_id, product_id, MIN(attribute) AS attribute
  FROM eligibility
  WHERE eligible IS NULL
  GROUP BY account_id, product_id
), people AS (
  SELECT
    f.account_id,
    f.business_unit,
    f.product_id,
    s.seats_active,
    COALESCE(u.potential_users, p.seats_purchased) AS everybody,
    CASE WHEN d.people_asking > 0 THEN d.people_asking ELSE 1 END AS asking
  FROM white_space_frame AS f
  LEFT JOIN seat_use AS s
    ON s.account_id = f.account_id AND s.business_unit = f.anchor_business_unit
    AND s.product_id = f.anchor_product_id
  LEFT JOIN seat_potential AS p
    ON p.account_id = f.account_id AND p.business_unit = f.anchor_business_unit
    AND p.product_id = f.anchor_product_id
  LEFT JOIN business_units AS u ON u.account_id = f.account_id AND u.business_unit = f.business_unit
  LEFT JOIN demand AS d
    ON d.account_id = f.account_id AND d.business_unit = f.business_unit AND d.product_id = f.product_id
)
SELECT
  f.account_id,
  f.business_unit,
  f.product_id,
  f.kind AS target_kind,
  COALESCE(o.name, f.anchor_product_id) AS anchor_product,
  f.anchor_mrr,
  CASE WHEN f.barred IS NOT NULL THEN FALSE WHEN x.product_id IS NULL THEN TRUE END AS eligible,
  f.barred AS barred_because,
  x.attribute AS eligibility_lacks,
  CASE
    WHEN e.charge = 'flat' THEN e.list_price
    WHEN q.seats_active < q.asking THEN e.list_price * q.seats_active
    ELSE e.list_price * q.asking
  END AS product_potential_floor,
  CASE WHEN e.charge = 'flat' THEN e.list_price ELSE e.list_price * q.seats_active END AS product_potential_expected,
  CASE
    WHEN e.charge = 'flat' THEN e.list_price
    WHEN q.everybody < q.seats_active THEN e.list_price * q.seats_active
    ELSE e.list_price * q.everybody
  END AS product_potential_ceiling
FROM white_space_frame AS f
LEFT JOIN lacking AS x ON x.account_id = f.account_id AND x.product_id = f.product_id
LEFT JOIN entry AS e ON e.product_id = f.product_id
LEFT JOIN products AS o ON o.product_id = f.anchor_product_id
LEFT JOIN people AS q
  ON q.account_id = f.account_id AND q.business_unit = f.business_unit AND q.product_id = f.product_id
