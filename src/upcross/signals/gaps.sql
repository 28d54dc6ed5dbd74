/*---
scope: white_space
needs: [objectives]
signals:
  objectives_open_365d:
    unit: count
    label: "objectives open in its domain"
    counts: objectives
    window: 365
    meaning: Objectives set in the last 365 days in a domain of this product, neither met nor dropped.
    unknown_when: objectives do not cover the span and none is recorded
  objective:
    unit: text
    needs: []
    meaning: The open objective that is due first, in the customer's words.
    unknown_when: none is open
  days_to_objective:
    unit: days
    label: "days until the objective is due"
    meaning: Days until the first of them is due; negative where it is overdue.
    unknown_when: none is open, or none has a day by which it is due
  requested_features_90d:
    unit: count
    label: "requests for what it does, in the last 90 days"
    counts: feature_requests
    window: 90
    needs: [feature_requests, plan_features]
    meaning: >
      Feature requests of the last 90 days, for a product that they own, asking for what this product has and no plan
      of theirs does.
    unknown_when: feature requests do not cover the span and none is recorded
  requested_feature_people_90d:
    unit: count
    label: "people who asked for what it does"
    counts: feature_requests
    window: 90
    needs: [feature_requests, plan_features]
    meaning: How many different people asked for it.
    unknown_when: feature requests do not cover the span, or requests name fewer than two people and not all name one
  tickets_about_it_90d:
    unit: count
    label: "tickets about it in the last 90 days"
    counts: tickets
    window: 90
    needs: [tickets]
    meaning: Questions, problems and requests of the last 90 days that support filed under this product.
    unknown_when: tickets do not cover the span and none is recorded
---*/
WITH ranked AS (
  SELECT
    m.account_id,
    m.business_unit,
    m.product_id,
    m.kind,
    m.heard_on,
    m.quote,
    m.contact_id,
    m.evidence,
    o.due_on,
    ROW_NUMBER() OVER (
      PARTITION BY m.account_id, m.business_unit, m.product_id, m.kind
      ORDER BY o.due_on NULLS LAST, m.heard_on DESC, m.quote, m.evidence
    ) AS place
  FROM cell_needs AS m
  LEFT JOIN objectives AS o ON m.evidence = 'objective ' || o.objective_id
  WHERE m.kind IN ('objective', 'request', 'ticket')
)
SELECT
  account_id,
  business_unit,
  product_id,
  SUM(CASE WHEN kind = 'objective' THEN 1 ELSE 0 END) AS objectives_open_365d,
  MAX(CASE WHEN kind = 'objective' AND place = 1 THEN quote END) AS objective,
  MAX(CASE WHEN kind = 'objective' AND place = 1 THEN DATE_DIFF('day', @as_of, due_on) END) AS days_to_objective,
  COUNT(DISTINCT CASE WHEN kind = 'request' AND heard_on > @days_before(90) THEN evidence END) AS requested_features_90d,
  -- A request without a person may be anybody's: with fewer than two known people their number is unknown.
  CASE
    WHEN COUNT(DISTINCT CASE WHEN kind = 'request' AND heard_on > @days_before(90) THEN contact_id END) >= 2
      OR COUNT(CASE WHEN kind = 'request' AND heard_on > @days_before(90) AND contact_id IS NULL THEN 1 END) = 0
      THEN COUNT(DISTINCT CASE WHEN kind = 'request' AND heard_on > @days_before(90) THEN contact_id END)
  END AS requested_feature_people_90d,
  SUM(CASE WHEN kind = 'ticket' AND heard_on > @days_before(90) THEN 1 ELSE 0 END) AS tickets_about_it_90d
FROM ranked
GROUP BY account_id, business_unit, product_id
