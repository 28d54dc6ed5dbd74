/*---
meaning: >
  Use against allowance, one row a meter: what is used now, and what will be used when it matters. For a plan limit
  that is a month's use in 60 days at the trend of the last 90; for a commitment its use at the end of its span at the
  daily pace of the latest 30 days (ahead_numerator over ahead_denominator, to stay whole).
notes: >
  One-off loads are set aside in trend and pace (see usage_windows); what they used stays used. Where usage is declared
  complete, a window without a row is zero; else it is unknown. What was used before the product was owned is no trend.
  The pace of a commitment runs on from the last day that its usage is known. A tranche that is booked and begins before
  the commitment ends is headroom; so is one that follows, where it allows today's pace a day. The days to the allowance
  are given at the trend, and at the fastest and the slowest step between the last three windows.
---*/
WITH unlisted AS (
  SELECT MAX(0) AS value
  FROM complete_tables
  WHERE table_name = 'usage'
), windows AS (
  SELECT account_id, business_unit, product_id, metric, recency, use, peak, steady_total, steady_use, steady_peak, days
  FROM meter_windows
  WHERE recency <= 2
), set_aside AS (
  SELECT
    a.account_id,
    a.business_unit,
    a.product_id,
    a.metric,
    CAST(SUM(w.total - w.steady_total) AS BIGINT) AS amount
  FROM allowances AS a
  INNER JOIN meter_windows AS w
    ON w.account_id = a.account_id AND w.business_unit = a.business_unit AND w.product_id = a.product_id
    AND w.metric = a.metric AND DATE_DIFF('day', a.starts_on, w.period_end) >= w.days
  GROUP BY a.account_id, a.business_unit, a.product_id, a.metric
), shares AS (
  SELECT
    a.account_id,
    a.business_unit,
    a.product_id,
    a.metric,
    a.kind,
    a.is_level,
    a.amount,
    a.amount_rolled_over,
    a.amount_overlapping,
    a.amount_next,
    a.days_next,
    a.hard_stop,
    a.binding,
    a.terms,
    a.ends_on,
    COALESCE(a.used_to_date, n.value) AS used_to_date,
    COALESCE(x.amount, 0) AS one_off_to_date,
    COALESCE(CASE WHEN a.is_level THEN w.peak ELSE w.use END, n.value) AS latest,
    COALESCE(CASE WHEN a.is_level THEN v.peak ELSE v.use END, n.value) AS previous,
    COALESCE(CASE WHEN a.is_level THEN w.steady_peak ELSE w.steady_use END, n.value) AS steady,
    CASE
      WHEN p.started_on > @days_before(90) THEN NULL
      WHEN a.is_level THEN COALESCE(v.steady_peak, n.value)
      WHEN w.days > 0 AND w.use = w.steady_total THEN COALESCE(v.steady_total * w.days // v.days, n.value)
      ELSE COALESCE(v.steady_use, n.value)
    END AS before,
    CASE
      WHEN p.started_on > @days_before(90) THEN NULL
      WHEN a.is_level THEN COALESCE(b.steady_peak, n.value)
      -- Months differ in length: the earlier one is put on as many days as the latest, so that 28 days are no dip.
      WHEN w.days > 0 AND w.use = w.steady_total THEN COALESCE(b.steady_total * w.days // b.days, n.value)
      ELSE COALESCE(b.steady_use, n.value)
    END AS before_that,
    COALESCE(w.steady_total, n.value) AS total,
    COALESCE(w.days, 30) AS days,
    -- The paces of the two windows before, on as many days as the latest.
    v.steady_total * COALESCE(w.days, 30) // v.days AS total_before,
    b.steady_total * COALESCE(w.days, 30) // b.days AS total_before_that,
    DATE_DIFF('day', a.starts_on, @as_of) + 1 AS days_elapsed,
    DATE_DIFF('day', COALESCE(a.known_until, CAST(@as_of + INTERVAL 1 DAY AS DATE)), a.ends_on) AS days_left,
    DATE_DIFF('day', @as_of, COALESCE(a.known_until, CAST(@as_of + INTERVAL 1 DAY AS DATE))) - 1 AS days_known,
    DATE_DIFF('day', a.starts_on, a.ends_on) AS days_whole
  FROM allowances AS a
  INNER JOIN positions AS p
    ON p.account_id = a.account_id AND p.business_unit = a.business_unit AND p.product_id = a.product_id
  LEFT JOIN windows AS w
    ON w.account_id = a.account_id AND w.business_unit = a.business_unit AND w.product_id = a.product_id
    AND w.metric = a.metric AND w.recency = 0
  LEFT JOIN windows AS v
    ON v.account_id = a.account_id AND v.business_unit = a.business_unit AND v.product_id = a.product_id
    AND v.metric = a.metric AND v.recency = 1
  LEFT JOIN windows AS b
    ON b.account_id = a.account_id AND b.business_unit = a.business_unit AND b.product_id = a.product_id
    AND b.metric = a.metric AND b.recency = 2
  LEFT JOIN set_aside AS x
    ON x.account_id = a.account_id AND x.business_unit = a.business_unit AND x.product_id = a.product_id
    AND x.metric = a.metric
  INNER JOIN unlisted AS n ON TRUE
), headroom AS (
  SELECT
    s.*,
    amount + amount_overlapping
      + CASE WHEN amount_next > 0 AND amount_next * days >= total * days_next THEN amount_next ELSE 0 END AS amount_ahead,
    CASE WHEN kind = 'commitment' THEN amount_next > 0 AND amount_next * days >= total * days_next END AS next_covers
  FROM shares AS s
), paced AS (
  SELECT
    h.*,
    CASE WHEN steady - before > before - before_that THEN steady - before ELSE before - before_that END AS fast_step,
    CASE WHEN steady - before < before - before_that THEN steady - before ELSE before - before_that END AS slow_step,
    CASE
      WHEN total_before > total AND total_before > COALESCE(total_before_that, 0) THEN total_before
      WHEN total_before_that > total THEN total_before_that
      ELSE total
    END AS fast_total,
    CASE
      WHEN total_before < total AND total_before < COALESCE(total_before_that, total) THEN total_before
      WHEN total_before_that < total THEN total_before_that
      ELSE total
    END AS slow_total
  FROM headroom AS h
)
SELECT
  account_id,
  business_unit,
  product_id,
  metric,
  kind,
  is_level,
  amount,
  amount_ahead,
  amount_rolled_over,
  next_covers,
  hard_stop,
  binding,
  terms,
  ends_on,
  latest,
  previous,
  latest - steady AS one_off,
  days_elapsed,
  days_whole,
  CASE WHEN kind = 'commitment' THEN used_to_date ELSE latest END AS used,
  CASE
    WHEN kind = 'commitment' THEN used_to_date * days + total * days_left
    WHEN 2 * steady < before_that THEN 0
    ELSE 2 * steady - before_that
  END AS ahead_numerator,
  CASE WHEN kind = 'commitment' THEN days ELSE 1 END AS ahead_denominator,
  CASE
    WHEN kind = 'commitment' AND used_to_date >= amount + amount_overlapping THEN 0
    WHEN kind = 'commitment' AND total > 0
      THEN CASE WHEN (amount + amount_overlapping - used_to_date) * days // total + days_known > 0
        THEN (amount + amount_overlapping - used_to_date) * days // total + days_known ELSE 0 END
    WHEN kind = 'limit' AND latest >= amount THEN 0
    WHEN kind = 'limit' AND steady > before_that THEN (amount - steady) * 60 // (steady - before_that)
  END AS days_to_allowance,
  CASE
    WHEN kind = 'commitment' AND used_to_date >= amount + amount_overlapping THEN 0
    WHEN kind = 'commitment' AND fast_total > 0
      THEN CASE WHEN (amount + amount_overlapping - used_to_date) * days // fast_total + days_known > 0
        THEN (amount + amount_overlapping - used_to_date) * days // fast_total + days_known ELSE 0 END
    WHEN kind = 'limit' AND latest >= amount THEN 0
    WHEN kind = 'limit' AND fast_step > 0 THEN (amount - steady) * 30 // fast_step
  END AS days_to_allowance_early,
  CASE
    WHEN kind = 'commitment' AND used_to_date >= amount + amount_overlapping THEN 0
    WHEN kind = 'commitment' AND slow_total > 0
      THEN CASE WHEN (amount + amount_overlapping - used_to_date) * days // slow_total + days_known > 0
        THEN (amount + amount_overlapping - used_to_date) * days // slow_total + days_known ELSE 0 END
    WHEN kind = 'limit' AND latest >= amount THEN 0
    WHEN kind = 'limit' AND slow_step > 0 THEN (amount - steady) * 30 // slow_step
  END AS days_to_allowance_late,
  (used_to_date - one_off_to_date) * days_whole // days_elapsed + one_off_to_date AS used_at_even_pace
FROM paced
