/*---
meaning: >
  What customers asked to buy in the last 30 days, one row a request and product that it may be about, owned or lacking.
notes: >
  A request is about the product that it names. One that names a problem domain alone is about the owned products of
  that domain, or else about every lacking one; one that names neither is about the product owned, where it is the only
  one.
---*/
WITH asked AS (
  SELECT
    s.statement_id,
    s.account_id,
    s.business_unit,
    s.said_on,
    s.product_id,
    s.domain,
    s.quote,
    CASE
      WHEN c.name IS NOT NULL AND c.title IS NOT NULL THEN c.name || ', ' || c.title
      ELSE COALESCE(c.name, s.person, 'whoever asked (not recorded)')
    END AS person
  FROM statements AS s
  LEFT JOIN contacts AS c ON c.contact_id = s.contact_id AND c.account_id = s.account_id
  WHERE s.kind = 'buying_request' AND s.said_on > @days_before(30)
), products_owned AS (
  SELECT account_id, COUNT(DISTINCT product_id) AS products
  FROM subscription_frame
  GROUP BY account_id
), about_owned AS (
  SELECT a.statement_id, f.business_unit AS owner_unit, f.product_id
  FROM asked AS a
  INNER JOIN subscription_frame AS f
    ON f.account_id = a.account_id
    AND (a.business_unit = '' OR f.business_unit = '' OR f.business_unit = a.business_unit)
  INNER JOIN products_owned AS n ON n.account_id = a.account_id
  LEFT JOIN product_domains AS d ON d.product_id = f.product_id AND d.domain = a.domain
  WHERE f.product_id = a.product_id
    OR (a.product_id IS NULL AND (d.domain IS NOT NULL OR (a.domain IS NULL AND n.products = 1)))
), about_lacking AS (
  SELECT a.statement_id, f.business_unit AS owner_unit, f.product_id
  FROM asked AS a
  INNER JOIN white_space_frame AS f
    ON f.account_id = a.account_id AND (a.business_unit = '' OR f.business_unit = a.business_unit)
  LEFT JOIN product_domains AS d ON d.product_id = f.product_id AND d.domain = a.domain
  LEFT JOIN about_owned AS o ON o.statement_id = a.statement_id
  WHERE f.product_id = a.product_id OR (a.product_id IS NULL AND d.domain IS NOT NULL AND o.statement_id IS NULL)
), about AS (
  SELECT DISTINCT statement_id, owner_unit, product_id, TRUE AS owned
  FROM about_owned
  UNION ALL
  SELECT DISTINCT statement_id, owner_unit, product_id, FALSE AS owned
  FROM about_lacking
)
SELECT
  a.account_id,
  b.owner_unit AS business_unit,
  b.product_id,
  b.owned,
  a.business_unit <> '' AS heard_in_unit,
  a.statement_id,
  a.said_on,
  a.quote,
  a.person,
  ROW_NUMBER() OVER (
    PARTITION BY a.account_id, b.owner_unit, b.product_id, b.owned
    ORDER BY a.said_on DESC, a.statement_id
  ) AS place
FROM asked AS a
INNER JOIN about AS b ON b.statement_id = a.statement_id
