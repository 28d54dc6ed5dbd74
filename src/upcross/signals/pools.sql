/*---
meaning: >
  Who shares what: each consumer of a pool beside the row at which the pool is judged - the holder's own subscription
  of the product, held by the whole account if it is, else by the unit that shares the pool and holds most. metric is ''
  for seats.
notes: >
  A consumer named without a unit stands for all units of that account. Where the holder does not own the product, the
  pool says nothing and every row is judged for itself.
---*/
WITH shares AS (
  SELECT
    pool_id,
    holder_account_id,
    product_id,
    COALESCE(metric, '') AS metric,
    consumer_account_id,
    consumer_unit,
    valid_from,
    valid_until
  FROM entitlement_pools
), homes AS (
  SELECT
    s.pool_id,
    s.product_id,
    s.metric,
    p.business_unit,
    ROW_NUMBER() OVER (
      PARTITION BY s.pool_id, s.product_id, s.metric
      ORDER BY
        CASE WHEN p.business_unit = '' THEN 0 ELSE 1 END,
        CASE WHEN s.consumer_account_id = p.account_id THEN 0 ELSE 1 END,
        p.quantity DESC,
        p.business_unit
    ) AS place
  FROM shares AS s
  INNER JOIN positions AS p
    ON p.account_id = s.holder_account_id AND p.product_id = s.product_id
    AND (s.consumer_account_id <> p.account_id OR s.consumer_unit = '' OR s.consumer_unit = p.business_unit
      OR p.business_unit = '')
)
SELECT
  s.pool_id,
  s.holder_account_id,
  h.business_unit AS holder_unit,
  s.product_id,
  s.metric,
  s.consumer_account_id,
  s.consumer_unit,
  s.valid_from,
  s.valid_until
FROM shares AS s
INNER JOIN homes AS h
  ON h.pool_id = s.pool_id AND h.product_id = s.product_id AND h.metric = s.metric AND h.place = 1
