"""Who an account of the crowd is: its name, size, region and people in charge, and how it is doing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import cycle

from upcross.periods import add_months
from upcross.sample.chance import Chance
from upcross.sample.company import AS_OF, SELLERS, SELLERS_ABROAD, segment
from upcross.sample.crowd.names import LANGUAGES, PLACES, TRADES

CROWD = 340
"""Accounts that nobody wrote a story for."""

REGIONS = {"DACH": 61.0, "UK": 14.0, "North America": 14.0, "Nordics": 5.5, "Benelux": 5.5}
CURRENCIES = {"UK": "GBP", "North America": "USD"}
INDUSTRIES = {
    "Manufacturing": 20.0, "Logistics": 10.0, "Retail": 12.0, "Financial services": 8.0, "Insurance": 5.0,
    "Health care": 7.0, "Software": 10.0, "Services": 10.0, "Media": 5.0, "Energy": 4.0, "Education": 4.0,
    "Hospitality": 3.0, "Real estate": 2.0,
}  # fmt: skip
SIZES = {"enterprise": 9.0, "mid-market": 37.0, "small business": 54.0}
EMPLOYEES = {"enterprise": (1000, 4800), "mid-market": (200, 960), "small business": (12, 195)}

Temper = str
"""How an account is doing: growing, steady, fading or leaving."""
TEMPERS: dict[str, dict[Temper, float]] = {
    "enterprise": {"growing": 36, "steady": 38, "fading": 16, "leaving": 10},
    "mid-market": {"growing": 32, "steady": 38, "fading": 17, "leaving": 13},
    "small business": {"growing": 27, "steady": 41, "fading": 15, "leaving": 17},
}
CSMS = {
    "DACH": ("julia.wagner", "carla.mendes", "tom.becker", "paul.schreiber", "aylin.demir", "lena.hoffmann",
             "julia.wagner", "carla.mendes", "paul.schreiber", "tom.becker", "aylin.demir"),
    "UK": ("oliver.grant",),
    "North America": ("rachel.moore",),
    "Nordics": ("henrik.lund",),
    "Benelux": ("henrik.lund",),
}  # fmt: skip
"""In turn; who looks after many stories has fewer of the crowd."""


@dataclass(frozen=True, slots=True)
class Profile:
    """An account before its contracts: what does not change."""

    id: str
    name: str
    region: str
    industry: str
    employees: int
    since: date
    temper: Temper
    csm: str
    sellers: tuple[str, str]

    @property
    def currency(self) -> str:
        """Currency in which the account is billed."""
        return CURRENCIES.get(self.region, "EUR")

    @property
    def segment(self) -> str:
        """Segment by size."""
        return segment(self.employees)

    def chance(self, subject: str) -> Chance:
        """Draws of this account for one subject, so that subjects do not disturb one another."""
        return Chance(self.id, subject)


def profiles() -> Iterator[Profile]:
    """Every account of the crowd, in the order of their ids."""
    turns = {region: cycle(people) for region, people in CSMS.items()}
    taken: set[str] = set()
    for number in range(CROWD):
        account = f"A{101 + number}"
        chance = Chance(account, "profile")
        region, industry, size = chance.weighted(REGIONS), chance.weighted(INDUSTRIES), chance.weighted(SIZES)
        least, most = EMPLOYEES[size]
        # small ones are many: the lower of two draws
        employees = min(chance.whole(least, most), chance.whole(least, most))
        sellers = SELLERS[number % 2] if region == "DACH" else SELLERS_ABROAD
        yield Profile(account, _name(chance, region, industry, taken), region, industry, employees, _since(chance),
                      chance.weighted(TEMPERS[size]), next(turns[region]), sellers)  # fmt: skip


def _name(chance: Chance, region: str, industry: str, taken: set[str]) -> str:
    """A name that no account has; one place name may serve in several trades."""
    language = LANGUAGES[region]
    while True:
        name = f"{chance.pick(PLACES[language])} {chance.pick(TRADES[language][industry])}"
        if name not in taken:
            taken.add(name)
            return name


def _since(chance: Chance) -> date:
    """First day as a customer: one in five came in the last two years, the others in the four years before."""
    months = chance.whole(1, 22) if chance.happens(0.22) else chance.whole(24, 70)
    return add_months(AS_OF.replace(day=1), -months).replace(day=chance.pick((1, 1, 1, 10, 15, 20)))
