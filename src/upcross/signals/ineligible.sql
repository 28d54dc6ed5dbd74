/*---
meaning: >
  Why a product is no white space of a unit - owned or on trial, no longer sold, excluded by what is owned, lacking what
  it requires, not for accounts of this kind, or the successor of what is owned; one row a reason.
notes: >
  Going over to the successor of a product that is owned is a change of plan, not a second product.
---*/
WITH offered AS (
  SELECT c.account_id, c.business_unit, d.product_id, d.name, d.parent_product_id, d.retired_on
  FROM unit_cells AS c
  INNER JOIN products AS d ON TRUE
), named AS (
  SELECT o.account_id, o.business_unit, o.product_id, o.trial, d.name
  FROM unit_products AS o
  LEFT JOIN products AS d ON d.product_id = o.product_id
)
SELECT account_id, business_unit, product_id, CASE WHEN trial THEN 'it is on trial' ELSE 'it is owned' END AS reason
FROM unit_products
UNION
SELECT account_id, business_unit, product_id, 'it is no longer sold' AS reason
FROM offered
WHERE retired_on <= @as_of
UNION
SELECT f.account_id, f.business_unit, f.product_id, 'it excludes ' || o.name || ', which is owned' AS reason
FROM offered AS f
INNER JOIN product_relations AS r
  ON r.relation = 'exclusive_with' AND (r.product_id = f.product_id OR r.other_product_id = f.product_id)
INNER JOIN named AS o
  ON o.account_id = f.account_id AND o.business_unit = f.business_unit
  AND o.product_id = CASE WHEN r.product_id = f.product_id THEN r.other_product_id ELSE r.product_id END
UNION
SELECT f.account_id, f.business_unit, f.product_id,
  'it requires ' || COALESCE(d.name, r.other_product_id) || ', which is not owned' AS reason
FROM offered AS f
INNER JOIN product_relations AS r ON r.relation = 'requires' AND r.product_id = f.product_id
LEFT JOIN products AS d ON d.product_id = r.other_product_id
LEFT JOIN unit_products AS o
  ON o.account_id = f.account_id AND o.business_unit = f.business_unit AND o.product_id = r.other_product_id
WHERE o.product_id IS NULL
UNION
SELECT f.account_id, f.business_unit, f.product_id,
  'it belongs to ' || COALESCE(d.name, f.parent_product_id) || ', which is not owned' AS reason
FROM offered AS f
LEFT JOIN products AS d ON d.product_id = f.parent_product_id
LEFT JOIN unit_products AS o
  ON o.account_id = f.account_id AND o.business_unit = f.business_unit AND o.product_id = f.parent_product_id
WHERE f.parent_product_id IS NOT NULL AND o.product_id IS NULL
UNION
SELECT f.account_id, f.business_unit, f.product_id, 'it is not sold to accounts of this ' || e.attribute AS reason
FROM offered AS f
INNER JOIN eligibility AS e ON e.account_id = f.account_id AND e.product_id = f.product_id AND NOT e.eligible
UNION
SELECT f.account_id, f.business_unit, f.product_id, 'it replaces ' || d.name || ', which is owned' AS reason
FROM offered AS f
INNER JOIN products AS d ON d.successor_product_id = f.product_id AND d.product_id <> f.product_id
INNER JOIN unit_products AS o
  ON o.account_id = f.account_id AND o.business_unit = f.business_unit AND o.product_id = d.product_id
