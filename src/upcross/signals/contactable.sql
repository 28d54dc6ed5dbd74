/*---
scope: account
needs: [contacts]
signals:
  contacts_on_record:
    unit: count
    label: "people we know there"
    meaning: People known at the account who have not left it.
    unknown_when: no contacts are loaded
  contacts_contactable:
    unit: count
    label: "people we may contact"
    meaning: Those of them who did not ask not to be contacted.
    unknown_when: no contacts are loaded
---*/
WITH loaded AS (
  SELECT COUNT(*) AS contacts
  FROM contacts
), known AS (
  SELECT
    account_id,
    COUNT(*) AS people,
    SUM(CASE WHEN do_not_contact THEN 0 ELSE 1 END) AS contactable
  FROM contacts
  WHERE left_on IS NULL OR left_on > @as_of
  GROUP BY account_id
)
SELECT
  a.account_id,
  CASE WHEN l.contacts > 0 THEN COALESCE(k.people, 0) END AS contacts_on_record,
  CASE WHEN l.contacts > 0 THEN COALESCE(k.contactable, 0) END AS contacts_contactable
FROM accounts AS a
INNER JOIN loaded AS l ON TRUE
LEFT JOIN known AS k ON k.account_id = a.account_id
