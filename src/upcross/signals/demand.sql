/*---
scope: white_space
needs: [statements]
signals:
  stated_needs_30d:
    unit: count
    label: "needs stated in the last 30 days"
    counts: statements
    window: 30
    meaning: Needs and pains stated in the last 30 days in a domain of this product.
    unknown_when: statements do not cover the span and none is recorded
  stated_needs_90d:
    unit: count
    label: "needs stated in the last 90 days"
    counts: statements
    window: 90
    meaning: Needs and pains stated in the last 90 days in a domain of this product, or naming it.
    unknown_when: statements do not cover the span and none is recorded
  explicit_needs_90d:
    unit: count
    label: "needs stated outright in the last 90 days"
    counts: statements
    window: 90
    meaning: Those of them that were stated outright.
    unknown_when: statements do not cover the span and none is recorded
  stated_need_people_90d:
    unit: count
    label: "people who stated them"
    counts: statements
    window: 90
    meaning: How many different people stated them.
    unknown_when: statements do not cover the span and none is recorded
  questions_90d:
    unit: count
    label: "questions asked in the last 90 days"
    counts: statements
    window: 90
    meaning: Questions of the last 90 days in a domain of this product - outside of what they own today.
    unknown_when: statements do not cover the span and none is recorded
  question_people_90d:
    unit: count
    label: "people who asked them"
    counts: statements
    window: 90
    meaning: How many different people asked them.
    unknown_when: statements do not cover the span and none is recorded
  new_department_voices_90d:
    unit: count
    label: "things said by people of a department that is new to us"
    counts: statements
    window: 90
    meaning: >
      Questions, needs and pains of the last 90 days in a domain of this product, from people whose department we had
      never heard from before those 90 days.
    unknown_when: statements do not cover the span and none is recorded; a speaker without a department is not counted
  latest_need:
    unit: text
    needs: []
    meaning: >
      The latest stated need in the customer's words; where none was stated, the latest question, else objective, else
      feature asked for, else ticket.
    unknown_when: none was heard in the last 365 days
  latest_need_by:
    unit: text
    needs: []
    meaning: Who said it, and whether that person has left or asked not to be contacted.
    unknown_when: none was heard in the last 365 days
  need_contact:
    unit: text
    needs: []
    meaning: >
      Whom to ask about it - who said it, or a colleague where that person has left or asked not to be contacted.
    unknown_when: none was heard in the last 365 days
  latest_need_domain:
    unit: text
    needs: []
    meaning: The problem domain that it touches.
    unknown_when: none was heard in the last 365 days, or it names the product outright
  days_since_need:
    unit: days
    label: "days since the need was heard"
    needs: []
    meaning: Days since it was said.
    unknown_when: none was heard in the last 365 days
  speaker_contactable:
    unit: flag
    needs: [contacts]
    meaning: Whether the person who said it is still there and has not asked not to be contacted.
    unknown_when: nothing was heard, or whoever said it is no known contact
---*/
WITH voices AS (
  SELECT m.*, COALESCE(d.is_new, FALSE) AS new_department
  FROM cell_needs AS m
  LEFT JOIN contacts AS c ON c.contact_id = m.contact_id AND c.account_id = m.account_id
  LEFT JOIN departments AS d ON d.account_id = c.account_id AND d.department = LOWER(c.department)
  WHERE m.kind IN ('need', 'question', 'objective', 'request', 'ticket')
), ranked AS (
  SELECT
    v.*,
    ROW_NUMBER() OVER (
      PARTITION BY account_id, business_unit, product_id
      ORDER BY
        CASE kind WHEN 'need' THEN 0 WHEN 'question' THEN 1 WHEN 'objective' THEN 2 WHEN 'request' THEN 3 ELSE 4 END,
        heard_on DESC,
        quote,
        evidence
    ) AS place
  FROM voices AS v
)
SELECT
  account_id,
  business_unit,
  product_id,
  SUM(CASE WHEN kind = 'need' AND heard_on > @days_before(30) THEN 1 ELSE 0 END) AS stated_needs_30d,
  SUM(CASE WHEN kind = 'need' AND heard_on > @days_before(90) THEN 1 ELSE 0 END) AS stated_needs_90d,
  SUM(CASE WHEN kind = 'need' AND heard_on > @days_before(90) AND explicit THEN 1 ELSE 0 END) AS explicit_needs_90d,
  COUNT(DISTINCT CASE WHEN kind = 'need' AND heard_on > @days_before(90) THEN speaker END) AS stated_need_people_90d,
  SUM(CASE WHEN kind = 'question' AND heard_on > @days_before(90) THEN 1 ELSE 0 END) AS questions_90d,
  COUNT(DISTINCT CASE WHEN kind = 'question' AND heard_on > @days_before(90) THEN speaker END) AS question_people_90d,
  SUM(
    CASE WHEN kind IN ('need', 'question') AND heard_on > @days_before(90) AND new_department THEN 1 ELSE 0 END
  ) AS new_department_voices_90d,
  COUNT(DISTINCT CASE WHEN heard_on > @days_before(90) THEN speaker END) AS people_asking,
  MAX(CASE WHEN place = 1 THEN quote END) AS latest_need,
  MAX(CASE WHEN place = 1 THEN person END) AS latest_need_by,
  MAX(
    CASE
      WHEN place <> 1 THEN NULL
      WHEN known_contact AND NOT contactable THEN 'a colleague of ' || person
      ELSE person
    END
  ) AS need_contact,
  MAX(CASE WHEN place = 1 THEN domain END) AS latest_need_domain,
  MAX(CASE WHEN place = 1 THEN DATE_DIFF('day', heard_on, @as_of) END) AS days_since_need,
  BOOL_OR(CASE WHEN place = 1 AND known_contact THEN contactable END) AS speaker_contactable
FROM ranked
GROUP BY account_id, business_unit, product_id
