/*---
scope: subscription
needs: [crm_opportunities]
signals:
  deals_open_for_more:
    unit: count
    label: "open deals for more of it"
    counts: crm_opportunities
    meaning: Deals that people have open in the CRM for more of this product, ours left out.
    unknown_when: >
      deals are not loaded or their feed is stale, or an open expansion deal of the account names no product and may be
      for this one
  open_deal_for_more:
    unit: text
    meaning: The oldest of these deals, whose it is and since when; without one, the deal that names no product.
    unknown_when: there is none
---*/
WITH matched AS (
  SELECT
    p.account_id,
    p.business_unit,
    p.product_id,
    d.crm_opportunity_id,
    d.created_on,
    d.deal,
    d.product_id IS NOT NULL AS certain
  FROM positions AS p
  INNER JOIN open_deals AS d
    ON d.account_id = p.account_id
    AND (d.business_unit = '' OR p.business_unit = '' OR d.business_unit = p.business_unit)
    AND COALESCE(d.motion, 'upsell') = 'upsell'
    AND (d.product_id = p.product_id OR (d.product_id IS NULL AND d.kind <> 'new_business'))
), ranked AS (
  SELECT
    m.*,
    ROW_NUMBER() OVER (
      PARTITION BY account_id, business_unit, product_id
      ORDER BY CASE WHEN certain THEN 0 ELSE 1 END, created_on, crm_opportunity_id
    ) AS place
  FROM matched AS m
)
SELECT
  account_id,
  business_unit,
  product_id,
  -- Deals that may be for it make the number unknown where none is known to be: they are neither none nor one.
  NULLIF(COUNT(DISTINCT CASE WHEN certain THEN crm_opportunity_id END), 0) AS deals_open_for_more,
  MAX(CASE WHEN place = 1 THEN deal END) AS open_deal_for_more
FROM ranked
GROUP BY account_id, business_unit, product_id
