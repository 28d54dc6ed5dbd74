/*---
meaning: >
  Parts that people of an account play, one row a contact, product and part: for a product by name, for the products of
  a deal, or in general (product_id is ''). fresh is false where the part was last confirmed more than 180 days ago;
  has_left and do_not_contact say who cannot be asked.
---*/
WITH named AS (
  SELECT contact_id, role, stance, confirmed_on, product_id
  FROM contact_roles
  WHERE product_id <> '' OR crm_opportunity_id = ''
  UNION
  SELECT r.contact_id, r.role, r.stance, r.confirmed_on, l.product_id
  FROM contact_roles AS r
  INNER JOIN crm_opportunity_lines AS l ON l.crm_opportunity_id = r.crm_opportunity_id
  WHERE r.product_id = '' AND r.crm_opportunity_id <> '' AND l.product_id IS NOT NULL
)
SELECT
  c.account_id,
  c.business_unit,
  c.contact_id,
  n.product_id,
  n.role,
  n.stance,
  n.confirmed_on,
  n.confirmed_on IS NULL OR n.confirmed_on >= @days_before(180) AS fresh,
  CASE WHEN c.name IS NULL THEN c.contact_id WHEN c.title IS NULL THEN c.name ELSE c.name || ', ' || c.title END AS person,
  c.left_on IS NOT NULL AND c.left_on <= @as_of AS has_left,
  c.left_on,
  COALESCE(c.do_not_contact, FALSE) AS do_not_contact
FROM named AS n
INNER JOIN contacts AS c ON c.contact_id = n.contact_id
WHERE n.confirmed_on IS NULL OR n.confirmed_on <= @as_of
