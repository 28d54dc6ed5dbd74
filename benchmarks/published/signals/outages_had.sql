/*---
scope: account
needs: [incidents]
signals:
  outages_30d:
    unit: count
    counts: incidents
    window: 30
    meaning: Major incidents of the last 30 days.
    unknown_when: incidents do not cover the 30 days and none is recorded
---*/
SELECT account_id, COUNT(*) AS outages_30d
FROM incidents
WHERE started_on > @days_before(30) AND severity = 'major'
GROUP BY account_id
