/*---
scope: subscription
needs: [seats, usage]
notes: >
  Four parts, each 0 to 100 points. Adoption, weight 40 - 90% 100, 75% 80, 50% 50, 25% 20. Trend against the months
  before, weight 20 - +5% 100, -5% 80, -10% 50, -20% 20. Breadth, weight 20 - 75% 100, 50% 70, 25% 40. Stickiness, weight
  20 - 80% 100, 60% 80, 40% 50, 20% 20. Below the last step a part has no points. The score is the weighted points ÷ the
  weight of the parts that are known, rounded down; engagement_weight_known says how much that is.
signals:
  engagement_score:
    unit: count
    meaning: How strongly the product is engaged with, 0 to 100 points, from adoption, trend, breadth and stickiness.
    unknown_when: parts with less than 60 of 100 weight are known
  engagement_weight_known:
    unit: count
    label: "weight of the engagement parts that are known, of 100"
    meaning: The weight of those of the four parts that are known; the rest is left out of the score.
    unknown_when: never, for an owned product
---*/
WITH parts AS (
  SELECT
    p.account_id,
    p.business_unit,
    p.product_id,
    CASE WHEN a.adoption >= 0.9 THEN 100 WHEN a.adoption >= 0.75 THEN 80 WHEN a.adoption >= 0.5 THEN 50
      WHEN a.adoption >= 0.25 THEN 20 WHEN a.adoption < 0.25 THEN 0 END AS adopted,
    CASE WHEN a.adoption_change_30d >= 0.05 THEN 100 WHEN a.adoption_change_30d >= -0.05 THEN 80
      WHEN a.adoption_change_30d >= -0.1 THEN 50 WHEN a.adoption_change_30d >= -0.2 THEN 20
      WHEN a.adoption_change_30d < -0.2 THEN 0 END AS trend,
    CASE WHEN h.breadth_30d >= 0.75 THEN 100 WHEN h.breadth_30d >= 0.5 THEN 70 WHEN h.breadth_30d >= 0.25 THEN 40
      WHEN h.breadth_30d < 0.25 THEN 0 END AS breadth,
    CASE WHEN h.stickiness_28d >= 0.8 THEN 100 WHEN h.stickiness_28d >= 0.6 THEN 80 WHEN h.stickiness_28d >= 0.4 THEN 50
      WHEN h.stickiness_28d >= 0.2 THEN 20 WHEN h.stickiness_28d < 0.2 THEN 0 END AS stickiness
  FROM positions AS p
  LEFT JOIN adoption AS a
    ON a.account_id = p.account_id AND a.business_unit = p.business_unit AND a.product_id = p.product_id
  LEFT JOIN habits AS h
    ON h.account_id = p.account_id AND h.business_unit = p.business_unit AND h.product_id = p.product_id
), weighed AS (
  SELECT
    account_id,
    business_unit,
    product_id,
    COALESCE(40 * adopted, 0) + COALESCE(20 * trend, 0) + COALESCE(20 * breadth, 0) + COALESCE(20 * stickiness, 0)
      AS points,
    CASE WHEN adopted IS NULL THEN 0 ELSE 40 END + CASE WHEN trend IS NULL THEN 0 ELSE 20 END
      + CASE WHEN breadth IS NULL THEN 0 ELSE 20 END + CASE WHEN stickiness IS NULL THEN 0 ELSE 20 END AS weight
  FROM parts
)
SELECT
  account_id,
  business_unit,
  product_id,
  CASE WHEN weight >= 60 THEN points // weight END AS engagement_score,
  weight AS engagement_weight_known
FROM weighed
