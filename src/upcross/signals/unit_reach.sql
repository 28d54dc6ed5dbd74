/*---
scope: white_space
needs: [subscriptions]
signals:
  owned_elsewhere:
    unit: flag
    label: "another unit of theirs owns it"
    meaning: Whether another business unit of the account owns the product - a second purchase, with a buyer of its own.
    unknown_when: never, for a cell of the map
  units_owning:
    unit: count
    label: "units of theirs that own it"
    meaning: How many other business units of the account own the product.
    unknown_when: never, for a cell of the map
  unit_owning:
    unit: text
    needs: [business_units]
    meaning: The other unit that owns it; of several, the one that pays most for it.
    unknown_when: no other unit owns it
  companies_owning:
    unit: count
    label: "companies of the same group that own it"
    needs: [accounts]
    meaning: How many other accounts of the same ultimate parent own the product.
    unknown_when: never, for a cell of the map
  exclusive_alternatives:
    unit: count
    needs: [product_relations]
    meaning: >
      Other products that this unit lacks and could buy in its place only: their potentials are alternatives, and are
      never added.
    unknown_when: never, for a cell of the map
  exclusive_with:
    unit: text
    needs: [product_relations]
    meaning: The first of those products by name.
    unknown_when: there is none
---*/
WITH others AS (
  SELECT
    f.account_id,
    f.business_unit,
    f.product_id,
    COALESCE(u.name, p.business_unit) AS unit_name,
    ROW_NUMBER() OVER (
      PARTITION BY f.account_id, f.business_unit, f.product_id
      ORDER BY p.mrr DESC NULLS LAST, p.business_unit
    ) AS place
  FROM white_space_frame AS f
  INNER JOIN subscription_frame AS s
    ON s.account_id = f.account_id AND s.product_id = f.product_id AND s.business_unit <> f.business_unit
  INNER JOIN positions AS p
    ON p.account_id = s.account_id AND p.business_unit = s.business_unit AND p.product_id = s.product_id
  LEFT JOIN business_units AS u ON u.account_id = p.account_id AND u.business_unit = p.business_unit
), elsewhere AS (
  SELECT
    account_id,
    business_unit,
    product_id,
    COUNT(*) AS units,
    MAX(CASE WHEN place = 1 THEN unit_name END) AS unit_name
  FROM others
  GROUP BY account_id, business_unit, product_id
), group_owners AS (
  SELECT g.customer_id, s.product_id, COUNT(DISTINCT s.account_id) AS accounts
  FROM subscription_frame AS s
  INNER JOIN ultimate_parents AS g ON g.account_id = s.account_id
  GROUP BY g.customer_id, s.product_id
), alternatives AS (
  SELECT account_id, business_unit, product_id, COUNT(*) AS products, MIN(other_name) AS first_name
  FROM exclusive_targets
  GROUP BY account_id, business_unit, product_id
)
SELECT
  f.account_id,
  f.business_unit,
  f.product_id,
  e.units IS NOT NULL AS owned_elsewhere,
  COALESCE(e.units, 0) AS units_owning,
  e.unit_name AS unit_owning,
  COALESCE(o.accounts, 0) - CASE WHEN e.units IS NULL THEN 0 ELSE 1 END AS companies_owning,
  COALESCE(a.products, 0) AS exclusive_alternatives,
  a.first_name AS exclusive_with
FROM white_space_frame AS f
LEFT JOIN elsewhere AS e
  ON e.account_id = f.account_id AND e.business_unit = f.business_unit AND e.product_id = f.product_id
LEFT JOIN ultimate_parents AS g ON g.account_id = f.account_id
LEFT JOIN group_owners AS o ON o.customer_id = g.customer_id AND o.product_id = f.product_id
LEFT JOIN alternatives AS a
  ON a.account_id = f.account_id AND a.business_unit = f.business_unit AND a.product_id = f.product_id
