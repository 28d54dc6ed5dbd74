/*---
meaning: >
  The cells of the white-space map of each customer, before products - its business units, or '' where it has none.
---*/
WITH customers AS (
  SELECT DISTINCT account_id
  FROM subscription_frame
), units AS (
  SELECT account_id, business_unit
  FROM business_units
  UNION
  SELECT account_id, business_unit
  FROM positions
  WHERE business_unit <> ''
)
SELECT c.account_id, COALESCE(u.business_unit, '') AS business_unit
FROM customers AS c
LEFT JOIN units AS u ON u.account_id = c.account_id
