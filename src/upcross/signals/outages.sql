/*---
scope: account
needs: [incidents]
signals:
  outages_30d:
    unit: count
    label: "outages in the last 30 days"
    counts: incidents
    window: 30
    meaning: >
      Major incidents that hit the account, or a product it owns, and were open or ended within the last 30 days.
    unknown_when: incidents do not cover the span and none is recorded
---*/
WITH owned AS (
  SELECT DISTINCT account_id, product_id
  FROM positions
), hit AS (
  SELECT o.account_id, i.incident_id
  FROM incidents AS i
  INNER JOIN owned AS o
    ON (i.account_id = '' OR i.account_id = o.account_id) AND (i.product_id IS NULL OR i.product_id = o.product_id)
  WHERE i.severity = 'major' AND (i.ended_on IS NULL OR i.ended_on > @days_before(30))
)
SELECT account_id, COUNT(DISTINCT incident_id) AS outages_30d
FROM hit
GROUP BY account_id
