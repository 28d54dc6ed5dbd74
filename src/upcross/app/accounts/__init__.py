"""Accounts: the list by segment of potential, and one page for each."""
