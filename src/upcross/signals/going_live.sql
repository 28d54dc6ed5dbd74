/*---
scope: subscription
needs: [implementations]
signals:
  days_since_live:
    unit: days
    label: "days since the product went live"
    meaning: Days since the product first went live in the unit.
    unknown_when: no roll-out of the product is recorded, or it is not live
  days_to_live:
    unit: days
    label: "days from the start of the roll-out to going live"
    meaning: Days that the first roll-out took from its start until the product was live.
    unknown_when: no roll-out of the product is recorded, or it is not live
  days_to_first_value:
    unit: days
    label: "days from the start of the roll-out to first value"
    meaning: Days from the start of the first roll-out until the customer had first value from the product.
    unknown_when: no roll-out of the product is recorded, or it gave no value yet
  days_since_first_value:
    unit: days
    label: "days since first value"
    meaning: Days since the customer first had value from the product.
    unknown_when: no roll-out of the product is recorded, or it gave no value yet
---*/
SELECT
  p.account_id,
  p.business_unit,
  p.product_id,
  DATE_DIFF('day', MIN(i.live_on), @as_of) AS days_since_live,
  DATE_DIFF('day', MIN(i.started_on), MIN(i.live_on)) AS days_to_live,
  DATE_DIFF('day', MIN(i.started_on), MIN(i.first_value_on)) AS days_to_first_value,
  DATE_DIFF('day', MIN(i.first_value_on), @as_of) AS days_since_first_value
FROM positions AS p
INNER JOIN implementations AS i
  ON i.account_id = p.account_id AND i.product_id = p.product_id
  AND (i.business_unit = p.business_unit OR i.business_unit = '' OR p.business_unit = '')
GROUP BY p.account_id, p.business_unit, p.product_id
