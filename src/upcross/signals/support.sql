/*---
scope: account
needs: [tickets]
signals:
  escalations_open:
    unit: count
    label: "support escalations open"
    counts: tickets
    meaning: Support tickets that were escalated and whose escalation is not settled.
    unknown_when: tickets are missing or their feed is stale
  tickets_90d:
    unit: count
    label: "tickets opened in the last 90 days"
    counts: tickets
    window: 90
    meaning: Support tickets opened in the last 90 days.
    unknown_when: tickets do not cover the span and none is recorded
---*/
SELECT
  account_id,
  SUM(
    CASE WHEN escalated_on IS NOT NULL AND escalation_closed_on IS NULL AND closed_on IS NULL THEN 1 ELSE 0 END
  ) AS escalations_open,
  SUM(CASE WHEN opened_on > @days_before(90) THEN 1 ELSE 0 END) AS tickets_90d
FROM tickets
GROUP BY account_id
