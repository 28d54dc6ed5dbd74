/*---
scope: subscription
needs: [seats, usage]
signals:
  adoption:
    unit: ratio
    window: 30
    meaning: >
      How much of what was bought is used - people active for each seat; where the product is not sold by people, the best
      meter's use for its allowance (a commitment's for the span elapsed).
    unknown_when: neither people nor metered use of the last 30 days is known
  adoption_change_30d:
    unit: ratio
    label: "change in active use against the months before"
    window: 90
    meaning: >
      People active in the latest 30 days (or metered use, where the product has no seats) against the average of the
      months before, up to three; -10% is a dip of a tenth.
    unknown_when: nothing is known of the latest 30 days or of the 90 days before
  days_since_start:
    unit: days
    label: "days since they began to own it"
    needs: [subscriptions]
    meaning: Days since the account began to own the product without a break.
    unknown_when: never, for an owned product
---*/
WITH people AS (
  SELECT
    account_id,
    business_unit,
    product_id,
    MAX(CASE WHEN recency = 0 AND place = 1 THEN active END) AS now_active,
    SUM(CASE WHEN recency >= 1 AND recency <= 3 THEN active END) AS before_sum,
    COUNT(CASE WHEN recency >= 1 AND recency <= 3 THEN active END) AS before_count
  FROM seat_periods
  GROUP BY account_id, business_unit, product_id
), metered AS (
  SELECT
    account_id,
    business_unit,
    product_id,
    MAX(
      CASE
        WHEN kind = 'limit' THEN CAST(used AS DOUBLE) / NULLIF(CAST(amount AS DOUBLE), 0)
        ELSE CAST(used * days_whole AS DOUBLE) / NULLIF(CAST(amount * days_elapsed AS DOUBLE), 0)
      END
    ) AS share
  FROM meter_use
  GROUP BY account_id, business_unit, product_id
), by_metric AS (
  SELECT
    account_id,
    business_unit,
    product_id,
    metric,
    SUM(CASE WHEN recency = 0 THEN total END) AS total,
    SUM(CASE WHEN recency = 0 THEN days END) AS days,
    SUM(CASE WHEN recency >= 1 THEN total END) AS total_before,
    SUM(CASE WHEN recency >= 1 THEN days END) AS days_before
  FROM usage_windows
  GROUP BY account_id, business_unit, product_id, metric
), changed AS (
  SELECT
    w.account_id,
    w.business_unit,
    w.product_id,
    MAX(
      CAST(w.total * w.days_before - w.total_before * w.days AS DOUBLE)
        / NULLIF(CAST(w.total_before * w.days AS DOUBLE), 0)
    ) AS share
  FROM by_metric AS w
  LEFT JOIN metrics AS k ON k.metric = w.metric
  WHERE COALESCE(k.core, FALSE) AND w.days > 0 AND w.days_before > 0
  GROUP BY w.account_id, w.business_unit, w.product_id
)
SELECT
  p.account_id,
  p.business_unit,
  p.product_id,
  CASE WHEN e.seats_purchased > 0 THEN s.seat_utilization ELSE m.share END AS adoption,
  CASE
    WHEN e.seats_purchased > 0
      THEN CAST(h.now_active * h.before_count - h.before_sum AS DOUBLE) / NULLIF(CAST(h.before_sum AS DOUBLE), 0)
    ELSE c.share
  END AS adoption_change_30d,
  DATE_DIFF('day', p.started_on, @as_of) AS days_since_start
FROM positions AS p
LEFT JOIN seat_use AS s
  ON s.account_id = p.account_id AND s.business_unit = p.business_unit AND s.product_id = p.product_id
LEFT JOIN seat_potential AS e
  ON e.account_id = p.account_id AND e.business_unit = p.business_unit AND e.product_id = p.product_id
LEFT JOIN people AS h
  ON h.account_id = p.account_id AND h.business_unit = p.business_unit AND h.product_id = p.product_id
LEFT JOIN metered AS m
  ON m.account_id = p.account_id AND m.business_unit = p.business_unit AND m.product_id = p.product_id
LEFT JOIN changed AS c
  ON c.account_id = p.account_id AND c.business_unit = p.business_unit AND c.product_id = p.product_id
