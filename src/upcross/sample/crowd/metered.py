"""Lines of the crowd that are not sold by the seat: plans of one price, and yearly commitments of API credits."""

from __future__ import annotations

from decimal import Decimal

from upcross.periods import add_months
from upcross.sample.chance import Chance
from upcross.sample.company import AS_OF, limit, list_price
from upcross.sample.crowd.portfolio import Purchase
from upcross.sample.crowd.profiles import Profile
from upcross.sample.lines import PERIODS, before
from upcross.sample.story import Line, Row, Step, row

NEXT_PLAN = {"analytics-starter": "analytics-growth", "analytics-growth": "analytics-enterprise",
             "content-team": "content-business"}  # fmt: skip
PACE = {"growing": 0.02, "steady": 0.004, "fading": -0.015, "leaving": -0.02}
METER = {"analytics": "queries", "content": "storage_gb"}
REFUSED = {"analytics": "queries_refused", "content": "uploads_refused"}
QUIET_MONTHS = {8: 0.84, 12: 0.92}
CREDITS = {"small business": (120_000, 300_000), "mid-market": (300_000, 600_000, 1_200_000),
           "enterprise": (600_000, 1_200_000, 2_400_000, 3_600_000)}  # fmt: skip
PRICE_OF_1000 = {"EUR": Decimal("48"), "USD": Decimal("53"), "GBP": Decimal("42")}


def flat(profile: Profile, bought: Purchase, chance: Chance) -> Line:
    """A line on a plan of one price: its users and meter come near the plan's limits, and the next plan is bought."""
    plan, steps = bought.plan, []
    share, load = chance.between(0.35, 0.85), chance.between(0.2, 0.88)
    active, used, fullness = [], [], []
    for start, _end in (period for period in PERIODS if period[1] > bought.since):
        if bought.ends_on and start.isoformat() >= bought.ends_on:
            break
        growth = 1 + PACE[profile.temper] + chance.between(-0.01, 0.01)
        share, load = min(share * growth, 1.0), min(load * growth, 1.0)
        if max(share, load) > 0.93 and plan in NEXT_PLAN and chance.happens(0.12):
            plan, share, load = NEXT_PLAN[plan], share * 0.35, load * 0.3
            day = start.replace(day=chance.whole(2, 26)).isoformat()
            steps.append(Step(day, 1, "amendment", day, plan=plan, price=str(list_price(plan, profile.currency))))
        fullness.append(int(load * 100))
        season = QUIET_MONTHS.get(start.month, 1.0)
        active.append(max(round(limit(plan, "users") * share * season), 1))
        used.append(int(limit(plan, METER.get(bought.product, "")) * load * season * chance.between(0.95, 1.0)))
    metered = bought.product in METER
    hits = [max(full - 97, 0) * 6 for full in fullness]
    return Line(
        bought.product, bought.plan, 1, bought.since.isoformat(), active=tuple(active) if metered else (),
        usage={METER[bought.product]: tuple(used), REFUSED[bought.product]: tuple(hits)} if metered else {},
        steps=tuple(steps),
        price=str(list_price(bought.plan, profile.currency)), term_months=bought.term_months,
        terms_from=bought.terms_from.isoformat(), ends_on=bought.ends_on, cancelled_on=bought.cancelled_on,
        notice_on=bought.cancelled_on, contract=bought.contract,
    )  # fmt: skip


def committed(profile: Profile, bought: Purchase, chance: Chance) -> tuple[Line, list[Row]]:
    """A yearly commitment of credits: what is used follows a pace of its own, and the next year's amount follows it."""
    amount = chance.pick(CREDITS[profile.segment])
    monthly = amount / 12 * chance.between(0.6, 1.1)
    overage = chance.weighted({"rate": 5, "true_up": 2, "hard_stop": 2, "rollover": 1})
    steps: list[Step] = []
    rows: list[Row] = []
    used: list[int] = []
    first = _monthly_price(amount, profile.currency)
    starts = bought.since.replace(day=1)
    ends_on = f"{bought.ends_on[:7]}-01" if bought.ends_on else ""
    while starts <= AS_OF and not (ends_on and starts.isoformat() >= ends_on):
        price = _monthly_price(amount, profile.currency)
        rows.append(row(
            "commitments", product_id="cloud", metric="credits", amount=str(amount), price=str(price * 12),
            currency=profile.currency, starts_on=starts.isoformat(), ends_on=add_months(starts, 12).isoformat(),
            overage=overage, overage_rate="0.06" if overage == "rate" else "", booked_on=before(starts, 14),
            contract_id=f"C-{profile.id}{bought.contract}", commitment_id=f"CM-{profile.id}-{starts.year}",
        ))  # fmt: skip
        if rows[1:]:
            steps.append(Step(starts.isoformat(), 1, "renewal", before(starts, 14), price=str(price)))
        for month in (add_months(starts, number) for number in range(12)):
            if not PERIODS[0][0] <= month <= PERIODS[-1][0]:
                continue
            monthly *= 1 + PACE[profile.temper] + chance.between(-0.015, 0.02)
            used.append(int(monthly * QUIET_MONTHS.get(month.month, 1.0)))
        if monthly * 12 > amount * 1.04:
            amount = -(-int(monthly * 12.6) // 50_000) * 50_000
        elif monthly * 12 < amount * 0.6:
            amount = max(-(-int(monthly * 14) // 50_000) * 50_000, 50_000)
        starts = add_months(starts, 12)
    line = Line(
        "cloud", "cloud-commit", 1, bought.since.replace(day=1).isoformat(), usage={"credits": tuple(used)},
        price=str(first), steps=tuple(steps), ends_on=ends_on, cancelled_on=bought.cancelled_on,
        notice_on=bought.cancelled_on, contract=bought.contract,
    )  # fmt: skip
    return line, rows


def _monthly_price(amount: int, currency: str) -> Decimal:
    """A twelfth of the price of a year's credits, in whole units of the currency."""
    return (PRICE_OF_1000[currency] * amount / 12000).quantize(Decimal(1))
