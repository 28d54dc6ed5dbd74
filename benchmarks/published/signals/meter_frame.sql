/*---
meaning: No row - the benchmark judges use by product.
---*/
SELECT account_id, business_unit, product_id, '' AS metric
FROM owned
WHERE FALSE
