"""What came before deals of the crowd: for every other one a sign that somebody could have heard, for others none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from upcross.sample.chance import Chance
from upcross.sample.company import plans_of
from upcross.sample.crowd.conversations import COMPETITORS, DOMAINS, Talk, beyond, features_of, rank
from upcross.sample.deals import Deal
from upcross.sample.notes import heard
from upcross.sample.sentences import AIMS, ARRIVALS, NEEDS, OUTCOMES, REQUESTS
from upcross.sample.story import Person, Row, outcome, request, row, said

SOLD_FOR = {**DOMAINS, "crm": "sales", "voice-connect": "telephony"}
"""The problem domain that each product is bought for; what is not here is bought without a word."""
WIDER = ("product", "module", "add_on")
ANNOUNCED = {"won": 0.57, "lost": 0.5}
"""How often a deal on another product follows a sign: won ones, and those that came to nothing."""
VALUE_FIRST = 0.4
"""How often whoever bought another product had told of a result first, beyond the results of everybody."""
UPGRADES_ANNOUNCED = 0.3
"""How often an upgrade follows requests for what the higher plan has; others follow a limit (``contracts``)."""
BEFORE_THE_DEAL = 0.8
"""How often the sign came first, and the deal was entered because of it."""
SIGNS = {"said": 44.0, "asked": 16.0, "aim": 12.0, "arrival": 12.0, "competitor": 10.0, "feature": 6.0}
FARTHEST, NEAREST = 150, 20
"""Days from a sign to the decision."""


def lead_ups(at: Talk, deals: Iterable[Deal]) -> Iterator[Row]:
    """Rows of every sign before the account's deals, each drawn by the deal's own product and day."""
    for deal in deals:
        if deal.kind != "expansion" or not deal.closed_on or not deal.product:
            continue
        chance = at.profile.chance(f"before {deal.product} {deal.mechanism} {deal.closed_on}")
        if deal.mechanism in WIDER and deal.product in SOLD_FOR:
            if chance.happens(ANNOUNCED[deal.result]):
                yield from _sign(at, chance, deal)
            if deal.result == "won" and chance.happens(VALUE_FIRST):
                yield from _result(at, chance, deal)
        elif deal.mechanism == "tier" and chance.happens(UPGRADES_ANNOUNCED):
            yield from _requests(at, chance, deal)


def _sign(at: Talk, chance: Chance, deal: Deal) -> Iterator[Row]:
    """What was heard in the product's domain; one need in three is confirmed by a second voice."""
    found = _moment(at, chance, deal)
    if found is None:
        return
    day, person = found
    on, domain = day.isoformat(), SOLD_FOR[deal.product]
    match chance.weighted(SIGNS):
        case "asked" if questions := [quote for kind, quote in NEEDS[domain] if kind == "question"]:
            yield from _heard(chance, domain, on, "question", chance.pick(questions), person)
        case "aim":
            due = (day + timedelta(days=chance.whole(120, 300))).isoformat()
            yield row("objectives", domain=domain, set_on=on, due_on=due, sentence=AIMS[domain],
                      contact_id=person.name)  # fmt: skip
        case "arrival":
            kind, quote = chance.pick(ARRIVALS[domain])
            yield row("org_changes", kind=kind, domain=domain, happened_on=on, quote=quote.format(name=at.profile.name),
                      source=chance.pick(("press release", "LinkedIn", "trade journal")))  # fmt: skip
        case "competitor" if domain in COMPETITORS:
            name = COMPETITORS[domain]
            yield row("competitor_products", competitor=name, seen_on=on, source="call",
                      ends_on=(day + timedelta(days=chance.whole(60, 240))).isoformat(),
                      quote=f"We have {name} until the contract ends and do not mean to renew it")  # fmt: skip
        case "feature" if features := [name for name in features_of(deal.product) if name in REQUESTS]:
            feature = chance.pick(features)
            both = (person, *chance.some(_present(at, on, but=person), 1))
            for who, quote in zip(both, chance.some(REQUESTS[feature], 2), strict=False):
                yield request(at.lines[0].product, feature, on, quote, who.name)
        case _:
            needs = chance.some([need for need in NEEDS[domain] if need[0] != "question"], 2)
            later = _later(chance, day, deal)
            others = _present(at, later, but=person)
            voices = [(on, person)] + ([(later, chance.pick(others))] if others and chance.happens(0.35) else [])
            for (when, who), (kind, quote) in zip(voices, needs, strict=False):
                yield from _heard(chance, domain, when, kind, quote, who)


def _heard(chance: Chance, domain: str, on: str, kind: str, quote: str, person: Person) -> Iterator[Row]:
    """A statement, and the note in which it stands; one in six was mailed, and there is no note."""
    explicit = "false" if kind == "question" else "true"
    mailed = chance.happens(0.16)
    yield said(domain, on, quote, person.name, kind=kind, source="e-mail" if mailed else "call", explicit=explicit)
    if not mailed:
        yield heard(chance, on, person.name, quote)


def _result(at: Talk, chance: Chance, deal: Deal) -> Iterator[Row]:
    """What they had reached with a product that they had owned for half a year, told before they bought the next."""
    closed = date.fromisoformat(deal.closed_on)
    day = chance.day(closed - timedelta(days=260), closed - timedelta(days=FARTHEST // 2))
    known = (day - timedelta(days=180)).isoformat()
    owned = sorted({line.product for line in at.lines if line.product in OUTCOMES and line.since <= known
                    and not (line.ends_on and line.ends_on <= day.isoformat())})  # fmt: skip
    present = _present(at, day.isoformat())
    if owned and present and day >= at.first:
        product = chance.pick(owned)
        sentence, metric, value = chance.pick(OUTCOMES[product])
        yield outcome(product, day.isoformat(), sentence, chance.pick(present).name, metric=metric, value=value)


def _requests(at: Talk, chance: Chance, deal: Deal) -> Iterator[Row]:
    """Two or three people ask within weeks for what the higher plan has and theirs has not."""
    found, wanted = _moment(at, chance, deal), _gained(deal)
    if found is None or not wanted:
        return
    (day, person), feature = found, chance.pick(wanted)
    others = chance.some(_present(at, _latest(deal).isoformat(), but=person), chance.whole(1, 2))
    voices = [(day.isoformat(), person), *((_later(chance, day, deal), other) for other in others)]
    for (when, who), quote in zip(voices, chance.some(REQUESTS[feature], 3), strict=False):
        if who.there(when):
            yield request(deal.product, feature, when, quote, who.name)


def _gained(deal: Deal) -> list[str]:
    """Features that people ask for and that the deal's plan has, and the plan below it has not."""
    plans = plans_of(deal.product)
    below = next(plan for plan in plans if rank(plans[plan]) == rank(plans[deal.plan]) - 1)
    return sorted(set(beyond(deal.product, below)) - set(beyond(deal.product, deal.plan)))


def _moment(at: Talk, chance: Chance, deal: Deal) -> tuple[date, Person] | None:
    """The sign's day and somebody who was there on it; None before the account was a customer."""
    last = _latest(deal)
    if chance.happens(BEFORE_THE_DEAL):
        last = min(last, date.fromisoformat(deal.created_on) - timedelta(days=3))
    day = chance.day(date.fromisoformat(deal.closed_on) - timedelta(days=FARTHEST), last)
    present = _present(at, day.isoformat())
    return (day, chance.pick(present)) if present and day >= at.first else None


def _later(chance: Chance, day: date, deal: Deal) -> str:
    """A day of the next weeks, still before the decision."""
    return min(day + timedelta(days=chance.whole(3, 18)), _latest(deal)).isoformat()


def _latest(deal: Deal) -> date:
    """The last day of a sign."""
    return date.fromisoformat(deal.closed_on) - timedelta(days=NEAREST)


def _present(at: Talk, day: str, *, but: Person | None = None) -> list[Person]:
    """Who was there on a day, without one of them."""
    return [person for person in at.people if person.there(day) and person is not but]
