/*---
scope: account
needs: [contacts, activities]
signals:
  contacts_engaged_90d:
    unit: count
    label: "people we were in contact with in the last 90 days"
    counts: activities
    window: 90
    meaning: Different people still at the account with a meeting, call, e-mail or event in the last 90 days.
    unknown_when: activities do not cover the span and none is recorded, or none names the person
  engaged_departments_90d:
    unit: count
    label: "departments we were in contact with in the last 90 days"
    counts: activities
    window: 90
    meaning: Different departments of those people.
    unknown_when: as for the people
  new_departments_active_90d:
    unit: count
    label: "departments heard from for the first time in the last 90 days"
    meaning: >
      Departments whose people were first met, spoke or raised a ticket within the last 90 days, at an account where
      somebody else had been known before.
    unknown_when: no department of the account's people is recorded
  relationship_strength_max_90d:
    unit: count
    label: "strength of the strongest relationship, in points of 100"
    window: 90
    meaning: >
      Points of the strongest relationship with somebody still at the account, by recency, frequency, two ways and
      seniority; the formula stands in contact_strength.
    unknown_when: activities do not cover the last 125 days, or no contact is known
  strongest_contact:
    unit: text
    meaning: Who that is, people apart who asked not to be contacted.
    unknown_when: we were in contact with nobody in the last 90 days, or do not know it
  executive_engaged_90d:
    unit: flag
    label: "a vice president or member of the board was in contact"
    window: 90
    meaning: Whether one of the people in contact is a vice president or a member of the board.
    unknown_when: nobody is, and activities do not cover the last 125 days or not everybody's seniority is recorded
  single_threaded:
    unit: flag
    label: "all contact went through one person"
    window: 90
    meaning: Whether all contact of the last 90 days went through one person.
    unknown_when: activities do not cover the last 125 days, or activities do not name the person
---*/
WITH people AS (
  SELECT
    account_id,
    COUNT(CASE WHEN activities_90d > 0 THEN 1 END) AS engaged,
    COUNT(DISTINCT CASE WHEN activities_90d > 0 THEN department END) AS departments,
    COUNT(CASE WHEN activities_90d > 0 AND seniority IN ('c_level', 'vp') THEN 1 END) AS executives,
    COUNT(CASE WHEN activities_90d > 0 AND seniority IS NULL THEN 1 END) AS rank_unknown,
    BOOL_AND(known) AS known,
    MAX(strength) AS strength
  FROM contact_strength
  WHERE NOT has_left
  GROUP BY account_id
), ranked AS (
  SELECT
    account_id,
    CASE WHEN name IS NULL THEN contact_id WHEN title IS NULL THEN name ELSE name || ', ' || title END AS contact,
    ROW_NUMBER() OVER (PARTITION BY account_id ORDER BY strength DESC, contact_id) AS place
  FROM contact_strength
  WHERE strength > 0 AND NOT has_left AND NOT do_not_contact
), nameless AS (
  SELECT account_id, COUNT(*) AS activities
  FROM activities
  WHERE contact_id IS NULL AND happened_on > @days_before(90) AND (kind IS NULL OR kind <> 'note')
  GROUP BY account_id
), fresh AS (
  SELECT account_id, COUNT(CASE WHEN is_new THEN 1 END) AS departments
  FROM departments
  GROUP BY account_id
)
SELECT
  a.account_id,
  CASE WHEN p.engaged > 0 OR n.activities IS NULL THEN COALESCE(p.engaged, 0) END AS contacts_engaged_90d,
  CASE WHEN p.departments > 0 OR n.activities IS NULL THEN COALESCE(p.departments, 0) END AS engaged_departments_90d,
  f.departments AS new_departments_active_90d,
  p.strength AS relationship_strength_max_90d,
  s.contact AS strongest_contact,
  CASE
    WHEN p.executives > 0 THEN TRUE
    WHEN p.known AND p.rank_unknown = 0 AND n.activities IS NULL THEN FALSE
  END AS executive_engaged_90d,
  CASE WHEN p.known AND (p.engaged > 1 OR n.activities IS NULL) THEN p.engaged = 1 END AS single_threaded
FROM accounts AS a
LEFT JOIN people AS p ON p.account_id = a.account_id
LEFT JOIN ranked AS s ON s.account_id = a.account_id AND s.place = 1
LEFT JOIN nameless AS n ON n.account_id = a.account_id
LEFT JOIN fresh AS f ON f.account_id = a.account_id
