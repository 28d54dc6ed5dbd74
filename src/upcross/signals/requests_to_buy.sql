/*---
scope: white_space
needs: [statements]
signals:
  requests_to_buy_30d:
    unit: count
    label: "requests to buy it, last 30 days"
    counts: statements
    window: 30
    meaning: >
      Times in the last 30 days that the customer asked to buy this product, which they lack; a request that names a
      problem domain alone counts for the lacking products of that domain.
    unknown_when: statements do not cover the span and none is recorded
  latest_request_to_buy:
    unit: text
    meaning: The latest of these requests in the customer's words.
    unknown_when: there is none
  latest_request_to_buy_by:
    unit: text
    meaning: Who asked.
    unknown_when: there is none
  days_since_request_to_buy:
    unit: days
    meaning: Days since the latest of these requests.
    unknown_when: there is none
---*/
SELECT
  account_id,
  business_unit,
  product_id,
  COUNT(*) AS requests_to_buy_30d,
  MAX(CASE WHEN place = 1 THEN quote END) AS latest_request_to_buy,
  MAX(CASE WHEN place = 1 THEN person END) AS latest_request_to_buy_by,
  DATE_DIFF('day', MAX(said_on), @as_of) AS days_since_request_to_buy
FROM buying_requests
WHERE NOT owned
GROUP BY account_id, business_unit, product_id
