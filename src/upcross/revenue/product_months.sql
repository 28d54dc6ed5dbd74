/*---
meaning: >
  What each account has of each product at the end of each month's last day: one row for each account, business unit,
  product and month in which a line is in force, with its recurring revenue (null: unknown), units and pricing plan.
notes: >
  owned is false where all its lines are trials. Trials and paused lines bring no revenue and no units. plan_id, rank,
  charge and line_id are those of the line with the highest plan. list_price is that plan's list price in that month.
---*/
WITH in_force AS (
  SELECT
    l.*,
    m.month_start,
    m.months_ago,
    ROW_NUMBER() OVER (
      PARTITION BY l.account_id, l.business_unit, l.product_id, m.months_ago
      ORDER BY
        CASE l.status WHEN 'active' THEN 0 WHEN 'paused' THEN 1 ELSE 2 END,
        COALESCE(l.rank, -1) DESC,
        l.plan_id NULLS LAST,
        l.line_id
    ) AS place
  FROM line_months AS l
  INNER JOIN months AS m ON m.months_ago <= l.from_ago AND m.months_ago > l.gone_ago
), totals AS (
  SELECT
    account_id,
    business_unit,
    product_id,
    month_start,
    months_ago,
    CASE WHEN COUNT(*) = COUNT(mrr) THEN CAST(SUM(mrr) AS BIGINT) END AS mrr,
    CAST(SUM(CASE WHEN status = 'active' THEN quantity ELSE 0 END) AS BIGINT) AS quantity,
    MAX(CASE WHEN place = 1 THEN plan_id END) AS plan_id,
    MAX(CASE WHEN place = 1 THEN rank END) AS rank,
    MAX(CASE WHEN place = 1 THEN charge END) AS charge,
    MAX(CASE WHEN place = 1 THEN currency END) AS currency,
    MAX(CASE WHEN place = 1 THEN list_unit_price END) AS list_unit_price,
    MAX(CASE WHEN place = 1 THEN line_id END) AS line_id,
    COUNT(*) AS lines,
    BOOL_OR(status <> 'trial') AS owned
  FROM in_force
  GROUP BY account_id, business_unit, product_id, month_start, months_ago
)
SELECT
  t.account_id,
  t.business_unit,
  t.product_id,
  t.month_start,
  t.mrr,
  t.quantity,
  t.plan_id,
  t.rank,
  t.charge,
  COALESCE(t.list_unit_price, o.list_price, r.list_price) AS list_price,
  t.line_id,
  t.lines,
  t.owned
FROM totals AS t
LEFT JOIN plan_months AS o
  ON o.plan_id = t.plan_id AND o.months_ago = t.months_ago AND o.currency = t.currency
LEFT JOIN plan_months AS r ON r.plan_id = t.plan_id AND r.months_ago = t.months_ago AND r.currency = ''
