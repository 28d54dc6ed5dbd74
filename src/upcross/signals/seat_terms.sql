/*---
meaning: >
  Seats in force on the as-of day, one row a kind of seat where seats are judged - what they cost, and what lines and
  versions already contracted add within the next 90 days.
notes: >
  A line that runs out within 90 days and is not continued stays in: a renewal is expected. A gap of up to 7 days is
  none.
---*/
WITH dated AS (
  SELECT
    e.*,
    EXISTS(
      SELECT n.line_id
      FROM entitlements AS n
      WHERE n.account_id = e.account_id AND n.product_id = e.product_id
        AND n.from_on >= e.until_on AND DATE_DIFF('day', e.until_on, n.from_on) <= 7
    ) AS continued
  FROM pooled_entitlements AS e
  WHERE e.from_on <= CAST(@as_of + INTERVAL 90 DAY AS DATE) AND (e.until_on IS NULL OR e.until_on > @as_of)
    AND (e.valid_from IS NULL OR e.valid_from <= @as_of) AND (e.valid_until IS NULL OR e.valid_until > @as_of)
), parts AS (
  SELECT
    d.*,
    CASE WHEN from_on <= @as_of THEN 1 ELSE 0 END AS now,
    CASE
      WHEN from_on > @as_of
        AND (until_on IS NULL OR until_on > CAST(@as_of + INTERVAL 90 DAY AS DATE) OR NOT continued) THEN 1
      WHEN from_on <= @as_of AND continued AND until_on <= CAST(@as_of + INTERVAL 90 DAY AS DATE) THEN -1
      ELSE 0
    END AS ahead
  FROM dated AS d
)
SELECT
  account_id,
  business_unit,
  product_id,
  seat_type,
  MAX(CASE WHEN now = 1 THEN charge END) AS charge,
  COUNT(DISTINCT CASE WHEN now = 1 THEN charge END) AS charges,
  CAST(SUM(now * quantity) AS BIGINT) AS quantity,
  CASE WHEN COUNT(*) = COUNT(CASE WHEN now = 0 THEN 0 ELSE mrr END) THEN CAST(SUM(now * mrr) AS BIGINT) END AS mrr,
  CASE WHEN COUNT(*) = COUNT(CASE WHEN now = 0 THEN 0 ELSE seats END) THEN CAST(SUM(now * seats) AS BIGINT) END AS seats,
  CASE WHEN COUNT(*) = COUNT(CASE WHEN ahead = 0 THEN 0 ELSE seats END)
    THEN CAST(SUM(CASE WHEN ahead = 0 THEN 0 ELSE ahead * seats END) AS BIGINT) END AS seats_ahead
FROM parts
GROUP BY account_id, business_unit, product_id, seat_type
