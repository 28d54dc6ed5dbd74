/*---
meaning: >
  Recurring lines that went from one account, business unit or product to another in a month, so that their money moved
  without being lost or won: from where (account_id, business_unit, product_id), to where (to_…), in which month, with
  the line as it stood before, or the part of it that moved (partly).
notes: >
  A line moves where its next version, or the line that replaces it, stands elsewhere from the month in which it ends
  (several that replace it share it by their money); where its product ends and the product's successor begins; where
  its account was merged into another that month or before. In a split that no line records, the receiving account's
  new lines take over what the giving account lost of the same products. Likewise within one customer: a unit (or, where
  a group is the customer, a subsidiary) that begins with a product takes over what another lost of it in that month.
---*/
WITH lines AS (
  SELECT *
  FROM line_months
  WHERE status = 'active'
), wanderers AS (
  SELECT line_id
  FROM lines
  GROUP BY line_id
  HAVING MIN(account_id) <> MAX(account_id) OR MIN(business_unit) <> MAX(business_unit)
    OR MIN(product_id) <> MAX(product_id)
  UNION
  SELECT replaces_line_id AS line_id
  FROM lines
  WHERE replaces_line_id <> line_id
), successions AS (
  SELECT replaces_line_id AS old_line_id, account_id, business_unit, product_id, from_ago, quantity, mrr
  FROM lines
  WHERE replaces_line_id <> line_id
  UNION ALL
  SELECT l.line_id AS old_line_id, l.account_id, l.business_unit, l.product_id, l.from_ago, l.quantity, l.mrr
  FROM lines AS l
  INNER JOIN wanderers AS w ON w.line_id = l.line_id
), heirs AS (
  SELECT
    old_line_id,
    account_id,
    business_unit,
    product_id,
    from_ago,
    CAST(SUM(quantity) AS BIGINT) AS quantity,
    CAST(COALESCE(SUM(mrr), 0) AS BIGINT) AS mrr
  FROM successions
  GROUP BY old_line_id, account_id, business_unit, product_id, from_ago
), inheritances AS (
  SELECT
    h.*,
    COUNT(*) OVER (PARTITION BY old_line_id, from_ago) AS heirs,
    ROW_NUMBER() OVER (PARTITION BY old_line_id, from_ago ORDER BY account_id, business_unit, product_id) AS place,
    CAST(SUM(quantity) OVER (PARTITION BY old_line_id, from_ago) AS BIGINT) AS all_quantity,
    CAST(SUM(mrr) OVER (PARTITION BY old_line_id, from_ago) AS BIGINT) AS all_mrr,
    CAST(SUM(mrr // 10000) OVER (PARTITION BY old_line_id, from_ago) AS BIGINT) AS all_weight,
    CAST(SUM(mrr // 10000) OVER (PARTITION BY old_line_id, from_ago ORDER BY account_id, business_unit, product_id
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS BIGINT) AS weight_until
  FROM heirs AS h
), linked AS (
  SELECT
    o.*,
    1 AS reason,
    n.account_id AS to_account_id,
    n.business_unit AS to_business_unit,
    n.product_id AS to_product_id,
    CASE
      WHEN n.heirs = 1 THEN o.mrr
      WHEN n.all_mrr = o.mrr THEN n.mrr
      WHEN n.all_weight <= 0 THEN CASE WHEN n.place = 1 THEN o.mrr ELSE 0 END
      ELSE CAST((o.mrr // n.all_weight) * (n.mrr // 10000)
        + (o.mrr % n.all_weight) * n.weight_until // n.all_weight
        - (o.mrr % n.all_weight) * (n.weight_until - n.mrr // 10000) // n.all_weight AS BIGINT)
    END AS shared_mrr,
    CASE
      WHEN n.heirs = 1 THEN o.quantity
      WHEN n.all_quantity = o.quantity THEN n.quantity
      WHEN n.all_weight <= 0 THEN CASE WHEN n.place = 1 THEN o.quantity ELSE 0 END
      ELSE CAST(o.quantity * n.weight_until // n.all_weight
        - o.quantity * (n.weight_until - n.mrr // 10000) // n.all_weight AS BIGINT)
    END AS shared_quantity
  FROM inheritances AS n
  INNER JOIN lines AS o ON o.line_id = n.old_line_id AND o.gone_ago = n.from_ago
  WHERE o.account_id <> n.account_id OR o.business_unit <> n.business_unit OR o.product_id <> n.product_id
), merges AS (
  SELECT t.from_account_id, t.to_account_id, m.months_ago
  FROM account_transfers AS t
  INNER JOIN months AS m ON t.effective_on < m.month_end
  WHERE t.kind = 'merge'
), landings AS (
  SELECT g.to_account_id, g.months_ago, l.product_id, MIN(l.business_unit) AS business_unit
  FROM merges AS g
  INNER JOIN lines AS l ON l.account_id = g.to_account_id AND l.from_ago >= g.months_ago AND l.gone_ago < g.months_ago
  GROUP BY g.to_account_id, g.months_ago, l.product_id
), dropped AS (
  SELECT o.*, 2 AS reason, o.account_id AS to_account_id, o.business_unit AS to_business_unit,
    n.product_id AS to_product_id, o.mrr AS shared_mrr, o.quantity AS shared_quantity
  FROM lines AS o
  INNER JOIN products AS p ON p.product_id = o.product_id AND p.successor_product_id <> p.product_id
  INNER JOIN lines AS n
    ON n.account_id = o.account_id AND n.business_unit = o.business_unit
    AND n.product_id = p.successor_product_id AND n.from_ago = o.gone_ago
  UNION ALL
  SELECT o.*, 3 AS reason, g.to_account_id, COALESCE(d.business_unit, o.business_unit) AS to_business_unit,
    o.product_id AS to_product_id, o.mrr AS shared_mrr, o.quantity AS shared_quantity
  FROM lines AS o
  INNER JOIN merges AS g ON g.from_account_id = o.account_id AND g.months_ago = o.gone_ago
  LEFT JOIN landings AS d
    ON d.to_account_id = g.to_account_id AND d.months_ago = g.months_ago AND d.product_id = o.product_id
), candidates AS (
  SELECT *
  FROM linked
  UNION ALL
  SELECT d.*
  FROM dropped AS d
  LEFT JOIN lines AS h
    ON h.account_id = d.account_id AND h.business_unit = d.business_unit AND h.product_id = d.product_id
    AND h.from_ago >= d.gone_ago AND h.gone_ago < d.gone_ago
  WHERE h.line_id IS NULL
), chosen AS (
  SELECT
    c.*,
    MIN(c.reason) OVER (PARTITION BY c.line_id, c.from_on) AS first_reason,
    ROW_NUMBER() OVER (
      PARTITION BY c.line_id, c.from_on, c.reason
      ORDER BY c.to_account_id, c.to_business_unit, c.to_product_id
    ) AS place
  FROM candidates AS c
), told AS (
  SELECT *
  FROM chosen
  WHERE reason = first_reason AND (reason = 1 OR place = 1)
), splits AS (
  SELECT t.from_account_id, t.to_account_id, m.months_ago
  FROM account_transfers AS t
  INNER JOIN months AS m
    ON t.effective_on >= CAST(m.month_start - INTERVAL 1 DAY AS DATE) AND t.effective_on < m.month_end
  LEFT JOIN linked AS k
    ON k.account_id = t.from_account_id AND k.to_account_id = t.to_account_id AND k.gone_ago = m.months_ago
  WHERE t.kind = 'split' AND k.line_id IS NULL
), shared_products AS (
  SELECT COALESCE(c.customer_id, l.account_id) AS customer_id, l.product_id
  FROM lines AS l
  LEFT JOIN customers AS c ON c.account_id = l.account_id
  GROUP BY COALESCE(c.customer_id, l.account_id), l.product_id
  HAVING MIN(l.account_id) <> MAX(l.account_id) OR MIN(l.business_unit) <> MAX(l.business_unit)
), siblings AS (
  SELECT COALESCE(c.customer_id, l.account_id) AS customer_id, l.*
  FROM lines AS l
  LEFT JOIN customers AS c ON c.account_id = l.account_id
  INNER JOIN shared_products AS s
    ON s.customer_id = COALESCE(c.customer_id, l.account_id) AND s.product_id = l.product_id
), beginnings AS (
  SELECT DISTINCT customer_id, product_id, from_ago AS months_ago
  FROM siblings
), told_sums AS (
  SELECT
    CASE WHEN w.goes THEN t.account_id ELSE t.to_account_id END AS account_id,
    CASE WHEN w.goes THEN t.business_unit ELSE t.to_business_unit END AS business_unit,
    CASE WHEN w.goes THEN t.product_id ELSE t.to_product_id END AS product_id,
    t.gone_ago AS months_ago,
    COUNT(CASE WHEN NOT w.goes THEN 1 END) AS came,
    CAST(SUM(CASE WHEN w.goes THEN -t.shared_mrr ELSE t.shared_mrr END) AS BIGINT) AS mrr,
    CAST(SUM(CASE WHEN w.goes THEN -t.shared_quantity ELSE t.shared_quantity END) AS BIGINT) AS quantity
  FROM told AS t
  INNER JOIN (SELECT TRUE AS goes UNION ALL SELECT FALSE AS goes) AS w ON w.goes OR NOT w.goes
  GROUP BY
    CASE WHEN w.goes THEN t.account_id ELSE t.to_account_id END,
    CASE WHEN w.goes THEN t.business_unit ELSE t.to_business_unit END,
    CASE WHEN w.goes THEN t.product_id ELSE t.to_product_id END,
    t.gone_ago
), units AS (
  SELECT
    b.customer_id,
    b.product_id,
    b.months_ago,
    l.account_id,
    l.business_unit,
    MAX(l.line_id) AS line_id,
    MAX(l.plan_id) AS plan_id,
    MAX(l.charge) AS charge,
    MAX(l.rank) AS rank,
    MAX(l.currency) AS currency,
    COUNT(CASE WHEN l.from_ago > b.months_ago THEN 1 END) + COALESCE(MAX(t.came), 0) AS base_lines,
    CAST(SUM(CASE WHEN l.gone_ago < b.months_ago THEN l.mrr ELSE 0 END
      - CASE WHEN l.from_ago > b.months_ago THEN l.mrr ELSE 0 END) - COALESCE(MAX(t.mrr), 0) AS BIGINT) AS more,
    CAST(SUM(CASE WHEN l.gone_ago < b.months_ago THEN l.quantity ELSE 0 END
      - CASE WHEN l.from_ago > b.months_ago THEN l.quantity ELSE 0 END) - COALESCE(MAX(t.quantity), 0) AS BIGINT)
      AS more_units
  FROM beginnings AS b
  INNER JOIN siblings AS l
    ON l.customer_id = b.customer_id AND l.product_id = b.product_id
    AND l.from_ago >= b.months_ago AND l.gone_ago <= b.months_ago
  LEFT JOIN told_sums AS t
    ON t.account_id = l.account_id AND t.business_unit = l.business_unit AND t.product_id = l.product_id
    AND t.months_ago = b.months_ago
  LEFT JOIN splits AS s
    ON s.months_ago = b.months_ago AND (s.from_account_id = l.account_id OR s.to_account_id = l.account_id)
  WHERE s.from_account_id IS NULL
  GROUP BY b.customer_id, b.product_id, b.months_ago, l.account_id, l.business_unit
  HAVING COUNT(*) = COUNT(l.mrr)
), givers AS (
  SELECT DISTINCT from_account_id, months_ago
  FROM splits
), given AS (
  SELECT
    'split' AS way,
    s.from_account_id AS giver,
    s.from_account_id,
    s.months_ago,
    l.business_unit,
    l.product_id,
    MAX(l.line_id) AS line_id,
    MAX(l.plan_id) AS plan_id,
    MAX(l.charge) AS charge,
    MAX(l.rank) AS rank,
    MAX(l.currency) AS currency,
    CAST(SUM(CASE WHEN l.from_ago > s.months_ago THEN l.mrr ELSE 0 END
      - CASE WHEN l.gone_ago < s.months_ago THEN l.mrr ELSE 0 END) AS BIGINT) AS mrr,
    CAST(SUM(CASE WHEN l.from_ago > s.months_ago THEN l.quantity ELSE 0 END
      - CASE WHEN l.gone_ago < s.months_ago THEN l.quantity ELSE 0 END) AS BIGINT) AS quantity
  FROM givers AS s
  INNER JOIN lines AS l
    ON l.account_id = s.from_account_id AND l.from_ago >= s.months_ago AND l.gone_ago <= s.months_ago
  GROUP BY s.from_account_id, s.months_ago, l.business_unit, l.product_id
  UNION ALL
  SELECT 'unit' AS way, customer_id AS giver, account_id AS from_account_id, months_ago, business_unit, product_id,
    line_id, plan_id, charge, rank, currency, -more AS mrr, -more_units AS quantity
  FROM units
  WHERE more < 0
), taken AS (
  SELECT
    'split' AS way,
    s.from_account_id AS giver,
    s.to_account_id,
    s.months_ago,
    l.business_unit,
    l.product_id,
    CAST(SUM(CASE WHEN l.gone_ago < s.months_ago THEN l.mrr ELSE 0 END
      - CASE WHEN l.from_ago > s.months_ago THEN l.mrr ELSE 0 END) AS BIGINT) AS mrr
  FROM splits AS s
  INNER JOIN lines AS l
    ON l.account_id = s.to_account_id AND l.from_ago >= s.months_ago AND l.gone_ago <= s.months_ago
  GROUP BY s.from_account_id, s.to_account_id, s.months_ago, l.business_unit, l.product_id
  UNION ALL
  SELECT 'unit' AS way, customer_id AS giver, account_id AS to_account_id, months_ago, business_unit, product_id,
    more AS mrr
  FROM units
  WHERE more > 0 AND base_lines = 0
), given_until AS (
  SELECT g.*, CAST(SUM(g.mrr) OVER (
    PARTITION BY g.way, g.giver, g.months_ago, g.product_id ORDER BY g.from_account_id, g.business_unit
    ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS BIGINT) AS until_mrr
  FROM given AS g
  WHERE g.mrr > 0
), taken_until AS (
  SELECT g.*, CAST(SUM(g.mrr) OVER (
    PARTITION BY g.way, g.giver, g.months_ago, g.product_id ORDER BY g.to_account_id, g.business_unit
    ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS BIGINT) AS until_mrr
  FROM taken AS g
  WHERE g.mrr > 0
), shared AS (
  SELECT
    g.*,
    t.to_account_id,
    t.business_unit AS to_business_unit,
    CASE WHEN g.until_mrr < t.until_mrr THEN g.until_mrr ELSE t.until_mrr END
      - CASE WHEN g.until_mrr - g.mrr > t.until_mrr - t.mrr THEN g.until_mrr - g.mrr
        ELSE t.until_mrr - t.mrr END AS shared_mrr
  FROM given_until AS g
  INNER JOIN taken_until AS t
    ON t.way = g.way AND t.giver = g.giver AND t.months_ago = g.months_ago AND t.product_id = g.product_id
    AND t.until_mrr - t.mrr < g.until_mrr AND g.until_mrr - g.mrr < t.until_mrr
)
SELECT
  account_id,
  business_unit,
  product_id,
  to_account_id,
  to_business_unit,
  to_product_id,
  gone_ago AS months_ago,
  line_id,
  plan_id,
  charge,
  rank,
  shared_quantity AS quantity,
  shared_mrr AS mrr,
  currency,
  list_unit_price,
  CASE
    WHEN shared_mrr = mrr THEN discount_amount
    WHEN mrr = 0 THEN 0
    ELSE CAST(discount_amount * (shared_mrr // 10000) // NULLIF(mrr // 10000, 0) AS BIGINT)
  END AS discount_amount,
  discount_ends_on,
  escalator,
  renewable_on,
  committed,
  shared_mrr <> mrr AS partly
FROM told
UNION ALL
SELECT
  from_account_id AS account_id,
  business_unit,
  product_id,
  to_account_id,
  to_business_unit,
  product_id AS to_product_id,
  months_ago,
  line_id,
  plan_id,
  charge,
  rank,
  CASE WHEN quantity > 0 THEN CAST((shared_mrr * quantity) // mrr AS BIGINT) ELSE 0 END AS quantity,
  shared_mrr AS mrr,
  currency,
  CAST(NULL AS BIGINT) AS list_unit_price,
  CAST(0 AS BIGINT) AS discount_amount,
  CAST(NULL AS DATE) AS discount_ends_on,
  CAST(NULL AS DECIMAL(18, 4)) AS escalator,
  CAST(NULL AS DATE) AS renewable_on,
  FALSE AS committed,
  TRUE AS partly
FROM shared
