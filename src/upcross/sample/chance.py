"""Chance that is the same everywhere: numbers drawn from a name, by arithmetic that no Python version changes."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TypeVar

T = TypeVar("T")


class Chance:
    """Draws that belong to one name: another name draws otherwise, and the order of names changes nothing.

    Only ``Random.random`` is used, whose numbers Python promises to keep; what is made of them is made here.
    """

    def __init__(self, *name: str) -> None:
        self._random = random.Random("lindhafen " + " ".join(name))

    def share(self) -> float:
        """A share from 0 to under 1."""
        return self._random.random()

    def happens(self, probability: float) -> bool:
        """True as often as the probability says."""
        return self._random.random() < probability

    def whole(self, least: int, most: int) -> int:
        """A whole number, both ends included."""
        return least + int(self._random.random() * (most - least + 1))

    def between(self, least: float, most: float) -> float:
        """Any number between two."""
        return least + self._random.random() * (most - least)

    def pick(self, options: Sequence[T]) -> T:
        """One of the options, all alike."""
        return options[int(self._random.random() * len(options))]

    def weighted(self, options: Mapping[T, float]) -> T:
        """One of the options, each as often as its weight says."""
        left = self._random.random() * sum(options.values())
        for option, weight in options.items():
            left -= weight
            if left < 0:
                return option
        return option

    def some(self, options: Sequence[T], count: int) -> list[T]:
        """Several different options, in an order of their own."""
        rest = list(options)
        return [rest.pop(int(self._random.random() * len(rest))) for _ in range(min(count, len(rest)))]

    def day(self, first: date, last: date) -> date:
        """A day from the first to the last, both included; a Saturday or Sunday becomes the Friday before."""
        day = first + timedelta(days=self.whole(0, max((last - first).days, 0)))
        return max(first, day - timedelta(days=max(day.weekday() - 4, 0)))
