/*---
meaning: The accounts that signals of the account scope describe - all that the book knows.
---*/
SELECT account_id, COALESCE(segment, '') AS account_segment
FROM accounts
