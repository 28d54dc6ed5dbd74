/*---
scope: subscription
needs: [subscriptions]
signals:
  last_layoff_on:
    unit: date
    meaning: Day of the last layoff of the last 180 days that is on record for the unit or the whole account.
    unknown_when: none is on record
  measured_since_layoff:
    unit: flag
    label: "use has been measured since the last layoff"
    needs: [seats, usage]
    meaning: >
      Whether people on the product, or its use, have been measured over four weeks or more that began after that layoff;
      true where no layoff is on record.
    unknown_when: never; a layoff that nobody recorded is not missed
---*/
WITH laid_off AS (
  SELECT f.account_id, f.business_unit, f.product_id, MAX(o.happened_on) AS happened_on
  FROM subscription_frame AS f
  INNER JOIN org_changes AS o
    ON o.account_id = f.account_id
    AND (o.business_unit = '' OR f.business_unit = '' OR o.business_unit = f.business_unit)
  WHERE o.kind = 'layoff' AND o.happened_on > @days_before(180)
  GROUP BY f.account_id, f.business_unit, f.product_id
), periods AS (
  SELECT account_id, product_id, period_start, period_end
  FROM seats
  WHERE active IS NOT NULL
  UNION ALL
  SELECT account_id, product_id, period_start, period_end
  FROM usage
), measured AS (
  SELECT
    l.account_id,
    l.business_unit,
    l.product_id,
    DATE_DIFF('day', MIN(p.period_start), MAX(p.period_end)) AS days
  FROM laid_off AS l
  INNER JOIN periods AS p
    ON p.account_id = l.account_id AND p.product_id = l.product_id AND p.period_start > l.happened_on
  GROUP BY l.account_id, l.business_unit, l.product_id
)
SELECT
  f.account_id,
  f.business_unit,
  f.product_id,
  l.happened_on AS last_layoff_on,
  l.happened_on IS NULL OR COALESCE(m.days, 0) >= 28 AS measured_since_layoff
FROM subscription_frame AS f
LEFT JOIN laid_off AS l
  ON l.account_id = f.account_id AND l.business_unit = f.business_unit AND l.product_id = f.product_id
LEFT JOIN measured AS m
  ON m.account_id = f.account_id AND m.business_unit = f.business_unit AND m.product_id = f.product_id
