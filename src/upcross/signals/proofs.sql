/*---
scope: subscription
needs: [outcomes]
signals:
  outcomes_365d:
    unit: count
    label: "measured results in the last 365 days"
    counts: outcomes
    window: 365
    meaning: Measured results that the product delivered in the last 365 days.
    unknown_when: outcomes do not cover the span and none is recorded
  outcomes_90d:
    unit: count
    label: "measured results in the last 90 days"
    counts: outcomes
    window: 90
    meaning: Measured results that the product delivered in the last 90 days.
    unknown_when: outcomes do not cover the span and none is recorded
  references_365d:
    unit: count
    label: "references given in the last 365 days"
    counts: outcomes
    window: 365
    meaning: References that the account gave for the product in the last 365 days.
    unknown_when: outcomes do not cover the span and none is recorded
  signed_sentences_365d:
    unit: count
    label: "sentences signed by the CSM in the last 365 days"
    counts: outcomes
    window: 365
    meaning: Sentences with the customer's own words on the product's value, signed by the CSM, in the last 365 days.
    unknown_when: outcomes do not cover the span and none is recorded
  goals_met_365d:
    unit: count
    label: "goals met in the last 365 days"
    counts: objectives
    window: 365
    needs: [objectives]
    meaning: Objectives that the product serves and that were met in the last 365 days.
    unknown_when: objectives do not cover the span and none is recorded as met
  first_value_reached:
    unit: flag
    needs: [implementations]
    meaning: Whether the customer has had first value from the product.
    unknown_when: no roll-out of the product is recorded
  value_delivered:
    unit: text
    needs: []
    meaning: The latest value delivered, in the customer's words - a measured result, reference, signed sentence or goal met.
    unknown_when: none is recorded in the last 365 days
---*/
WITH proved AS (
  SELECT account_id, business_unit, product_id, measured_on AS proved_on, kind, sentence
  FROM outcomes
  WHERE measured_on > @days_before(365)
  UNION ALL
  SELECT account_id, business_unit, product_id, met_on AS proved_on, 'goal_met' AS kind, sentence
  FROM objectives
  WHERE met_on > @days_before(365) AND product_id IS NOT NULL
), matched AS (
  SELECT o.account_id, o.business_unit, o.product_id, p.proved_on, p.kind, p.sentence
  FROM positions AS o
  INNER JOIN proved AS p
    ON p.account_id = o.account_id AND p.product_id = o.product_id
    AND (p.business_unit = o.business_unit OR p.business_unit = '' OR o.business_unit = '')
), ranked AS (
  SELECT
    m.*,
    ROW_NUMBER() OVER (
      PARTITION BY account_id, business_unit, product_id
      ORDER BY proved_on DESC, kind DESC, sentence
    ) AS place
  FROM matched AS m
), counted AS (
  SELECT
    account_id,
    business_unit,
    product_id,
    SUM(CASE WHEN kind = 'measured' THEN 1 ELSE 0 END) AS outcomes,
    SUM(CASE WHEN kind = 'measured' AND proved_on > @days_before(90) THEN 1 ELSE 0 END) AS recent,
    SUM(CASE WHEN kind = 'reference' THEN 1 ELSE 0 END) AS refs,
    SUM(CASE WHEN kind = 'signed_sentence' THEN 1 ELSE 0 END) AS signed,
    SUM(CASE WHEN kind = 'goal_met' THEN 1 ELSE 0 END) AS goals,
    MAX(CASE WHEN place = 1 THEN sentence END) AS latest
  FROM ranked
  GROUP BY account_id, business_unit, product_id
), live AS (
  SELECT
    o.account_id,
    o.business_unit,
    o.product_id,
    BOOL_OR(i.first_value_on IS NOT NULL) AS reached
  FROM positions AS o
  INNER JOIN implementations AS i
    ON i.account_id = o.account_id AND i.product_id = o.product_id
    AND (i.business_unit = o.business_unit OR i.business_unit = '' OR o.business_unit = '')
  GROUP BY o.account_id, o.business_unit, o.product_id
)
SELECT
  p.account_id,
  p.business_unit,
  p.product_id,
  COALESCE(c.outcomes, 0) AS outcomes_365d,
  COALESCE(c.recent, 0) AS outcomes_90d,
  COALESCE(c.refs, 0) AS references_365d,
  COALESCE(c.signed, 0) AS signed_sentences_365d,
  COALESCE(c.goals, 0) AS goals_met_365d,
  l.reached AS first_value_reached,
  c.latest AS value_delivered
FROM positions AS p
LEFT JOIN counted AS c
  ON c.account_id = p.account_id AND c.business_unit = p.business_unit AND c.product_id = p.product_id
LEFT JOIN live AS l
  ON l.account_id = p.account_id AND l.business_unit = p.business_unit AND l.product_id = p.product_id
