/*---
meaning: >
  Every change of recurring revenue, split into its causes with nothing left over: one row for each account, business
  unit, product, month and kind (and plan, where plans are judged apart), with its signed amount; the amounts of a product and month sum exactly to its change.
notes: >
  Who is a new, lost or returned customer is judged by the relation customers; everything else by position. Amounts are
  null, and the kind is unknown, where a missing price or exchange rate hides the money on either side. base_mrr is the
  position before with what was transferred in or out: what the causes are measured from. units is the number of units
  whose price the amount is: seats more or fewer, else all of them; null where the amount is not units times a price.
---*/
WITH events AS (
  SELECT account_id, from_ago AS months_ago, mrr, 1 AS lines
  FROM line_months
  WHERE status = 'active'
  UNION ALL
  SELECT account_id, gone_ago AS months_ago, -mrr AS mrr, -1 AS lines
  FROM line_months
  WHERE status = 'active' AND gone_ago >= 0
), transfers AS (
  SELECT to_account_id AS account_id, months_ago, mrr
  FROM moved_lines
  UNION ALL
  SELECT account_id, months_ago, -mrr AS mrr
  FROM moved_lines
), by_customer AS (
  SELECT
    COALESCE(c.customer_id, e.account_id) AS customer_id,
    e.months_ago,
    CAST(SUM(COALESCE(e.mrr, 0)) AS BIGINT) AS more,
    CAST(SUM(CASE WHEN e.mrr IS NULL THEN e.lines ELSE 0 END) AS BIGINT) AS more_unknown,
    CAST(0 AS BIGINT) AS moved
  FROM events AS e
  LEFT JOIN customers AS c ON c.account_id = e.account_id
  GROUP BY COALESCE(c.customer_id, e.account_id), e.months_ago
  UNION ALL
  SELECT
    COALESCE(c.customer_id, t.account_id) AS customer_id,
    t.months_ago,
    CAST(0 AS BIGINT) AS more,
    CAST(0 AS BIGINT) AS more_unknown,
    CAST(SUM(t.mrr) AS BIGINT) AS moved
  FROM transfers AS t
  LEFT JOIN customers AS c ON c.account_id = t.account_id
  GROUP BY COALESCE(c.customer_id, t.account_id), t.months_ago
), monthly AS (
  SELECT
    customer_id,
    months_ago,
    CAST(SUM(more) AS BIGINT) AS more,
    CAST(SUM(more_unknown) AS BIGINT) AS more_unknown,
    CAST(SUM(moved) AS BIGINT) AS moved
  FROM by_customer
  GROUP BY customer_id, months_ago
), running AS (
  SELECT
    m.*,
    CAST(SUM(more) OVER (
      PARTITION BY customer_id ORDER BY months_ago DESC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS BIGINT) AS mrr,
    CAST(SUM(more_unknown) OVER (
      PARTITION BY customer_id ORDER BY months_ago DESC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS BIGINT) AS unknown
  FROM monthly AS m
), customer_months AS (
  SELECT
    customer_id,
    months_ago,
    mrr - more + moved > 0 OR unknown - more_unknown > 0 AS paid,
    mrr > 0 OR unknown > 0 AS pays
  FROM running
), first_paid AS (
  SELECT COALESCE(c.customer_id, l.account_id) AS customer_id, MIN(l.from_on) AS first_paid_on
  FROM mrr_lines AS l
  LEFT JOIN customers AS c ON c.account_id = l.account_id
  WHERE l.status = 'active' AND (l.mrr > 0 OR l.mrr IS NULL)
  GROUP BY COALESCE(c.customer_id, l.account_id)
), first_owned AS (
  SELECT account_id, business_unit, product_id, MIN(from_on) AS first_owned_on
  FROM mrr_lines
  WHERE status = 'active'
  GROUP BY account_id, business_unit, product_id
), judged AS (
  SELECT
    h.*,
    COALESCE(c.customer_id, h.account_id) AS customer_id,
    COALESCE(p.kind, 'product') AS product_kind,
    CASE
      WHEN p.kind = 'support' OR h.mechanism = 'support' THEN 'support'
      WHEN h.mechanism = 'usage' THEN 'usage'
      ELSE 'seats'
    END AS more_is,
    CASE
      WHEN h.base_unknown + h.unknown > 0 THEN 'unknown'
      WHEN NOT k.paid AND k.pays AND f.first_paid_on < h.month_start THEN 'reactivation'
      WHEN NOT k.paid AND k.pays THEN 'new'
      WHEN k.paid AND NOT k.pays THEN 'churn'
      WHEN h.apart OR h.base_lines > 0 AND h.lines > 0 THEN ''
      WHEN p.kind = 'support' THEN 'support'
      WHEN h.lines = 0 THEN 'contraction_product'
      WHEN o.first_owned_on < h.month_start THEN 'reactivation_product'
      ELSE 'cross_sell'
    END AS whole,
    CASE
      WHEN h.origin = 0 THEN ''
      WHEN h.origin = 9 THEN 'contracted_ramp'
      WHEN h.origin = 8 THEN 'contracted_escalator'
      WHEN h.origin = 7 THEN 'true_up'
      WHEN h.origin = 6 THEN 'renewal'
      WHEN h.origin = 5 THEN 'amendment'
      WHEN h.origin = 4 THEN 'self_serve'
      WHEN h.origin = 3 THEN 'transfer'
      WHEN h.origin = 2 THEN 'correction'
      WHEN h.origin = 1 THEN 'new'
      WHEN h.began_on IS NULL THEN ''
      WHEN h.base_lines = 0 AND NOT h.apart THEN 'new'
      WHEN h.ahead THEN 'contracted_ramp'
      WHEN h.began_on >= h.base_renewable_on THEN 'renewal'
      ELSE 'amendment'
    END AS origin_name,
    CASE WHEN h.base_units > 0 AND h.units > 0
      THEN CAST((h.base_unit_mrr // h.base_units) * h.units
        + ((h.base_unit_mrr % h.base_units) * h.units) // h.base_units AS BIGINT)
      ELSE h.base_unit_mrr END AS scaled_mrr,
    CASE WHEN h.base_units > 0 AND h.units > 0
      THEN CAST((h.base_unit_list // h.base_units) * h.units
        + ((h.base_unit_list % h.base_units) * h.units) // h.base_units AS BIGINT)
      ELSE h.base_unit_list END + h.base_flat_list AS scaled_list,
    CASE WHEN h.base_units > 0 AND h.units > 0
      THEN CAST((h.base_unit_discount // h.base_units) * h.units
        + ((h.base_unit_discount % h.base_units) * h.units) // h.base_units AS BIGINT)
      ELSE h.base_unit_discount END + h.base_flat_discount AS scaled_discount
  FROM position_changes AS h
  LEFT JOIN customers AS c ON c.account_id = h.account_id
  LEFT JOIN products AS p ON p.product_id = h.product_id
  LEFT JOIN customer_months AS k
    ON k.customer_id = COALESCE(c.customer_id, h.account_id) AND k.months_ago = h.months_ago
  LEFT JOIN first_paid AS f ON f.customer_id = COALESCE(c.customer_id, h.account_id)
  LEFT JOIN first_owned AS o
    ON o.account_id = h.account_id AND o.business_unit = h.business_unit AND o.product_id = h.product_id
), units_apart AS (
  SELECT
    j.*,
    CASE
      WHEN apart AND (base_lines = 0 OR lines = 0) THEN mrr - base_mrr
      WHEN base_units > 0 AND units > 0 THEN scaled_mrr - base_unit_mrr
      WHEN base_flats > 0 AND flats > 0 THEN unit_mrr - base_unit_mrr
      ELSE 0
    END AS unit_part,
    CASE
      WHEN committed_more > 0 AND committed_mrr > base_committed_mrr
        OR committed_more < 0 AND committed_mrr < base_committed_mrr THEN committed_mrr - base_committed_mrr
      ELSE 0
    END + CASE
      WHEN direction = 0 AND base_flats > 0 AND flats > 0
        AND (carried_more > 0 AND flat_mrr > base_flat_mrr OR carried_more < 0 AND flat_mrr < base_flat_mrr)
        THEN flat_mrr - base_flat_mrr
      ELSE 0
    END AS usage_part,
    lines > 0 AND scaled_discount > 0 AND (discount = 0 OR discount_ends_on < month_end) AND scaled_discount > discount AS discount_ended,
    base_currency_from <> currency_from OR base_currency_to <> currency_to AS currency_changed,
    CASE WHEN direction <> 0 AND unlisted = 0 THEN list - scaled_list END AS list_step
  FROM judged AS j
), plans_apart AS (
  SELECT
    u.*,
    mrr - base_mrr - unit_part - usage_part AS rest,
    CASE
      WHEN direction = 0 THEN 0
      WHEN list_step IS NULL AND (mrr - base_mrr - unit_part - usage_part) * direction > 0
        THEN mrr - base_mrr - unit_part - usage_part
      WHEN list_step * direction > 0 THEN list_step
      ELSE 0
    END AS tier_part
  FROM units_apart AS u
), discounts_apart AS (
  SELECT
    p.*,
    rest - tier_part AS price_part,
    CASE
      WHEN discount_ended AND NOT (direction <> 0 AND list_step IS NULL) THEN scaled_discount - discount
      ELSE 0
    END AS discount_part
  FROM plans_apart AS p
), escalators_apart AS (
  SELECT
    d.*,
    price_part - discount_part AS left_part,
    CASE
      WHEN currency_changed THEN 0
      WHEN origin = 8 THEN price_part - discount_part
      WHEN escalating = 0 OR price_part <= discount_part OR origin IN (1, 2, 3, 4, 5, 7, 9) THEN 0
      WHEN price_part - discount_part < (scaled_mrr + base_flat_mrr) * escalator // 10000
        THEN price_part - discount_part
      ELSE CAST((scaled_mrr + base_flat_mrr) * escalator // 10000 AS BIGINT)
    END AS escalator_part
  FROM discounts_apart AS d
), kinds AS (
  SELECT 'whole' AS kind
  UNION ALL SELECT 'transfer' AS kind
  UNION ALL SELECT 'seats' AS kind
  UNION ALL SELECT 'tier' AS kind
  UNION ALL SELECT 'usage' AS kind
  UNION ALL SELECT 'support' AS kind
  UNION ALL SELECT 'discount_end' AS kind
  UNION ALL SELECT 'escalator' AS kind
  UNION ALL SELECT 'fx' AS kind
  UNION ALL SELECT 'price' AS kind
), split AS (
  SELECT
    e.*,
    CASE WHEN k.kind = 'whole' THEN e.whole ELSE k.kind END AS kind,
    CASE
      WHEN e.whole = 'unknown' THEN NULL
      WHEN k.kind = 'whole' THEN e.mrr - e.base_mrr
      WHEN k.kind = 'transfer' THEN e.moved_mrr
      WHEN k.kind = 'seats' AND e.more_is = 'seats' THEN e.unit_part
      WHEN k.kind = 'tier' AND e.product_kind <> 'support' THEN e.tier_part
      WHEN k.kind = 'usage' AND e.product_kind <> 'support'
        THEN e.usage_part + CASE WHEN e.more_is = 'usage' THEN e.unit_part ELSE 0 END
      WHEN k.kind = 'support' AND e.product_kind = 'support' THEN e.unit_part + e.tier_part + e.usage_part
      WHEN k.kind = 'support' AND e.more_is = 'support' THEN e.unit_part
      WHEN k.kind = 'discount_end' THEN e.discount_part
      WHEN k.kind = 'escalator' THEN e.escalator_part
      WHEN k.kind = 'fx' AND e.currency_changed THEN e.left_part
      WHEN k.kind = 'price' AND NOT e.currency_changed THEN e.left_part - e.escalator_part
      ELSE 0
    END AS amount,
    CASE
      WHEN k.kind = 'seats' OR k.kind = 'usage' AND e.more_is = 'usage' AND e.usage_part = 0
        THEN NULLIF(e.units - e.base_units, 0)
      WHEN e.base_flats + e.flats > 0 OR e.more_is <> 'seats' THEN NULL
      WHEN k.kind = 'whole' AND e.lines > 0 THEN e.units
      WHEN k.kind = 'whole' THEN -e.base_units
      WHEN k.kind IN ('tier', 'discount_end', 'escalator', 'fx', 'price') THEN e.units
    END AS kind_units
  FROM escalators_apart AS e
  INNER JOIN kinds AS k ON CASE
    WHEN k.kind = 'whole' THEN e.whole <> ''
    WHEN k.kind = 'transfer' THEN e.moved_mrr <> 0 AND e.whole <> 'unknown'
    ELSE e.whole = ''
  END
)
SELECT
  account_id,
  customer_id,
  business_unit,
  product_id,
  month_start,
  kind,
  CASE
    WHEN kind IN ('seats', 'tier', 'usage', 'support') THEN 'upsell'
    WHEN kind = 'cross_sell' THEN 'cross_sell'
    ELSE ''
  END AS motion,
  CASE
    WHEN kind IN ('seats', 'tier', 'usage', 'support') THEN kind
    WHEN kind = 'cross_sell' THEN product_kind
    ELSE ''
  END AS mechanism,
  CASE
    WHEN kind = 'transfer' THEN kind
    WHEN kind = 'escalator' AND origin IS NULL THEN 'contracted_escalator'
    ELSE origin_name
  END AS origin,
  amount,
  CASE WHEN base_unknown = 0 THEN own_mrr END AS before_mrr,
  CASE WHEN unknown = 0 THEN mrr END AS after_mrr,
  own_quantity AS before_quantity,
  quantity AS after_quantity,
  COALESCE(own_plan, base_plan) AS before_plan,
  plan AS after_plan,
  CASE WHEN base_unknown = 0 THEN base_mrr END AS base_mrr,
  base_quantity,
  base_plan,
  kind_units AS units
FROM split
WHERE amount <> 0 OR kind = 'unknown'
