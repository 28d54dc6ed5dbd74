"""Runs, what changed between them, and the quality of the data."""
