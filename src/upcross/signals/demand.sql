/*---
scope: white_space
needs: [statements]
signals:
  stated_needs_90d:
    unit: count
    label: "needs stated in the last 90 days"
    counts: statements
    window: 90
    meaning: Needs, pains, questions and open objectives of the last 90 days in a domain of this product.
    unknown_when: statements do not cover the span and none is recorded
  explicit_needs_90d:
    unit: count
    label: "needs stated outright in the last 90 days"
    counts: statements
    window: 90
    meaning: Those of them that were stated outright.
    unknown_when: statements do not cover the span and none is recorded
  stated_need_people_90d:
    unit: count
    label: "people who stated them"
    counts: statements
    window: 90
    meaning: How many different people stated them.
    unknown_when: statements do not cover the span and none is recorded
  new_teams_90d:
    unit: count
    counts: org_changes
    window: 90
    needs: [org_changes]
    meaning: New teams and business areas of the last 90 days in a domain of this product.
    unknown_when: organisation changes do not cover the span and none is recorded
  org_changes_90d:
    unit: count
    counts: org_changes
    window: 90
    needs: [org_changes]
    meaning: Other changes of the organisation of the last 90 days in a domain of this product.
    unknown_when: organisation changes do not cover the span and none is recorded
  competitors_seen_365d:
    unit: count
    counts: competitor_products
    window: 365
    needs: [competitor_products]
    meaning: Products of others in a domain of this product, seen in the last 365 days.
    unknown_when: competitor products do not cover the span and none is recorded
  latest_need:
    unit: text
    needs: []
    meaning: The latest stated need in the customer's words.
    unknown_when: none was stated in the last 365 days
  latest_need_by:
    unit: text
    needs: []
    meaning: Who stated it.
    unknown_when: none was stated in the last 365 days
  latest_need_domain:
    unit: text
    needs: []
    meaning: The problem domain that it touches.
    unknown_when: none was stated in the last 365 days, or it names the product outright
  days_since_need:
    unit: days
    label: "days since the need was stated"
    needs: []
    meaning: Days since it was stated.
    unknown_when: none was stated in the last 365 days
---*/
WITH matched AS (
  SELECT DISTINCT
    f.account_id,
    f.business_unit,
    f.product_id,
    n.kind,
    n.heard_on,
    n.explicit,
    n.quote,
    n.person,
    n.domain,
    n.evidence
  FROM white_space_frame AS f
  INNER JOIN needs AS n
    ON n.account_id = f.account_id AND (n.business_unit = '' OR n.business_unit = f.business_unit)
  LEFT JOIN product_domains AS d ON d.product_id = f.product_id AND d.domain = n.domain
  WHERE n.heard_on > @days_before(365) AND (n.product_id = f.product_id OR (n.product_id IS NULL AND d.domain IS NOT NULL))
), ranked AS (
  SELECT
    m.*,
    ROW_NUMBER() OVER (
      PARTITION BY account_id, business_unit, product_id
      ORDER BY CASE WHEN kind = 'need' THEN 0 ELSE 1 END, heard_on DESC, quote
    ) AS place
  FROM matched AS m
)
SELECT
  account_id,
  business_unit,
  product_id,
  SUM(CASE WHEN kind = 'need' AND heard_on > @days_before(90) THEN 1 ELSE 0 END) AS stated_needs_90d,
  SUM(CASE WHEN kind = 'need' AND heard_on > @days_before(90) AND explicit THEN 1 ELSE 0 END) AS explicit_needs_90d,
  COUNT(DISTINCT CASE WHEN kind = 'need' AND heard_on > @days_before(90) THEN person END) AS stated_need_people_90d,
  SUM(CASE WHEN kind = 'new_team' AND heard_on > @days_before(90) THEN 1 ELSE 0 END) AS new_teams_90d,
  SUM(CASE WHEN kind = 'org_change' AND heard_on > @days_before(90) THEN 1 ELSE 0 END) AS org_changes_90d,
  SUM(CASE WHEN kind = 'competitor' THEN 1 ELSE 0 END) AS competitors_seen_365d,
  MAX(CASE WHEN place = 1 AND kind = 'need' THEN quote END) AS latest_need,
  MAX(CASE WHEN place = 1 AND kind = 'need' THEN person END) AS latest_need_by,
  MAX(CASE WHEN place = 1 AND kind = 'need' THEN domain END) AS latest_need_domain,
  MAX(CASE WHEN place = 1 AND kind = 'need' THEN DATE_DIFF('day', heard_on, @as_of) END) AS days_since_need
FROM ranked
GROUP BY account_id, business_unit, product_id
