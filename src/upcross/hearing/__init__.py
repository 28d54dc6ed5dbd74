"""What a person heard a customer say: understood, and judged at once, without waiting for the next run."""

from upcross.hearing.heard import Heard, typed_of
from upcross.hearing.judging import Hearing, hear
from upcross.hearing.understanding import understood

__all__ = ["Heard", "Hearing", "hear", "typed_of", "understood"]
