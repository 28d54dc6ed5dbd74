/*---
meaning: >
  Every version of every subscription line as monthly recurring revenue in the reporting currency, with the days on
  which it is in force: from from_on until until_on (the first day after it; null while open).
notes: >
  A version ends where the line's next version begins, or with the line, or where another line replaces it; a version
  that begins with or after its replacement goes on beside it. End dates are often written as the last day: a line
  stands until the next one of its account, unit and product where that begins up to 7 days after its end, and none
  began in the 7 days before; and until its replacement where that begins up to 31 days after it. A discount that ends while its version goes on
  makes a second row from that day, at the price without it. Trials and paused lines count no revenue; paused lines no
  purchased units either. A missing exchange rate makes the amount unknown, never converted at 1. currency is '' where
  it is worth exactly the reporting currency. discount_amount is what the discount in force takes off the month's price. ahead says whether
  the version was agreed no later than the one before it: a step that the contract foresaw.
---*/
WITH replaced AS (
  SELECT replaces_line_id AS line_id, MIN(valid_from) AS replaced_on
  FROM subscriptions
  WHERE replaces_line_id <> line_id AND status <> 'trial'
  GROUP BY replaces_line_id
), versions AS (
  SELECT
    s.*,
    r.replaced_on,
    p.charge,
    p.rank,
    LEAD(s.valid_from) OVER (PARTITION BY s.line_id ORDER BY s.valid_from) AS next_valid_from,
    LAG(s.booked_on) OVER (PARTITION BY s.line_id ORDER BY s.valid_from) AS booked_before_on,
    CASE
      WHEN s.status <> 'active' OR s.mrr < 0 OR (COALESCE(s.discount, 0) <= 0 AND s.discount_ends_on IS NULL) THEN NULL
      WHEN s.list_unit_price > 0 THEN s.list_unit_price * CASE WHEN p.charge = 'flat' THEN 1 ELSE s.quantity END
      WHEN s.discount < 1
        THEN (s.mrr * 20000 + 10000 - CAST(s.discount * 10000 AS BIGINT))
          // (2 * (10000 - CAST(s.discount * 10000 AS BIGINT)))
    END AS full_price
  FROM subscriptions AS s
  LEFT JOIN pricing_plans AS p ON p.plan_id = s.plan_id
  LEFT JOIN replaced AS r ON r.line_id = s.line_id
), dated AS (
  SELECT
    v.*,
    CASE
      WHEN v.ends_on IS NULL OR v.next_valid_from <= CAST(v.ends_on + INTERVAL 7 DAY AS DATE) THEN v.next_valid_from
      WHEN v.next_valid_from IS NOT NULL THEN v.ends_on
    END AS version_until_on,
    CASE
      WHEN v.next_valid_from IS NULL AND v.replaced_on > v.valid_from
        AND (v.ends_on IS NULL OR v.replaced_on <= CAST(v.ends_on + INTERVAL 31 DAY AS DATE)) THEN v.replaced_on
    END AS replaced_until_on
  FROM versions AS v
), ends AS (
  SELECT line_id, valid_from, account_id, business_unit, product_id, ends_on
  FROM dated
  WHERE status = 'active' AND ends_on > valid_from AND version_until_on IS NULL AND replaced_until_on IS NULL
), followed AS (
  SELECT e.line_id, e.valid_from, MIN(n.valid_from) AS next_on
  FROM ends AS e
  INNER JOIN dated AS n
    ON n.account_id = e.account_id AND n.business_unit = e.business_unit AND n.product_id = e.product_id
    AND n.line_id <> e.line_id AND n.status = 'active'
    AND n.valid_from >= CAST(e.ends_on - INTERVAL 7 DAY AS DATE)
    AND n.valid_from <= CAST(e.ends_on + INTERVAL 7 DAY AS DATE)
  GROUP BY e.line_id, e.valid_from
), ended AS (
  SELECT
    d.*,
    COALESCE(d.version_until_on, d.replaced_until_on, CASE WHEN f.next_on > d.ends_on THEN f.next_on END, d.ends_on)
      AS until_on
  FROM dated AS d
  LEFT JOIN followed AS f ON f.line_id = d.line_id AND f.valid_from = d.valid_from
), parts AS (
  SELECT FALSE AS discount_over
  UNION ALL
  SELECT TRUE AS discount_over
), stepped AS (
  SELECT
    d.*,
    a.discount_over,
    CASE WHEN a.discount_over THEN d.discount_ends_on ELSE d.valid_from END AS from_on,
    CASE
      WHEN NOT a.discount_over AND d.full_price > d.mrr AND d.discount_ends_on > d.valid_from
        AND (d.until_on IS NULL OR d.discount_ends_on < d.until_on)
        THEN d.discount_ends_on
      ELSE d.until_on
    END AS step_until_on,
    CASE WHEN a.discount_over THEN d.full_price ELSE d.mrr END AS step_mrr,
    CASE
      WHEN a.discount_over OR d.full_price IS NULL OR d.full_price < d.mrr OR d.discount_ends_on <= d.valid_from THEN 0
      ELSE d.full_price - d.mrr
    END AS step_discount
  FROM ended AS d
  INNER JOIN parts AS a
    ON NOT a.discount_over
    OR (d.full_price > d.mrr AND d.discount_ends_on > d.valid_from
      AND (d.until_on IS NULL OR d.discount_ends_on < d.until_on))
), converted AS (
  SELECT
    t.*,
    r.rate,
    CAST(t.step_mrr AS DECIMAL(18, 0)) * r.rate AS exact_mrr,
    FLOOR(CAST(t.step_mrr AS DECIMAL(18, 0)) * r.rate) AS whole_mrr
  FROM stepped AS t
  LEFT JOIN constant_rates AS r ON r.currency = COALESCE(t.currency, '')
)
SELECT
  c.line_id,
  c.account_id,
  c.business_unit,
  c.product_id,
  c.plan_id,
  c.charge,
  c.rank,
  c.contract_id,
  c.sku,
  c.status,
  CASE WHEN c.status = 'paused' THEN 0 ELSE c.quantity END AS quantity,
  CASE
    WHEN c.status <> 'active' THEN CAST(0 AS BIGINT)
    WHEN c.exact_mrr - c.whole_mrr > 0.5 OR (c.exact_mrr - c.whole_mrr = 0.5 AND CAST(c.whole_mrr AS BIGINT) % 2 <> 0)
      THEN CAST(c.whole_mrr AS BIGINT) + 1
    ELSE CAST(c.whole_mrr AS BIGINT)
  END AS mrr,
  CASE WHEN c.rate = 1 THEN '' ELSE COALESCE(c.currency, '') END AS currency,
  CAST(FLOOR(CAST(c.list_unit_price AS DECIMAL(18, 0)) * c.rate + 0.5) AS BIGINT) AS list_unit_price,
  CAST(FLOOR(CAST(c.step_discount AS DECIMAL(18, 0)) * c.rate + 0.5) AS BIGINT) AS discount_amount,
  c.from_on,
  c.step_until_on AS until_on,
  COALESCE(c.starts_on, c.valid_from) AS line_started_on,
  c.term_months,
  CASE WHEN c.rolling THEN NULL ELSE c.term_ends_on END AS term_ends_on,
  CASE WHEN c.rolling THEN NULL ELSE COALESCE(c.term_ends_on, c.ends_on) END AS renewable_on,
  c.rolling,
  c.notice_on,
  CASE WHEN c.discount_over THEN NULL ELSE c.discount_ends_on END AS discount_ends_on,
  c.escalator,
  CASE WHEN c.discount_over THEN '' ELSE c.origin END AS origin,
  NOT c.discount_over AND COALESCE(c.booked_on <= c.booked_before_on, FALSE) AS ahead,
  c.replaces_line_id,
  c.included_in
FROM converted AS c
