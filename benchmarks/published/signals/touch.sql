/*---
scope: account
needs: [activities]
signals:
  activities_30d:
    unit: count
    counts: activities
    window: 30
    meaning: Calls, meetings and e-mails of the last 30 days.
    unknown_when: activities do not cover the 30 days and none is recorded
  replies_90d:
    unit: count
    counts: activities
    window: 90
    meaning: What came from the customer in the last 90 days.
    unknown_when: activities do not cover the 90 days and none is recorded
  people_met_90d:
    unit: count
    counts: activities
    window: 90
    meaning: Distinct people, still there, who took part in the last 90 days.
    unknown_when: activities do not cover the 90 days and none is recorded
  executives_met_90d:
    unit: count
    counts: activities
    window: 90
    meaning: The executives among them.
    unknown_when: activities do not cover the 90 days and none is recorded
---*/
SELECT
  a.account_id,
  SUM(CASE WHEN a.happened_on > @days_before(30) THEN 1 ELSE 0 END) AS activities_30d,
  SUM(CASE WHEN a.direction = 'in' THEN 1 ELSE 0 END) AS replies_90d,
  COUNT(DISTINCT c.contact_id) AS people_met_90d,
  COUNT(DISTINCT CASE WHEN c.seniority = 'executive' THEN c.contact_id END) AS executives_met_90d
FROM activities AS a
LEFT JOIN contacts AS c ON c.contact_id = a.contact_id AND (c.left_on IS NULL OR c.left_on > @as_of)
WHERE a.happened_on > @days_before(90)
GROUP BY a.account_id
