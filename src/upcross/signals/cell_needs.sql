/*---
meaning: >
  What was heard in the last 365 days, matched to the products that could answer it: one row a need and white-space
  cell. It matches where it names the product, or a domain of the product that the product it names does not serve.
notes: >
  What was heard before the last deal on the product was lost is spent: that deal has had its answer. In an account
  without business units a need of any unit counts.
---*/
SELECT
  f.account_id,
  f.business_unit,
  f.product_id,
  n.kind,
  n.heard_on,
  n.explicit,
  n.quote,
  n.contact_id,
  n.speaker,
  n.person,
  n.known_contact,
  n.contactable,
  n.domain_as_written AS domain,
  n.evidence,
  BOOL_OR(n.business_unit <> '') AS heard_in_unit
FROM white_space_frame AS f
INNER JOIN needs AS n
  ON n.account_id = f.account_id
  AND (n.business_unit = '' OR f.business_unit = '' OR n.business_unit = f.business_unit)
LEFT JOIN product_domains AS d ON d.product_id = f.product_id AND LOWER(d.domain) = n.domain
LEFT JOIN product_domains AS meant ON meant.product_id = n.product_id AND LOWER(meant.domain) = n.domain
INNER JOIN before AS l
  ON l.account_id = f.account_id AND l.business_unit = f.business_unit AND l.product_id = f.product_id
WHERE n.heard_on > @days_before(365)
  AND (n.product_id = f.product_id OR (d.domain IS NOT NULL AND meant.domain IS NULL))
  AND (l.lost_on IS NULL OR n.heard_on > l.lost_on)
GROUP BY
  f.account_id,
  f.business_unit,
  f.product_id,
  n.kind,
  n.heard_on,
  n.explicit,
  n.quote,
  n.contact_id,
  n.speaker,
  n.person,
  n.known_contact,
  n.contactable,
  n.domain_as_written,
  n.evidence
