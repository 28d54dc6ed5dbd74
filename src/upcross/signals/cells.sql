/*---
meaning: >
  The white-space map before anything is judged: one row for each customer, business unit and product of the catalogue
  or of a contract, with what stands there - owned, on_trial, contracted_later, in_pipeline, retired, excluded,
  not_eligible, lost_before or open (it could be sold).
notes: >
  One state a cell, the first that applies in that order. A deal that names no unit counts for every unit of its
  account. in_use is whether anybody used what is owned in the last 30 days. What was lost or dropped within 180 days
  is lost_before; after that the cell is open again and keeps what happened.
---*/
WITH offered AS (
  SELECT product_id, name, kind, retired_on
  FROM products
  UNION ALL
  SELECT DISTINCT
    l.product_id,
    CAST(NULL AS VARCHAR) AS name,
    CAST(NULL AS VARCHAR) AS kind,
    CAST(NULL AS DATE) AS retired_on
  FROM mrr_lines AS l
  LEFT JOIN products AS p ON p.product_id = l.product_id
  WHERE p.product_id IS NULL
), bundled AS (
  SELECT
    account_id,
    business_unit,
    product_id,
    MAX(included_in) AS included_in,
    BOOL_AND(included_in IS NOT NULL) AS included
  FROM mrr_lines
  WHERE from_on <= @as_of AND (until_on IS NULL OR until_on > @as_of) AND status <> 'trial'
  GROUP BY account_id, business_unit, product_id
), metered AS (
  SELECT account_id, business_unit, product_id, MAX(use) AS use
  FROM usage_windows
  WHERE recency = 0
  GROUP BY account_id, business_unit, product_id
), owned AS (
  SELECT
    u.account_id,
    u.business_unit,
    u.product_id,
    BOOL_OR(NOT u.trial) AS owned,
    MAX(CASE WHEN NOT u.trial THEN u.owner_unit END) AS owner_unit,
    CASE WHEN COUNT(*) = COUNT(u.mrr) THEN CAST(SUM(CASE WHEN NOT u.trial THEN u.mrr ELSE 0 END) AS BIGINT) END AS mrr,
    BOOL_AND(u.trial OR COALESCE(b.included, FALSE)) AS included,
    MAX(b.included_in) AS included_in,
    BOOL_OR(
      CASE
        WHEN s.seats_active > 0 OR m.use > 0 THEN TRUE
        WHEN s.seats_active = 0 OR m.use = 0 THEN FALSE
      END
    ) AS in_use
  FROM unit_products AS u
  LEFT JOIN bundled AS b
    ON b.account_id = u.account_id AND b.business_unit = u.owner_unit AND b.product_id = u.product_id
  LEFT JOIN seat_use AS s
    ON s.account_id = u.account_id AND s.business_unit = u.owner_unit AND s.product_id = u.product_id
  LEFT JOIN metered AS m
    ON m.account_id = u.account_id AND m.business_unit = u.owner_unit AND m.product_id = u.product_id
  GROUP BY u.account_id, u.business_unit, u.product_id
), later AS (
  SELECT account_id, business_unit, product_id, MIN(from_on) AS from_on
  FROM mrr_lines
  WHERE from_on > @as_of AND (until_on IS NULL OR until_on > from_on) AND status <> 'trial'
  GROUP BY account_id, business_unit, product_id
), dropped AS (
  SELECT account_id, business_unit, product_id, MAX(until_on) AS ended_on
  FROM mrr_lines
  WHERE until_on <= @as_of AND until_on > from_on AND status <> 'trial'
  GROUP BY account_id, business_unit, product_id
), deals AS (
  SELECT
    d.*,
    ROW_NUMBER() OVER (
      PARTITION BY account_id, business_unit, product_id, is_open
      ORDER BY COALESCE(closed_on, created_on) DESC, crm_opportunity_id, line_id
    ) AS place
  FROM deal_lines AS d
  WHERE product_id IS NOT NULL AND (is_open OR result = 'lost')
), dated AS (
  SELECT f.account_id, f.business_unit, f.product_id, MIN(o.due_on) AS decision_on
  FROM white_space_frame AS f
  INNER JOIN objectives AS o
    ON o.account_id = f.account_id AND (o.business_unit = '' OR o.business_unit = f.business_unit)
  INNER JOIN contacts AS c ON c.contact_id = o.contact_id AND (c.left_on IS NULL OR c.left_on > @as_of)
  LEFT JOIN product_domains AS d ON d.product_id = f.product_id AND d.domain = o.domain
  WHERE o.met_on IS NULL AND o.dropped_on IS NULL AND o.due_on > @as_of
    AND (o.product_id = f.product_id OR (o.product_id IS NULL AND d.domain IS NOT NULL))
  GROUP BY f.account_id, f.business_unit, f.product_id
), barred AS (
  SELECT
    account_id,
    business_unit,
    product_id,
    BOOL_OR(reason LIKE 'it excludes %') AS excluded,
    MIN(CASE WHEN reason LIKE 'it excludes %' THEN reason END) AS excludes,
    MIN(reason) AS reason
  FROM ineligible
  WHERE reason <> 'it is owned' AND reason <> 'it is on trial' AND reason <> 'it is no longer sold'
  GROUP BY account_id, business_unit, product_id
), told AS (
  SELECT
    c.account_id,
    c.business_unit,
    p.product_id,
    p.name,
    p.kind,
    o.owned,
    o.owner_unit,
    CASE WHEN o.owned THEN o.mrr END AS mrr,
    CASE WHEN o.owned THEN o.included END AS included,
    o.included_in,
    CASE WHEN o.owned THEN o.in_use END AS in_use,
    o.product_id IS NOT NULL AS present,
    CASE WHEN w.from_on IS NULL OR v.from_on < w.from_on THEN v.from_on ELSE w.from_on END AS contracted_from,
    COALESCE(d.crm_opportunity_id, e.crm_opportunity_id) AS deal,
    COALESCE(d.business_unit, e.business_unit) AS deal_unit,
    COALESCE(d.owner, e.owner) AS deal_owner,
    COALESCE(d.created_on, e.created_on) AS deal_since,
    COALESCE(d.mrr, e.mrr) AS deal_mrr,
    p.retired_on,
    COALESCE(b.excluded, FALSE) AS excluded,
    b.excludes,
    b.reason AS barred,
    COALESCE(x.closed_on, y.closed_on) AS deal_lost_on,
    COALESCE(x.loss_reason, y.loss_reason) AS loss_reason,
    CASE WHEN o.product_id IS NULL THEN CASE WHEN g.ended_on IS NULL OR h.ended_on > g.ended_on THEN h.ended_on
      ELSE g.ended_on END END AS dropped_on,
    t.decision_on
  FROM unit_cells AS c
  INNER JOIN offered AS p ON TRUE
  LEFT JOIN owned AS o
    ON o.account_id = c.account_id AND o.business_unit = c.business_unit AND o.product_id = p.product_id
  LEFT JOIN later AS v
    ON v.account_id = c.account_id AND v.business_unit = c.business_unit AND v.product_id = p.product_id
  LEFT JOIN later AS w
    ON w.account_id = c.account_id AND w.business_unit = '' AND w.product_id = p.product_id
  LEFT JOIN deals AS d
    ON d.account_id = c.account_id AND d.business_unit = c.business_unit AND d.product_id = p.product_id
    AND d.is_open AND d.place = 1
  LEFT JOIN deals AS e
    ON e.account_id = c.account_id AND e.business_unit = '' AND e.product_id = p.product_id AND e.is_open
    AND e.place = 1
  LEFT JOIN deals AS x
    ON x.account_id = c.account_id AND x.business_unit = c.business_unit AND x.product_id = p.product_id
    AND NOT x.is_open AND x.place = 1
  LEFT JOIN deals AS y
    ON y.account_id = c.account_id AND y.business_unit = '' AND y.product_id = p.product_id AND NOT y.is_open
    AND y.place = 1
  LEFT JOIN dropped AS g
    ON g.account_id = c.account_id AND g.business_unit = c.business_unit AND g.product_id = p.product_id
  LEFT JOIN dropped AS h
    ON h.account_id = c.account_id AND h.business_unit = '' AND h.product_id = p.product_id
  LEFT JOIN barred AS b
    ON b.account_id = c.account_id AND b.business_unit = c.business_unit AND b.product_id = p.product_id
  LEFT JOIN dated AS t
    ON t.account_id = c.account_id AND t.business_unit = c.business_unit AND t.product_id = p.product_id
), ended AS (
  SELECT
    q.*,
    CASE WHEN deal_lost_on IS NULL OR dropped_on > deal_lost_on THEN dropped_on ELSE deal_lost_on END AS lost_on,
    dropped_on IS NOT NULL AND (deal_lost_on IS NULL OR dropped_on > deal_lost_on) AS lost_by_dropping
  FROM told AS q
)
SELECT
  account_id,
  business_unit,
  product_id,
  name,
  kind,
  CASE
    WHEN owned THEN 'owned'
    WHEN present THEN 'on_trial'
    WHEN contracted_from IS NOT NULL THEN 'contracted_later'
    WHEN deal IS NOT NULL THEN 'in_pipeline'
    WHEN retired_on <= @as_of THEN 'retired'
    WHEN excluded THEN 'excluded'
    WHEN barred IS NOT NULL THEN 'not_eligible'
    WHEN lost_on > @days_before(180) THEN 'lost_before'
    ELSE 'open'
  END AS state,
  owner_unit,
  mrr,
  included,
  included_in,
  in_use,
  contracted_from,
  deal,
  deal_unit,
  deal_owner,
  deal_since,
  deal_mrr,
  CASE WHEN excluded THEN excludes ELSE barred END AS barred,
  lost_on,
  lost_by_dropping,
  CASE WHEN lost_by_dropping THEN NULL ELSE loss_reason END AS loss_reason,
  CAST(lost_on + INTERVAL 180 DAY AS DATE) AS retry_on,
  decision_on
FROM ended
