/*---
scope: account
needs: [price_changes]
signals:
  price_increases_365d:
    unit: count
    label: "price rises in the last 365 days or ahead"
    counts: price_changes
    window: 365
    meaning: Price rises announced to the account, or for a product it owns, that are ahead or took effect in the last 365 days.
    unknown_when: price changes do not cover the span and none is recorded
  days_since_price_increase:
    unit: days
    label: "days since the price rise took effect"
    meaning: Days since the latest of those rises took effect; negative while it is ahead.
    unknown_when: there is none
  price_increase_invoices_paid:
    unit: count
    label: "invoices paid at the new price"
    needs: [price_changes, invoices]
    meaning: Invoices issued since that day and paid.
    unknown_when: there is no rise, or invoices are missing or stale
  price_complaints_since_increase:
    unit: count
    label: "complaints about the price"
    needs: [price_changes, tickets, statements]
    meaning: Complaints about price, in tickets and conversations, since the rise was announced.
    unknown_when: there is no rise, or neither tickets nor statements are recorded
  use_since_price_increase:
    unit: ratio
    label: "people active against before the price rise"
    needs: [price_changes, seats]
    meaning: People active in the latest period for each person active in the last period before the announcement.
    unknown_when: there is no rise, or people active are not known for both
---*/
WITH owned AS (
  SELECT DISTINCT account_id, product_id
  FROM positions
), rises AS (
  SELECT DISTINCT o.account_id, c.price_change_id, c.announced_on, c.effective_on
  FROM price_changes AS c
  INNER JOIN owned AS o
    ON (c.account_id = '' OR c.account_id = o.account_id) AND (c.product_id IS NULL OR c.product_id = o.product_id)
  WHERE COALESCE(c.change, 1) > 0 AND c.effective_on > @days_before(365)
), counted AS (
  SELECT account_id, COUNT(*) AS rises, MAX(effective_on) AS effective_on, MIN(announced_on) AS announced_on
  FROM rises
  GROUP BY account_id
), latest AS (
  SELECT r.account_id, MIN(r.announced_on) AS announced_on
  FROM rises AS r
  INNER JOIN counted AS c ON c.account_id = r.account_id AND c.effective_on = r.effective_on
  GROUP BY r.account_id
), paid AS (
  SELECT c.account_id, COUNT(i.invoice_id) AS invoices
  FROM counted AS c
  INNER JOIN invoices AS i ON i.account_id = c.account_id AND i.issued_on >= c.effective_on AND i.paid_on IS NOT NULL
  GROUP BY c.account_id
), billed AS (
  SELECT DISTINCT account_id
  FROM invoices
), complaints AS (
  SELECT account_id, opened_on AS said_on
  FROM tickets
  WHERE kind = 'price_complaint'
  UNION ALL
  SELECT account_id, said_on
  FROM statements
  WHERE kind = 'price_complaint'
), complained AS (
  SELECT l.account_id, COUNT(*) AS complaints
  FROM latest AS l
  INNER JOIN complaints AS c ON c.account_id = l.account_id AND c.said_on >= l.announced_on
  GROUP BY l.account_id
), heard AS (
  SELECT COUNT(*) AS listeners
  FROM complete_tables
  WHERE table_name = 'tickets' OR table_name = 'statements'
), people AS (
  SELECT account_id, period_end, SUM(active) AS active
  FROM seats
  GROUP BY account_id, period_end
), before_rise AS (
  SELECT
    p.account_id,
    p.active,
    ROW_NUMBER() OVER (PARTITION BY p.account_id ORDER BY p.period_end DESC) AS place
  FROM people AS p
  INNER JOIN latest AS l ON l.account_id = p.account_id AND p.period_end <= l.announced_on
), now_active AS (
  SELECT account_id, SUM(active) AS active
  FROM seat_periods
  WHERE recency = 0 AND place = 1
  GROUP BY account_id
)
SELECT
  a.account_id,
  c.rises AS price_increases_365d,
  DATE_DIFF('day', c.effective_on, @as_of) AS days_since_price_increase,
  CASE WHEN c.account_id IS NOT NULL THEN COALESCE(p.invoices, CASE WHEN b.account_id IS NOT NULL THEN 0 END) END
    AS price_increase_invoices_paid,
  CASE WHEN c.account_id IS NOT NULL THEN COALESCE(k.complaints, CASE WHEN h.listeners > 0 THEN 0 END) END
    AS price_complaints_since_increase,
  CAST(n.active AS DOUBLE) / NULLIF(CAST(e.active AS DOUBLE), 0) AS use_since_price_increase
FROM accounts AS a
LEFT JOIN counted AS c ON c.account_id = a.account_id
LEFT JOIN paid AS p ON p.account_id = a.account_id
LEFT JOIN billed AS b ON b.account_id = a.account_id
LEFT JOIN complained AS k ON k.account_id = a.account_id
LEFT JOIN before_rise AS e ON e.account_id = a.account_id AND e.place = 1
LEFT JOIN now_active AS n ON n.account_id = a.account_id
INNER JOIN heard AS h ON TRUE
