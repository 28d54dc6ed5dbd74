"""The ledger: what was asked of whom, by whom, what became of it, and what people typed; nothing in it is ever lost."""
