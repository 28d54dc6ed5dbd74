"""Upcross: the expansion-revenue engine for B2B software companies."""
