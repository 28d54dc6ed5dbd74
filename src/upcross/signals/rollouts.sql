/*---
scope: account
needs: [implementations]
signals:
  implementations_running:
    unit: count
    label: "roll-outs running"
    counts: implementations
    meaning: Roll-outs of a product at the account that began and are not live.
    unknown_when: implementations are missing or their feed is stale
---*/
SELECT account_id, COUNT(*) AS implementations_running
FROM implementations
WHERE live_on IS NULL
GROUP BY account_id
