/*---
scope: white_space
needs: [contacts]
signals:
  unit_contacts_contactable:
    unit: count
    label: "people of this unit whom we may contact"
    meaning: People known in this unit, or in no unit, who have not left and did not ask not to be contacted.
    unknown_when: no contacts are loaded
  voice_refused:
    unit: flag
    label: "whoever voiced the need may not be contacted"
    needs: []
    meaning: >
      Whether all those whom we know and who spoke of the need in the last 365 days have left or asked not to be
      contacted. False where nobody is known to have said it.
    unknown_when: never, for a cell of the map
---*/
WITH loaded AS (
  SELECT COUNT(*) AS contacts
  FROM contacts
), reachable AS (
  SELECT f.account_id, f.business_unit, f.product_id, COUNT(*) AS people
  FROM white_space_frame AS f
  INNER JOIN contacts AS c
    ON c.account_id = f.account_id
    AND (f.business_unit = '' OR c.business_unit = '' OR c.business_unit = f.business_unit)
  WHERE (c.left_on IS NULL OR c.left_on > @as_of) AND NOT COALESCE(c.do_not_contact, FALSE)
  GROUP BY f.account_id, f.business_unit, f.product_id
), voices AS (
  SELECT account_id, business_unit, product_id, BOOL_OR(contactable) AS contactable
  FROM cell_needs
  WHERE known_contact
  GROUP BY account_id, business_unit, product_id
)
SELECT
  f.account_id,
  f.business_unit,
  f.product_id,
  CASE WHEN l.contacts > 0 THEN COALESCE(r.people, 0) END AS unit_contacts_contactable,
  NOT COALESCE(v.contactable, TRUE) AS voice_refused
FROM white_space_frame AS f
INNER JOIN loaded AS l ON TRUE
LEFT JOIN reachable AS r
  ON r.account_id = f.account_id AND r.business_unit = f.business_unit AND r.product_id = f.product_id
LEFT JOIN voices AS v
  ON v.account_id = f.account_id AND v.business_unit = f.business_unit AND v.product_id = f.product_id
