"""The CRM's pipeline of an account of the crowd: what its history was won by, what was lost, and what is open today."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from upcross.sample.chance import Chance
from upcross.sample.company import AS_OF, FIRST_DAY, kind_of, list_price, name_of, plans_of
from upcross.sample.crowd.conversations import Talk
from upcross.sample.deals import Deal
from upcross.sample.lines import before
from upcross.sample.sentences import LOSS_REASONS
from upcross.sample.story import Line

WON, LOST = "Closed won", "Closed lost"
OPEN_STAGES = {"Discovery": ("Pipeline", 30.0), "Qualification": ("Pipeline", 25.0), "Proposal": ("Best case", 28.0),
               "Negotiation": ("Commit", 17.0)}  # fmt: skip
LOSSES_A_MONTH = {"small business": 0.004, "mid-market": 0.012, "enterprise": 0.028}
OPEN = {"small business": 0.05, "mid-market": 0.16, "enterprise": 0.45}
"""How likely somebody works an expansion at an account today."""


class Pipeline:
    """The deals of one account, numbered in the order in which they were made up."""

    def __init__(self, talk: Talk) -> None:
        self.talk, self.profile = talk, talk.profile
        self.chance = self.profile.chance("pipeline")
        self.number = 0

    def deals(self) -> Iterator[Deal]:
        """Every deal: won, lost, and open."""
        for line in self.talk.lines:
            yield from self._history(line)
        yield from self._lost()
        if self.talk.until == AS_OF:
            yield from self._renewals()
            yield from self._open()

    def _deal(self, name: str, kind: str, created: date, mrr: Decimal, *, wide: bool = False, **rest: Any) -> Deal:
        self.number += 1
        owner = self.profile.sellers[1 if wide or kind == "new_business" else 0]
        return Deal(
            number=self.number, name=f"{self.profile.name} – {name}", kind=kind, owner=owner,
            created_on=created.isoformat(), mrr=mrr, currency=self.profile.currency, **rest,
        )  # fmt: skip

    def _closed(self, name: str, kind: str, created: date, closed: str, mrr: Decimal, *, lost: str = "",
                **rest: Any) -> Deal:  # fmt: skip
        return self._deal(
            name, kind, created, mrr, stage=LOST if lost else WON, forecast="Omitted" if lost else "Closed",
            result="lost" if lost else "won", loss_reason=lost, stage_changed_on=closed, closed_on=closed,
            expected_close_on=closed, **rest,
        )  # fmt: skip

    def _created(self, closed: str, wide: bool) -> date:
        days = self.chance.whole(30, 95) if wide else self.chance.whole(8, 60)
        return date.fromisoformat(closed) - timedelta(days=days)

    def _history(self, line: Line) -> Iterator[Deal]:
        """Deals behind what the contracts show: the first order, further products, more of them, and the end."""
        bought = line.booked_on or before(date.fromisoformat(line.since), 20)
        price = Decimal(line.price or "0")
        first = line.since == self.profile.since.isoformat()
        if bought >= FIRST_DAY.isoformat() and line.status == "active":
            kind = "new_business" if first else "expansion"
            yield self._closed(name_of(line.product), kind, self._created(bought, True), bought, price * line.quantity,
                               wide=True, product=line.product, plan=line.plan, quantity=line.quantity,
                               mechanism=kind_of(line.product))  # fmt: skip
        plan, quantity = line.plan, line.quantity
        for step in line.steps:
            more = step.quantity or quantity
            step_price = Decimal(step.price) if step.price else price
            gained = more * step_price - quantity * price
            closed = step.booked_on or step.day
            mechanism = "tier" if step.plan and step.plan != plan else "usage" if line.product == "cloud" else "seats"
            if gained > 0 and FIRST_DAY.isoformat() <= closed <= AS_OF.isoformat() and step.origin != "self_serve":
                renewal = step.origin not in ("amendment", "contracted_ramp")
                name, kind = ("renewal",) * 2 if renewal else (_more(mechanism, more - quantity), "expansion")
                if more > quantity or mechanism != "seats":
                    yield self._closed(name, kind, self._created(closed, False), closed, gained, product=line.product,
                                       plan=step.plan or plan, quantity=more - quantity, mechanism=mechanism,
                                       tagged=self.chance.happens(0.85))  # fmt: skip
            plan, quantity, price = step.plan or plan, more, step_price
        if line.cancelled_on:
            yield self._closed("renewal", "renewal", self._created(line.cancelled_on, False), line.cancelled_on,
                               price * quantity, lost=self.chance.pick(LOSS_REASONS), product=line.product,
                               plan=plan)  # fmt: skip

    def _lost(self) -> Iterator[Deal]:
        """Expansions that came to nothing."""
        lacking = self.talk.lacked
        months = max((self.talk.until - self.talk.first).days // 30, 0)
        for _ in range(months):
            if not lacking or not self.chance.happens(LOSSES_A_MONTH[self.profile.segment]):
                continue
            product = self.chance.pick(lacking)
            closed = self.chance.day(self.talk.first + timedelta(days=20), self.talk.until).isoformat()
            yield self._closed(
                name_of(product), "expansion", self._created(closed, True), closed, self._worth(product), wide=True,
                lost=self.chance.pick(LOSS_REASONS), product=product, plan=next(iter(plans_of(product))),
                mechanism=kind_of(product), tagged=self.chance.happens(0.8),
            )  # fmt: skip

    def _renewals(self) -> Iterator[Deal]:
        """An open renewal for each contract of a larger account that ends within four months."""
        main = self.talk.lines[0]
        if self.profile.segment == "small business" or not main.term_months or main.ends_on:
            return
        due = date.fromisoformat(main.since)
        while due <= AS_OF:
            due = due.replace(year=due.year + main.term_months // 12)
        if (due - AS_OF).days > 120:
            return
        risky = self.profile.temper == "fading" and self.chance.happens(0.6)
        stage, forecast = ("At risk", "Pipeline") if risky else ("Negotiation", "Commit")
        last = main.steps[-1] if main.steps else None
        worth = Decimal(last.price if last and last.price else main.price) * (last.quantity if last else main.quantity)
        opened = due - timedelta(days=125)
        moved = before(AS_OF, self.chance.whole(0, min(40, (AS_OF - opened).days)))
        yield self._deal(f"renewal {due:%Y}", "renewal", opened, worth, stage=stage,
                         forecast=forecast, stage_changed_on=moved,
                         expected_close_on=due.isoformat(), product=main.product, plan=main.plan)  # fmt: skip

    def _open(self) -> Iterator[Deal]:
        """Expansions that people work today: some untagged, some without a line, some entered twice."""
        if not self.chance.happens(OPEN[self.profile.segment]):
            return
        lacking = self.talk.lacked
        wide = bool(lacking) and self.chance.happens(0.5)
        product = self.chance.pick(lacking) if wide else self.talk.owned[0]
        worth = self._worth(product) if wide else Decimal(self.talk.lines[0].price or "0") * self.chance.whole(5, 30)
        mechanism = kind_of(product) if wide else ("usage" if product == "cloud" else "seats")
        deal = self._work(product, worth, mechanism, wide)
        yield deal
        if self.chance.happens(0.2):
            yield self._work(product, worth, mechanism, wide)

    def _work(self, product: str, worth: Decimal, mechanism: str, wide: bool) -> Deal:
        chance: Chance = self.chance
        stage = chance.weighted({name: weight for name, (_, weight) in OPEN_STAGES.items()})
        created = AS_OF - timedelta(days=chance.whole(6, 150))
        lined = chance.happens(0.75)
        return self._deal(
            name_of(product) if wide else _more(mechanism, 0), "expansion", created, worth, wide=wide, stage=stage,
            forecast=OPEN_STAGES[stage][0], stage_changed_on=chance.day(created, AS_OF).isoformat(),
            expected_close_on=(AS_OF + timedelta(days=chance.whole(-20, 140))).isoformat(),
            product=product if lined else "", plan=next(iter(plans_of(product))) if lined and wide else "",
            mechanism=mechanism, tagged=chance.happens(0.72),
            buyer=self.talk.moment(chance)[1].name if chance.happens(0.6) else "",
        )  # fmt: skip

    def _worth(self, product: str) -> Decimal:
        """What a seller hopes for: the lowest paid plan, for a share of the account's people."""
        paid = next(price for plan in plans_of(product) if (price := list_price(plan, self.profile.currency)))
        flat = product in ("analytics", "content", "cloud", "compliance", "premium-support", "voice-connect")
        return paid if flat else paid * max(int(self.profile.employees * self.chance.between(0.02, 0.08)), 4)


def _more(mechanism: str, units: int) -> str:
    """What people call a deal about more of the same."""
    return {"tier": "upgrade", "usage": "larger commitment"}.get(mechanism, f"{units} more seats" if units else "seats")
