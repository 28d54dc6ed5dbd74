/*---
meaning: >
  What an account was heard to need, one row a need: what its people said, objectives not yet met, features asked for
  that another product has, tickets on products that are not owned, competitors seen, and changes of its organisation,
  each with the product or problem domain that it touches and who said it.
notes: >
  speaker tells people apart; person is the text that people read, and says where somebody has left or asked not to be
  contacted. A feature that a plan of the same product has is a matter of its plans, and stands in feature_demand; a
  request to buy stands in buying_requests.
---*/
WITH offered AS (
  SELECT DISTINCT o.product_id, LOWER(f.feature) AS feature
  FROM plan_features AS f
  INNER JOIN pricing_plans AS o ON o.plan_id = f.plan_id
), heard AS (
  SELECT
    account_id,
    business_unit,
    said_on AS heard_on,
    CASE
      WHEN kind = 'new_business_area' THEN 'new_area'
      WHEN kind IN ('question', 'new_team', 'org_change', 'competitor') THEN kind
      ELSE 'need'
    END AS kind,
    product_id,
    domain,
    explicit,
    quote,
    contact_id,
    COALESCE(contact_id, person, 'not recorded') AS speaker,
    'statement ' || statement_id AS evidence
  FROM statements
  WHERE kind <> 'praise' AND kind <> 'objection' AND kind <> 'price_complaint' AND kind <> 'buying_request'
  UNION ALL
  SELECT
    account_id,
    business_unit,
    set_on AS heard_on,
    'objective' AS kind,
    product_id,
    domain,
    TRUE AS explicit,
    sentence AS quote,
    contact_id,
    COALESCE(contact_id, 'not recorded') AS speaker,
    'objective ' || objective_id AS evidence
  FROM objectives
  WHERE met_on IS NULL AND dropped_on IS NULL
  UNION ALL
  SELECT
    r.account_id,
    r.business_unit,
    r.requested_on AS heard_on,
    'request' AS kind,
    o.product_id,
    CAST(NULL AS VARCHAR) AS domain,
    TRUE AS explicit,
    COALESCE(r.quote, r.feature) AS quote,
    r.contact_id,
    COALESCE(r.contact_id, 'not recorded') AS speaker,
    'request ' || r.request_id AS evidence
  FROM feature_requests AS r
  INNER JOIN offered AS o ON o.feature = LOWER(r.feature) AND o.product_id <> r.product_id
  LEFT JOIN offered AS own ON own.feature = LOWER(r.feature) AND own.product_id = r.product_id
  WHERE own.product_id IS NULL
  UNION ALL
  SELECT
    t.account_id,
    t.business_unit,
    t.opened_on AS heard_on,
    'ticket' AS kind,
    t.product_id,
    CAST(NULL AS VARCHAR) AS domain,
    FALSE AS explicit,
    COALESCE(t.subject, 'ticket ' || t.ticket_id) AS quote,
    t.contact_id,
    COALESCE(t.contact_id, 'not recorded') AS speaker,
    'ticket ' || t.ticket_id AS evidence
  FROM tickets AS t
  WHERE t.product_id IS NOT NULL AND (t.kind IS NULL OR t.kind IN ('question', 'problem', 'request'))
  UNION ALL
  SELECT
    s.account_id,
    s.business_unit,
    s.seen_on AS heard_on,
    'competitor' AS kind,
    CAST(NULL AS VARCHAR) AS product_id,
    COALESCE(s.domain, c.domain) AS domain,
    TRUE AS explicit,
    COALESCE(s.quote, s.competitor || ' was seen there') AS quote,
    CAST(NULL AS VARCHAR) AS contact_id,
    COALESCE(s.source, 'not recorded') AS speaker,
    'competitor ' || s.competitor AS evidence
  FROM competitor_products AS s
  LEFT JOIN competitors AS c ON c.competitor = s.competitor
  UNION ALL
  SELECT
    account_id,
    business_unit,
    happened_on AS heard_on,
    CASE
      WHEN kind = 'new_business_area' THEN 'new_area'
      WHEN kind IN ('new_team', 'new_leader') THEN kind
      ELSE 'org_change'
    END AS kind,
    CAST(NULL AS VARCHAR) AS product_id,
    domain,
    TRUE AS explicit,
    COALESCE(
      quote,
      CASE kind
        WHEN 'new_team' THEN 'a new team'
        WHEN 'new_business_area' THEN 'a new business area'
        WHEN 'new_leader' THEN 'a new leader'
        WHEN 'new_site' THEN 'a new site'
        WHEN 'merger' THEN 'a merger'
        ELSE 'a reorganisation'
      END || ' (recorded without a sentence)'
    ) AS quote,
    CAST(NULL AS VARCHAR) AS contact_id,
    COALESCE(source, 'not recorded') AS speaker,
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
  LOWER(h.domain) AS domain,
  h.domain AS domain_as_written,
  h.explicit,
  h.quote,
  h.contact_id,
  h.speaker,
  CASE
    WHEN c.name IS NOT NULL AND c.title IS NOT NULL THEN c.name || ', ' || c.title
    WHEN h.speaker = 'not recorded' THEN 'whoever said it (not recorded)'
    ELSE COALESCE(c.name, h.speaker)
  END || CASE
    WHEN c.left_on <= @as_of THEN ' (has left)'
    WHEN c.do_not_contact THEN ' (asked not to be contacted)'
    ELSE ''
  END AS person,
  c.contact_id IS NOT NULL AS known_contact,
  COALESCE(c.left_on > @as_of, TRUE) AND NOT COALESCE(c.do_not_contact, FALSE) AS contactable,
  h.evidence
FROM heard AS h
LEFT JOIN contacts AS c ON c.contact_id = h.contact_id AND c.account_id = h.account_id
