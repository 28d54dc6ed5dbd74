/*---
meaning: >
  Recurring lines with the months at whose end they are in force, counted back from the as-of day: from_ago is the
  first such month (one more than the oldest month where the line began earlier), gone_ago the first month at whose end
  it is no longer in force (-1 while it is). A line is in force at the end of month n where gone_ago < n <= from_ago.
notes: A line that is not in force at the end of any month, or of the day before the oldest month, has no row.
---*/
WITH bounds AS (
  SELECT MIN(month_start) AS first_start, MAX(month_end) AS last_end, MAX(months_ago) + 1 AS opening
  FROM months
), days AS (
  SELECT from_on AS day
  FROM mrr_lines
  UNION
  SELECT until_on AS day
  FROM mrr_lines
), dated AS (
  SELECT d.day, m.months_ago
  FROM days AS d
  INNER JOIN months AS m ON d.day >= m.month_start AND d.day < m.month_end
), placed AS (
  SELECT
    l.*,
    COALESCE(f.months_ago, b.opening) AS from_ago,
    COALESCE(u.months_ago, -1) AS gone_ago
  FROM mrr_lines AS l
  INNER JOIN bounds AS b ON l.from_on < b.last_end AND (l.until_on IS NULL OR l.until_on >= b.first_start)
  LEFT JOIN dated AS f ON f.day = l.from_on
  LEFT JOIN dated AS u ON u.day = l.until_on
)
SELECT p.*
FROM placed AS p
WHERE p.gone_ago < p.from_ago
