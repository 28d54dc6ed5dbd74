"""What accounts of the crowd said and reached: results, goals, needs, wishes, changes, and notes of conversations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from upcross.sample.chance import Chance
from upcross.sample.company import AS_OF, plans_of
from upcross.sample.crowd.portfolio import may_buy
from upcross.sample.crowd.profiles import Profile
from upcross.sample.notes import everyday, heard
from upcross.sample.sentences import (
    CHANGES,
    NEEDS,
    OBJECTIVES,
    OUTCOMES,
    REQUESTS,
)
from upcross.sample.story import Line, Person, Row, outcome, request, row, said, there

DOMAINS = {
    "desk": "customer support", "enablement": "sales enablement", "analytics": "analytics",
    "planning": "account planning", "content": "content management", "cloud": "integration",
    "compliance": "compliance", "wfm": "workforce planning", "qa": "conversation quality", "voice": "telephony",
    "premium-support": "support response",
}  # fmt: skip
COMPETITORS = {
    "customer support": "Ticketwald", "sales enablement": "Folienfuchs", "content management": "Aktenkeller",
    "compliance": "Prüfpunkt", "workforce planning": "Schichtwerk", "analytics": "Zahlenblick",
    "account planning": "Kontenkompass", "telephony": "Rufwerk",
}  # fmt: skip
TALKS_A_MONTH = {"small business": 0.22, "mid-market": 0.5, "enterprise": 1.1}
RESULTS_A_YEAR = {"growing": 0.9, "steady": 0.6, "fading": 0.2, "leaving": 0.1}


@dataclass(frozen=True)
class Talk:
    """An account in conversation: who speaks, about what it owns and lacks, from when until when."""

    profile: Profile
    lines: tuple[Line, ...]
    people: tuple[Person, ...]
    first: date
    until: date

    @cached_property
    def owned(self) -> list[str]:
        """Products that it has, or had until it left."""
        return list(dict.fromkeys(line.product for line in self.lines if line.active or not line.ends_on))

    @cached_property
    def lacked(self) -> list[str]:
        """Products that it does not own and could buy."""
        return [product for product in DOMAINS if may_buy(self.profile, product, self.owned)]

    @cached_property
    def foreign(self) -> list[str]:
        """Domains of those products: what is said there is about none that it owns."""
        return [DOMAINS[product] for product in self.lacked]

    def moment(self, chance: Chance, first: date | None = None) -> tuple[str, Person]:
        """A day on which something may have been said, and somebody who was there on it."""
        day = chance.day(first or self.first, self.until).isoformat()
        return day, chance.pick(there(self.people, day))


def conversations(at: Talk) -> Iterator[Row]:
    """Everything that was said and reached at an account, from its first day until it left."""
    chance = at.profile.chance("conversations")
    months = max((at.until - at.first).days // 30, 1)
    results = list(_results(at, chance, months))
    yield from results
    yield from _goals(at, chance)
    yield from _needs(at, chance, months)
    yield from _wishes(at, chance)
    yield from _changes(at, chance, months)
    latest = next((result.cells["sentence"] for result in results), "they see the benefit but have no number")
    used = next((str(line.active[-1]) for line in at.lines if line.active), "most")
    for _ in range(int(months * TALKS_A_MONTH[at.profile.segment] * chance.between(0.5, 1.5))):
        day, person = at.moment(chance)
        yield everyday(chance, day, person.name, product=at.lines[0].product, people=used,
                       industry=at.profile.industry, value=latest)  # fmt: skip


def _results(at: Talk, chance: Chance, months: int) -> Iterator[Row]:
    # a result takes half a year
    first = max(at.first, at.profile.since + timedelta(days=150))
    if first >= at.until:
        return
    for _ in range(2 if months > 18 else 1):
        if chance.happens(RESULTS_A_YEAR[at.profile.temper]):
            product = chance.pick([product for product in at.owned if product in OUTCOMES] or ["crm"])
            if product not in at.owned:
                return
            sentence, metric, value = chance.pick(OUTCOMES[product])
            kind = chance.weighted({"measured": 76, "reference": 10, "signed_sentence": 14})
            cells = {"metric": metric, "value": value} if kind == "measured" else {}
            day, person = at.moment(chance, first)
            yield outcome(product, day, sentence, person.name, kind=kind, **cells)


def _goals(at: Talk, chance: Chance) -> Iterator[Row]:
    if not chance.happens(0.22):
        return
    domain = chance.pick(sorted(OBJECTIVES))
    served = next((product for product in at.owned if DOMAINS.get(product) == domain), "")
    if domain == "sales" and "crm" in at.owned:
        served = "crm"
    day = chance.day(at.first, at.until)
    due = day + timedelta(days=chance.whole(120, 300))
    met = due - timedelta(days=10) if served and due < AS_OF and chance.happens(0.6) else None
    dropped = day + timedelta(days=90) if not met and day + timedelta(days=90) < AS_OF and chance.happens(0.3) else None
    yield row("objectives", product_id=served, domain=domain, set_on=day.isoformat(), due_on=due.isoformat(),
              met_on=met.isoformat() if met else "", dropped_on=dropped.isoformat() if dropped else "",
              sentence=OBJECTIVES[domain], contact_id=there(at.people, day.isoformat())[0].name)  # fmt: skip


def _needs(at: Talk, chance: Chance, months: int) -> Iterator[Row]:
    """Needs that were heard: as a statement, mostly with the note in which it stands; some notes nobody read again."""
    lacking = at.foreign
    for _ in range(months):
        if not lacking or not chance.happens(0.034):
            continue
        domain = chance.pick(lacking)
        kind, quote = chance.pick(NEEDS[domain])
        day, person = at.moment(chance)
        if chance.happens(0.75):
            explicit = "true" if kind != "question" else "false"
            cells = said(domain, day, quote, person.name, kind=kind).cells
            yield row("statements", **{**cells, "explicit": explicit})
        yield heard(chance, day, person.name, quote)
        if domain in COMPETITORS and chance.happens(0.3):
            yield row("competitor_products", competitor=COMPETITORS[domain], seen_on=day, source="call",
                      ends_on=(date.fromisoformat(day) + timedelta(days=chance.whole(90, 500))).isoformat(),
                      quote=f"We use {COMPETITORS[domain]} for that and it does half of what we need")  # fmt: skip
    if at.until == AS_OF and lacking and chance.happens(0.012):
        domain = chance.pick(lacking)
        yield said(domain, at.until.replace(day=chance.whole(3, 28)).isoformat(),
                   "Please send us an offer, we want to start next month", at.people[0].name,
                   kind="buying_request", source="e-mail")  # fmt: skip
    if chance.happens(0.25):
        day, person = at.moment(chance)
        yield said("sales", day, "The mobile app has become really good", person.name, kind="praise")


def _wishes(at: Talk, chance: Chance) -> Iterator[Row]:
    """Requests for features that a higher plan has; now and then several people want the same within weeks."""
    for line in at.lines:
        plan = next((step.plan for step in reversed(line.steps) if step.plan), line.plan)
        wanted = beyond(line.product, plan)
        if not wanted or line.ends_on:
            continue
        if chance.happens(0.2):
            feature = chance.pick(wanted)
            day, person = at.moment(chance)
            yield request(line.product, feature, day, chance.pick(REQUESTS[feature]), person.name)
        if at.until == AS_OF and chance.happens(0.06):
            feature = chance.pick(wanted)
            for person in chance.some(at.people, 2):
                yield request(line.product, feature, chance.day(date(2026, 7, 6), AS_OF).isoformat(),
                              chance.pick(REQUESTS[feature]), person.name)  # fmt: skip


def beyond(product: str, plan: str) -> list[str]:
    """Features of the product's higher plans that people ask for."""
    plans = plans_of(product)
    mine = plans[plan]
    higher = {name for terms in plans.values() if rank(terms) > rank(mine) for name in _features(terms)}
    return sorted(name for name in higher - set(_features(mine)) if name in REQUESTS)


def features_of(product: str) -> list[str]:
    """Features that any plan of the product has."""
    return sorted({name for terms in plans_of(product).values() for name in _features(terms)})


def rank(plan: dict[str, object]) -> int:
    """Place of a pricing plan among those of its product."""
    return int(str(plan["rank"]))


def _features(plan: dict[str, object]) -> list[str]:
    features = plan.get("features", [])
    return features if isinstance(features, list) else []


def _changes(at: Talk, chance: Chance, months: int) -> Iterator[Row]:
    if chance.happens(0.012 * months):
        kind, domain, quote = chance.pick(CHANGES)
        yield row("org_changes", kind=kind, domain=domain, happened_on=at.moment(chance)[0],
                  source=chance.pick(("press release", "LinkedIn", "local newspaper")),
                  quote=quote.format(name=at.profile.name))  # fmt: skip
