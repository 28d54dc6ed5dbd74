/*---
scope: account
needs: [subscriptions]
signals:
  is_customer:
    unit: flag
    meaning: Whether a paid subscription line is in force.
    unknown_when: subscriptions are not loaded
  mrr:
    unit: money
    meaning: The account's monthly recurring revenue in the reporting currency.
    unknown_when: an amount or an exchange rate of one of its lines is missing
  account_adoption:
    unit: ratio
    window: 30
    needs: [seats, usage]
    meaning: >
      People active on all products with seats in the latest period, for each seat in force; without such products the
      best metered use for its allowance.
    unknown_when: neither people on seats nor metered use of the latest period is known
  account_adoption_change_30d:
    unit: ratio
    label: "change in active use against the months before"
    window: 90
    needs: [seats, usage]
    meaning: >
      People active in the latest 30 days, all products together, against the average of the 90 days before; without
      seats the product whose metered use fell most.
    unknown_when: nothing is known of the latest 30 days or of the 90 days before
---*/
WITH owned AS (
  SELECT
    account_id,
    BOOL_OR(NOT trial) AS is_customer,
    CASE WHEN COUNT(*) = COUNT(mrr) THEN SUM(mrr) END AS mrr
  FROM positions
  GROUP BY account_id
), metered AS (
  SELECT account_id, MAX(adoption) AS adoption, MIN(adoption_change_30d) AS change
  FROM adoption
  GROUP BY account_id
)
SELECT
  a.account_id,
  COALESCE(o.is_customer, FALSE) AS is_customer,
  COALESCE(CASE WHEN o.account_id IS NULL THEN 0 END, o.mrr) AS mrr,
  COALESCE(p.adoption, m.adoption) AS account_adoption,
  COALESCE(p.change, m.change) AS account_adoption_change_30d
FROM accounts AS a
LEFT JOIN owned AS o ON o.account_id = a.account_id
LEFT JOIN account_people AS p ON p.account_id = a.account_id
LEFT JOIN metered AS m ON m.account_id = a.account_id
