/*---
meaning: >
  Commitments where they are judged, one row a meter and part - now is what is in force, before a commitment that rolled
  over into it, ahead what is booked and has not begun. Amounts and the price of a unit beyond are integer
  ten-thousandths, the price in the reporting currency.
notes: >
  before is a commitment whose terms are rollover and that ended at most 31 days before the one in force began. ahead is
  booked by the as-of day and begins at most 31 days after the one in force ends. Commitments of units that share a pool
  stand at the pool's row; those of accounts that draw on somebody else's pool are not judged.
---*/
WITH held AS (
  SELECT
    c.*,
    h.holder_account_id,
    COALESCE(h.holder_unit, c.business_unit) AS home_unit,
    CAST(FLOOR(CAST(c.overage_rate AS DECIMAL(18, 0)) * r.rate + 0.5) AS BIGINT) AS overage_price,
    ROW_NUMBER() OVER (PARTITION BY c.commitment_id ORDER BY h.consumer_unit DESC NULLS LAST, h.pool_id) AS pick
  FROM commitments AS c
  LEFT JOIN constant_rates AS r ON r.currency = COALESCE(c.currency, '')
  LEFT JOIN pools AS h
    ON h.consumer_account_id = c.account_id AND (h.consumer_unit = c.business_unit OR h.consumer_unit = '')
    AND h.product_id = c.product_id AND h.metric = c.metric
    AND (h.valid_from IS NULL OR h.valid_from <= @as_of) AND (h.valid_until IS NULL OR h.valid_until > @as_of)
  WHERE c.starts_on < c.ends_on
), judged AS (
  SELECT
    account_id,
    home_unit AS business_unit,
    product_id,
    metric,
    commitment_id,
    CAST(FLOOR(amount * 10000) AS BIGINT) AS amount,
    starts_on,
    ends_on,
    overage,
    overage_price
  FROM held
  WHERE pick = 1 AND (holder_account_id IS NULL OR holder_account_id = account_id)
), in_force AS (
  SELECT account_id, business_unit, product_id, metric, MIN(starts_on) AS starts_on, MAX(ends_on) AS ends_on
  FROM judged
  WHERE starts_on <= @as_of AND ends_on > @as_of
  GROUP BY account_id, business_unit, product_id, metric
), parts AS (
  SELECT
    j.*,
    CASE
      WHEN j.starts_on > @as_of AND DATE_DIFF('day', n.ends_on, j.starts_on) <= 31 THEN 'ahead'
      WHEN j.starts_on <= @as_of AND j.ends_on > @as_of THEN 'now'
      WHEN j.overage = 'rollover' AND j.ends_on <= n.starts_on AND DATE_DIFF('day', j.ends_on, n.starts_on) <= 31
        THEN 'before'
    END AS part,
    n.ends_on AS now_ends_on
  FROM judged AS j
  INNER JOIN in_force AS n
    ON n.account_id = j.account_id AND n.business_unit = j.business_unit AND n.product_id = j.product_id
    AND n.metric = j.metric
)
SELECT
  account_id,
  business_unit,
  product_id,
  metric,
  part,
  MIN(starts_on) AS starts_on,
  MAX(ends_on) AS ends_on,
  CAST(SUM(amount) AS BIGINT) AS amount,
  -- What begins before the one in force ends can be used now; what follows it is no more than the next span's own.
  CAST(SUM(CASE WHEN starts_on < now_ends_on THEN amount ELSE 0 END) AS BIGINT) AS amount_overlapping,
  BOOL_OR(overage = 'hard_stop') AS hard_stop,
  COALESCE(BOOL_OR(overage = 'unlimited'), FALSE) AS unlimited,
  MAX(overage) AS terms,
  COUNT(DISTINCT overage) AS terms_known,
  CASE WHEN BOOL_OR(overage = 'rate' OR overage = 'true_up') THEN MAX(overage_price) END AS overage_price
FROM parts
WHERE part IS NOT NULL
GROUP BY account_id, business_unit, product_id, metric, part
