/*---
meaning: >
  Account, business unit and product that could be sold there and is not owned, with its anchor: the owned parent or
  required product, else the owned product with the most proofs of value, then the most MRR. A unit that owns nothing
  borrows the anchor of another unit.
notes: >
  barred says why the unit cannot have the product, where it asked in the last 30 days to buy it all the same (or has it
  on trial); such a row is there for the answer only, and null everywhere else.
  Accounts with business units have cells per unit only; a product owned by the whole account is owned in each unit.
  What is not eligible, and why, stands in ineligible.
---*/
WITH barred AS (
  SELECT DISTINCT account_id, business_unit, product_id
  FROM ineligible
), asked AS (
  SELECT DISTINCT account_id, business_unit, product_id
  FROM statements
  WHERE kind = 'buying_request' AND said_on > @days_before(30)
), asked_in_vain AS (
  SELECT x.account_id, x.business_unit, x.product_id, MIN(x.reason) AS reason
  FROM ineligible AS x
  INNER JOIN asked AS a
    ON a.account_id = x.account_id AND a.product_id = x.product_id
    AND (a.business_unit = '' OR x.business_unit = '' OR a.business_unit = x.business_unit)
  GROUP BY x.account_id, x.business_unit, x.product_id
  HAVING NOT BOOL_OR(x.reason = 'it is owned')
), lacked AS (
  SELECT c.account_id, c.business_unit, d.product_id, d.kind, d.parent_product_id, v.reason AS barred
  FROM unit_cells AS c
  INNER JOIN products AS d ON TRUE
  LEFT JOIN barred AS x
    ON x.account_id = c.account_id AND x.business_unit = c.business_unit AND x.product_id = d.product_id
  LEFT JOIN asked_in_vain AS v
    ON v.account_id = c.account_id AND v.business_unit = c.business_unit AND v.product_id = d.product_id
  WHERE x.product_id IS NULL OR v.product_id IS NOT NULL
), proved AS (
  SELECT
    account_id,
    business_unit,
    product_id,
    COALESCE(outcomes_365d, 0) + COALESCE(references_365d, 0) + COALESCE(signed_sentences_365d, 0)
      + COALESCE(goals_met_365d, 0) AS proofs
  FROM proofs
), anchors AS (
  SELECT
    l.account_id,
    l.business_unit,
    l.product_id,
    o.business_unit AS owner_unit,
    o.product_id AS anchor_product_id,
    o.mrr,
    ROW_NUMBER() OVER (
      PARTITION BY l.account_id, l.business_unit, l.product_id
      ORDER BY
        CASE WHEN o.business_unit = l.business_unit OR o.business_unit = '' THEN 0 ELSE 1 END,
        CASE
          WHEN o.product_id = l.parent_product_id THEN 0
          WHEN r.other_product_id IS NOT NULL THEN 1
          ELSE 2
        END,
        COALESCE(v.proofs, 0) DESC,
        o.mrr DESC NULLS LAST,
        o.product_id,
        o.business_unit DESC
    ) AS place
  FROM lacked AS l
  INNER JOIN positions AS o ON o.account_id = l.account_id AND NOT o.trial
  LEFT JOIN product_relations AS r
    ON r.relation = 'requires' AND r.product_id = l.product_id AND r.other_product_id = o.product_id
  LEFT JOIN proved AS v
    ON v.account_id = o.account_id AND v.business_unit = o.business_unit AND v.product_id = o.product_id
)
SELECT
  l.account_id,
  l.business_unit,
  l.product_id,
  l.kind,
  l.barred,
  n.owner_unit AS anchor_business_unit,
  n.anchor_product_id,
  n.mrr AS anchor_mrr
FROM lacked AS l
LEFT JOIN anchors AS n
  ON n.account_id = l.account_id AND n.business_unit = l.business_unit AND n.product_id = l.product_id AND n.place = 1
