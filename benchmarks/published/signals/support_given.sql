/*---
scope: account
needs: [tickets]
signals:
  tickets_opened_90d:
    unit: count
    counts: tickets
    window: 90
    meaning: Tickets opened in the last 90 days.
    unknown_when: tickets do not cover the 90 days and none is recorded
  tickets_urgent_30d:
    unit: count
    counts: tickets
    window: 30
    meaning: Urgent tickets opened in the last 30 days.
    unknown_when: tickets do not cover the 30 days and none is recorded
  escalations_open:
    unit: count
    counts: tickets
    window: 90
    meaning: Tickets of the last 90 days that were escalated and whose escalation is not closed.
    unknown_when: tickets do not cover the 90 days and none is recorded
---*/
SELECT
  account_id,
  COUNT(*) AS tickets_opened_90d,
  SUM(CASE WHEN opened_on > @days_before(30) AND priority = 'urgent' THEN 1 ELSE 0 END) AS tickets_urgent_30d,
  SUM(
    CASE
      WHEN escalated_on <= @as_of AND (escalation_closed_on IS NULL OR escalation_closed_on > @as_of) THEN 1
      ELSE 0
    END
  ) AS escalations_open
FROM tickets
WHERE opened_on > @days_before(90)
GROUP BY account_id
