/*---
scope: meter
needs: [usage]
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
  allowance:
    unit: amount
    needs: [plan_limits, commitments]
    meaning: What is allowed - a month's plan limit, or the amount committed over the commitment's span.
    unknown_when: neither a limit nor a commitment is known
  allowance_kind:
    unit: level
    levels: [limit, commitment]
    needs: [plan_limits, commitments]
    meaning: Whether the allowance is a plan's monthly limit or a commitment.
    unknown_when: neither a limit nor a commitment is known
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
      Share of the allowance that will be used when it matters - for a limit, in 60 days at the trend of the last 90;
      for a commitment, at its end at the pace of the last 30 days.
    unknown_when: fewer than three months of use are known (limit), or the latest 30 days (commitment)
  allowance_exhausted_in:
    unit: days
    label: "allowance reached in"
    window: 90
    meaning: Days until the allowance is reached at that trend or pace; 0 where it is reached already.
    unknown_when: use does not grow towards the allowance, or is unknown
  commitment_elapsed:
    unit: ratio
    needs: [commitments]
    meaning: Share of the commitment's span that has passed.
    unknown_when: the allowance is no commitment
---*/
SELECT
  account_id,
  business_unit,
  product_id,
  metric,
  CAST(latest AS DECIMAL(18, 0)) * 0.0001 AS usage_30d,
  CAST(previous AS DECIMAL(18, 0)) * 0.0001 AS usage_previous_30d,
  CAST(amount AS DECIMAL(18, 0)) * 0.0001 AS allowance,
  kind AS allowance_kind,
  CAST(used AS DOUBLE) / NULLIF(CAST(amount AS DOUBLE), 0) AS allowance_used,
  CAST(ahead_numerator AS DOUBLE) / NULLIF(CAST(amount * ahead_denominator AS DOUBLE), 0) AS allowance_used_ahead,
  days_to_allowance AS allowance_exhausted_in,
  CAST(days_elapsed AS DOUBLE) / NULLIF(CAST(days_whole AS DOUBLE), 0) AS commitment_elapsed
FROM meter_use
