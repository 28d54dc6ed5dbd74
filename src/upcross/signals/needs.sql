/*---
meaning: >
  What an account was heard to need, one row a need: statements, objectives not yet met, competitors seen, and changes
  of its organisation, each with the product or problem domain it touches. Requests to buy stand apart: buying_requests.
---*/
WITH heard AS (
  SELECT
    account_id,
    business_unit,
    said_on AS heard_on,
    CASE
      WHEN kind = 'new_team' OR kind = 'new_business_area' THEN 'new_team'
      WHEN kind = 'org_change' THEN 'org_change'
      WHEN kind = 'competitor' THEN 'competitor'
      ELSE 'need'
    END AS kind,
    product_id,
    domain,
    explicit,
    quote,
    COALESCE(contact_id, person, 'not recorded') AS person,
    'statement ' || statement_id AS evidence
  FROM statements
  WHERE kind <> 'praise' AND kind <> 'objection' AND kind <> 'price_complaint' AND kind <> 'buying_request'
  UNION ALL
  SELECT
    account_id,
    business_unit,
    set_on AS heard_on,
    'need' AS kind,
    product_id,
    domain,
    TRUE AS explicit,
    sentence AS quote,
    COALESCE(contact_id, 'not recorded') AS person,
    'objective ' || objective_id AS evidence
  FROM objectives
  WHERE met_on IS NULL AND dropped_on IS NULL
  UNION ALL
  SELECT
    s.account_id,
    s.business_unit,
    s.seen_on AS heard_on,
    'competitor' AS kind,
    CAST(NULL AS VARCHAR) AS product_id,
    COALESCE(s.domain, c.domain) AS domain,
    TRUE AS explicit,
    s.quote,
    COALESCE(s.source, 'not recorded') AS person,
    'competitor ' || s.competitor AS evidence
  FROM competitor_products AS s
  LEFT JOIN competitors AS c ON c.competitor = s.competitor
  UNION ALL
  SELECT
    account_id,
    business_unit,
    happened_on AS heard_on,
    CASE WHEN kind = 'new_team' OR kind = 'new_business_area' THEN 'new_team' ELSE 'org_change' END AS kind,
    CAST(NULL AS VARCHAR) AS product_id,
    domain,
    TRUE AS explicit,
    quote,
    COALESCE(source, 'not recorded') AS person,
    'organisation ' || kind AS evidence
  FROM org_changes
  WHERE kind <> 'layoff'
)
SELECT
  h.account_id,
  h.business_unit,
  h.heard_on,
  h.kind,
  h.product_id,
  h.domain,
  h.explicit,
  h.quote,
  CASE
    WHEN c.name IS NOT NULL AND c.title IS NOT NULL THEN c.name || ', ' || c.title
    WHEN h.person = 'not recorded' THEN 'whoever said it (not recorded)'
    ELSE COALESCE(c.name, h.person)
  END AS person,
  h.evidence
FROM heard AS h
LEFT JOIN contacts AS c ON c.contact_id = h.person AND c.account_id = h.account_id
