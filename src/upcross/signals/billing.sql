/*---
scope: account
needs: [billing_disputes]
signals:
  disputes_open:
    unit: count
    label: "billing disputes open"
    counts: billing_disputes
    meaning: Billing disputes that are not settled.
    unknown_when: billing disputes are missing or their feed is stale
  invoices_overdue:
    unit: count
    label: "invoices overdue"
    counts: invoices
    needs: [invoices]
    meaning: Invoices past their due day and not paid.
    unknown_when: invoices are missing or their feed is stale
---*/
WITH disputed AS (
  SELECT account_id, COUNT(*) AS disputes
  FROM billing_disputes
  WHERE closed_on IS NULL
  GROUP BY account_id
), overdue AS (
  SELECT account_id, COUNT(*) AS invoices
  FROM invoices
  WHERE paid_on IS NULL AND due_on < @as_of
  GROUP BY account_id
)
SELECT a.account_id, COALESCE(d.disputes, 0) AS disputes_open, COALESCE(o.invoices, 0) AS invoices_overdue
FROM accounts AS a
LEFT JOIN disputed AS d ON d.account_id = a.account_id
LEFT JOIN overdue AS o ON o.account_id = a.account_id
