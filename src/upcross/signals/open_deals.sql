/*---
meaning: >
  Deals that people have open in the CRM, one row a deal and product (product_id is null where it names none) - those that
  may sell more or something new; renewals only where a mechanism says that they do. Deals that bear our own key are ours
  and left out.
---*/
WITH named AS (
  SELECT DISTINCT crm_opportunity_id, product_id, mechanism
  FROM crm_opportunity_lines
  WHERE product_id IS NOT NULL
), deals AS (
  SELECT
    o.crm_opportunity_id,
    o.account_id,
    o.business_unit,
    o.kind,
    o.created_on,
    l.product_id,
    COALESCE(l.mechanism, o.mechanism) AS mechanism,
    COALESCE(o.name, o.crm_opportunity_id) || ' (' || COALESCE(t.name, o.owner, 'nobody') || ', since '
      || CAST(o.created_on AS VARCHAR) || ')' AS deal
  FROM crm_opportunities AS o
  LEFT JOIN named AS l ON l.crm_opportunity_id = o.crm_opportunity_id
  LEFT JOIN team AS t ON t.person_id = o.owner
  WHERE o.result IS NULL AND (o.closed_on IS NULL OR o.closed_on > @as_of) AND COALESCE(o.upcross_key, '') = ''
)
SELECT
  crm_opportunity_id,
  account_id,
  business_unit,
  COALESCE(kind, 'expansion') AS kind,
  created_on,
  product_id,
  mechanism,
  CASE
    WHEN mechanism IN ('seats', 'tier', 'usage', 'support') THEN 'upsell'
    WHEN mechanism IS NOT NULL THEN 'cross_sell'
  END AS motion,
  deal
FROM deals
WHERE COALESCE(kind, 'expansion') <> 'renewal' OR mechanism IS NOT NULL
