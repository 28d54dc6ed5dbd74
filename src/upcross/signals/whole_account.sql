/*---
scope: white_space
needs: [subscriptions]
signals:
  about_whole_account:
    unit: flag
    meaning: >
      Whether nothing of what speaks for the product here was heard of this unit itself, only of the whole account; the
      units for which the same words speak share one ask. False where the account has no units.
    unknown_when: never, for a cell of the map
---*/
WITH heard AS (
  SELECT account_id, business_unit, product_id, BOOL_OR(heard_in_unit) AS in_unit
  FROM (
    SELECT account_id, business_unit, product_id, heard_in_unit
    FROM cell_needs
    UNION ALL
    SELECT account_id, business_unit, product_id, heard_in_unit
    FROM buying_requests
    WHERE NOT owned
  ) AS everything
  GROUP BY account_id, business_unit, product_id
)
SELECT
  f.account_id,
  f.business_unit,
  f.product_id,
  f.business_unit <> '' AND NOT COALESCE(h.in_unit, FALSE) AS about_whole_account
FROM white_space_frame AS f
LEFT JOIN heard AS h
  ON h.account_id = f.account_id AND h.business_unit = f.business_unit AND h.product_id = f.product_id
