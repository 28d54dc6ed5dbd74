/*---
meaning: >
  What each deal of the CRM is about, one row a deal and line (a deal without lines has one row without a product), with
  its money in the reporting currency; is_open while it is neither won nor lost.
notes: >
  A line's own MRR counts; a deal with a single line, or with none, falls back to the deal's. A missing exchange rate
  makes the amount unknown. A line without a mechanism has none here, even where the deal has one (deal_mechanism).
---*/
WITH counted AS (
  SELECT crm_opportunity_id, COUNT(*) AS lines
  FROM crm_opportunity_lines
  GROUP BY crm_opportunity_id
)
SELECT
  o.crm_opportunity_id,
  o.account_id,
  o.business_unit,
  o.name,
  o.kind,
  o.mechanism AS deal_mechanism,
  o.owner,
  o.created_on,
  o.stage,
  o.stage_changed_on,
  o.expected_close_on,
  o.closed_on,
  o.result,
  o.loss_reason,
  o.upcross_key,
  o.result IS NULL AND o.closed_on IS NULL AS is_open,
  COALESCE(l.line_id, '') AS line_id,
  l.product_id,
  l.plan_id,
  l.mechanism,
  l.quantity,
  CASE
    WHEN r.rate IS NULL THEN NULL
    WHEN l.mrr IS NOT NULL THEN CAST(FLOOR(l.mrr * r.rate) AS BIGINT)
    WHEN o.mrr IS NOT NULL AND COALESCE(c.lines, 0) <= 1 THEN CAST(FLOOR(o.mrr * r.rate) AS BIGINT)
  END AS mrr,
  CASE WHEN r.rate IS NOT NULL AND o.mrr IS NOT NULL THEN CAST(FLOOR(o.mrr * r.rate) AS BIGINT) END AS deal_mrr
FROM crm_opportunities AS o
LEFT JOIN crm_opportunity_lines AS l ON l.crm_opportunity_id = o.crm_opportunity_id
LEFT JOIN counted AS c ON c.crm_opportunity_id = o.crm_opportunity_id
LEFT JOIN constant_rates AS r ON r.currency = COALESCE(o.currency, '')
