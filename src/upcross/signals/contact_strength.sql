/*---
meaning: >
  How strong our relationship with each contact is, in 0 to 100 whole points, with its parts: recency (0 to 30),
  frequency (0 to 30), two ways (0 to 25) and seniority (0 to 15). Nobody in contact within 90 days has 0 points; null
  where activities do not cover the time.
notes: >
  Recency: 30 points for contact within 14 days, 25 within 30, 15 within 60, 5 within 90. Frequency: 5 points for each
  meeting, call, e-mail or event of the last 90 days, up to 6. Two ways: 25 points where the customer began a third of
  them or more, 15 where it began any. Seniority: 15 for the board, 12 for a vice president, 9 for a director, 6 for a
  manager, 3 for others, none where it is not recorded. Notes are ours alone and do not count.
---*/
WITH covered AS (
  SELECT COUNT(*) AS tables
  FROM complete_tables
  WHERE table_name = 'activities'
), contacted AS (
  SELECT
    account_id,
    contact_id,
    MAX(happened_on) AS latest_on,
    COUNT(*) AS activities,
    SUM(CASE WHEN direction IN ('inbound', 'both') THEN 1 ELSE 0 END) AS begun_by_them
  FROM activities
  WHERE happened_on > @days_before(90) AND (kind IS NULL OR kind <> 'note')
  GROUP BY account_id, contact_id
), parts AS (
  SELECT
    c.account_id,
    c.business_unit,
    c.contact_id,
    c.name,
    c.title,
    c.seniority,
    LOWER(c.department) AS department,
    c.left_on IS NOT NULL AND c.left_on <= @as_of AS has_left,
    COALESCE(c.do_not_contact, FALSE) AS do_not_contact,
    v.tables > 0 AS known,
    COALESCE(a.activities, 0) AS activities_90d,
    CASE
      WHEN a.contact_id IS NULL THEN 0
      WHEN DATE_DIFF('day', a.latest_on, @as_of) <= 14 THEN 30
      WHEN DATE_DIFF('day', a.latest_on, @as_of) <= 30 THEN 25
      WHEN DATE_DIFF('day', a.latest_on, @as_of) <= 60 THEN 15
      ELSE 5
    END AS recency_points,
    CASE WHEN a.activities >= 6 THEN 30 ELSE COALESCE(a.activities, 0) * 5 END AS frequency_points,
    CASE
      WHEN a.begun_by_them * 3 >= a.activities THEN 25
      WHEN a.begun_by_them > 0 THEN 15
      ELSE 0
    END AS two_way_points,
    CASE
      WHEN a.contact_id IS NULL THEN 0
      WHEN c.seniority = 'c_level' THEN 15
      WHEN c.seniority = 'vp' THEN 12
      WHEN c.seniority = 'director' THEN 9
      WHEN c.seniority = 'manager' THEN 6
      WHEN c.seniority = 'individual' THEN 3
      ELSE 0
    END AS seniority_points
  FROM contacts AS c
  INNER JOIN covered AS v ON TRUE
  LEFT JOIN contacted AS a ON a.account_id = c.account_id AND a.contact_id = c.contact_id
)
SELECT
  p.*,
  CASE WHEN known THEN recency_points + frequency_points + two_way_points + seniority_points END AS strength
FROM parts AS p
