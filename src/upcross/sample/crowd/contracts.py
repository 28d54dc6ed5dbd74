"""What an account of the crowd bought, month by month: seats that follow its people, plans, prices, renewals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal

from upcross.periods import add_months
from upcross.sample.chance import Chance
from upcross.sample.company import AS_OF, limit, list_price
from upcross.sample.crowd.metered import committed, flat
from upcross.sample.crowd.portfolio import Purchase, purchases
from upcross.sample.crowd.profiles import Profile
from upcross.sample.lines import PERIODS, before
from upcross.sample.story import Line, Row, Step, row

SEASON = {7: 0.96, 8: 0.85, 12: 0.93}
"""Share of people who are there in the months in which people are away."""
GROWTH = {"growing": 0.017, "steady": 0.005, "fading": -0.017, "leaving": -0.024}
"""More people on a product a month, by how the account is doing."""
TIER_UP = {"growing": 0.010, "steady": 0.004, "fading": 0.0, "leaving": 0.0}
"""How likely the next plan is in a month."""
RAN_SHORT = 0.35
"""How often an upgrade followed use near the plan's limit, where the plan has one."""
OLD_SKU = "LH-START-2022"
"""A price-book item that the catalogue lost: what Standard was sold as in 2022."""
NEXT_PLAN = {"crm-standard": "crm-professional", "crm-professional": "crm-enterprise", "desk-suite": "desk-suite-plus"}


@dataclass(frozen=True, slots=True)
class Contracts:
    """An account's lines, and the rows that go with them: price changes and commitments."""

    lines: tuple[Line, ...]
    rows: tuple[Row, ...]
    leaves_on: str = ""


def contracts(profile: Profile) -> Contracts:
    """Everything that an account bought from its first day until today."""
    chance = profile.chance("contracts")
    leaves_on = _leaves(profile, chance)
    lines: list[Line] = []
    rows: list[Row] = []
    for purchase in purchases(profile, leaves_on):
        line, more = _line(profile, purchase)
        lines.append(replace(line, booked_on=_booked(profile, line)) if purchase.contract else line)
        rows += more
    return Contracts(tuple(lines), tuple(rows), leaves_on)


def _leaves(profile: Profile, chance: Chance) -> str:
    """The renewal at which a leaving account ends, up to three months ahead; empty for all others."""
    if profile.temper != "leaving":
        return ""
    ends = [end for end in _anniversaries(profile.since) if date(2024, 11, 1) <= end <= date(2026, 12, 31)]
    return chance.pick(ends).isoformat() if ends else ""


def _anniversaries(since: date, months: int = 12) -> Iterator[date]:
    """First days of the terms after the first one, until a year from now."""
    number = 1
    while (day := add_months(since.replace(day=1), months * number).replace(day=since.day)) < date(2027, 10, 1):
        yield day
        number += 1


def _line(profile: Profile, bought: Purchase) -> tuple[Line, list[Row]]:
    chance = profile.chance(f"line {bought.product} {bought.since}")
    match bought.product:
        case "cloud":
            return committed(profile, bought, chance)
        case "analytics" | "content" | "compliance" | "premium-support" | "forms" | "voice-connect":
            return flat(profile, bought, chance), []
    return _by_people(profile, bought, chance)


def _booked(profile: Profile, line: Line) -> str:
    """The day on which a further product was agreed: one in three starts at once, others within six weeks."""
    chance = profile.chance(f"booked {line.product} {line.since}")
    return before(date.fromisoformat(line.since), 0 if chance.happens(0.33) else chance.whole(3, 42))


@dataclass(slots=True)
class _State:
    """A line sold by the seat while its months go by."""

    plan: str
    quantity: int
    price: Decimal
    people: float
    steps: list[Step] = field(default_factory=list)
    active: list[int] = field(default_factory=list)
    purchased: list[int] = field(default_factory=list)
    runs: list[int] = field(default_factory=list)
    turned_away: list[int] = field(default_factory=list)
    rises: list[Row] = field(default_factory=list)
    upgrades: dict[int, str] = field(default_factory=dict)
    """The plan before each upgrade, by the number of months told until then."""

    def step(self, day: date, origin: str, *, booked: date | None = None) -> None:
        """Write down what is in force from a day on."""
        self.steps.append(Step(day.isoformat(), self.quantity, origin, before(booked or day, 14 if not booked else 0),
                               str(self.price), self.plan))  # fmt: skip


def _by_people(profile: Profile, bought: Purchase, chance: Chance) -> tuple[Line, list[Row]]:
    listed = list_price(bought.plan, profile.currency)
    assert listed is not None, "only plans on the price list are sold"
    price = (listed * (100 - bought.discount) / 100).quantize(Decimal("0.01"))
    until = bought.ends_on or ""
    introductory = bought.discount > 0 and bought.since > PERIODS[0][0] and chance.happens(0.4)
    escalator = Decimal("0.03") if profile.segment == "enterprise" and chance.happens(0.25) else None
    began = bought.since < PERIODS[0][0]
    share = {"growing": chance.between(0.66, 0.93), "steady": chance.between(0.5, 0.88)}.get(
        profile.temper, chance.between(0.4, 0.8)
    )
    state = _State(bought.plan, bought.quantity, price, bought.quantity * (share if began else share * 0.45))
    dips = chance.happens(0.05)
    hunger = chance.between(0.8, 1.08) if chance.happens(0.05) else chance.between(0.15, 0.7)
    renewals = set(_anniversaries(bought.terms_from, bought.term_months or 12))
    for number, (start, end) in enumerate(period for period in PERIODS if period[1] > bought.since):
        if until and start.isoformat() >= until:
            break
        due = next((day for day in renewals if start <= day < end and day > bought.since), None)
        if due and not (until and due.isoformat() >= until):
            _renew(profile, state, due, bought, chance, escalator, introductory and number <= 12)
        else:
            _in_between(profile, state, start, chance)
        growth = GROWTH[profile.temper] + chance.between(-0.012, 0.012)
        if not began and number < 5:
            growth = 0.16
        state.people = min(state.people * (1 + growth), state.quantity * 1.03)
        if start == PERIODS[-1][0] and dips:
            state.people *= 0.72
        seen = state.people * SEASON.get(start.month, 1.0) * chance.between(0.985, 1.015)
        state.active.append(min(max(round(seen), 1), state.quantity))
        state.purchased.append(state.quantity)
        state.turned_away.append(chance.whole(1, 6) if seen > state.quantity else 0)
        allowed = state.quantity * limit(state.plan, "automation_runs")
        pace = hunger * (0.8 + 0.2 * number / 24) * (state.people / state.quantity + 0.3) * SEASON.get(start.month, 1.0)
        state.runs.append(int(allowed * pace * chance.between(0.97, 1.03)))
    _ran_short(profile, state)
    _ahead(profile, state, renewals, chance, until)
    line = Line(
        bought.product, bought.plan, bought.quantity, bought.since.isoformat(), price=str(price),
        active=() if chance.happens(0.05) else tuple(state.active),
        assigned=tuple(state.purchased) if chance.happens(0.1) else (),
        usage={"turned_away": tuple(state.turned_away)}
        | ({"automation_runs": tuple(state.runs)} if bought.product == "crm" else {}),
        term_months=bought.term_months, terms_from=bought.terms_from.isoformat(), steps=tuple(state.steps),
        ends_on=until, cancelled_on=bought.cancelled_on, notice_on=bought.cancelled_on, contract=bought.contract,
        sku=OLD_SKU if bought.plan == "crm-standard" and bought.since.year == 2022 else "",
        origin="self_serve" if bought.term_months == 0 else "new", escalator=str(escalator or ""),
        discount_until=_first(bought, renewals).isoformat() if introductory else "",
        value_on=None if chance.happens(0.08) and profile.temper != "growing" else "",
    )  # fmt: skip
    return line, state.rises


def _first(bought: Purchase, renewals: set[date]) -> date:
    return min(day for day in renewals if day > bought.since)


def _renew(profile: Profile, state: _State, due: date, bought: Purchase, chance: Chance, escalator: Decimal | None,
           introductory: bool) -> None:  # fmt: skip
    """What is agreed for the next term: fewer seats or more of them, and often a higher price."""
    in_use = state.people / state.quantity
    origin = "renewal"
    if in_use < 0.7 and chance.happens(0.75):
        state.quantity = max(round(state.people * 1.12), 3)
    elif in_use > 0.84 and chance.happens(0.7):
        state.quantity = _rounded(state.people * chance.between(1.15, 1.35), state.quantity)
    rise = Decimal(0)
    if introductory:
        state.price = list_price(state.plan, profile.currency) or state.price
    elif escalator is not None:
        rise, origin = escalator, "contracted_escalator"
    elif bought.term_months and chance.happens(0.38):
        rise = Decimal(chance.whole(5, 12)) / 200
        state.rises.append(row("price_changes", product_id=bought.product, announced_on=before(due, 75),
                               effective_on=due.isoformat(), change=str(rise)))  # fmt: skip
    state.price = (state.price * (1 + rise)).quantize(Decimal("0.01"))
    state.step(due, origin)


def _in_between(profile: Profile, state: _State, month: date, chance: Chance) -> None:
    """A month without a renewal: seats are added when people find none, and now and then the next plan is bought."""
    day = month + timedelta(days=chance.whole(2, 24))
    if state.people > state.quantity * 0.9 and chance.happens(0.3) and day <= AS_OF:
        more = _rounded(state.people * chance.between(1.08, 1.25), state.quantity)
        if more > state.quantity:
            state.quantity = more
            self_serve = state.plan == "crm-standard" and profile.segment == "small business"
            state.step(day, "self_serve" if self_serve else "amendment", booked=day)
    elif state.plan in NEXT_PLAN and chance.happens(TIER_UP[profile.temper]):
        old, new = (list_price(plan, profile.currency) for plan in (state.plan, NEXT_PLAN[state.plan]))
        if old and new:
            signed = profile.chance(f"booked {state.plan} {day}")
            state.upgrades[len(state.runs)] = state.plan
            state.price = (state.price * new / old).quantize(Decimal("0.01"))
            state.plan = NEXT_PLAN[state.plan]
            state.step(day, "amendment", booked=day - timedelta(days=signed.pick((0, 0, 3, 6, 10, 14))))


def _ran_short(profile: Profile, state: _State) -> None:
    """One CRM upgrade in three came after months in which automation ran up to what the plan included."""
    for month, plan in state.upgrades.items():
        chance = profile.chance(f"ran short {plan} {month}")
        if not chance.happens(RAN_SHORT):
            continue
        reach = chance.between(0.93, 1.02)
        for back in range(1, min(month, chance.whole(2, 5)) + 1):
            allowed = state.purchased[month - back] * limit(plan, "automation_runs")
            reached = int(allowed * (reach - 0.06 * (back - 1)) * chance.between(0.985, 1.015))
            state.runs[month - back] = max(state.runs[month - back], reached)


def _ahead(profile: Profile, state: _State, renewals: set[date], chance: Chance, until: str) -> None:
    """What is known of the next months: a rise announced for the next renewal, or a contracted ramp."""
    due = min((day for day in renewals if day > AS_OF), default=None)
    if due is None or (until and until <= due.isoformat()):
        return
    if due <= AS_OF + timedelta(days=70) and profile.segment != "small business" and chance.happens(0.3):
        state.rises.append(row("price_changes", product_id=state.plan.split("-")[0], announced_on=before(due, 75),
                               effective_on=due.isoformat(), change="0.04"))  # fmt: skip
    elif profile.segment == "enterprise" and profile.temper == "growing" and chance.happens(0.25):
        state.quantity = _rounded(state.quantity * 1.15, state.quantity)
        state.step(add_months(AS_OF.replace(day=1), chance.whole(1, 5)), "contracted_ramp", booked=PERIODS[-9][0])


def _rounded(seats: float, least: int) -> int:
    """Seats as people order them: by ones, from fifty on by fives, from three hundred on by tens; never fewer."""
    grain = 1 if seats < 50 else 5 if seats < 300 else 10
    return max(-(-round(seats) // grain) * grain, least)
