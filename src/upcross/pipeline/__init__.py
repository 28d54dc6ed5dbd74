"""The deals that people opened in the CRM, audited against gates, buyers and what the accounts own."""
