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
    needs: [seats, subscriptions]
    meaning: People active on all products with seats in the latest period, for each seat in force.
    unknown_when: no product of the account has seats whose use is known
  account_adoption_change_30d:
    unit: ratio
    label: "change in active use against the months before"
    window: 90
    needs: [seats]
    meaning: People active in the latest 30 days, all products together, against the average of up to three months before.
    unknown_when: nothing is known of the latest 30 days or of the 90 days before
---*/
WITH owned AS (
  SELECT
    account_id,
    BOOL_OR(NOT trial) AS is_customer,
    CASE WHEN COUNT(*) = COUNT(mrr) THEN SUM(mrr) END AS mrr
  FROM positions
  GROUP BY account_id
), used AS (
  SELECT
    account_id,
    SUM(CASE WHEN seats > 0 THEN active END) AS active,
    SUM(CASE WHEN active IS NOT NULL THEN seats END) AS seats
  FROM seat_periods
  WHERE recency = 0 AND place = 1
  GROUP BY account_id
), by_product AS (
  SELECT
    account_id,
    business_unit,
    product_id,
    MAX(CASE WHEN recency = 0 AND place = 1 THEN active END) AS now_active,
    SUM(CASE WHEN recency >= 1 AND recency <= 3 THEN active END) AS before_sum,
    COUNT(CASE WHEN recency >= 1 AND recency <= 3 THEN active END) AS before_count
  FROM seat_periods
  GROUP BY account_id, business_unit, product_id
), trend AS (
  SELECT
    account_id,
    SUM(now_active * 6) AS now_sixfold,
    SUM(before_sum * (6 // before_count)) AS before_sixfold
  FROM by_product
  WHERE now_active IS NOT NULL AND before_count > 0 AND before_count <= 3
  GROUP BY account_id
)
SELECT
  a.account_id,
  COALESCE(o.is_customer, FALSE) AS is_customer,
  COALESCE(CASE WHEN o.account_id IS NULL THEN 0 END, o.mrr) AS mrr,
  CAST(u.active AS DOUBLE) / NULLIF(CAST(u.seats AS DOUBLE), 0) AS account_adoption,
  CAST(t.now_sixfold - t.before_sixfold AS DOUBLE) / NULLIF(CAST(t.before_sixfold AS DOUBLE), 0)
    AS account_adoption_change_30d
FROM accounts AS a
LEFT JOIN owned AS o ON o.account_id = a.account_id
LEFT JOIN used AS u ON u.account_id = a.account_id
LEFT JOIN trend AS t ON t.account_id = a.account_id
