/*---
scope: subscription
needs: [subscriptions]
signals:
  mrr:
    unit: money
    meaning: MRR of the product.
    unknown_when: never, for an owned product
  units_bought:
    unit: count
    meaning: Units of the lines in force.
    unknown_when: never, for an owned product
  days_to_term:
    unit: days
    meaning: Days until the earliest term ends.
    unknown_when: no line has a term
  days_since_start:
    unit: days
    meaning: Days since the earliest line in force began.
    unknown_when: no line says when it began
---*/
SELECT
  account_id,
  business_unit,
  product_id,
  mrr,
  units AS units_bought,
  DATE_DIFF('day', @as_of, term_ends_on) AS days_to_term,
  DATE_DIFF('day', started_on, @as_of) AS days_since_start
FROM owned
