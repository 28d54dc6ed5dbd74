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
  FROM people_counts
  GROUP BY account_id, business_unit, product_id
), trend AS (
  SELECT
    account_id,
    SUM(now_active * 27720) AS now_people,
    -- 27720 is divisible by every number up to 12: the averages of up to 12 periods add up exactly.
    SUM(before_sum * 27720 // before_count) AS before_people
  FROM by_product
  WHERE now_active IS NOT NULL AND before_count > 0
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
  COALESCE(CAST(u.active AS DOUBLE) / NULLIF(CAST(u.seats AS DOUBLE), 0), m.adoption) AS account_adoption,
  COALESCE(CAST(t.now_people - t.before_people AS DOUBLE) / NULLIF(CAST(t.before_people AS DOUBLE), 0), m.change)
    AS account_adoption_change_30d
FROM accounts AS a
LEFT JOIN owned AS o ON o.account_id = a.account_id
LEFT JOIN used AS u ON u.account_id = a.account_id
LEFT JOIN trend AS t ON t.account_id = a.account_id
LEFT JOIN metered AS m ON m.account_id = a.account_id
