/*---
scope: account
needs: [org_changes]
signals:
  layoffs_180d:
    unit: count
    label: "layoffs of the last 180 days"
    counts: org_changes
    window: 180
    meaning: Layoffs of the last 180 days; they speak against asking for more, whatever else changed.
    unknown_when: organisation changes do not cover the span and none is recorded
---*/
SELECT account_id, COUNT(*) AS layoffs_180d
FROM org_changes
WHERE kind = 'layoff' AND happened_on > @days_before(180)
GROUP BY account_id
