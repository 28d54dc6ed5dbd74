/*---
meaning: Account, business unit and owned product - what has a line in force that is no trial.
---*/
SELECT account_id, business_unit, product_id
FROM positions
WHERE NOT trial
