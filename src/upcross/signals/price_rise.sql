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
  price_increase_on:
    unit: date
    label: "the day of the price rise"
    meaning: The day on which the latest of those rises took effect, or will.
    unknown_when: there is none
  price_increase_invoices_paid:
    unit: count
    label: "invoices paid at the new price"
    needs: [price_changes, invoices]
    meaning: Invoices for the products concerned, issued since that day and paid.
    unknown_when: there is no rise, or invoices are missing, stale or do not cover the time since
  price_complaints_since_increase:
    unit: count
    label: "complaints about the price"
    needs: [price_changes, tickets, statements]
    meaning: Complaints about price, in tickets and conversations, since the rise was announced.
    unknown_when: there is no rise, or neither tickets nor statements are recorded
  use_since_price_increase:
    unit: ratio
    label: "people active against before the price rise"
    needs: [price_changes, seats, usage]
    meaning: >
      Use of the products concerned in the latest period against the last one before the announcement - people active,
      or metered use a day where they have no seats.
    unknown_when: there is no rise, or use is not known for both
---*/
WITH owned AS (
  SELECT DISTINCT account_id, product_id
  FROM positions
), rises AS (
  SELECT DISTINCT o.account_id, o.product_id, c.price_change_id, c.product_id AS raised_product_id, c.announced_on,
    c.effective_on
  FROM price_changes AS c
  INNER JOIN owned AS o
    ON (c.account_id = '' OR c.account_id = o.account_id) AND (c.product_id IS NULL OR c.product_id = o.product_id)
  WHERE COALESCE(c.change, 1) > 0 AND c.effective_on > @days_before(365)
), counted AS (
  SELECT account_id, COUNT(DISTINCT price_change_id) AS rises, MAX(effective_on) AS effective_on
  FROM rises
  GROUP BY account_id
), latest AS (
  SELECT r.account_id, r.product_id, MAX(r.raised_product_id) AS raised_product_id, MIN(r.announced_on) AS announced_on,
    MAX(r.effective_on) AS effective_on
  FROM rises AS r
  INNER JOIN counted AS c ON c.account_id = r.account_id AND c.effective_on = r.effective_on
  GROUP BY r.account_id, r.product_id
), announced AS (
  SELECT account_id, MIN(announced_on) AS announced_on
  FROM latest
  GROUP BY account_id
), paid AS (
  SELECT l.account_id, COUNT(DISTINCT i.invoice_id) AS invoices
  FROM latest AS l
  INNER JOIN invoices AS i
    ON i.account_id = l.account_id AND i.issued_on >= l.effective_on AND i.paid_on IS NOT NULL
    AND (i.product_id IS NULL OR i.product_id = l.product_id)
  GROUP BY l.account_id
), billed AS (
  SELECT COUNT(*) AS complete
  FROM complete_tables
  WHERE table_name = 'invoices'
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
  FROM announced AS l
  INNER JOIN complaints AS c ON c.account_id = l.account_id AND c.said_on >= l.announced_on
  GROUP BY l.account_id
), heard AS (
  SELECT COUNT(*) AS listeners
  FROM complete_tables
  WHERE table_name = 'tickets' OR table_name = 'statements'
), people AS (
  SELECT
    l.account_id,
    l.product_id,
    s.period_end,
    SUM(s.active) AS active,
    ROW_NUMBER() OVER (PARTITION BY l.account_id, l.product_id ORDER BY s.period_end DESC) AS place
  FROM latest AS l
  INNER JOIN seats AS s
    ON s.account_id = l.account_id AND s.product_id = l.product_id AND s.period_end <= l.announced_on
  GROUP BY l.account_id, l.product_id, s.period_end
), now_active AS (
  SELECT account_id, product_id, SUM(active) AS active
  FROM people_counts
  WHERE recency = 0 AND place = 1
  GROUP BY account_id, product_id
), by_people AS (
  SELECT n.account_id, SUM(n.active) AS now_active, SUM(p.active) AS before_active
  FROM now_active AS n
  INNER JOIN people AS p ON p.account_id = n.account_id AND p.product_id = n.product_id AND p.place = 1
  WHERE n.active IS NOT NULL AND p.active IS NOT NULL
  GROUP BY n.account_id
), metered_before AS (
  SELECT
    l.account_id,
    l.product_id,
    u.metric,
    CAST(SUM(CAST(u.value * 10000 AS BIGINT)) AS BIGINT) AS total,
    SUM(DATE_DIFF('day', u.period_start, u.period_end)) AS days
  FROM latest AS l
  INNER JOIN usage AS u
    ON u.account_id = l.account_id AND u.product_id = l.product_id AND u.period_end <= l.announced_on
    AND DATE_DIFF('day', u.period_end, l.announced_on) < 60
  GROUP BY l.account_id, l.product_id, u.metric
), by_meter AS (
  SELECT
    b.account_id,
    MIN(CAST(w.total * b.days AS DOUBLE) / NULLIF(CAST(b.total * w.days AS DOUBLE), 0)) AS share
  FROM metered_before AS b
  INNER JOIN usage_windows AS w
    ON w.account_id = b.account_id AND w.product_id = b.product_id AND w.metric = b.metric AND w.recency = 0
  INNER JOIN metrics AS k ON k.metric = b.metric AND k.core
  GROUP BY b.account_id
)
SELECT
  a.account_id,
  COALESCE(c.rises, 0) AS price_increases_365d,
  DATE_DIFF('day', c.effective_on, @as_of) AS days_since_price_increase,
  c.effective_on AS price_increase_on,
  CASE WHEN c.account_id IS NOT NULL THEN COALESCE(p.invoices, CASE WHEN b.complete > 0 THEN 0 END) END
    AS price_increase_invoices_paid,
  CASE WHEN c.account_id IS NOT NULL THEN COALESCE(k.complaints, CASE WHEN h.listeners > 0 THEN 0 END) END
    AS price_complaints_since_increase,
  COALESCE(CAST(e.now_active AS DOUBLE) / NULLIF(CAST(e.before_active AS DOUBLE), 0), m.share)
    AS use_since_price_increase
FROM accounts AS a
LEFT JOIN counted AS c ON c.account_id = a.account_id
LEFT JOIN paid AS p ON p.account_id = a.account_id
LEFT JOIN complained AS k ON k.account_id = a.account_id
LEFT JOIN by_people AS e ON e.account_id = a.account_id
LEFT JOIN by_meter AS m ON m.account_id = a.account_id
INNER JOIN billed AS b ON TRUE
INNER JOIN heard AS h ON TRUE
