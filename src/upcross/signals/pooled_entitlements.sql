/*---
meaning: >
  Entitlements at the row where they are judged, with the days on which they count there: while a pool is in force its
  holder's lines stand at the pool's own row, everything else where it was sold. Seats that a consumer of somebody
  else's pool holds itself are not judged meanwhile.
---*/
WITH matched AS (
  SELECT
    e.*,
    h.pool_id,
    h.holder_account_id,
    h.holder_unit,
    h.valid_from,
    h.valid_until,
    ROW_NUMBER() OVER (
      PARTITION BY e.line_id, e.from_on
      ORDER BY h.consumer_unit DESC NULLS LAST, h.valid_from DESC NULLS LAST, h.pool_id
    ) AS pick
  FROM entitlements AS e
  LEFT JOIN pools AS h
    ON h.consumer_account_id = e.account_id AND (h.consumer_unit = e.business_unit OR h.consumer_unit = '')
    AND h.product_id = e.product_id AND h.metric = ''
)
SELECT
  account_id,
  COALESCE(holder_unit, business_unit) AS business_unit,
  product_id,
  line_id,
  from_on,
  until_on,
  valid_from,
  valid_until,
  seat_type,
  charge,
  quantity,
  mrr,
  seats
FROM matched
WHERE pick = 1 AND (pool_id IS NULL OR holder_account_id = account_id)
UNION ALL
SELECT
  account_id, business_unit, product_id, line_id, from_on, until_on,
  CAST(NULL AS DATE) AS valid_from, valid_from AS valid_until, seat_type, charge, quantity, mrr, seats
FROM matched
WHERE pick = 1 AND pool_id IS NOT NULL AND valid_from IS NOT NULL
UNION ALL
SELECT
  account_id, business_unit, product_id, line_id, from_on, until_on,
  valid_until AS valid_from, CAST(NULL AS DATE) AS valid_until, seat_type, charge, quantity, mrr, seats
FROM matched
WHERE pick = 1 AND pool_id IS NOT NULL AND valid_until IS NOT NULL
