/*---
scope: subscription
needs: [contacts, contact_roles]
signals:
  sponsors_known:
    unit: count
    label: "champions and sponsors of the product who are still there"
    meaning: >
      Champions and executive sponsors, of this product or in general, who are still at the account and were confirmed
      within 180 days (or never dated).
    unknown_when: no part is recorded of anybody at the account
  sponsors_left_90d:
    unit: count
    label: "champions and sponsors who left in the last 90 days"
    window: 90
    meaning: Champions and executive sponsors, of this product or in general, who left in the last 90 days.
    unknown_when: no part is recorded of anybody at the account
  sponsor_left:
    unit: text
    meaning: The last of them who left.
    unknown_when: nobody of them left in the last 90 days
---*/
WITH known AS (
  SELECT DISTINCT account_id
  FROM roles
), parts AS (
  SELECT
    p.account_id,
    p.business_unit,
    p.product_id,
    r.contact_id,
    r.person,
    r.has_left,
    r.left_on,
    BOOL_OR(r.fresh) AS fresh
  FROM subscription_frame AS p
  INNER JOIN roles AS r
    ON r.account_id = p.account_id AND (r.product_id = p.product_id OR r.product_id = '')
    AND (r.business_unit = p.business_unit OR r.business_unit = '' OR p.business_unit = '')
    AND r.role IN ('champion', 'executive_sponsor')
  GROUP BY p.account_id, p.business_unit, p.product_id, r.contact_id, r.person, r.has_left, r.left_on
), ranked AS (
  SELECT
    q.*,
    ROW_NUMBER() OVER (
      PARTITION BY account_id, business_unit, product_id
      ORDER BY CASE WHEN has_left THEN 0 ELSE 1 END, left_on DESC NULLS LAST, contact_id
    ) AS place
  FROM parts AS q
), counted AS (
  SELECT
    account_id,
    business_unit,
    product_id,
    COUNT(CASE WHEN fresh AND NOT has_left THEN 1 END) AS here,
    COUNT(CASE WHEN has_left AND left_on > @days_before(90) THEN 1 END) AS gone,
    MAX(CASE WHEN place = 1 AND has_left AND left_on > @days_before(90) THEN person END) AS gone_last
  FROM ranked
  GROUP BY account_id, business_unit, product_id
)
SELECT
  f.account_id,
  f.business_unit,
  f.product_id,
  COALESCE(c.here, 0) AS sponsors_known,
  COALESCE(c.gone, 0) AS sponsors_left_90d,
  c.gone_last AS sponsor_left
FROM subscription_frame AS f
INNER JOIN known AS k ON k.account_id = f.account_id
LEFT JOIN counted AS c
  ON c.account_id = f.account_id AND c.business_unit = f.business_unit AND c.product_id = f.product_id
