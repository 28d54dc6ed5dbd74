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
  peers:
    unit: count
    meaning: Other customers of the same segment that own the anchor.
    unknown_when: there is no anchor
  peers_owning:
    unit: ratio
    meaning: Share of those peers that own the product; a ranking, never a reason to ask.
    unknown_when: there are no such peers
  product_potential_floor:
    unit: money
    needs: [plan_prices, pricing_plans]
    meaning: >
      MRR from the product's lowest plan at list price, for the people who stated the need (one at least); a flat plan
      counts its price.
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
    WHERE list_price IS NOT NULL
  ) AS priced
  WHERE place = 1
), owners AS (
  SELECT DISTINCT s.account_id, s.product_id, COALESCE(a.segment, '') AS segment
  FROM subscription_frame AS s
  INNER JOIN accounts AS a ON a.account_id = s.account_id
), anchor_owners AS (
  SELECT product_id, segment, COUNT(*) AS accounts
  FROM owners
  GROUP BY product_id, segment
), both_owners AS (
  SELECT b.product_id AS anchor_product_id, o.product_id, b.segment, COUNT(*) AS accounts
  FROM owners AS b
  INNER JOIN owners AS o ON o.account_id = b.account_id AND o.product_id <> b.product_id
  GROUP BY b.product_id, o.product_id, b.segment
), people AS (
  SELECT
    f.account_id,
    f.business_unit,
    f.product_id,
    s.seats_active,
    COALESCE(u.potential_users, p.seats_purchased) AS everybody,
    CASE WHEN d.stated_need_people_90d > 0 THEN d.stated_need_people_90d ELSE 1 END AS asking
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
  n.accounts - 1 AS peers,
  CAST(COALESCE(b.accounts, 0) AS DOUBLE) / NULLIF(CAST(n.accounts - 1 AS DOUBLE), 0) AS peers_owning,
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
INNER JOIN accounts AS a ON a.account_id = f.account_id
LEFT JOIN entry AS e ON e.product_id = f.product_id
LEFT JOIN products AS o ON o.product_id = f.anchor_product_id
LEFT JOIN people AS q
  ON q.account_id = f.account_id AND q.business_unit = f.business_unit AND q.product_id = f.product_id
LEFT JOIN anchor_owners AS n ON n.product_id = f.anchor_product_id AND n.segment = COALESCE(a.segment, '')
LEFT JOIN both_owners AS b
  ON b.anchor_product_id = f.anchor_product_id AND b.product_id = f.product_id AND b.segment = COALESCE(a.segment, '')
