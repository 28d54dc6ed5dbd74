"""The contract's tables, one module a subject."""
