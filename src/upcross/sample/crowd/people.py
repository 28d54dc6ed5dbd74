"""The people of an account of the crowd: an org chart by what it owns, roles for products, leavers and newcomers."""

from __future__ import annotations

from datetime import date, timedelta

from upcross.sample.chance import Chance
from upcross.sample.company import AS_OF, FIRST_DAY
from upcross.sample.crowd.names import FIRST_NAMES, LANGUAGES, LAST_NAMES
from upcross.sample.crowd.profiles import Profile
from upcross.sample.story import Line, Person, Role

TOP = {"small business": ("Owner", "Managing director"), "mid-market": ("Managing director", "Chief sales officer"),
       "enterprise": ("Chief commercial officer", "Chief operating officer", "Chief information officer")}  # fmt: skip
DEPARTMENTS = {
    "crm": ("Sales", (("Head of sales", "director"), ("Sales operations manager", "manager"),
                      ("Regional sales lead", "manager"), ("Key account manager", "individual"))),
    "desk": ("Support", (("Head of customer service", "director"), ("Team lead service", "manager"),
                         ("Service agent", "individual"))),
    "analytics": ("Controlling", (("Head of controlling", "director"), ("Data analyst", "individual"))),
    "cloud": ("IT", (("Head of IT", "director"), ("Integration engineer", "individual"))),
    "content": ("Marketing", (("Head of marketing", "director"), ("Documentation editor", "individual"))),
    "planning": ("Key accounts", (("Head of key accounts", "director"),)),
    "enablement": ("Sales", (("Sales trainer", "manager"),)),
    "compliance": ("Compliance", (("Compliance officer", "director"),)),
    "wfm": ("Operations", (("Shift planner", "manager"),)),
}  # fmt: skip
"""Department and titles of the people who come with a product."""
FINANCE = (("Finance", "Head of procurement", "director"), ("Finance", "Accountant", "individual"))
MOST = {"small business": 3, "mid-market": 6, "enterprise": 10}


def people(profile: Profile, lines: tuple[Line, ...]) -> tuple[Person, ...]:
    """Everybody we know at an account, the top first."""
    chance = profile.chance("people")
    top = _name(profile, chance, set())
    taken = {top}
    products = [line.product for line in lines if line.status == "active"]
    title, joined = chance.pick(TOP[profile.segment]), _joined(profile, chance)
    found = [Person(top, title, "Management", "c_level", joined_on=joined,
                    roles=_roles(chance, "executive_sponsor", products[0], 0.5, (joined, "")))]  # fmt: skip
    wanted = [
        (department, title, seniority, product)
        for product in dict.fromkeys(products)
        if product in DEPARTMENTS
        for department, titles in (DEPARTMENTS[product],)
        for title, seniority in titles
    ]
    wanted += [(department, title, seniority, "") for department, title, seniority in FINANCE]
    heads: dict[str, str] = {}
    for department, title, seniority, product in wanted[: MOST[profile.segment]]:
        name = _name(profile, chance, taken)
        taken.add(name)
        joined = _joined(profile, chance)
        left = _left(chance, joined)
        found.append(Person(
            name, title, department, seniority, reports_to=heads.get(department, top),
            joined_on=joined, left_on=left, do_not_contact=chance.happens(0.03),
            roles=_part(chance, seniority, product, (joined, left)),
        ))  # fmt: skip
        if seniority == "director":
            heads.setdefault(department, name)
    return tuple(found)


def _name(profile: Profile, chance: Chance, taken: set[str]) -> str:
    language = LANGUAGES[profile.region]
    while True:
        name = f"{chance.pick(FIRST_NAMES[language])} {chance.pick(LAST_NAMES[language])}"
        if name not in taken:
            return name


def _joined(profile: Profile, chance: Chance) -> str:
    """Since when we know somebody: mostly since the contract, one in four later."""
    first = profile.since if chance.happens(0.75) else chance.day(profile.since, AS_OF - timedelta(days=20))
    return first.isoformat()


def _left(chance: Chance, joined: str) -> str:
    first = max(FIRST_DAY, date.fromisoformat(joined) + timedelta(days=14))
    return chance.day(first, AS_OF).isoformat() if chance.happens(0.07) else ""


Tenure = tuple[str, str]
"""From when until when somebody works there; the second empty: still."""


def _part(chance: Chance, seniority: str, product: str, tenure: Tenure) -> tuple[Role, ...]:
    """What somebody is for a product: its director decides, its manager leads the users; many roles are not known."""
    if not product:
        return _roles(chance, "procurement", "", 0.5, tenure)
    if seniority == "director":
        return _roles(chance, chance.weighted({"champion": 55, "economic_buyer": 45}), product, 0.75, tenure)
    if seniority == "manager":
        return _roles(chance, "user_lead", product, 0.4, tenure)
    return ()


def _roles(chance: Chance, role: str, product: str, known: float, tenure: Tenure) -> tuple[Role, ...]:
    if not chance.happens(known):
        return ()
    stance = chance.weighted({"for": 50, "neutral": 30, "against": 6, "unknown": 14})
    confirmed = _confirmed(chance, *tenure) if stance != "unknown" else ""
    return (Role(role, product, stance, confirmed),)


def _confirmed(chance: Chance, joined: str, left: str) -> str:
    """A day on which somebody's part was confirmed: since June 2025, or before they left where that was earlier."""
    last = date.fromisoformat(left) - timedelta(days=1) if left else AS_OF
    first = max(date(2025, 6, 1), date.fromisoformat(joined))
    return chance.day(first if first <= last else date.fromisoformat(joined), last).isoformat()
