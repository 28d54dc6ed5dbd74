/*---
meaning: >
  Who counts as one customer where a group of accounts does - the account at the top of its parents, up to eight levels.
notes: >
  Stands in for the model customers where numbers are asked for by ultimate parent. A parent missing from the
  accounts ends the climb; who has no top, because its parents run in a circle, is a customer of its own.
---*/
WITH twice AS (
  SELECT a.account_id, COALESCE(q.account_id, p.account_id, a.account_id) AS above
  FROM accounts AS a
  LEFT JOIN accounts AS p ON p.account_id = a.parent_account_id
  LEFT JOIN accounts AS q ON q.account_id = p.parent_account_id
), four_times AS (
  SELECT a.account_id, b.above
  FROM twice AS a
  INNER JOIN twice AS b ON b.account_id = a.above
)
SELECT a.account_id, CASE WHEN p.account_id IS NULL THEN t.account_id ELSE a.account_id END AS customer_id
FROM four_times AS a
INNER JOIN four_times AS b ON b.account_id = a.above
INNER JOIN accounts AS t ON t.account_id = b.above
LEFT JOIN accounts AS p ON p.account_id = t.parent_account_id
