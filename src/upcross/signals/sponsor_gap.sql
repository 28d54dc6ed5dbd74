/*---
scope: white_space
needs: [subscriptions]
signals:
  sponsor_gone:
    unit: flag
    label: "who stood for us has left without a successor"
    meaning: >
      Whether a champion, sponsor or buyer of what they own (the anchor), of this product or in general has left in the
      last 90 days, and nobody is on record who plays such a part now, confirmed within 180 days (or never dated).
    unknown_when: never; a part that nobody recorded is not missed
  sponsor_gone_who:
    unit: text
    meaning: The last of them who left.
    unknown_when: nobody of them left in the last 90 days
---*/
WITH parts AS (
  SELECT
    f.account_id,
    f.business_unit,
    f.product_id,
    r.contact_id,
    r.person,
    r.has_left,
    r.left_on,
    BOOL_OR(r.fresh) AS fresh
  FROM white_space_frame AS f
  INNER JOIN roles AS r
    ON r.account_id = f.account_id
    AND (r.product_id = '' OR r.product_id = f.product_id OR r.product_id = f.anchor_product_id)
    AND (r.business_unit = f.business_unit OR r.business_unit = '' OR f.business_unit = '')
    AND r.role IN ('champion', 'executive_sponsor', 'economic_buyer', 'decision_maker')
  GROUP BY f.account_id, f.business_unit, f.product_id, r.contact_id, r.person, r.has_left, r.left_on
), ranked AS (
  SELECT
    p.*,
    ROW_NUMBER() OVER (
      PARTITION BY account_id, business_unit, product_id
      ORDER BY CASE WHEN has_left THEN 0 ELSE 1 END, left_on DESC NULLS LAST, contact_id
    ) AS place
  FROM parts AS p
), counted AS (
  SELECT
    account_id,
    business_unit,
    product_id,
    COUNT(CASE WHEN fresh AND NOT has_left THEN 1 END) AS here,
    MAX(CASE WHEN place = 1 AND has_left AND left_on > @days_before(90) THEN person END) AS gone
  FROM ranked
  GROUP BY account_id, business_unit, product_id
)
SELECT
  f.account_id,
  f.business_unit,
  f.product_id,
  c.gone IS NOT NULL AND COALESCE(c.here, 0) = 0 AS sponsor_gone,
  c.gone AS sponsor_gone_who
FROM white_space_frame AS f
LEFT JOIN counted AS c
  ON c.account_id = f.account_id AND c.business_unit = f.business_unit AND c.product_id = f.product_id
