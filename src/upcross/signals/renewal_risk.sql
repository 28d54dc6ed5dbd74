/*---
scope: account
needs: [crm_opportunities]
signals:
  notices_given:
    unit: count
    label: "products under notice"
    needs: [subscriptions]
    meaning: Owned products of the account on a line of which notice was given.
    unknown_when: the account owns nothing
  renewals_at_risk:
    unit: count
    label: "renewals at risk or lost"
    counts: crm_opportunities
    meaning: >
      Renewal deals of the account that are open and marked at risk, or that were lost in the last 180 days. At risk is
      what the deal says (at_risk); where it says nothing, a stage or forecast category with the words risk, churn,
      cancel or omitted.
    unknown_when: deals are not loaded or their feed is stale
  renewal_at_risk:
    unit: text
    meaning: The latest of these deals and its stage.
    unknown_when: there is none
---*/
WITH under_notice AS (
  SELECT account_id, COUNT(DISTINCT CASE WHEN notice_given THEN product_id END) AS products
  FROM positions
  GROUP BY account_id
), told AS (
  SELECT
    account_id,
    crm_opportunity_id,
    created_on,
    COALESCE(name, crm_opportunity_id) || ' (' || COALESCE(result, stage, forecast_category, 'marked at risk') || ')' AS deal,
    CASE
      WHEN result = 'lost' THEN closed_on > @days_before(180)
      WHEN result = 'won' OR closed_on <= @as_of THEN FALSE
      ELSE COALESCE(
        at_risk,
        LOWER(COALESCE(stage, '') || ' ' || COALESCE(forecast_category, '')) LIKE '%risk%'
          OR LOWER(COALESCE(stage, '') || ' ' || COALESCE(forecast_category, '')) LIKE '%churn%'
          OR LOWER(COALESCE(stage, '') || ' ' || COALESCE(forecast_category, '')) LIKE '%cancel%'
          OR LOWER(COALESCE(stage, '') || ' ' || COALESCE(forecast_category, '')) LIKE '%omitted%'
      )
    END AS at_risk
  FROM crm_opportunities
  WHERE kind = 'renewal'
), ranked AS (
  SELECT t.*, ROW_NUMBER() OVER (PARTITION BY account_id ORDER BY created_on DESC, crm_opportunity_id) AS place
  FROM told AS t
  WHERE at_risk
), risky AS (
  SELECT account_id, COUNT(*) AS renewals, MAX(CASE WHEN place = 1 THEN deal END) AS deal
  FROM ranked
  GROUP BY account_id
)
SELECT
  a.account_id,
  n.products AS notices_given,
  COALESCE(r.renewals, 0) AS renewals_at_risk,
  r.deal AS renewal_at_risk
FROM accounts AS a
LEFT JOIN under_notice AS n ON n.account_id = a.account_id
LEFT JOIN risky AS r ON r.account_id = a.account_id
