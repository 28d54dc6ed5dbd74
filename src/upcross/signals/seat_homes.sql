/*---
scope: subscription
needs: [subscriptions]
meaning: Where the seats of each owned product are judged today - at its own row, or at the holder of the pool.
signals:
  pool_held_by:
    unit: text
    meaning: Who holds the pool from which the seats of this row are drawn; the seats are judged there, and only there.
    unknown_when: the row draws its seats from no pool of another row
  pool_consumers:
    unit: count
    needs: [entitlement_pools]
    meaning: Other accounts and units that draw on the seats of this row.
    unknown_when: entitlement pools are not loaded
---*/
WITH matched AS (
  SELECT
    p.account_id,
    p.business_unit,
    p.product_id,
    h.holder_account_id,
    h.holder_unit,
    ROW_NUMBER() OVER (
      PARTITION BY p.account_id, p.business_unit, p.product_id
      ORDER BY h.consumer_unit DESC NULLS LAST, h.pool_id
    ) AS pick
  FROM positions AS p
  LEFT JOIN pools AS h
    ON h.consumer_account_id = p.account_id AND (h.consumer_unit = p.business_unit OR h.consumer_unit = '')
    AND h.product_id = p.product_id AND h.metric = ''
    AND (h.valid_from IS NULL OR h.valid_from <= @as_of) AND (h.valid_until IS NULL OR h.valid_until > @as_of)
), placed AS (
  SELECT
    account_id,
    business_unit,
    product_id,
    COALESCE(holder_account_id, account_id) AS home_account_id,
    COALESCE(holder_unit, business_unit) AS home_unit
  FROM matched
  WHERE pick = 1
), drawing AS (
  SELECT holder_account_id, holder_unit, product_id, COUNT(*) AS consumers
  FROM (
    SELECT DISTINCT holder_account_id, holder_unit, product_id, consumer_account_id, consumer_unit
    FROM pools
    WHERE metric = '' AND (consumer_account_id <> holder_account_id OR consumer_unit <> holder_unit)
      AND (valid_from IS NULL OR valid_from <= @as_of) AND (valid_until IS NULL OR valid_until > @as_of)
  ) AS consumers
  GROUP BY holder_account_id, holder_unit, product_id
), listed AS (
  SELECT COUNT(*) AS pools
  FROM entitlement_pools
)
SELECT
  p.account_id,
  p.business_unit,
  p.product_id,
  p.home_account_id,
  p.home_unit,
  CASE
    WHEN p.home_account_id <> p.account_id THEN COALESCE(a.name, p.home_account_id)
    WHEN p.home_unit <> p.business_unit THEN CASE WHEN p.home_unit = '' THEN 'the whole account' ELSE p.home_unit END
  END AS pool_held_by,
  COALESCE(d.consumers, CASE WHEN l.pools > 0 THEN 0 END) AS pool_consumers
FROM placed AS p
INNER JOIN listed AS l ON TRUE
LEFT JOIN accounts AS a ON a.account_id = p.home_account_id
LEFT JOIN drawing AS d
  ON d.holder_account_id = p.account_id AND d.holder_unit = p.business_unit AND d.product_id = p.product_id
