"""Which products an account of the crowd bought, when, on which plan and how much of each at first."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

from upcross.periods import add_months
from upcross.sample.chance import Chance
from upcross.sample.company import AS_OF
from upcross.sample.crowd.profiles import Profile
from upcross.sample.lines import before

FIRST_PRODUCT = {"crm": 72.0, "desk": 13.0, "analytics": 7.0, "planning": 4.0, "cloud": 4.0}
FURTHER = {
    "crm": 20.0, "desk": 15.0, "enablement": 18.0, "analytics": 15.0, "content": 12.0, "planning": 9.0, "cloud": 6.0,
    "compliance": 16.0, "wfm": 8.0, "qa": 8.0, "voice": 6.0, "voice-connect": 5.0, "premium-support": 7.0, "forms": 5.0,
}  # fmt: skip
"""How likely each product is as a further one."""
NEEDS = {"compliance": "crm", "wfm": "desk", "qa": "desk", "voice": "desk", "voice-connect": "desk"}
EXCLUDES = {"voice": "voice-connect", "voice-connect": "voice"}
REGULATED = ("Financial services", "Insurance")
LAST_FORMS = date(2025, 10, 1)
WIDENS = {"enterprise": 0.042, "mid-market": 0.027, "small business": 0.013}
"""How likely a further product is in a month, by segment."""
MOOD = {"growing": 1.5, "steady": 1.0, "fading": 0.5, "leaving": 0.2}
PLANS: dict[str, dict[str, dict[str, float]]] = {
    "crm": {
        "small business": {"crm-standard": 64, "crm-professional": 36},
        "mid-market": {"crm-standard": 18, "crm-professional": 70, "crm-enterprise": 12},
        "enterprise": {"crm-professional": 48, "crm-enterprise": 52},
    },
    "desk": {
        "small business": {"desk-suite": 90, "desk-suite-plus": 10},
        "mid-market": {"desk-suite": 75, "desk-suite-plus": 25},
        "enterprise": {"desk-suite": 50, "desk-suite-plus": 50},
    },
    "analytics": {
        "small business": {"analytics-starter": 80, "analytics-growth": 20},
        "mid-market": {"analytics-starter": 25, "analytics-growth": 65, "analytics-enterprise": 10},
        "enterprise": {"analytics-growth": 45, "analytics-enterprise": 55},
    },
    "content": {
        "small business": {"content-team": 100},
        "mid-market": {"content-team": 80, "content-business": 20},
        "enterprise": {"content-team": 30, "content-business": 70},
    },
}
ONLY_PLAN = {
    "compliance": "compliance-module", "wfm": "wfm-seat", "qa": "qa-seat", "voice": "voice-seat",
    "voice-connect": "voice-connect", "premium-support": "premium-support", "forms": "forms-team",
    "enablement": "enablement-seat", "planning": "planning-seat", "cloud": "cloud-commit",
}  # fmt: skip
USERS = {"crm": (0.10, 0.32), "desk": (0.03, 0.10), "enablement": (0.02, 0.07), "planning": (0.02, 0.05),
         "wfm": (0.04, 0.12), "qa": (0.03, 0.10), "voice": (0.04, 0.12)}  # fmt: skip
"""Share of an account's people who are given a seat."""
MOST_USERS = 620
DISCOUNTS = {"enterprise": (5, 25), "mid-market": (0, 15), "small business": (0, 5)}


@dataclass(frozen=True, slots=True)
class Purchase:
    """A product as it was first bought."""

    product: str
    plan: str
    quantity: int
    since: date
    terms_from: date
    term_months: int
    discount: int
    """Per cent off the list price."""
    contract: str = ""
    ends_on: str = ""
    cancelled_on: str = ""


def purchases(profile: Profile, leaves_on: str) -> Iterator[Purchase]:
    """The account's products in the order in which it bought them; all end when it leaves."""
    chance = profile.chance("portfolio")
    term = 36 if profile.segment == "enterprise" and chance.happens(0.3) else 12
    if profile.segment == "small business" and chance.happens(0.25):
        term = 0
    first = "cloud" if profile.industry == "Software" and chance.happens(0.2) else chance.weighted(FIRST_PRODUCT)
    owned = {first}
    yield _purchase(profile, first, profile.since, chance, term, "", leaves_on)
    month = add_months(profile.since.replace(day=1), 5)
    while month <= AS_OF and not (leaves_on and month.isoformat() > before(date.fromisoformat(leaves_on), 150)):
        if chance.happens(WIDENS[profile.segment] * MOOD[profile.temper]):
            product = chance.weighted(_offered(profile, owned, month))
            owned.add(product)
            since = month.replace(day=chance.whole(1, 26))
            dropped = _dropped(chance, since)
            ends_on = min(filter(None, (dropped, leaves_on)), default="")
            yield _purchase(profile, product, since, chance, term, f"-{len(owned)}", ends_on)
        month = add_months(month, 1)


def may_buy(profile: Profile, product: str, owned: Collection[str]) -> bool:
    """Whether an account with these products could buy another one."""
    return (
        product not in owned
        and (product not in NEEDS or NEEDS[product] in owned)
        and EXCLUDES.get(product) not in owned
        and (product != "compliance" or profile.industry in REGULATED)
    )


def _offered(profile: Profile, owned: set[str], month: date) -> dict[str, float]:
    return {
        product: weight
        for product, weight in FURTHER.items()
        if may_buy(profile, product, owned) and (product != "forms" or month < LAST_FORMS)
    }


def _dropped(chance: Chance, since: date) -> str:
    """The end of a further product that was given up after one to three years; mostly there is none."""
    if not chance.happens(0.28):
        return ""
    end = add_months(since.replace(day=1), 12 * chance.whole(1, 3))
    return end.isoformat() if date(2024, 11, 1) <= end <= AS_OF else ""


def _purchase(profile: Profile, product: str, since: date, chance: Chance, term: int, contract: str,
              ends_on: str) -> Purchase:  # fmt: skip
    plan = chance.weighted(PLANS[product][profile.segment]) if product in PLANS else ONLY_PLAN[product]
    least, most = USERS.get(product, (0.0, 0.0))
    if contract and product == "crm":
        least, most = least / 2, most / 2
    seats = min(max(round(profile.employees * chance.between(least, most)), 4), MOST_USERS) if most else 1
    if seats >= 50:
        seats = seats // 5 * 5
    discount = chance.whole(*DISCOUNTS[profile.segment]) if contract == "" or chance.happens(0.5) else 0
    # half of what is added later ends with the first contract
    terms_from = profile.since if contract and chance.happens(0.5) else since
    cancelled = ""
    if ends_on:
        cancelled = before(date.fromisoformat(ends_on), chance.whole(60, 95))
    if cancelled > AS_OF.isoformat():
        cancelled, ends_on = "", ""
    return Purchase(product, plan, seats, since, terms_from, term, discount, contract, ends_on, cancelled)
