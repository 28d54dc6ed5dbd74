/*---
scope: white_space
needs: [subscriptions, products]
signals:
  target_kind:
    unit: level
    levels: [add_on, module, product]
    meaning: What the product that is lacking is.
    unknown_when: never, for a product in the catalogue
  peers_owning:
    unit: ratio
    meaning: The share of the customers of its segment that own the product.
    unknown_when: never, for a customer
---*/
WITH customers AS (
  SELECT account_id
  FROM owned
  GROUP BY account_id
), peers AS (
  SELECT a.account_segment, COUNT(*) AS accounts
  FROM customers AS c
  INNER JOIN account_frame AS a ON a.account_id = c.account_id
  GROUP BY a.account_segment
), owning AS (
  SELECT a.account_segment, o.product_id, COUNT(DISTINCT o.account_id) AS accounts
  FROM owned AS o
  INNER JOIN account_frame AS a ON a.account_id = o.account_id
  GROUP BY a.account_segment, o.product_id
)
SELECT
  f.account_id,
  f.business_unit,
  f.product_id,
  p.kind AS target_kind,
  CAST(COALESCE(w.accounts, 0) AS DOUBLE) / CAST(g.accounts AS DOUBLE) AS peers_owning
FROM white_space_frame AS f
INNER JOIN products AS p ON p.product_id = f.product_id
INNER JOIN account_frame AS a ON a.account_id = f.account_id
INNER JOIN peers AS g ON g.account_segment = a.account_segment
LEFT JOIN owning AS w ON w.account_segment = a.account_segment AND w.product_id = f.product_id
