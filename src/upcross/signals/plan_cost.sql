/*---
scope: subscription
needs: [usage, subscriptions, pricing_plans, plan_limits]
notes: >
  Saved = overage paid a month now − (price of the next plan at today's discount − MRR) − overage that would be left on
  the next plan, all as averages of the last 3 months. A metric that the next plan does not limit has no overage there.
signals:
  plan_overage_months_180d:
    unit: count
    label: "months beyond a limit of the plan, last 6"
    window: 180
    meaning: In how many of the last 6 months use went beyond a limit of today's plan; of several limits the one most often.
    unknown_when: use of a limit that the plan sets is unknown (zero where it sets none)
  plan_overage_cost_90d:
    unit: money
    label: "cost of overage a month, all limits, last 90 days"
    window: 90
    meaning: What use beyond all limits of the plan cost a month, on average of the last 3 months.
    unknown_when: the price beyond a limit that the plan sets is not stated, or use of it is unknown
  next_plan_saving:
    unit: money
    label: "saved a month by the next plan"
    window: 90
    needs: [usage, subscriptions, pricing_plans, plan_limits, plan_prices]
    meaning: What the account would pay less a month on the next plan than it pays now, overage included; below 0 it pays more.
    unknown_when: there is no next plan, or a price, the MRR, a price beyond a limit or use is unknown
---*/
WITH next_limits AS (
  SELECT plan_id, metric, CAST(FLOOR(amount * 10000) AS BIGINT) AS amount, per_unit, overage_price
  FROM (
    SELECT
      plan_id,
      metric,
      amount,
      per_unit,
      overage_price,
      ROW_NUMBER() OVER (PARTITION BY plan_id, metric ORDER BY valid_from DESC NULLS LAST) AS place
    FROM plan_limits
    WHERE metric <> 'users' AND (valid_from IS NULL OR valid_from <= @as_of)
  ) AS dated
  WHERE place = 1
), windows AS (
  SELECT
    w.account_id,
    w.business_unit,
    w.product_id,
    w.metric,
    w.recency,
    w.cost,
    l.overage_price,
    CASE
      WHEN l.plan_id IS NULL OR w.use <= CASE WHEN l.per_unit THEN l.amount * p.quantity ELSE l.amount END THEN 0
      ELSE w.use - CASE WHEN l.per_unit THEN l.amount * p.quantity ELSE l.amount END
    END AS over_next
  FROM overage_windows AS w
  INNER JOIN positions AS p
    ON p.account_id = w.account_id AND p.business_unit = w.business_unit AND p.product_id = w.product_id
  INNER JOIN tier AS t
    ON t.account_id = w.account_id AND t.business_unit = w.business_unit AND t.product_id = w.product_id
  LEFT JOIN next_limits AS l ON l.plan_id = t.next_plan_id AND l.metric = w.metric
  WHERE w.kind = 'limit' AND w.recency <= 2
), costs AS (
  SELECT
    account_id,
    business_unit,
    product_id,
    metric,
    CASE WHEN COUNT(cost) = 3 THEN CAST(SUM(cost) AS BIGINT) // 3 END AS cost_now,
    CASE WHEN COUNT(CASE WHEN over_next = 0 THEN 0 ELSE overage_price END) = 3
      THEN CAST(SUM(CASE WHEN over_next = 0 THEN 0
        ELSE over_next // 10000 * overage_price + over_next % 10000 * overage_price // 10000 END) AS BIGINT) // 3 END
      AS cost_next
  FROM windows
  GROUP BY account_id, business_unit, product_id, metric
), limited AS (
  SELECT account_id, business_unit, product_id, COUNT(*) AS limits
  FROM allowances
  WHERE kind = 'limit'
  GROUP BY account_id, business_unit, product_id
), totals AS (
  SELECT
    c.account_id,
    c.business_unit,
    c.product_id,
    CASE WHEN COUNT(c.cost_now) = MAX(l.limits) THEN CAST(SUM(c.cost_now) AS BIGINT) END AS cost_now,
    CASE WHEN COUNT(c.cost_next) = MAX(l.limits) THEN CAST(SUM(c.cost_next) AS BIGINT) END AS cost_next
  FROM costs AS c
  INNER JOIN limited AS l
    ON l.account_id = c.account_id AND l.business_unit = c.business_unit AND l.product_id = c.product_id
  GROUP BY c.account_id, c.business_unit, c.product_id
), often AS (
  SELECT o.account_id, o.business_unit, o.product_id, MAX(o.overage_months_180d) AS months
  FROM overage AS o
  INNER JOIN allowances AS a
    ON a.account_id = o.account_id AND a.business_unit = o.business_unit AND a.product_id = o.product_id
    AND a.metric = o.metric AND a.kind = 'limit'
  GROUP BY o.account_id, o.business_unit, o.product_id
), free_of_limits AS (
  SELECT p.account_id, p.business_unit, p.product_id, 0 AS nothing
  FROM positions AS p
  INNER JOIN pricing_plans AS k ON k.plan_id = p.plan_id
  LEFT JOIN (SELECT DISTINCT plan_id FROM plan_limits WHERE metric <> 'users') AS l ON l.plan_id = p.plan_id
  INNER JOIN (SELECT COUNT(*) AS limits FROM plan_limits) AS n ON n.limits > 0
  WHERE l.plan_id IS NULL
)
SELECT
  s.account_id,
  s.business_unit,
  s.product_id,
  COALESCE(f.months, n.nothing) AS plan_overage_months_180d,
  COALESCE(t.cost_now, n.nothing) AS plan_overage_cost_90d,
  COALESCE(t.cost_now, n.nothing) - s.price_step - COALESCE(t.cost_next, n.nothing) AS next_plan_saving
FROM tier AS s
LEFT JOIN free_of_limits AS n
  ON n.account_id = s.account_id AND n.business_unit = s.business_unit AND n.product_id = s.product_id
LEFT JOIN often AS f
  ON f.account_id = s.account_id AND f.business_unit = s.business_unit AND f.product_id = s.product_id
LEFT JOIN totals AS t
  ON t.account_id = s.account_id AND t.business_unit = s.business_unit AND t.product_id = s.product_id
