/*---
scope: meter
needs: [usage]
notes: >
  The projection is a straight line in whole numbers. A plan limit: the latest month's use plus what use changed in 60
  days, (2 × latest − the window two before); reached in (limit − latest) × 60 ÷ that change days. A commitment: used to
  date + the daily use of the latest 30 days × the days left; reached in (amount − used) ÷ that daily use. Early and late
  take the fastest and the slowest of the last three windows. One-off loads are set aside (see usage_windows).
signals:
  usage_30d:
    unit: amount
    label: "used in the last 30 days"
    window: 30
    meaning: Use of the metric in the latest 30 days (or whole month).
    unknown_when: no period that ended in the last 30 days lists the metric
  usage_previous_30d:
    unit: amount
    window: 30
    meaning: Use of the metric in the 30 days before those.
    unknown_when: that span lists no value
  usage_one_off_30d:
    unit: amount
    label: "one-off load of the last 30 days"
    window: 30
    meaning: >
      The part of the latest 30 days' use that is set aside as a one-off load and not projected - what exceeds the month
      before, where it is more than twice that.
    unknown_when: no period that ended in the last 30 days lists the metric
  allowance:
    unit: amount
    needs: [plan_limits, commitments]
    meaning: >
      What is allowed - a month's plan limit, or the amount committed over the commitment's span, with what an earlier
      one left over where it rolls over.
    unknown_when: neither a limit nor a commitment is known
  allowance_ahead:
    unit: amount
    label: "allowance with what is booked to come"
    needs: [plan_limits, commitments]
    meaning: >
      The allowance and the tranches already booked - those that begin before the commitment ends, and the one that
      follows it if it allows today's pace; headroom, not opportunity.
    unknown_when: neither a limit nor a commitment is known
  allowance_rolled_over:
    unit: amount
    needs: [commitments]
    meaning: What an earlier commitment left over, and its terms carry into this one.
    unknown_when: neither a limit nor a commitment is known
  allowance_kind:
    unit: level
    levels: [limit, commitment]
    needs: [plan_limits, commitments]
    meaning: Whether the allowance is a plan's monthly limit or a commitment.
    unknown_when: neither a limit nor a commitment is known
  allowance_binding:
    unit: flag
    label: "going beyond has a consequence"
    needs: [plan_limits, commitments]
    meaning: Whether use beyond the allowance has any consequence; not where a commitment's terms are unlimited.
    unknown_when: neither a limit nor a commitment is known
  allowance_fills_up:
    unit: flag
    label: "the metric is a level that fills up"
    needs: [plan_limits]
    meaning: Whether the metric is a level, such as storage or records, that stays where it is from month to month.
    unknown_when: neither a limit nor a commitment is known
  allowance_hard_stop:
    unit: flag
    label: "use stops at the allowance"
    needs: [plan_limits, commitments]
    meaning: Whether use stops where the allowance ends.
    unknown_when: a commitment does not state its terms
  commitment_terms:
    unit: level
    levels: [unlimited, rollover, true_up, rate, hard_stop]
    label: "what happens beyond the commitment"
    needs: [commitments]
    meaning: What happens beyond the committed amount.
    unknown_when: the allowance is no commitment, or its terms are not stated or differ by tranche
  allowance_used:
    unit: ratio
    label: "share of the allowance used"
    window: 30
    meaning: Share of the allowance used - the latest 30 days of a monthly limit, or all use so far of a commitment.
    unknown_when: use or allowance is unknown
  allowance_used_ahead:
    unit: ratio
    label: "share used when it matters, at this pace"
    window: 90
    meaning: >
      Share of the allowance, with what is booked to come, that will be used when it matters - for a limit, in 60 days at
      the trend of the last 90; for a commitment, at its end at the pace of the last 30 days.
    unknown_when: fewer than three months of use are known (limit), or the latest 30 days (commitment)
  allowance_exhausted_in:
    unit: days
    label: "allowance reached in"
    window: 90
    meaning: >
      Days until the allowance is reached at that trend or pace; 0 where it is reached already. Tranches that begin
      before the commitment ends count as allowance.
    unknown_when: use does not grow towards the allowance, or is unknown
  allowance_exhausted_on:
    unit: date
    label: "allowance reached on"
    window: 90
    meaning: That day.
    unknown_when: use does not grow towards the allowance, is unknown, or reaches it later than in three years
  allowance_exhausted_early_on:
    unit: date
    label: "allowance reached at the earliest on"
    window: 90
    meaning: The day at the fastest pace of the last three windows.
    unknown_when: as for the day itself
  allowance_exhausted_late_on:
    unit: date
    label: "allowance reached at the latest on"
    window: 90
    meaning: The day at the slowest pace of the last three windows.
    unknown_when: as for the day itself, or at the slowest pace use does not grow
  commitment_elapsed:
    unit: ratio
    needs: [commitments]
    meaning: Share of the commitment's span that has passed.
    unknown_when: the allowance is no commitment
  commitment_lead:
    unit: ratio
    label: "share used beyond the share of time that has passed"
    needs: [commitments, usage]
    meaning: Share of the commitment used, less the share of its span that has passed; 0% is exactly on plan.
    unknown_when: the allowance is no commitment, or its use is unknown
  commitment_days_uncovered:
    unit: days
    label: "days of the commitment left when it is used up"
    window: 90
    needs: [commitments, usage]
    meaning: Days from the day on which the commitment is used up, at this pace, until its span ends; 0 where it lasts.
    unknown_when: the allowance is no commitment, or its use is unknown
  commitment_days_elapsed:
    unit: days
    needs: [commitments]
    meaning: Days of the commitment's span that have passed.
    unknown_when: the allowance is no commitment
  commitment_next_covers:
    unit: flag
    label: "the next commitment allows today's pace"
    needs: [commitments]
    meaning: Whether a commitment already booked to follow allows at least today's pace a day.
    unknown_when: the allowance is no commitment, or its use is unknown
---*/
WITH dated AS (
  SELECT
    m.*,
    DATE_DIFF('day', @as_of, ends_on) AS days_to_end,
    CASE WHEN days_to_allowance <= 1095 THEN CAST(days_to_allowance AS INT) END AS days_on,
    CASE WHEN days_to_allowance_early <= 1095 THEN CAST(days_to_allowance_early AS INT) END AS days_early,
    CASE WHEN days_to_allowance_late <= 1095 THEN CAST(days_to_allowance_late AS INT) END AS days_late
  FROM meter_use AS m
)
SELECT
  account_id,
  business_unit,
  product_id,
  metric,
  CAST(latest AS DECIMAL(18, 0)) * 0.0001 AS usage_30d,
  CAST(previous AS DECIMAL(18, 0)) * 0.0001 AS usage_previous_30d,
  CAST(one_off AS DECIMAL(18, 0)) * 0.0001 AS usage_one_off_30d,
  CAST(amount AS DECIMAL(18, 0)) * 0.0001 AS allowance,
  CAST(amount_ahead AS DECIMAL(18, 0)) * 0.0001 AS allowance_ahead,
  CAST(amount_rolled_over AS DECIMAL(18, 0)) * 0.0001 AS allowance_rolled_over,
  kind AS allowance_kind,
  binding AS allowance_binding,
  is_level AS allowance_fills_up,
  hard_stop AS allowance_hard_stop,
  terms AS commitment_terms,
  CAST(used AS DOUBLE) / NULLIF(CAST(amount AS DOUBLE), 0) AS allowance_used,
  CAST(ahead_numerator AS DOUBLE) / NULLIF(CAST(amount_ahead * ahead_denominator AS DOUBLE), 0) AS allowance_used_ahead,
  days_to_allowance AS allowance_exhausted_in,
  @as_of + days_on AS allowance_exhausted_on,
  @as_of + days_early AS allowance_exhausted_early_on,
  @as_of + days_late AS allowance_exhausted_late_on,
  CAST(days_elapsed AS DOUBLE) / NULLIF(CAST(days_whole AS DOUBLE), 0) AS commitment_elapsed,
  CASE WHEN kind = 'commitment' THEN
    CAST(used * days_whole - amount * days_elapsed AS DOUBLE) / NULLIF(CAST(amount * days_whole AS DOUBLE), 0) END
    AS commitment_lead,
  CASE
    WHEN kind <> 'commitment' OR used IS NULL THEN NULL
    WHEN days_to_allowance < days_to_end THEN days_to_end - days_to_allowance
    ELSE 0
  END AS commitment_days_uncovered,
  days_elapsed AS commitment_days_elapsed,
  next_covers AS commitment_next_covers
FROM dated
