/*---
meaning: >
  Departments of an account with the day on which somebody of theirs was first met, spoke or raised a ticket. is_new
  says that this was within the last 90 days, while somebody else of the account had been known before.
notes: >
  A contact is met on the day since which it is known (joined_on). Contacts without a department are nobody's.
---*/
WITH seen AS (
  SELECT account_id, contact_id, joined_on AS seen_on
  FROM contacts
  WHERE joined_on <= @as_of
  UNION ALL
  SELECT account_id, contact_id, happened_on AS seen_on
  FROM activities
  WHERE contact_id IS NOT NULL
  UNION ALL
  SELECT account_id, contact_id, said_on AS seen_on
  FROM statements
  WHERE contact_id IS NOT NULL
  UNION ALL
  SELECT account_id, contact_id, opened_on AS seen_on
  FROM tickets
  WHERE contact_id IS NOT NULL
), by_account AS (
  SELECT account_id, MIN(seen_on) AS first_seen_on
  FROM seen
  GROUP BY account_id
), by_department AS (
  SELECT s.account_id, LOWER(c.department) AS department, MIN(s.seen_on) AS first_seen_on
  FROM seen AS s
  INNER JOIN contacts AS c ON c.contact_id = s.contact_id AND c.account_id = s.account_id
  WHERE c.department IS NOT NULL
  GROUP BY s.account_id, LOWER(c.department)
)
SELECT
  d.account_id,
  d.department,
  d.first_seen_on,
  d.first_seen_on > @days_before(90) AND a.first_seen_on <= @days_before(90) AS is_new
FROM by_department AS d
INNER JOIN by_account AS a ON a.account_id = d.account_id
