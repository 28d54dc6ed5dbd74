"""Plays replayed on history: what they would have said on each past day, held against what happened."""
