/*---
meaning: Account, business unit and owned product.
---*/
SELECT account_id, business_unit, product_id
FROM owned
