/*---
scope: account
needs: [statements]
signals:
  unmatched_needs_90d:
    unit: count
    label: "needs that no product answers, in the last 90 days"
    counts: statements
    window: 90
    meaning: >
      Needs, pains and questions of the last 90 days that name no product and no domain that a product of ours serves:
      what nobody can answer, or a domain written in other words than the catalogue's.
    unknown_when: statements do not cover the span and none is recorded
  unmatched_need:
    unit: text
    needs: []
    meaning: The latest of them, in the customer's words.
    unknown_when: there is none
---*/
WITH lost AS (
  SELECT
    n.account_id,
    n.quote,
    ROW_NUMBER() OVER (PARTITION BY n.account_id ORDER BY n.heard_on DESC, n.quote, n.evidence) AS place
  FROM needs AS n
  LEFT JOIN product_domains AS d ON LOWER(d.domain) = n.domain
  WHERE n.kind IN ('need', 'question') AND n.heard_on > @days_before(90) AND n.product_id IS NULL AND d.domain IS NULL
)
SELECT account_id, COUNT(*) AS unmatched_needs_90d, MAX(CASE WHEN place = 1 THEN quote END) AS unmatched_need
FROM lost
GROUP BY account_id
