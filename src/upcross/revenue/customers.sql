/*---
meaning: Who counts as one customer when new, lost and returned customers are told apart - each account for itself.
---*/
SELECT account_id, account_id AS customer_id
FROM accounts
