/*---
scope: white_space
needs: [crm_opportunities]
signals:
  deals_open_for_it:
    unit: count
    label: "open deals for it"
    counts: crm_opportunities
    meaning: Deals that people have open in the CRM for this product, which the customer lacks; ours left out.
    unknown_when: >
      deals are not loaded or their feed is stale, or an open deal of the account names no product and may be for this one
  open_deal_for_it:
    unit: text
    meaning: The oldest of these deals, whose it is and since when; without one, the deal that names no product.
    unknown_when: there is none
  exclusive_deals_open:
    unit: count
    label: "open deals for a product that excludes it"
    meaning: Deals that people have open in the CRM for a product that this one excludes, or that excludes it.
    unknown_when: there is such a product, and deals are not loaded or their feed is stale
  exclusive_deal:
    unit: text
    meaning: The oldest of these deals, whose it is and since when.
    unknown_when: there is none
---*/
WITH exclusive AS (
  SELECT product_id, other_product_id
  FROM product_relations
  WHERE relation = 'exclusive_with'
  UNION
  SELECT other_product_id AS product_id, product_id AS other_product_id
  FROM product_relations
  WHERE relation = 'exclusive_with'
), loaded AS (
  SELECT COUNT(*) AS complete
  FROM complete_tables
  WHERE table_name = 'crm_opportunities'
), matched AS (
  SELECT
    f.account_id,
    f.business_unit,
    f.product_id,
    d.crm_opportunity_id,
    d.created_on,
    d.deal,
    CASE WHEN d.product_id = f.product_id THEN 0 WHEN x.product_id IS NOT NULL THEN 2 ELSE 1 END AS about
  FROM white_space_frame AS f
  INNER JOIN open_deals AS d
    ON d.account_id = f.account_id AND (d.business_unit = '' OR d.business_unit = f.business_unit)
  LEFT JOIN exclusive AS x ON x.product_id = f.product_id AND x.other_product_id = d.product_id
  WHERE d.product_id = f.product_id OR x.product_id IS NOT NULL
    OR (d.product_id IS NULL
      AND (d.motion IS NULL OR d.motion = 'cross_sell' OR (d.mechanism = 'support' AND f.kind = 'support')))
), ranked AS (
  SELECT
    m.*,
    ROW_NUMBER() OVER (
      PARTITION BY account_id, business_unit, product_id, CASE WHEN about = 2 THEN 1 ELSE 0 END
      ORDER BY about, created_on, crm_opportunity_id
    ) AS place
  FROM matched AS m
), found AS (
  SELECT
    account_id,
    business_unit,
    product_id,
    COUNT(DISTINCT CASE WHEN about = 0 THEN crm_opportunity_id END) AS certain,
    COUNT(DISTINCT CASE WHEN about = 1 THEN crm_opportunity_id END) AS maybe,
    COUNT(DISTINCT CASE WHEN about = 2 THEN crm_opportunity_id END) AS excluding,
    MAX(CASE WHEN place = 1 AND about <> 2 THEN deal END) AS deal,
    MAX(CASE WHEN place = 1 AND about = 2 THEN deal END) AS excluding_deal
  FROM ranked
  GROUP BY account_id, business_unit, product_id
), excluded AS (
  SELECT DISTINCT product_id
  FROM exclusive
)
SELECT
  f.account_id,
  f.business_unit,
  f.product_id,
  CASE WHEN m.certain > 0 THEN m.certain WHEN m.maybe > 0 THEN NULL ELSE 0 END AS deals_open_for_it,
  m.deal AS open_deal_for_it,
  CASE
    WHEN x.product_id IS NULL THEN 0
    WHEN m.excluding > 0 THEN m.excluding
    WHEN l.complete > 0 THEN 0
  END AS exclusive_deals_open,
  m.excluding_deal AS exclusive_deal
FROM white_space_frame AS f
INNER JOIN loaded AS l ON TRUE
LEFT JOIN excluded AS x ON x.product_id = f.product_id
LEFT JOIN found AS m
  ON m.account_id = f.account_id AND m.business_unit = f.business_unit AND m.product_id = f.product_id
