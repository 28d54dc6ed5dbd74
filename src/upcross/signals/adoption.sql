/*---
scope: subscription
needs: [seats, usage]
notes: >
  In season compares this change with the change at the same time last year: (1 + change now) ÷ (1 + change then) − 1. A
  school that is closed every August does not dip in August; a customer that grew all year and lost a third does.
signals:
  adoption:
    unit: ratio
    window: 30
    meaning: >
      How much of what was bought is used - people active for each seat; where the product is not sold by people, the best
      meter's use for its allowance (a commitment's for the span elapsed). Who shares a pool has the
      adoption of the pool; a support offer that of all products with seats, which it serves.
    unknown_when: neither people nor metered use of the last 30 days is known
  adoption_change_30d:
    unit: ratio
    label: "change in active use against the months before"
    window: 90
    meaning: >
      People active in the latest 30 days (or metered use, where the product has no seats) against the average of the
      months before, up to three; -10% is a dip of a tenth.
    unknown_when: nothing is known of the latest 30 days or of the 90 days before
  adoption_change_yoy_30d:
    unit: ratio
    label: "change in active use against a year ago"
    window: 30
    meaning: People active in the latest 30 days (or metered use) against the same month, or 30 days, a year ago.
    unknown_when: nothing is known of the latest 30 days or of those a year ago
  adoption_change_in_season_30d:
    unit: ratio
    label: "change in active use, the season taken out"
    window: 90
    meaning: >
      The change of active use against the months before, compared with the same change a year ago; 0% is a change as in
      every year.
    unknown_when: the change of now or that of a year ago is unknown, or nobody was active then
  adoption_change_unexplained_30d:
    unit: ratio
    label: "change in active use that the season does not explain"
    window: 90
    meaning: >
      The change of active use against the months before; where last year's season is known and makes it milder, that
      change with the season taken out. A closure as in every year is no fall, and a fall without a last year to compare
      with stays one.
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
    COUNT(CASE WHEN recency >= 1 AND recency <= 3 THEN active END) AS before_count,
    MAX(CASE WHEN recency = 12 AND place = 1 THEN active END) AS then_active,
    SUM(CASE WHEN recency >= 13 AND recency <= 15 THEN active END) AS then_before_sum,
    COUNT(CASE WHEN recency >= 13 AND recency <= 15 THEN active END) AS then_before_count
  FROM people_counts
  GROUP BY account_id, business_unit, product_id
), seated AS (
  SELECT
    account_id,
    business_unit,
    product_id,
    CASE WHEN COUNT(*) = COUNT(CASE WHEN active IS NOT NULL THEN seats END) THEN SUM(active) END AS active,
    CASE WHEN COUNT(*) = COUNT(CASE WHEN active IS NOT NULL THEN seats END) THEN SUM(seats) END AS seats
  FROM seat_periods
  WHERE recency = 0 AND place = 1
  GROUP BY account_id, business_unit, product_id
), sold AS (
  SELECT account_id, business_unit, product_id, SUM(seats) AS seats
  FROM seat_terms
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
    SUM(CASE WHEN recency >= 1 AND recency <= 3 THEN steady_total END) AS total_before,
    SUM(CASE WHEN recency >= 1 AND recency <= 3 THEN days END) AS days_before,
    SUM(CASE WHEN recency = 12 THEN total END) AS total_then,
    SUM(CASE WHEN recency = 12 THEN days END) AS days_then,
    SUM(CASE WHEN recency >= 13 AND recency <= 15 THEN steady_total END) AS total_then_before,
    SUM(CASE WHEN recency >= 13 AND recency <= 15 THEN days END) AS days_then_before
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
    ) AS share,
    MAX(
      CAST(w.total * w.days_then - w.total_then * w.days AS DOUBLE)
        / NULLIF(CAST(w.total_then * w.days AS DOUBLE), 0)
    ) AS share_of_year,
    MAX(
      CAST(w.total_then * w.days_then_before - w.total_then_before * w.days_then AS DOUBLE)
        / NULLIF(CAST(w.total_then_before * w.days_then AS DOUBLE), 0)
    ) AS share_then
  FROM by_metric AS w
  LEFT JOIN metrics AS k ON k.metric = w.metric
  WHERE COALESCE(k.core, FALSE) AND w.days > 0 AND w.days_before > 0
  GROUP BY w.account_id, w.business_unit, w.product_id
), joined AS (
  SELECT
    p.account_id,
    p.business_unit,
    p.product_id,
    p.started_on,
    CASE WHEN d.kind = 'support' THEN w.adoption WHEN e.seats > 0 THEN CAST(s.active AS DOUBLE) / NULLIF(CAST(s.seats AS DOUBLE), 0) ELSE m.share END
      AS adoption,
    CASE
      WHEN d.kind = 'support' THEN w.change
      WHEN e.seats > 0
        THEN CAST(h.now_active * h.before_count - h.before_sum AS DOUBLE) / NULLIF(CAST(h.before_sum AS DOUBLE), 0)
      ELSE c.share
    END AS change,
    CASE
      WHEN e.seats > 0 THEN CAST(h.now_active - h.then_active AS DOUBLE) / NULLIF(CAST(h.then_active AS DOUBLE), 0)
      ELSE c.share_of_year
    END AS change_of_year,
    CASE
      WHEN e.seats > 0
        THEN CAST(h.then_active * h.then_before_count - h.then_before_sum AS DOUBLE)
          / NULLIF(CAST(h.then_before_sum AS DOUBLE), 0)
      ELSE c.share_then
    END AS change_then
  FROM positions AS p
  LEFT JOIN products AS d ON d.product_id = p.product_id
  LEFT JOIN account_people AS w ON w.account_id = p.account_id
  LEFT JOIN seat_homes AS o
    ON o.account_id = p.account_id AND o.business_unit = p.business_unit AND o.product_id = p.product_id
  LEFT JOIN seated AS s
    ON s.account_id = o.home_account_id AND s.business_unit = o.home_unit AND s.product_id = p.product_id
  LEFT JOIN sold AS e
    ON e.account_id = o.home_account_id AND e.business_unit = o.home_unit AND e.product_id = p.product_id
  LEFT JOIN people AS h
    ON h.account_id = p.account_id AND h.business_unit = p.business_unit AND h.product_id = p.product_id
  LEFT JOIN metered AS m
    ON m.account_id = p.account_id AND m.business_unit = p.business_unit AND m.product_id = p.product_id
  LEFT JOIN changed AS c
    ON c.account_id = p.account_id AND c.business_unit = p.business_unit AND c.product_id = p.product_id
), compared AS (
  SELECT j.*, (1 + change) / NULLIF(1 + change_then, 0) - 1 AS change_in_season
  FROM joined AS j
)
SELECT
  account_id,
  business_unit,
  product_id,
  adoption,
  change AS adoption_change_30d,
  change_of_year AS adoption_change_yoy_30d,
  change_in_season AS adoption_change_in_season_30d,
  CASE WHEN change_in_season > change THEN change_in_season ELSE change END AS adoption_change_unexplained_30d,
  DATE_DIFF('day', started_on, @as_of) AS days_since_start
FROM compared
