/*---
scope: account
needs: [contacts]
signals:
  contacts_known:
    unit: count
    meaning: People known who have not left.
    unknown_when: nobody was ever known
  leavers_90d:
    unit: count
    window: 90
    meaning: People known who left in the last 90 days.
    unknown_when: nobody was ever known
---*/
SELECT
  account_id,
  SUM(CASE WHEN left_on IS NULL OR left_on > @as_of THEN 1 ELSE 0 END) AS contacts_known,
  SUM(CASE WHEN left_on > @days_before(90) AND left_on <= @as_of THEN 1 ELSE 0 END) AS leavers_90d
FROM contacts
GROUP BY account_id
