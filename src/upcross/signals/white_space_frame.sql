/*---
meaning: >
  Account, business unit and product that could be sold there and is not owned, with its anchor: the owned parent or
  required product, else the owned product with the most proofs of value, then the most MRR.
notes: >
  Accounts with business units have cells per unit only; a product owned by the whole account is owned in each unit.
  Not eligible: retired products, products whose requirements are not owned, products that exclude an owned one,
  accounts outside the product's eligibility, and products already included in what is owned.
---*/
WITH customers AS (
  SELECT DISTINCT account_id
  FROM subscription_frame
), units AS (
  SELECT account_id, business_unit
  FROM business_units
  UNION
  SELECT account_id, business_unit
  FROM positions
  WHERE business_unit <> ''
), cells AS (
  SELECT c.account_id, COALESCE(u.business_unit, '') AS business_unit
  FROM customers AS c
  LEFT JOIN units AS u ON u.account_id = c.account_id
), owned AS (
  SELECT c.account_id, c.business_unit, p.product_id, p.business_unit AS owner_unit, p.mrr, p.trial
  FROM cells AS c
  INNER JOIN positions AS p
    ON p.account_id = c.account_id AND (p.business_unit = c.business_unit OR p.business_unit = '')
), lacked AS (
  SELECT c.account_id, c.business_unit, d.product_id, d.kind, d.parent_product_id
  FROM cells AS c
  INNER JOIN products AS d ON d.retired_on IS NULL OR d.retired_on > @as_of
  LEFT JOIN owned AS o
    ON o.account_id = c.account_id AND o.business_unit = c.business_unit AND o.product_id = d.product_id
  WHERE o.product_id IS NULL
), excluded AS (
  SELECT l.account_id, l.business_unit, l.product_id
  FROM lacked AS l
  INNER JOIN product_relations AS r
    ON r.relation = 'exclusive_with' AND (r.product_id = l.product_id OR r.other_product_id = l.product_id)
  INNER JOIN owned AS o
    ON o.account_id = l.account_id AND o.business_unit = l.business_unit
    AND o.product_id = CASE WHEN r.product_id = l.product_id THEN r.other_product_id ELSE r.product_id END
  UNION
  SELECT l.account_id, l.business_unit, l.product_id
  FROM lacked AS l
  INNER JOIN product_relations AS r ON r.relation = 'requires' AND r.product_id = l.product_id
  LEFT JOIN owned AS o
    ON o.account_id = l.account_id AND o.business_unit = l.business_unit AND o.product_id = r.other_product_id
  WHERE o.product_id IS NULL
  UNION
  SELECT l.account_id, l.business_unit, l.product_id
  FROM lacked AS l
  LEFT JOIN owned AS o
    ON o.account_id = l.account_id AND o.business_unit = l.business_unit AND o.product_id = l.parent_product_id
  WHERE l.parent_product_id IS NOT NULL AND o.product_id IS NULL
  UNION
  SELECT l.account_id, l.business_unit, l.product_id
  FROM lacked AS l
  INNER JOIN accounts AS a ON a.account_id = l.account_id
  INNER JOIN product_eligibility AS e ON e.product_id = l.product_id
  GROUP BY l.account_id, l.business_unit, l.product_id, e.attribute
  HAVING SUM(
    CASE
      WHEN e.attribute = 'segment' AND e.value = a.segment THEN 1
      WHEN e.attribute = 'region' AND e.value = a.region THEN 1
      WHEN e.attribute = 'industry' AND e.value = a.industry THEN 1
      ELSE 0
    END
  ) = 0
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
    o.owner_unit,
    o.product_id AS anchor_product_id,
    o.mrr,
    ROW_NUMBER() OVER (
      PARTITION BY l.account_id, l.business_unit, l.product_id
      ORDER BY
        CASE
          WHEN o.product_id = l.parent_product_id THEN 0
          WHEN r.other_product_id IS NOT NULL THEN 1
          ELSE 2
        END,
        COALESCE(v.proofs, 0) DESC,
        o.mrr DESC NULLS LAST,
        o.product_id,
        o.owner_unit DESC
    ) AS place
  FROM lacked AS l
  INNER JOIN owned AS o ON o.account_id = l.account_id AND o.business_unit = l.business_unit AND NOT o.trial
  LEFT JOIN product_relations AS r
    ON r.relation = 'requires' AND r.product_id = l.product_id AND r.other_product_id = o.product_id
  LEFT JOIN proved AS v
    ON v.account_id = o.account_id AND v.business_unit = o.owner_unit AND v.product_id = o.product_id
)
SELECT
  l.account_id,
  l.business_unit,
  l.product_id,
  l.kind,
  n.owner_unit AS anchor_business_unit,
  n.anchor_product_id,
  n.mrr AS anchor_mrr
FROM lacked AS l
LEFT JOIN anchors AS n
  ON n.account_id = l.account_id AND n.business_unit = l.business_unit AND n.product_id = l.product_id AND n.place = 1
LEFT JOIN excluded AS x
  ON x.account_id = l.account_id AND x.business_unit = l.business_unit AND x.product_id = l.product_id
WHERE x.product_id IS NULL
