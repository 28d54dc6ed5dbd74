/*---
scope: subscription
needs: [subscriptions]
signals:
  paused:
    unit: flag
    meaning: Whether all lines of the product are paused; nothing of it is in force then, and nothing is judged.
    unknown_when: never, for an owned product
  rolling:
    unit: flag
    meaning: Whether all lines of the product simply continue, without a renewal date.
    unknown_when: never, for an owned product
  renewal_on:
    unit: date
    meaning: The next day on which a term of the product ends.
    unknown_when: the product is rolling, or no term end is recorded
  days_to_renewal:
    unit: days
    meaning: Days until that day.
    unknown_when: the product is rolling, or no term end is recorded
  notice_given:
    unit: flag
    meaning: Whether notice was given on a line of the product.
    unknown_when: never, for an owned product
  terms_completed:
    unit: count
    label: "full terms completed and renewed"
    meaning: Full contracted terms that the account has completed and renewed on this product.
    unknown_when: no term length is recorded (zero for rolling lines)
---*/
SELECT
  account_id,
  business_unit,
  product_id,
  paused,
  rolling,
  term_ends_on AS renewal_on,
  DATE_DIFF('day', @as_of, term_ends_on) AS days_to_renewal,
  notice_given,
  CASE
    WHEN rolling THEN 0
    WHEN term_months IS NULL OR term_ends_on IS NULL THEN NULL
    WHEN DATE_DIFF('day', started_on, term_ends_on) * 12 // (365 * term_months) >= 1
      THEN DATE_DIFF('day', started_on, CAST(term_ends_on + INTERVAL 5 DAY AS DATE)) * 12 // (365 * term_months) - 1
    ELSE 0
  END AS terms_completed
FROM positions
