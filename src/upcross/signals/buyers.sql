/*---
scope: white_space
needs: [contacts, contact_roles]
signals:
  buyer_known:
    unit: flag
    label: "somebody is known who can buy it"
    meaning: >
      Whether an economic buyer or decision maker of this product, or of a deal on it, is known, still there and
      confirmed within 180 days (or never dated). The champion of what they own is not taken for one.
    unknown_when: no part is recorded of anybody at the account
  buyer:
    unit: text
    meaning: Who that is, people apart who asked not to be contacted.
    unknown_when: nobody is known
  roles_covered:
    unit: count
    label: "of the four parts of a purchase, those that somebody is known to play"
    meaning: >
      How many of champion, economic buyer (or decision maker), technical lead and user lead of this product are known,
      still there and confirmed within 180 days (or never dated).
    unknown_when: no part is recorded of anybody at the account
  roles_missing:
    unit: text
    label: "parts of a purchase that nobody is known to play"
    meaning: Which of those four are not, by name.
    unknown_when: no part is recorded of anybody at the account
  roles_stale:
    unit: count
    label: "parts that were confirmed more than 180 days ago"
    meaning: Parts for this product that were last confirmed more than 180 days ago, by people still there.
    unknown_when: no part is recorded of anybody at the account
  speaker_outcomes_365d:
    unit: count
    label: "results that the person who stated the need has had with us"
    counts: outcomes
    window: 365
    needs: [outcomes]
    meaning: >
      Measured results, references and signed sentences of the last 365 days, on any product that they own, whose sponsor
      is one of the people who stated the need or asked.
    unknown_when: outcomes do not cover the span and none is recorded
---*/
WITH known AS (
  SELECT DISTINCT account_id
  FROM roles
), played AS (
  SELECT
    f.account_id,
    f.business_unit,
    f.product_id,
    CASE WHEN r.role = 'decision_maker' THEN 'economic_buyer' ELSE r.role END AS part,
    r.contact_id,
    r.person,
    r.fresh,
    r.do_not_contact
  FROM white_space_frame AS f
  INNER JOIN roles AS r
    ON r.account_id = f.account_id AND r.product_id = f.product_id AND NOT r.has_left
    AND (r.business_unit = f.business_unit OR r.business_unit = '' OR f.business_unit = '')
  WHERE r.role IN ('champion', 'economic_buyer', 'decision_maker', 'technical_lead', 'user_lead')
), ranked AS (
  SELECT
    p.*,
    ROW_NUMBER() OVER (
      PARTITION BY account_id, business_unit, product_id
      ORDER BY
        CASE WHEN part = 'economic_buyer' AND fresh AND NOT do_not_contact THEN 0 ELSE 1 END, person, contact_id
    ) AS place
  FROM played AS p
), counted AS (
  SELECT
    account_id,
    business_unit,
    product_id,
    COUNT(DISTINCT CASE WHEN fresh THEN part END) AS covered,
    COUNT(DISTINCT CASE WHEN NOT fresh THEN part || ' ' || contact_id END) AS stale,
    BOOL_OR(part = 'champion' AND fresh) AS champion,
    BOOL_OR(part = 'economic_buyer' AND fresh) AS economic_buyer,
    BOOL_OR(part = 'technical_lead' AND fresh) AS technical_lead,
    BOOL_OR(part = 'user_lead' AND fresh) AS user_lead,
    MAX(CASE WHEN place = 1 AND part = 'economic_buyer' AND fresh AND NOT do_not_contact THEN person END) AS buyer
  FROM ranked
  GROUP BY account_id, business_unit, product_id
), missing AS (
  SELECT
    f.account_id,
    f.business_unit,
    f.product_id,
    COALESCE(c.covered, 0) AS covered,
    COALESCE(c.stale, 0) AS stale,
    COALESCE(c.economic_buyer, FALSE) AS buyer_known,
    c.buyer,
    CASE
      WHEN COALESCE(c.covered, 0) = 4 THEN 'none'
      ELSE
        CASE WHEN c.champion THEN '' ELSE 'champion' END
        || CASE WHEN c.champion OR c.covered = 3 THEN '' ELSE ', ' END
        || CASE WHEN c.economic_buyer THEN '' ELSE 'economic buyer' END
        || CASE WHEN c.economic_buyer OR (c.technical_lead AND c.user_lead) THEN '' ELSE ', ' END
        || CASE WHEN c.technical_lead THEN '' ELSE 'technical lead' END
        || CASE WHEN c.technical_lead OR c.user_lead THEN '' ELSE ', ' END
        || CASE WHEN c.user_lead THEN '' ELSE 'user lead' END
    END AS listed
  FROM white_space_frame AS f
  INNER JOIN known AS k ON k.account_id = f.account_id
  LEFT JOIN counted AS c
    ON c.account_id = f.account_id AND c.business_unit = f.business_unit AND c.product_id = f.product_id
), speakers AS (
  SELECT m.account_id, m.business_unit, m.product_id, COUNT(DISTINCT o.outcome_id) AS outcomes
  FROM cell_needs AS m
  INNER JOIN outcomes AS o
    ON o.account_id = m.account_id AND o.contact_id = m.contact_id AND o.measured_on > @days_before(365)
  INNER JOIN subscription_frame AS s ON s.account_id = o.account_id AND s.product_id = o.product_id
  WHERE m.kind IN ('need', 'question', 'objective', 'request')
  GROUP BY m.account_id, m.business_unit, m.product_id
)
SELECT
  f.account_id,
  f.business_unit,
  f.product_id,
  m.buyer_known,
  m.buyer,
  m.covered AS roles_covered,
  m.listed AS roles_missing,
  m.stale AS roles_stale,
  COALESCE(s.outcomes, 0) AS speaker_outcomes_365d
FROM white_space_frame AS f
LEFT JOIN missing AS m
  ON m.account_id = f.account_id AND m.business_unit = f.business_unit AND m.product_id = f.product_id
LEFT JOIN speakers AS s
  ON s.account_id = f.account_id AND s.business_unit = f.business_unit AND s.product_id = f.product_id
