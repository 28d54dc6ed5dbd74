"""What leaves the ledger: messages to webhooks, Slack and e-mail, told at least once; and what comes back."""
