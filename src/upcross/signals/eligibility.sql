/*---
meaning: >
  Whether an account is of the kind that a product is sold to, one row for each attribute that the catalogue names for
  the product: true, false, or null where the account's segment, region or industry is not recorded.
---*/
SELECT
  a.account_id,
  e.product_id,
  e.attribute,
  BOOL_OR(
    CASE e.attribute
      WHEN 'segment' THEN LOWER(NULLIF(a.segment, '')) = LOWER(e.value)
      WHEN 'region' THEN LOWER(NULLIF(a.region, '')) = LOWER(e.value)
      WHEN 'industry' THEN LOWER(NULLIF(a.industry, '')) = LOWER(e.value)
    END
  ) AS eligible
FROM accounts AS a
INNER JOIN product_eligibility AS e ON TRUE
GROUP BY a.account_id, e.product_id, e.attribute
