/*---
meaning: >
  Each month in which what an account has of a product changed: the position at the end of the month before (own: as it
  stood; base: with lines moved in, without lines moved out), and at the month's end, as sums over its lines.
notes: >
  Positions are account, business unit and product. Where one holds several plans and none of them lost units (or a flat
  fee came or went) while another gained, nobody moved between them: each plan is a row of its own, and apart is true.
  Lines that were transferred, commitments and unknown amounts keep a position whole. A row stands for each month in which a line of the position began,
  ended, stepped or moved; list prices on both sides are those of the month's end, so that a price list's own rise is
  never part of a step between plans. direction is 1 where the plans rank higher than before on average, -1 lower.
---*/
WITH lines AS (
  SELECT l.*
  FROM line_months AS l
  WHERE l.status = 'active'
), ordinals AS (
  SELECT plan_id, ROW_NUMBER() OVER (ORDER BY rank, plan_id) AS ordinal
  FROM pricing_plans
), points AS (
  SELECT account_id, business_unit, product_id, from_ago AS months_ago
  FROM lines
  UNION
  SELECT account_id, business_unit, product_id, gone_ago AS months_ago
  FROM lines
  UNION
  SELECT to_account_id AS account_id, to_business_unit AS business_unit, to_product_id AS product_id, months_ago
  FROM moved_lines
  UNION
  SELECT account_id, business_unit, product_id, months_ago
  FROM moved_lines
), sides AS (
  SELECT
    p.account_id,
    p.business_unit,
    p.product_id,
    p.months_ago,
    CASE WHEN l.from_ago > p.months_ago THEN 1 ELSE 0 END AS was,
    0 AS moved,
    CASE WHEN l.from_ago > p.months_ago THEN 1 ELSE 0 END AS counted,
    CASE WHEN l.gone_ago < p.months_ago THEN 1 ELSE 0 END AS stands,
    CASE WHEN l.from_ago = p.months_ago THEN l.from_on END AS began_on,
    CASE WHEN l.from_ago = p.months_ago THEN l.origin END AS origin,
    CASE WHEN l.from_ago = p.months_ago THEN l.ahead END AS ahead,
    l.line_id,
    l.plan_id,
    l.charge,
    l.rank,
    l.sku,
    l.quantity,
    l.mrr,
    l.currency,
    l.list_unit_price,
    l.discount_amount,
    l.discount_ends_on,
    l.escalator,
    l.renewable_on,
    l.committed
  FROM points AS p
  INNER JOIN months AS m ON m.months_ago = p.months_ago
  INNER JOIN lines AS l
    ON l.account_id = p.account_id AND l.business_unit = p.business_unit AND l.product_id = p.product_id
    AND l.from_ago >= p.months_ago AND l.gone_ago <= p.months_ago
  UNION ALL
  SELECT
    CASE WHEN w.goes THEN v.account_id ELSE v.to_account_id END AS account_id,
    CASE WHEN w.goes THEN v.business_unit ELSE v.to_business_unit END AS business_unit,
    CASE WHEN w.goes THEN v.product_id ELSE v.to_product_id END AS product_id,
    v.months_ago,
    CASE WHEN w.goes THEN -1 ELSE 1 END AS was,
    CASE WHEN w.goes THEN -1 ELSE 1 END AS moved,
    CASE WHEN NOT w.goes THEN 1 WHEN v.partly THEN 0 ELSE -1 END AS counted,
    0 AS stands,
    CAST(NULL AS DATE) AS began_on,
    CAST(NULL AS VARCHAR) AS origin,
    CAST(NULL AS BOOLEAN) AS ahead,
    v.line_id,
    v.plan_id,
    v.charge,
    v.rank,
    CAST(NULL AS VARCHAR) AS sku,
    v.quantity,
    v.mrr,
    v.currency,
    v.list_unit_price,
    v.discount_amount,
    v.discount_ends_on,
    v.escalator,
    v.renewable_on,
    v.committed
  FROM moved_lines AS v
  INNER JOIN (SELECT TRUE AS goes UNION ALL SELECT FALSE AS goes) AS w ON w.goes OR NOT w.goes
), weighed AS (
  SELECT
    s.*,
    o.ordinal,
    k.mechanism,
    NOT s.committed AND COALESCE(s.charge, '') <> 'flat' AS by_unit,
    NOT s.committed AND COALESCE(s.charge, '') = 'flat' AS is_flat,
    CASE WHEN s.committed THEN 0 WHEN s.charge = 'flat' THEN 1 ELSE s.quantity END AS weight,
    COALESCE(s.list_unit_price, a.list_price, b.list_price) AS list_price
  FROM sides AS s
  LEFT JOIN ordinals AS o ON o.plan_id = s.plan_id
  LEFT JOIN plan_months AS a
    ON a.plan_id = s.plan_id AND a.months_ago = s.months_ago AND a.currency = s.currency AND s.currency <> ''
  LEFT JOIN plan_months AS b ON b.plan_id = s.plan_id AND b.months_ago = s.months_ago AND b.currency = ''
  LEFT JOIN skus AS k ON k.sku = s.sku
), plan_changes AS (
  SELECT
    account_id,
    business_unit,
    product_id,
    months_ago,
    plan_id,
    SUM(counted) AS base_lines,
    SUM(stands) AS lines,
    SUM(stands * quantity) - SUM(was * quantity) AS more,
    BOOL_OR(is_flat) AS is_flat,
    BOOL_OR(moved <> 0 OR committed OR mrr IS NULL) AS whole
  FROM weighed
  GROUP BY account_id, business_unit, product_id, months_ago, plan_id
), plans_apart AS (
  SELECT account_id, business_unit, product_id, months_ago
  FROM plan_changes
  GROUP BY account_id, business_unit, product_id, months_ago
  HAVING COUNT(*) > 1
    AND NOT BOOL_OR(whole)
    AND NOT BOOL_OR(is_flat AND base_lines <> lines)
    AND NOT (BOOL_OR(more < 0 OR lines = 0) AND BOOL_OR(more > 0 OR base_lines = 0))
    AND SUM(base_lines) > 0
    AND SUM(lines) > 0
), judged AS (
  SELECT w.*, a.account_id IS NOT NULL AS apart, CASE WHEN a.account_id IS NOT NULL THEN w.plan_id END AS own_plan_of
  FROM weighed AS w
  LEFT JOIN plans_apart AS a
    ON a.account_id = w.account_id AND a.business_unit = w.business_unit AND a.product_id = w.product_id
    AND a.months_ago = w.months_ago
), added AS (
  SELECT
    account_id,
    business_unit,
    product_id,
    months_ago,
    apart,
    CAST(SUM((was - moved) * mrr) AS BIGINT) AS own_mrr,
    CAST(SUM((was - moved) * quantity) AS BIGINT) AS own_quantity,
    CAST(SUM(moved * mrr) AS BIGINT) AS moved_mrr,
    COUNT(CASE WHEN moved <> 0 THEN 1 END) AS moved_lines,
    CAST(SUM(counted) AS BIGINT) AS base_lines,
    CAST(SUM(stands) AS BIGINT) AS lines,
    COUNT(CASE WHEN mrr IS NULL AND was <> 0 THEN 1 END) AS base_unknown,
    COUNT(CASE WHEN mrr IS NULL AND stands = 1 THEN 1 END) AS unknown,
    CAST(SUM(was * quantity) AS BIGINT) AS base_quantity,
    CAST(SUM(stands * quantity) AS BIGINT) AS quantity,
    CAST(SUM(was * mrr) AS BIGINT) AS base_mrr,
    CAST(SUM(stands * mrr) AS BIGINT) AS mrr,
    CAST(SUM(CASE WHEN by_unit THEN was * mrr ELSE 0 END) AS BIGINT) AS base_unit_mrr,
    CAST(SUM(CASE WHEN by_unit THEN stands * mrr ELSE 0 END) AS BIGINT) AS unit_mrr,
    CAST(SUM(CASE WHEN by_unit THEN was * quantity ELSE 0 END) AS BIGINT) AS base_units,
    CAST(SUM(CASE WHEN by_unit THEN stands * quantity ELSE 0 END) AS BIGINT) AS units,
    CAST(SUM(CASE WHEN is_flat THEN counted ELSE 0 END) AS BIGINT) AS base_flats,
    CAST(SUM(CASE WHEN is_flat THEN stands ELSE 0 END) AS BIGINT) AS flats,
    CAST(SUM(CASE WHEN is_flat THEN was * mrr ELSE 0 END) AS BIGINT) AS base_flat_mrr,
    CAST(SUM(CASE WHEN is_flat THEN stands * mrr ELSE 0 END) AS BIGINT) AS flat_mrr,
    CAST(SUM(CASE WHEN committed THEN was * mrr ELSE 0 END) AS BIGINT) AS base_committed_mrr,
    CAST(SUM(CASE WHEN committed THEN stands * mrr ELSE 0 END) AS BIGINT) AS committed_mrr,
    CAST(SUM(CASE WHEN is_flat THEN counted ELSE was END * weight) AS BIGINT) AS base_weight,
    CAST(SUM(stands * weight) AS BIGINT) AS weight,
    CAST(SUM(CASE WHEN is_flat THEN counted ELSE was END * weight * rank) AS BIGINT) AS base_ranks,
    CAST(SUM(stands * weight * rank) AS BIGINT) AS ranks,
    COUNT(CASE WHEN rank IS NULL AND NOT committed THEN 1 END) AS unranked,
    CAST(SUM(CASE WHEN by_unit THEN was * quantity * list_price ELSE 0 END) AS BIGINT) AS base_unit_list,
    CAST(SUM(CASE WHEN is_flat THEN counted * list_price ELSE 0 END) AS BIGINT) AS base_flat_list,
    CAST(SUM(CASE WHEN committed THEN 0 WHEN is_flat THEN stands * list_price
      ELSE stands * quantity * list_price END) AS BIGINT) AS list,
    COUNT(CASE WHEN list_price IS NULL AND NOT committed THEN 1 END) AS unlisted,
    CAST(SUM(CASE WHEN by_unit THEN was * discount_amount ELSE 0 END) AS BIGINT) AS base_unit_discount,
    CAST(SUM(CASE WHEN by_unit THEN 0 ELSE was * discount_amount END) AS BIGINT) AS base_flat_discount,
    CAST(SUM(stands * discount_amount) AS BIGINT) AS discount,
    MIN(CASE WHEN was = 1 AND discount_amount > 0 THEN discount_ends_on END) AS discount_ends_on,
    CAST(MAX(CASE WHEN was = 1 THEN escalator * 10000 END) AS BIGINT) AS escalator,
    COUNT(CASE WHEN was = 1 AND COALESCE(escalator, 0) > 0 THEN 1 END) AS escalating,
    COALESCE(MIN(CASE WHEN was = 1 THEN currency END), '') AS base_currency_from,
    COALESCE(MAX(CASE WHEN was = 1 THEN currency END), '') AS base_currency_to,
    COALESCE(MIN(CASE WHEN stands = 1 THEN currency END), '') AS currency_from,
    COALESCE(MAX(CASE WHEN stands = 1 THEN currency END), '') AS currency_to,
    MAX(CASE WHEN was - moved = 1 THEN ordinal END) AS own_ordinal,
    MAX(CASE WHEN was - moved = 1 THEN plan_id END) AS own_plan_id,
    MAX(CASE WHEN was = 1 THEN ordinal END) AS base_ordinal,
    MAX(CASE WHEN was = 1 THEN plan_id END) AS base_plan_id,
    MAX(CASE WHEN stands = 1 THEN ordinal END) AS ordinal,
    MAX(CASE WHEN stands = 1 THEN plan_id END) AS plan_id,
    MAX(mechanism) AS mechanism,
    MAX(CASE WHEN was = 1 THEN renewable_on END) AS base_renewable_on,
    MIN(began_on) AS began_on,
    BOOL_AND(ahead) AS ahead,
    MAX(CASE origin
      WHEN 'contracted_ramp' THEN 9
      WHEN 'contracted_escalator' THEN 8
      WHEN 'true_up' THEN 7
      WHEN 'renewal' THEN 6
      WHEN 'amendment' THEN 5
      WHEN 'self_serve' THEN 4
      WHEN 'transfer' THEN 3
      WHEN 'correction' THEN 2
      WHEN 'new' THEN 1
      WHEN '' THEN 0
    END) AS origin
  FROM judged
  GROUP BY account_id, business_unit, product_id, months_ago, apart, own_plan_of
), committed AS (
  SELECT
    p.account_id,
    p.business_unit,
    p.product_id,
    p.months_ago,
    CAST(SUM(CASE WHEN c.priced AND NOT c.carried AND c.from_on < m.month_start AND c.until_on >= m.month_start
      THEN c.monthly_amount ELSE 0 END) AS BIGINT) AS base_amount,
    CAST(SUM(CASE WHEN c.priced AND NOT c.carried AND c.from_on < m.month_end AND c.until_on >= m.month_end
      THEN c.monthly_amount ELSE 0 END) AS BIGINT) AS amount,
    CAST(SUM(CASE WHEN (c.carried OR NOT c.priced) AND c.from_on < m.month_start AND c.until_on >= m.month_start
      THEN c.monthly_amount ELSE 0 END) AS BIGINT) AS base_carried_amount,
    CAST(SUM(CASE WHEN (c.carried OR NOT c.priced) AND c.from_on < m.month_end AND c.until_on >= m.month_end
      THEN c.monthly_amount ELSE 0 END) AS BIGINT) AS carried_amount
  FROM commitment_terms AS c
  INNER JOIN points AS p
    ON p.account_id = c.account_id AND p.business_unit = c.business_unit AND p.product_id = c.product_id
  INNER JOIN months AS m ON m.months_ago = p.months_ago
  GROUP BY p.account_id, p.business_unit, p.product_id, p.months_ago
)
SELECT
  d.*,
  m.month_start,
  m.month_end,
  COALESCE(t.plan_id, d.own_plan_id) AS own_plan,
  COALESCE(f.plan_id, d.base_plan_id) AS base_plan,
  COALESCE(g.plan_id, d.plan_id) AS plan,
  CASE
    WHEN d.unranked > 0 THEN 0
    WHEN d.ranks * d.base_weight > d.base_ranks * d.weight THEN 1
    WHEN d.ranks * d.base_weight < d.base_ranks * d.weight THEN -1
    ELSE 0
  END AS direction,
  COALESCE(c.amount, 0) - COALESCE(c.base_amount, 0) AS committed_more,
  COALESCE(c.carried_amount, 0) - COALESCE(c.base_carried_amount, 0) AS carried_more
FROM added AS d
INNER JOIN months AS m ON m.months_ago = d.months_ago
LEFT JOIN ordinals AS t ON t.ordinal = d.own_ordinal
LEFT JOIN ordinals AS f ON f.ordinal = d.base_ordinal
LEFT JOIN ordinals AS g ON g.ordinal = d.ordinal
LEFT JOIN committed AS c
  ON c.account_id = d.account_id AND c.business_unit = d.business_unit AND c.product_id = d.product_id
  AND c.months_ago = d.months_ago
