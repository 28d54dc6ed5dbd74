/*---
meaning: >
  Every commitment by the month: the amount committed to in a month and its price in the reporting currency, with the
  days on which it is in force. carried says whether a subscription line of the same product already bears that price.
notes: >
  Months are the span's days in twelfths of 365, to the nearest whole month. A commitment is carried by a line that
  overlaps it and costs the same a month, to one per cent; its money is then counted with the line, once. Overage is
  never recurring and not part of the price.
---*/
WITH spans AS (
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
    c.ends_on,
    CASE
      WHEN DATE_DIFF('day', c.starts_on, c.ends_on) < 46 THEN 1
      ELSE (DATE_DIFF('day', c.starts_on, c.ends_on) * 12 + 182) // 365
    END AS months
  FROM commitments AS c
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
    CAST((2 * p.whole_price + p.months) // (2 * p.months) AS BIGINT) AS mrr
  FROM priced AS p
)
SELECT
  m.commitment_id,
  m.account_id,
  m.business_unit,
  m.product_id,
  m.contract_id,
  m.metric,
  CAST(CAST(m.amount * 10000 AS BIGINT) // m.months AS BIGINT) AS monthly_amount,
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
