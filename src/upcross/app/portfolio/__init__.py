"""The white-space map: products by accounts."""
