/*---
meaning: >
  Pairs of products that a unit lacks and that exclude each other, in both directions: it could buy the one or the
  other, so their potentials are never added.
---*/
WITH exclusions AS (
  SELECT product_id, other_product_id
  FROM product_relations
  WHERE relation = 'exclusive_with' AND product_id <> other_product_id
  UNION
  SELECT other_product_id AS product_id, product_id AS other_product_id
  FROM product_relations
  WHERE relation = 'exclusive_with' AND product_id <> other_product_id
)
SELECT f.account_id, f.business_unit, f.product_id, o.product_id AS other_product_id, d.name AS other_name
FROM white_space_frame AS f
INNER JOIN exclusions AS x ON x.product_id = f.product_id
INNER JOIN white_space_frame AS o
  ON o.account_id = f.account_id AND o.business_unit = f.business_unit AND o.product_id = x.other_product_id
INNER JOIN products AS d ON d.product_id = o.product_id
WHERE f.barred IS NULL AND o.barred IS NULL
