"""Movements of recurring revenue for pages, by account: each with its arithmetic and the lines before and after."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from upcross.numbers.drilldown import Movements
from upcross.numbers.facts import movements_facts
from upcross.publishing.publication import Fact


def movement_facts(told: Movements) -> Iterator[Fact]:
    """The movements of a window under their accounts; '' says which window it is."""
    facts = movements_facts(told)
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for movement in facts.pop("movements"):
        found[movement["account_id"]].append(movement)
    yield "movements", "", facts
    yield from (("movements", account, listed) for account, listed in found.items())
