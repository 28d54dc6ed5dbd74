/*---
meaning: >
  Every version of every subscription line as monthly recurring revenue in the reporting currency, with the days on
  which it is in force: from from_on until until_on (the first day after it; null while open).
notes: >
  A version ends where the line's next version begins, or with the line. Trials and paused lines count no revenue and
  no purchased units of their own; a missing exchange rate makes the amount unknown, never converted at 1.
---*/
WITH versions AS (
  SELECT
    s.*,
    LEAD(s.valid_from) OVER (PARTITION BY s.line_id ORDER BY s.valid_from) AS next_valid_from
  FROM subscriptions AS s
), converted AS (
  SELECT
    v.*,
    CAST(v.mrr AS DECIMAL(18, 0)) * r.rate AS exact_mrr,
    FLOOR(CAST(v.mrr AS DECIMAL(18, 0)) * r.rate) AS whole_mrr
  FROM versions AS v
  LEFT JOIN constant_rates AS r ON r.currency = COALESCE(v.currency, '')
)
SELECT
  c.line_id,
  c.account_id,
  c.business_unit,
  c.product_id,
  c.plan_id,
  c.contract_id,
  c.status,
  CASE WHEN c.status = 'paused' THEN 0 ELSE c.quantity END AS quantity,
  CASE
    WHEN c.status <> 'active' THEN CAST(0 AS BIGINT)
    WHEN c.exact_mrr - c.whole_mrr > 0.5 OR (c.exact_mrr - c.whole_mrr = 0.5 AND CAST(c.whole_mrr AS BIGINT) % 2 <> 0)
      THEN CAST(c.whole_mrr AS BIGINT) + 1
    ELSE CAST(c.whole_mrr AS BIGINT)
  END AS mrr,
  c.valid_from AS from_on,
  CASE
    WHEN c.next_valid_from IS NULL THEN c.ends_on
    WHEN c.ends_on IS NULL OR c.next_valid_from < c.ends_on THEN c.next_valid_from
    ELSE c.ends_on
  END AS until_on,
  COALESCE(c.starts_on, c.valid_from) AS line_started_on,
  c.term_months,
  CASE WHEN c.rolling THEN NULL ELSE c.term_ends_on END AS term_ends_on,
  c.rolling,
  c.notice_on,
  c.discount_ends_on,
  c.origin,
  c.included_in
FROM converted AS c
