"""The numbers as plain values, for JSON: amounts in currency units, ratios of 1, and reasons instead of NaN."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from upcross.money import to_decimal
from upcross.motions import Motion
from upcross.numbers.drilldown import Line, Movements, Told
from upcross.numbers.leading import Leading, Led
from upcross.numbers.report import Group, Numbers
from upcross.revenue.credit import Credit
from upcross.revenue.definitions import Outcome
from upcross.revenue.metrics import Balance, Bridge, Expansion
from upcross.revenue.rate import Rate
from upcross.revenue.retention import NRR_LINES, CohortRow, Retention
from upcross.revenue.upsell import Committed, Migration, Won

Facts = dict[str, Any]


class Plain:
    """Plain values of results, with money times one (MRR) or twelve (ARR), and the parts of each rate if asked for."""

    def __init__(self, times: int = 1, *, parts: bool = False) -> None:
        self.times = times
        self.parts = parts

    def money(self, amount: int | None) -> float | None:
        """Ten-thousandths a month as currency units."""
        return None if amount is None else float(to_decimal(amount * self.times))

    def rate(self, rate: Rate) -> Facts:
        """A rate with what stands above and below the line."""
        show = self.money if rate.money else (lambda count: count)
        told: Facts = {
            "value": rate.value,
            "numerator": show(rate.numerator),
            "denominator": show(rate.denominator),
            "count": rate.count,
            "of": rate.of,
            "reason": rate.reason or None,
            "marks": list(rate.marks),
        }
        if self.parts:
            told["parts"] = [
                {"account_id": p.account_id, "numerator": show(p.numerator), "denominator": show(p.denominator)}
                for p in rate.parts
            ]
        return told

    def retention(self, found: Retention) -> Facts:
        """Retention of one cohort, NRR twice and GRR both ways."""
        return {
            "from": f"{found.window.first:%Y-%m}",
            "to": f"{found.window.last:%Y-%m}",
            "nrr": self.rate(found.nrr),
            "nrr_without_price": self.rate(found.nrr_without_price),
            "grr": self.rate(found.grr),
            "grr_by_movements": self.rate(found.grr_by_movements),
            "logo_retention": self.rate(found.logos),
            "short_of": {f"{line}%": self.money(found.short_of(line)) for line in NRR_LINES},
            "unknown_accounts": list(found.unknown),
        }

    def expansion(self, expansion: Expansion) -> Facts:
        """Expansion as a sum with both parts."""
        return {
            "total": self.money(expansion.total),
            "upsell": self.money(expansion.upsell),
            "cross_sell": self.money(expansion.cross_sell),
        }

    def bridge(self, found: Bridge) -> Facts:
        """A bridge with its steps in order."""
        return {
            "start": self.money(found.start),
            "steps": [
                {"kind": s.kind, "motion": s.motion or None, "mechanism": s.mechanism or None, "up": self.money(s.up),
                 "down": self.money(s.down), "net": self.money(s.net), "accounts": len(s.accounts),
                 **({"account_ids": list(s.accounts)} if self.parts else {})}
                for s in found.steps
            ],
            "end": self.money(found.end),
            "residual": self.money(found.residual),
            "left_out": [{"account_id": account, "reason": why} for account, why in found.left_out.items()],
            "expansion": self.expansion(found.expansion),
        }  # fmt: skip

    def won(self, won: Won) -> Facts:
        """What one mechanism brought."""
        return {
            "mechanism": won.mechanism.value,
            "won": self.money(won.won),
            "lost": self.money(won.lost),
            "net": self.money(won.net),
            "forced": self.money(won.forced),
            "accounts": won.accounts,
        }

    def migration(self, cell: Migration) -> Facts:
        """One cell of the tier matrix."""
        return {
            "product_id": cell.product_id,
            "from_plan": cell.from_plan,
            "to_plan": cell.to_plan or None,
            "direction": cell.direction,
            "forced": cell.forced,
            "positions": cell.positions,
            "mrr_before": self.money(cell.mrr_before),
            "mrr_after": self.money(cell.mrr_after),
            "accounts": list(cell.accounts),
        }

    def balance(self, found: Balance) -> Facts:
        """Whether both motions are worked."""
        return {
            "expansion": self.expansion(found.expansion),
            "accounts": found.accounts,
            "accounts_with_white_space": found.white_space,
            "accounts_at_limit": found.at_limit,
            "verdict": found.verdict or None,
            "told": found.told,
        }

    def committed(self, found: Committed | None, reason: str) -> Facts:
        """Overage that became commitment."""
        if found is None:
            return {"reason": reason}
        return {
            "turned": self.rate(found.turned),
            "won": self.money(found.mrr),
            "overage_once": float(to_decimal(found.overage)),
            "commitments_without_overage_rate": found.unpriced,
        }

    def group(self, group: Group) -> Facts:
        """All numbers of one group, the two motions side by side."""
        upsell, cross = group.upsell, group.cross_sell
        return {
            "name": group.name or None,
            "label": group.label,
            "retention": self.retention(group.retention),
            "definition": self.outcome(group.named) if group.named else None,
            "quick_ratio": self.rate(group.quick_ratio),
            "bridge": self.bridge(group.bridge),
            "upsell": {
                "by_mechanism": [self.won(won) for won in upsell.won],
                "seat_expansion_gross": self.rate(upsell.seats.gross),
                "seat_expansion_net": self.rate(upsell.seats.net),
                "tier_migration_up": self.rate(upsell.tiers.up),
                "tier_migration_down": self.rate(upsell.tiers.down),
                "tier_migration_forced": self.rate(upsell.tiers.forced),
                "tier_matrix": [self.migration(cell) for cell in upsell.tiers.matrix],
                "overage_turned_commitment": self.committed(upsell.committed, upsell.no_commitments),
                "kept_after_12_months": {m.value: self.rate(r) for m, r in group.kept.items()
                                         if m.motion is Motion.UPSELL},
            },
            "cross_sell": {
                "by_mechanism": [self.won(won) for won in cross.won],
                "products_per_account": self.rate(cross.products_per_account),
                "owning_2_or_more": self.rate(cross.owning_two),
                "owning_3_or_more": self.rate(cross.owning_three),
                "using_2_or_more": self.rate(cross.using_two),
                "using_3_or_more": self.rate(cross.using_three),
                "attach": [
                    {"product_id": a.product.product_id, "name": a.product.name, "kind": a.product.kind,
                     "rate": self.rate(a.rate), "among": a.among}
                    for a in cross.attach
                ],
                "months_to_second_product": {
                    "median": None if cross.second.median is None else float(cross.second.median),
                    "reached": cross.second.reached, "not_yet": cross.second.not_yet,
                    "reason": cross.second.reason or None,
                },
                "retention_by_products": [{"products": b.products, **self.retention(b.retention)}
                                          for b in cross.by_products],
                "kept_after_12_months": {m.value: self.rate(r) for m, r in group.kept.items()
                                         if m.motion is Motion.CROSS_SELL},
            },
            "balance": self.balance(group.balance),
        }  # fmt: skip

    def outcome(self, outcome: Outcome) -> Facts:
        """Retention under one definition, with what it counts and where it is published."""
        rule = outcome.definition
        return {
            "id": rule.id,
            "title": rule.title,
            "net": self.rate(outcome.net),
            "gross": self.rate(outcome.gross),
            "who": rule.who.value,
            "unit": rule.unit.value,
            "counts": " ".join(rule.counts.split()),
            "reading": rule.reading or None,
            "source": {"name": rule.source.name, "url": rule.source.url},
        }

    def credit(self, credit: Credit) -> Facts:
        """A person's credit, with the accounts that stand apart."""
        return {
            "person_id": credit.person_id,
            "retention": self.retention(credit.settled),
            "apart": {**self.retention(credit.apart), "why": dict(credit.why_apart)} if credit.why_apart else None,
        }

    def cohort(self, row: CohortRow) -> Facts:
        """One row of the cohort triangle."""
        return {
            "cohort": f"{row.cohort:%Y-%m}",
            "mrr": [self.money(mrr) for mrr in row.mrr],
            "accounts": list(row.accounts),
        }

    def leading(self, found: Leading) -> Facts:
        """The leading indicators of one month."""
        return {
            "month": f"{found.month:%Y-%m}",
            "adoption": self.rate(found.adoption),
            "white_space_coverage": self.rate(found.coverage),
            "engaged_contacts_per_account": self.rate(found.engagement),
        }

    def led(self, found: Led) -> Facts:
        """Whether one indicator led to one motion's expansion."""
        return {
            "indicator": found.indicator,
            "motion": found.motion.value,
            "above_median": self.rate(found.high),
            "at_or_below_median": self.rate(found.low),
        }


def numbers_facts(numbers: Numbers, indicators: Sequence[Leading] = (), *, parts: bool = False) -> Facts:
    """All numbers of a window as plain values."""
    facts = Plain(numbers.display.times, parts=parts)
    return {
        "from": f"{numbers.window.first:%Y-%m}",
        "to": f"{numbers.window.last:%Y-%m}",
        "level": numbers.level.value,
        "by": numbers.by.value if numbers.by else None,
        "display": numbers.display.value,
        "currency": numbers.currency,
        "rules": list(numbers.rules),
        "total": facts.group(numbers.total),
        "groups": [facts.group(group) for group in numbers.groups],
        "trailing_12_months": [facts.retention(found) for found in numbers.trailing],
        "cohorts": [facts.cohort(row) for row in numbers.cohorts],
        "csm_credit": [facts.credit(credit) for credit in numbers.credits],
        "leading_indicators": [facts.leading(found) for found in indicators],
        "indicators_led": [facts.led(found) for found in numbers.led(indicators)],
    }


def movements_facts(found: Movements) -> Facts:
    """Movements with the lines behind them as plain values."""
    facts = Plain()
    return {
        "from": f"{found.window.first:%Y-%m}",
        "to": f"{found.window.last:%Y-%m}",
        "currency": found.currency,
        "start": facts.money(found.start),
        "end": facts.money(found.end),
        "sum": facts.money(found.total),
        "while_unknown": facts.money(found.while_unknown),
        "left_out": [{"account_id": a.account_id, "account": a.name, "reason": a.why} for a in found.left_out],
        "movements": [_told(item, facts) for item in found.told],
    }


def _told(item: Told, facts: Plain) -> Facts:
    move = item.move
    return {
        "month": f"{move.month_start:%Y-%m}",
        "account_id": move.account_id,
        "account": item.account_name,
        "business_unit": move.business_unit,
        "product_id": move.product_id,
        "product": item.product_name,
        "kind": move.kind,
        "motion": move.motion or None,
        "mechanism": move.mechanism or None,
        "origin": move.origin or None,
        "amount": facts.money(move.amount),
        "counted": item.counted,
        "words": item.words,
        "before": [_line(line, facts) for line in item.before],
        "after": [_line(line, facts) for line in item.after],
        "transferred_in": [_line(line, facts) for line in item.came],
    }


def _line(line: Line, facts: Plain) -> Facts:
    return {
        "line_id": line.line_id,
        "contract_id": line.contract_id,
        "plan_id": line.plan_id,
        "quantity": line.quantity,
        "mrr": facts.money(line.mrr),
        "status": line.status,
        "from_on": str(line.from_on),
        "until_on": str(line.until_on) if line.until_on else None,
    }
