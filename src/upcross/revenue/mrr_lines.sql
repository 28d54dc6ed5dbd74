/*---
meaning: >
  All that recurs, line by line, as monthly recurring revenue in the reporting currency, with the days on which it is in
  force: versions of subscription lines, and commitments whose price no subscription line bears.
notes: >
  A commitment is recurring for its span and buys no units: quantity 0, no plan, no renewal date of its own.
---*/
SELECT
  line_id,
  account_id,
  business_unit,
  product_id,
  plan_id,
  charge,
  rank,
  contract_id,
  sku,
  status,
  quantity,
  mrr,
  currency,
  list_unit_price,
  discount_amount,
  from_on,
  until_on,
  line_started_on,
  term_months,
  term_ends_on,
  renewable_on,
  rolling,
  notice_on,
  discount_ends_on,
  escalator,
  origin,
  ahead,
  replaces_line_id,
  included_in,
  FALSE AS committed
FROM subscription_lines
UNION ALL
SELECT
  c.commitment_id AS line_id,
  c.account_id,
  c.business_unit,
  c.product_id,
  CAST(NULL AS VARCHAR) AS plan_id,
  CAST(NULL AS VARCHAR) AS charge,
  CAST(NULL AS BIGINT) AS rank,
  c.contract_id,
  CAST(NULL AS VARCHAR) AS sku,
  'active' AS status,
  0 AS quantity,
  c.mrr,
  c.currency,
  CAST(NULL AS BIGINT) AS list_unit_price,
  CAST(0 AS BIGINT) AS discount_amount,
  c.from_on,
  c.until_on,
  c.from_on AS line_started_on,
  CAST(NULL AS BIGINT) AS term_months,
  CAST(NULL AS DATE) AS term_ends_on,
  c.until_on AS renewable_on,
  CAST(NULL AS BOOLEAN) AS rolling,
  CAST(NULL AS DATE) AS notice_on,
  CAST(NULL AS DATE) AS discount_ends_on,
  CAST(NULL AS DECIMAL(18, 4)) AS escalator,
  CAST(NULL AS VARCHAR) AS origin,
  FALSE AS ahead,
  CAST(NULL AS VARCHAR) AS replaces_line_id,
  CAST(NULL AS VARCHAR) AS included_in,
  TRUE AS committed
FROM commitment_terms AS c
WHERE c.priced AND NOT c.carried
