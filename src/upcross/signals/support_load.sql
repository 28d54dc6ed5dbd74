/*---
scope: account
needs: [tickets, seats]
signals:
  tickets_per_100_people_90d:
    unit: amount
    label: "tickets for each 100 people, last 90 days"
    window: 90
    meaning: >
      Support tickets opened in the last 90 days for each 100 people active in the latest period; people of the product
      that most of them use, so that nobody counts twice.
    unknown_when: tickets do not cover the last 125 days, or people active are unknown or none
  tickets_of_peers_90d:
    unit: amount
    label: "the same, in the middle of the customers of their segment"
    window: 90
    meaning: >
      The middle value (median) of that number over the customers of the same segment, this one among them; of two in the
      middle, halfway.
    unknown_when: fewer than 5 customers of the segment have the number
  support_peers:
    unit: count
    label: "customers of their segment whose support load is known"
    meaning: How many customers of the same segment have the number, this one among them.
    unknown_when: tickets do not cover the last 125 days
notes: Kept in whole ten-thousandths, cut off; half of an odd sum is cut off too.
---*/
WITH covered AS (
  SELECT COUNT(*) AS tables
  FROM complete_tables
  WHERE table_name = 'tickets'
), by_product AS (
  SELECT s.account_id, s.product_id, SUM(u.seats_active) AS people
  FROM subscription_frame AS s
  INNER JOIN seat_use AS u
    ON u.account_id = s.account_id AND u.business_unit = s.business_unit AND u.product_id = s.product_id
  GROUP BY s.account_id, s.product_id
), people AS (
  SELECT account_id, CAST(MAX(people) AS BIGINT) AS people
  FROM by_product
  GROUP BY account_id
), opened AS (
  SELECT account_id, COUNT(*) AS tickets
  FROM tickets
  WHERE opened_on > @days_before(90)
  GROUP BY account_id
), loads AS (
  SELECT
    p.account_id,
    COALESCE(a.segment, '') AS segment,
    COALESCE(o.tickets, 0) * 1000000 // p.people AS per_100
  FROM people AS p
  INNER JOIN accounts AS a ON a.account_id = p.account_id
  INNER JOIN covered AS c ON c.tables > 0
  LEFT JOIN opened AS o ON o.account_id = p.account_id
  WHERE p.people > 0
), ranked AS (
  SELECT
    l.*,
    ROW_NUMBER() OVER (PARTITION BY segment ORDER BY per_100, account_id) AS place,
    COUNT(*) OVER (PARTITION BY segment) AS accounts
  FROM loads AS l
), middle AS (
  SELECT
    segment,
    MAX(accounts) AS accounts,
    SUM(CASE WHEN place = (accounts + 1) // 2 OR place = (accounts + 2) // 2 THEN per_100 END) AS total,
    COUNT(CASE WHEN place = (accounts + 1) // 2 OR place = (accounts + 2) // 2 THEN 1 END) AS values_in_it
  FROM ranked
  GROUP BY segment
)
SELECT
  a.account_id,
  CAST(l.per_100 AS DECIMAL(18, 0)) * 0.0001 AS tickets_per_100_people_90d,
  CASE WHEN m.accounts >= 5 THEN CAST(m.total // m.values_in_it AS DECIMAL(18, 0)) * 0.0001 END AS tickets_of_peers_90d,
  CASE WHEN c.tables > 0 THEN COALESCE(m.accounts, 0) END AS support_peers
FROM accounts AS a
INNER JOIN covered AS c ON TRUE
LEFT JOIN loads AS l ON l.account_id = a.account_id
LEFT JOIN middle AS m ON m.segment = COALESCE(a.segment, '')
