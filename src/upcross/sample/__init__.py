"""The sample company: an invented vendor and its accounts, each with a story and what should come of it."""

from upcross.sample.write import write_sample

__all__ = ["write_sample"]
