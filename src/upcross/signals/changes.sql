/*---
scope: white_space
needs: [org_changes]
signals:
  new_teams_90d:
    unit: count
    counts: org_changes
    window: 90
    meaning: New teams of the last 90 days in a domain of this product.
    unknown_when: organisation changes do not cover the span and none is recorded
  new_business_areas_90d:
    unit: count
    counts: org_changes
    window: 90
    meaning: New business areas of the last 90 days in a domain of this product.
    unknown_when: organisation changes do not cover the span and none is recorded
  new_leaders_90d:
    unit: count
    counts: org_changes
    window: 90
    meaning: New leaders of the last 90 days in a domain of this product.
    unknown_when: organisation changes do not cover the span and none is recorded
  org_changes_90d:
    unit: count
    label: "mergers, reorganisations and new sites of the last 90 days"
    counts: org_changes
    window: 90
    meaning: Mergers, reorganisations, new sites and other changes of the last 90 days in a domain of this product.
    unknown_when: organisation changes do not cover the span and none is recorded
  latest_change:
    unit: text
    needs: []
    meaning: The sentence that tells of the latest of these changes, or else which kind of change it was.
    unknown_when: none is recorded in the last 365 days
  days_since_change:
    unit: days
    label: "days since the change"
    needs: []
    meaning: Days since it happened.
    unknown_when: none is recorded in the last 365 days
---*/
WITH ranked AS (
  SELECT
    m.*,
    ROW_NUMBER() OVER (
      PARTITION BY account_id, business_unit, product_id
      ORDER BY heard_on DESC, quote, evidence
    ) AS place
  FROM cell_needs AS m
  WHERE kind IN ('new_team', 'new_area', 'new_leader', 'org_change')
)
SELECT
  account_id,
  business_unit,
  product_id,
  SUM(CASE WHEN kind = 'new_team' AND heard_on > @days_before(90) THEN 1 ELSE 0 END) AS new_teams_90d,
  SUM(CASE WHEN kind = 'new_area' AND heard_on > @days_before(90) THEN 1 ELSE 0 END) AS new_business_areas_90d,
  SUM(CASE WHEN kind = 'new_leader' AND heard_on > @days_before(90) THEN 1 ELSE 0 END) AS new_leaders_90d,
  SUM(CASE WHEN kind = 'org_change' AND heard_on > @days_before(90) THEN 1 ELSE 0 END) AS org_changes_90d,
  MAX(CASE WHEN place = 1 THEN quote END) AS latest_change,
  MAX(CASE WHEN place = 1 THEN DATE_DIFF('day', heard_on, @as_of) END) AS days_since_change
FROM ranked
GROUP BY account_id, business_unit, product_id
