/*---
meaning: >
  Account, business unit and product that is lacking, with its anchor - the owned product with the most MRR.
---*/
WITH ranked AS (
  SELECT
    o.*,
    ROW_NUMBER() OVER (PARTITION BY account_id, business_unit ORDER BY mrr DESC, product_id) AS place
  FROM owned AS o
)
SELECT
  r.account_id,
  r.business_unit,
  p.product_id,
  r.business_unit AS anchor_business_unit,
  r.product_id AS anchor_product_id
FROM ranked AS r
INNER JOIN products AS p ON TRUE
LEFT JOIN owned AS o
  ON o.account_id = r.account_id AND o.business_unit = r.business_unit AND o.product_id = p.product_id
WHERE r.place = 1 AND o.product_id IS NULL
