/*---
meaning: >
  What each unit of a customer owns or tries - its own positions and those of the whole account.
---*/
SELECT c.account_id, c.business_unit, p.product_id, p.business_unit AS owner_unit, p.mrr, p.trial
FROM unit_cells AS c
INNER JOIN positions AS p
  ON p.account_id = c.account_id AND (p.business_unit = c.business_unit OR p.business_unit = '')
