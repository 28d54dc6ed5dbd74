/*---
scope: white_space
needs: [crm_opportunities]
signals:
  days_since_lost_deal:
    unit: days
    label: "days since a deal on it was lost"
    meaning: Days since the last deal on the product was lost; what was said before is no need any more.
    unknown_when: no deal on it was lost
  loss_reason:
    unit: text
    label: "why it was lost"
    meaning: Why that deal was lost, as the CRM says.
    unknown_when: no deal on it was lost, or no reason is recorded
  days_since_owned:
    unit: days
    label: "days since they gave it up"
    needs: [subscriptions]
    meaning: Days since the account last owned the product, here or in the whole account; trials are no owning.
    unknown_when: they never owned it, as far as the lines go back
---*/
WITH deals AS (
  SELECT
    f.account_id,
    f.business_unit,
    f.product_id,
    d.closed_on,
    d.loss_reason,
    ROW_NUMBER() OVER (
      PARTITION BY f.account_id, f.business_unit, f.product_id
      ORDER BY d.closed_on DESC, d.loss_reason NULLS LAST, d.crm_opportunity_id
    ) AS place
  FROM white_space_frame AS f
  INNER JOIN crm_opportunities AS d
    ON d.account_id = f.account_id AND d.result = 'lost'
    AND (d.business_unit = '' OR f.business_unit = '' OR d.business_unit = f.business_unit)
  INNER JOIN crm_opportunity_lines AS l
    ON l.crm_opportunity_id = d.crm_opportunity_id AND l.product_id = f.product_id
), owned AS (
  SELECT f.account_id, f.business_unit, f.product_id, MAX(m.until_on) AS until_on
  FROM white_space_frame AS f
  INNER JOIN mrr_lines AS m
    ON m.account_id = f.account_id AND m.product_id = f.product_id
    AND (m.business_unit = '' OR m.business_unit = f.business_unit)
  WHERE m.status <> 'trial' AND m.from_on <= @as_of AND m.until_on > m.from_on
  GROUP BY f.account_id, f.business_unit, f.product_id
)
SELECT
  f.account_id,
  f.business_unit,
  f.product_id,
  d.closed_on AS lost_on,
  DATE_DIFF('day', d.closed_on, @as_of) AS days_since_lost_deal,
  d.loss_reason,
  DATE_DIFF('day', o.until_on, @as_of) AS days_since_owned
FROM white_space_frame AS f
LEFT JOIN deals AS d
  ON d.account_id = f.account_id AND d.business_unit = f.business_unit AND d.product_id = f.product_id AND d.place = 1
LEFT JOIN owned AS o
  ON o.account_id = f.account_id AND o.business_unit = f.business_unit AND o.product_id = f.product_id
