/*---
meaning: Account, business unit, owned product and metric - where a plan or a commitment allows an amount.
---*/
SELECT m.account_id, m.business_unit, m.product_id, m.metric
FROM meter_use AS m
INNER JOIN subscription_frame AS s
  ON s.account_id = m.account_id AND s.business_unit = m.business_unit AND s.product_id = m.product_id
