/*---
meaning: The accounts - all that the book knows.
---*/
SELECT account_id, COALESCE(segment, '') AS account_segment
FROM accounts
