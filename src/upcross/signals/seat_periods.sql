/*---
meaning: >
  People on a product where its seats are judged, one row a kind of seat and period of the last four months, beside the seats in force on the
  period's last day. People who share a pool stand at the pool's holder, and nowhere else.
notes: >
  Kinds of seats are never added up. A kind is compared with the lines whose plans sell that kind; where there is one
  kind of people and one kind of lines, they are the same whatever they are called; else the seats are null. A pool's
  people are null in a period that does not show every consumer of the pool.
---*/
WITH matched AS (
  SELECT
    s.*,
    h.pool_id,
    h.holder_account_id,
    h.holder_unit,
    h.valid_from,
    h.valid_until,
    ROW_NUMBER() OVER (
      PARTITION BY s.account_id, s.business_unit, s.product_id, s.seat_type, s.last_day
      ORDER BY h.consumer_unit DESC NULLS LAST, h.pool_id
    ) AS pick
  FROM people_periods AS s
  LEFT JOIN pools AS h
    ON h.consumer_account_id = s.account_id AND (h.consumer_unit = s.business_unit OR h.consumer_unit = '')
    AND h.product_id = s.product_id AND h.metric = ''
    AND (h.valid_from IS NULL OR h.valid_from <= s.last_day)
    AND (h.valid_until IS NULL OR h.valid_until > s.last_day)
  WHERE s.recency <= 3
), judged AS (
  SELECT
    COALESCE(holder_account_id, account_id) AS account_id,
    COALESCE(holder_unit, business_unit) AS business_unit,
    product_id,
    seat_type,
    recency,
    last_day,
    account_id AS consumer_account_id,
    business_unit AS consumer_unit,
    valid_from,
    valid_until,
    assigned,
    active
  FROM matched
  WHERE pick = 1
), roster AS (
  SELECT DISTINCT
    account_id, business_unit, product_id, seat_type, consumer_account_id, consumer_unit, valid_from, valid_until
  FROM judged
), shared AS (
  SELECT
    account_id,
    business_unit,
    product_id,
    seat_type,
    recency,
    last_day,
    COUNT(*) AS consumers,
    CASE WHEN COUNT(*) = COUNT(assigned) THEN SUM(assigned) END AS assigned,
    CASE WHEN COUNT(*) = COUNT(active) THEN SUM(active) END AS active
  FROM judged
  GROUP BY account_id, business_unit, product_id, seat_type, recency, last_day
), expected AS (
  SELECT
    s.account_id,
    s.business_unit,
    s.product_id,
    s.seat_type,
    s.last_day,
    COUNT(*) AS consumers
  FROM shared AS s
  INNER JOIN roster AS r
    ON r.account_id = s.account_id AND r.business_unit = s.business_unit AND r.product_id = s.product_id
    AND r.seat_type = s.seat_type
    AND (r.valid_from IS NULL OR r.valid_from <= s.last_day) AND (r.valid_until IS NULL OR r.valid_until > s.last_day)
  GROUP BY s.account_id, s.business_unit, s.product_id, s.seat_type, s.last_day
), kinds AS (
  SELECT account_id, business_unit, product_id, last_day, COUNT(DISTINCT seat_type) AS kinds
  FROM shared
  GROUP BY account_id, business_unit, product_id, last_day
), entitled AS (
  SELECT
    k.account_id,
    k.business_unit,
    k.product_id,
    k.last_day,
    k.kinds,
    COALESCE(e.seat_type, '') AS seat_type,
    COUNT(*) AS lines,
    COUNT(e.seats) AS known,
    SUM(e.seats) AS seats,
    COUNT(*) OVER (PARTITION BY k.account_id, k.business_unit, k.product_id, k.last_day) AS kinds_sold
  FROM kinds AS k
  INNER JOIN pooled_entitlements AS e
    ON e.account_id = k.account_id AND e.business_unit = k.business_unit AND e.product_id = k.product_id
    AND e.from_on <= k.last_day AND (e.until_on IS NULL OR e.until_on > k.last_day)
    AND (e.valid_from IS NULL OR e.valid_from <= k.last_day) AND (e.valid_until IS NULL OR e.valid_until > k.last_day)
  GROUP BY k.account_id, k.business_unit, k.product_id, k.last_day, k.kinds, COALESCE(e.seat_type, '')
)
SELECT
  s.account_id,
  s.business_unit,
  s.product_id,
  s.seat_type,
  e.seat_type AS sold_type,
  s.recency,
  s.last_day,
  CASE WHEN x.consumers = s.consumers THEN s.assigned END AS assigned,
  CASE WHEN x.consumers = s.consumers THEN s.active END AS active,
  CASE WHEN e.lines = e.known THEN e.seats END AS seats,
  ROW_NUMBER() OVER (
    PARTITION BY s.account_id, s.business_unit, s.product_id, s.seat_type, s.recency
    ORDER BY s.last_day DESC
  ) AS place
FROM shared AS s
INNER JOIN expected AS x
  ON x.account_id = s.account_id AND x.business_unit = s.business_unit AND x.product_id = s.product_id
  AND x.seat_type = s.seat_type AND x.last_day = s.last_day
LEFT JOIN entitled AS e
  ON e.account_id = s.account_id AND e.business_unit = s.business_unit AND e.product_id = s.product_id
  AND e.last_day = s.last_day AND (e.seat_type = s.seat_type OR (e.kinds = 1 AND e.kinds_sold = 1))
