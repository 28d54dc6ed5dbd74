/*---
meaning: >
  Every commitment by the month: the amount committed to in a month and its price in the reporting currency, with the
  days on which it is in force. carried says whether a subscription line of the same product already bears that price.
notes: >
  Months are the span's days in twelfths of 365, to the nearest half month, and at least one: end dates written as the
  last day, leap years and short months change nothing. It stands until the next one of its account, unit, product and
  metric where that begins up to 7 days after its end. A commitment is carried by a line that
  overlaps it and costs the same a month, to one per cent; its money is then counted with the line, once. Overage is
  never recurring and not part of the price.
---*/
WITH followed AS (
  SELECT c.commitment_id, MIN(n.starts_on) AS next_on
  FROM commitments AS c
  INNER JOIN commitments AS n
    ON n.account_id = c.account_id AND n.business_unit = c.business_unit AND n.product_id = c.product_id
    AND n.metric = c.metric AND n.commitment_id <> c.commitment_id
    AND n.starts_on >= c.ends_on AND n.starts_on <= CAST(c.ends_on + INTERVAL 7 DAY AS DATE)
  GROUP BY c.commitment_id
), spans AS (
  SELECT
    c.commitment_id,
    c.account_id,
    c.business_unit,
    c.product_id,
    c.contract_id,
    c.metric,
    c.currency,
    c.price,
    c.amount,
    c.starts_on,
    COALESCE(f.next_on, c.ends_on) AS ends_on,
    CASE
      WHEN DATE_DIFF('day', c.starts_on, c.ends_on) < 38 THEN 2
      ELSE (DATE_DIFF('day', c.starts_on, c.ends_on) * 24 + 182) // 365
    END AS half_months
  FROM commitments AS c
  LEFT JOIN followed AS f ON f.commitment_id = c.commitment_id
  WHERE c.starts_on < c.ends_on
), priced AS (
  SELECT
    s.*,
    r.rate,
    CAST(FLOOR(CAST(s.price AS DECIMAL(18, 0)) * r.rate + 0.5) AS BIGINT) AS whole_price
  FROM spans AS s
  LEFT JOIN constant_rates AS r ON r.currency = COALESCE(s.currency, '')
), monthly AS (
  SELECT
    p.*,
    CAST((4 * p.whole_price + p.half_months) // (2 * p.half_months) AS BIGINT) AS mrr
  FROM priced AS p
)
SELECT
  m.commitment_id,
  m.account_id,
  m.business_unit,
  m.product_id,
  m.contract_id,
  m.metric,
  CAST(CAST(m.amount * 20000 AS BIGINT) // m.half_months AS BIGINT) AS monthly_amount,
  m.price IS NOT NULL AS priced,
  m.mrr,
  CASE WHEN m.rate = 1 THEN '' ELSE COALESCE(m.currency, '') END AS currency,
  m.starts_on AS from_on,
  m.ends_on AS until_on,
  EXISTS(
    SELECT l.line_id
    FROM subscription_lines AS l
    WHERE l.account_id = m.account_id AND l.business_unit = m.business_unit AND l.product_id = m.product_id
      AND l.status = 'active' AND l.from_on < m.ends_on AND (l.until_on IS NULL OR l.until_on > m.starts_on)
      AND ABS(l.mrr - m.mrr) * 100 <= m.mrr
  ) AS carried
FROM monthly AS m
