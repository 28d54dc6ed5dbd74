/*---
scope: subscription
needs: [statements]
signals:
  requests_for_more_30d:
    unit: count
    label: "requests to buy more of it, last 30 days"
    counts: statements
    window: 30
    meaning: >
      Times in the last 30 days that the customer asked to buy more of this product, which they own; a request that
      names a problem domain alone counts for the owned products of that domain.
    unknown_when: statements do not cover the span and none is recorded
  latest_request_for_more:
    unit: text
    meaning: The latest of these requests in the customer's words.
    unknown_when: there is none
  latest_request_for_more_by:
    unit: text
    meaning: Who asked.
    unknown_when: there is none
  days_since_request_for_more:
    unit: days
    meaning: Days since the latest of these requests.
    unknown_when: there is none
  more_asked_for_whole_account:
    unit: flag
    meaning: >
      Whether none of these requests was made for a unit; the units that own the product then share one answer.
    unknown_when: there is none
---*/
SELECT
  account_id,
  business_unit,
  product_id,
  COUNT(*) AS requests_for_more_30d,
  MAX(CASE WHEN place = 1 THEN quote END) AS latest_request_for_more,
  MAX(CASE WHEN place = 1 THEN person END) AS latest_request_for_more_by,
  DATE_DIFF('day', MAX(said_on), @as_of) AS days_since_request_for_more,
  NOT BOOL_OR(heard_in_unit) AS more_asked_for_whole_account
FROM buying_requests
WHERE owned
GROUP BY account_id, business_unit, product_id
