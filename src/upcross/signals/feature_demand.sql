/*---
scope: subscription
needs: [feature_requests, plan_features, pricing_plans]
signals:
  higher_tier_requests_90d:
    unit: count
    label: "requests for a higher plan's features, last 90 days"
    counts: feature_requests
    window: 90
    meaning: Requests of the last 90 days for features that a higher plan has and the account's plan lacks.
    unknown_when: feature requests do not cover the span and none is recorded
  higher_tier_request_people_90d:
    unit: count
    label: "people who asked for a higher plan's features, last 90 days"
    counts: feature_requests
    window: 90
    meaning: How many different people made those requests.
    unknown_when: feature requests do not cover the span, or requests name fewer than two people and not all name one
---*/
SELECT
  p.account_id,
  p.business_unit,
  p.product_id,
  COUNT(DISTINCT r.request_id) AS higher_tier_requests_90d,
  -- A request without a person may be anybody's: with fewer than two known people their number is unknown.
  CASE
    WHEN COUNT(DISTINCT r.contact_id) >= 2 OR COUNT(r.contact_id) = COUNT(r.request_id) THEN COUNT(DISTINCT r.contact_id)
  END AS higher_tier_request_people_90d
FROM positions AS p
INNER JOIN feature_requests AS r
  ON r.account_id = p.account_id AND r.product_id = p.product_id
  AND (r.business_unit = p.business_unit OR r.business_unit = '' OR p.business_unit = '')
INNER JOIN pricing_plans AS h ON h.product_id = p.product_id AND h.rank > p.rank
INNER JOIN plan_features AS f ON f.plan_id = h.plan_id AND f.feature = r.feature
LEFT JOIN plan_features AS o ON o.plan_id = p.plan_id AND o.feature = r.feature
WHERE r.requested_on > @days_before(90) AND o.feature IS NULL
GROUP BY p.account_id, p.business_unit, p.product_id
