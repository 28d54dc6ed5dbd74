/*---
scope: account
needs: [subscriptions]
signals:
  account_mrr:
    unit: money
    meaning: MRR of all that is owned.
    unknown_when: nothing is owned
  products_owned:
    unit: count
    meaning: Products owned.
    unknown_when: nothing is owned
---*/
SELECT account_id, CAST(SUM(mrr) AS BIGINT) AS account_mrr, COUNT(*) AS products_owned
FROM owned
GROUP BY account_id
