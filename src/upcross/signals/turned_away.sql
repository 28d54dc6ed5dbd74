/*---
scope: subscription
needs: [usage, metrics]
notes: >
  Read from usage whose metric counts hits of a limit or people turned away (metrics.kind). Such a feed lists only what
  happened - where it is alive and knows the product, an account without a row had none. People turned away are
  different people within a period; periods cannot be added up, so the highest counts. Where neither the
  plan nor a commitment sets a limit, none is hit, whether or not anybody counts.
signals:
  people_blocked_30d:
    unit: count
    label: "people turned away for want of a seat, last 30 days"
    window: 30
    meaning: Different people who wanted to work in the product in the latest 30 days and found no free seat.
    unknown_when: >
      nobody counts people turned away from the product - no usage of a metric of the kind people_blocked - or no usage
      of the last 30 days is known
  limit_hits_30d:
    unit: count
    label: "times a limit stopped them, last 30 days"
    window: 30
    meaning: How often a limit of the plan refused or stopped somebody in the latest 30 days, all limits together.
    unknown_when: >
      nobody counts hits of the product's limits - no usage of a metric of the kind limit_hits - or no usage of the last
      30 days is known (zero where neither the plan nor a commitment sets a limit)
  limit_hits_previous_30d:
    unit: count
    window: 60
    meaning: The same for the 30 days before.
    unknown_when: as for the latest 30 days
  limit_hit_most:
    unit: text
    label: "the limit that stopped them most"
    window: 30
    meaning: The limit with the most hits in the latest 30 days.
    unknown_when: no limit was hit, or the hits do not say which limit it was
---*/
WITH alive AS (
  SELECT COUNT(*) AS windows
  FROM usage_windows
  WHERE recency = 0
), limited AS (
  SELECT DISTINCT p.account_id, p.business_unit, p.product_id
  FROM positions AS p
  INNER JOIN plan_limits AS l ON l.plan_id = p.plan_id
  UNION
  SELECT account_id, business_unit, product_id
  FROM allowances
), some_limits AS (
  SELECT COUNT(*) AS limits
  FROM plan_limits
), counted AS (
  SELECT
    w.product_id,
    BOOL_OR(k.kind = 'people_blocked' AND (k.limited_metric IS NULL OR k.limited_metric = 'users')) AS people,
    BOOL_OR(k.kind = 'limit_hits') AS hits
  FROM usage_windows AS w
  INNER JOIN metrics AS k ON k.metric = w.metric AND k.kind <> 'use'
  GROUP BY w.product_id
), found AS (
  SELECT
    w.account_id,
    w.business_unit,
    w.product_id,
    w.recency,
    k.kind,
    k.limited_metric,
    SUM(w.total) AS total,
    MAX(w.peak) AS peak
  FROM usage_windows AS w
  INNER JOIN metrics AS k ON k.metric = w.metric AND k.kind <> 'use'
  WHERE w.recency <= 1
  GROUP BY w.account_id, w.business_unit, w.product_id, w.recency, k.kind, k.limited_metric
), ranked AS (
  SELECT
    f.*,
    ROW_NUMBER() OVER (
      PARTITION BY account_id, business_unit, product_id
      ORDER BY CASE WHEN kind = 'limit_hits' AND recency = 0 THEN 0 ELSE 1 END, total DESC, limited_metric
    ) AS place
  FROM found AS f
), summed AS (
  SELECT
    account_id,
    business_unit,
    product_id,
    MAX(CASE WHEN recency = 0 AND kind = 'people_blocked' AND (limited_metric IS NULL OR limited_metric = 'users')
      THEN peak END) AS people,
    SUM(CASE WHEN recency = 0 AND kind = 'limit_hits' THEN total END) AS hits,
    SUM(CASE WHEN recency = 1 AND kind = 'limit_hits' THEN total END) AS hits_before,
    MAX(CASE WHEN place = 1 AND recency = 0 AND kind = 'limit_hits' AND total > 0 THEN limited_metric END) AS most
  FROM ranked
  GROUP BY account_id, business_unit, product_id
)
SELECT
  p.account_id,
  p.business_unit,
  p.product_id,
  CASE WHEN c.people AND a.windows > 0 THEN CAST(COALESCE(s.people, 0) AS BIGINT) // 10000 END AS people_blocked_30d,
  CASE WHEN c.hits AND a.windows > 0 THEN CAST(COALESCE(s.hits, 0) AS BIGINT) // 10000
    WHEN n.limits > 0 AND p.charge IS NOT NULL AND l.product_id IS NULL THEN 0 END AS limit_hits_30d,
  CASE WHEN c.hits AND a.windows > 0 THEN CAST(COALESCE(s.hits_before, 0) AS BIGINT) // 10000
    WHEN n.limits > 0 AND p.charge IS NOT NULL AND l.product_id IS NULL THEN 0 END AS limit_hits_previous_30d,
  COALESCE(m.name, s.most) AS limit_hit_most
FROM positions AS p
INNER JOIN alive AS a ON TRUE
INNER JOIN some_limits AS n ON TRUE
LEFT JOIN limited AS l
  ON l.account_id = p.account_id AND l.business_unit = p.business_unit AND l.product_id = p.product_id
LEFT JOIN counted AS c ON c.product_id = p.product_id
LEFT JOIN summed AS s
  ON s.account_id = p.account_id AND s.business_unit = p.business_unit AND s.product_id = p.product_id
LEFT JOIN metrics AS m ON m.metric = s.most
