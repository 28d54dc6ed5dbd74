/*---
scope: white_space
needs: [competitor_products]
signals:
  competitors_seen_365d:
    unit: count
    counts: competitor_products
    window: 365
    meaning: Products of others in a domain of this product, seen in the last 365 days.
    unknown_when: competitor products do not cover the span and none is recorded
  competitor:
    unit: text
    needs: []
    meaning: The product of somebody else whose contract ends next, else the one whose contract ended or that was seen last.
    unknown_when: none was seen in the last 365 days
  days_to_competitor_end:
    unit: days
    label: "days until the contract of the tool they use ends"
    meaning: Days until its contract ends; negative where no end is still to come and the last one is past.
    unknown_when: no end of a contract is recorded
  competitor_quote:
    unit: text
    needs: []
    meaning: The latest sentence that says that they use such a product, or else which one was seen.
    unknown_when: none was seen in the last 365 days
---*/
WITH seen AS (
  SELECT DISTINCT f.account_id, f.business_unit, f.product_id, s.competitor, s.seen_on, s.ends_on
  FROM white_space_frame AS f
  INNER JOIN competitor_products AS s
    ON s.account_id = f.account_id
    AND (s.business_unit = '' OR f.business_unit = '' OR s.business_unit = f.business_unit)
    AND s.seen_on > @days_before(365)
  LEFT JOIN competitors AS c ON c.competitor = s.competitor
  INNER JOIN product_domains AS d
    ON d.product_id = f.product_id AND LOWER(d.domain) = LOWER(COALESCE(s.domain, c.domain))
), tools AS (
  SELECT
    s.*,
    ROW_NUMBER() OVER (
      PARTITION BY account_id, business_unit, product_id
      ORDER BY
        CASE WHEN ends_on > @as_of THEN ends_on END NULLS LAST, ends_on DESC NULLS LAST, seen_on DESC, competitor
    ) AS place
  FROM seen AS s
), quotes AS (
  SELECT
    m.*,
    ROW_NUMBER() OVER (
      PARTITION BY account_id, business_unit, product_id
      ORDER BY heard_on DESC, quote, evidence
    ) AS place
  FROM cell_needs AS m
  WHERE kind = 'competitor'
)
SELECT
  q.account_id,
  q.business_unit,
  q.product_id,
  COUNT(DISTINCT q.evidence) AS competitors_seen_365d,
  COALESCE(MAX(t.competitor), 'a tool whose name nobody recorded') AS competitor,
  MAX(DATE_DIFF('day', @as_of, t.ends_on)) AS days_to_competitor_end,
  MAX(CASE WHEN q.place = 1 THEN q.quote END) AS competitor_quote
FROM quotes AS q
LEFT JOIN tools AS t
  ON t.account_id = q.account_id AND t.business_unit = q.business_unit AND t.product_id = q.product_id AND t.place = 1
GROUP BY q.account_id, q.business_unit, q.product_id
