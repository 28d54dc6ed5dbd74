"""Deals that people opened in the CRM, and which mechanism each of their lines looks like.

The tell: where the product is not owned, a new product enters the account, and its kind is the mechanism; where it is
owned, something of it grows, and the plan, the quantity and the words of the deal's name say what.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from upcross.motions import Mechanism, Motion

RENEWAL = re.compile(r"\b(renewals?|renew|verlängerung)\b", re.IGNORECASE)
"""Words by which a deal without a kind is taken for a renewal."""

Words = Mapping[Mechanism, re.Pattern[str]]

_SHIPPED: Mapping[Mechanism, str] = {
    Mechanism.SEATS: "seats?|licen[cs]es?|users?|headcount",
    Mechanism.TIER: "upgrade|tier|edition|enterprise|professional|premium plan|pro plan",
    Mechanism.USAGE: "usage|credits?|commit(ment)?|overage|volume|api calls|storage|consumption",
    Mechanism.SUPPORT: "support plan|premium support|premier support|sla",
    Mechanism.MODULE: "modules?",
    Mechanism.ADD_ON: "add-?ons?",
    Mechanism.PRODUCT: "cross-?sell|new product",
}


def mechanism_words(more: Mapping[Mechanism, Sequence[str]] | None = None) -> Words:
    """The words of a deal's name that speak for each mechanism: the shipped ones, and a company's own as written.

    Case is immaterial, and a word stands alone: ``Platz`` is not found in ``Marktplatz``.
    """
    found = {}
    for mechanism, shipped in _SHIPPED.items():
        ways = [shipped, *(re.escape(word) for word in (more or {}).get(mechanism, ()))]
        found[mechanism] = re.compile(rf"(?<!\w)({'|'.join(ways)})(?!\w)", re.IGNORECASE)
    return found


WORDS = mechanism_words()
"""Words of a deal's name that speak for a mechanism, in the order in which they are looked for."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a deal; a deal without lines has one that names no product."""

    line: str
    product_id: str
    plan_id: str
    tag: Mechanism | None
    """The line's own mechanism, else the deal's."""
    quantity: int | None
    mrr: int | None
    """Expected MRR in ten-thousandths of the reporting currency; None is not known."""


@dataclass(frozen=True, slots=True)
class Deal:
    """One open deal."""

    deal_id: str
    account_id: str
    business_unit: str
    name: str
    kind: str
    """New business, expansion or renewal in the CRM's terms; '' where it says nothing."""
    owner: str
    created_on: date
    stage: str
    expected_close_on: date | None
    mrr: int | None
    ours: bool
    """Whether it bears our key."""
    lines: tuple[Line, ...]

    @property
    def renews(self) -> bool:
        """Whether it is a renewal, by its kind or else by its name."""
        return self.kind == "renewal" or (not self.kind and bool(RENEWAL.search(self.name)))

    @property
    def products(self) -> tuple[str, ...]:
        """The products that its lines name, each once."""
        return tuple(dict.fromkeys(line.product_id for line in self.lines if line.product_id))

    def meets(self, business_unit: str) -> bool:
        """Whether it may be about a unit: its own, or where either names none."""
        return not self.business_unit or not business_unit or self.business_unit == business_unit


@dataclass(frozen=True, slots=True)
class Product:
    """What the catalogue says of a product."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Owned:
    """What an account has of a product where a deal is about it."""

    plan_id: str
    rank: int | None
    charge: str
    quantity: int | None
    mrr: int | None
    renewal_on: date | None


@dataclass(frozen=True, slots=True)
class Proposal:
    """Which mechanism a line looks like, why, and of which product; None where nothing tells."""

    mechanism: Mechanism | None
    why: str
    product_id: str = ""

    @property
    def motion(self) -> Motion | None:
        """The motion of the mechanism; None where it is not known."""
        return self.mechanism.motion if self.mechanism else None


def named_product(name: str, products: Mapping[str, Product]) -> str:
    """The product that a deal's name mentions, by name or id, the longest first; '' where it mentions none."""
    ways = [(called, key) for key, product in products.items() for called in (product.name, key) if len(called) > 2]
    for called, key in sorted(ways, key=lambda way: (-len(way[0]), way)):
        if re.search(rf"(?<!\w){re.escape(called)}(?!\w)", name, re.IGNORECASE):
            return key
    return ""


def propose(
    line: Line,
    name: str,
    products: Mapping[str, Product],
    owned: Mapping[str, Owned],
    ranks: Mapping[str, int],
    words: Words = WORDS,
) -> Proposal:
    """Which mechanism a line looks like, from its product, its plan, its quantity and the words of its deal's name.

    ``owned`` is what the account has where the deal is about it, by product; ``ranks`` the rank of each plan; ``words``
    what speaks for each mechanism.
    """
    product = line.product_id or named_product(name, products)
    said = "" if line.product_id else "its name says so, and "
    heard = next(((m, hit[0]) for m, said in words.items() if (hit := said.search(name))), None)
    spoken = heard[0] if heard else None
    word = f"“{heard[1]}”" if heard else ""
    if not product:
        if spoken is None:
            return Proposal(None, "it names no product, and its name says nothing of a mechanism")
        if spoken.motion is Motion.UPSELL and len(owned) == 1:
            [only] = owned
            called = products[only].name if only in products else only
            return Proposal(spoken, f"its name says {word}, and {called} is all that they own", only)
        return Proposal(spoken, f"it names no product; its name says {word}")
    known = products.get(product)
    called = known.name if known else product
    if product not in owned:
        if known is None:
            return Proposal(Mechanism.PRODUCT, f"{said}{called} is not owned", product)
        return Proposal(Mechanism(known.kind), f"{said}{called} is not owned", product)
    return _deeper(line, product, called, said, owned[product], known, ranks, spoken, word)


def _deeper(
    line: Line, product: str, called: str, said: str, has: Owned, known: Product | None,
    ranks: Mapping[str, int], spoken: Mechanism | None, word: str,
) -> Proposal:  # fmt: skip
    if known is not None and known.kind == "support":
        return Proposal(Mechanism.SUPPORT, f"{said}{called} is support, and owned", product)
    rank = ranks.get(line.plan_id)
    if rank is not None and has.rank is not None and rank > has.rank:
        return Proposal(Mechanism.TIER, f"{said}{called} is owned on a lower plan ({has.plan_id})", product)
    if spoken is not None and spoken.motion is Motion.UPSELL:
        return Proposal(spoken, f"{said}{called} is owned; the deal's name says {word}", product)
    if line.quantity is not None and has.charge == "per_unit":
        return Proposal(Mechanism.SEATS, f"{said}{called} is owned per unit; the line has a quantity", product)
    return Proposal(None, f"{said}{called} is owned; nothing tells whether seats, tier or usage grows", product)
