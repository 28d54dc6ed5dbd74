"""The metrics of each motion on books of a few lines, with their arithmetic."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from money_book import YEAR, book, line, move, read

from upcross.motions import Mechanism, Motion
from upcross.numbers.grouping import By
from upcross.numbers.report import numbers_of
from upcross.numbers.rows import Level
from upcross.revenue.calendar import Window
from upcross.revenue.credit import Assignment, Held, credits, held_on, unsettled
from upcross.revenue.cross_sell import attach_rates, owning, products_per_account, time_to_second, using
from upcross.revenue.history import Account, Product, states
from upcross.revenue.kept import expansion_kept
from upcross.revenue.metrics import ORDER, balance, bridge
from upcross.revenue.upsell import Overage, overage_turned, won_by_mechanism

OLD = "2025-01-01"
PLANS: dict[str, list[dict[str, Any]]] = {
    "products": [
        {"product_id": "crm", "name": "CRM", "kind": "product"},
        {"product_id": "old", "name": "Old", "kind": "product", "successor_product_id": "desk",
         "retired_on": "2026-06-01"},
        {"product_id": "desk", "name": "Desk", "kind": "product"},
    ],
    "pricing_plans": [
        {"plan_id": plan, "product_id": product, "name": plan, "rank": rank, "charge": "per_unit"}
        for plan, product, rank in (("std", "crm", 1), ("pro", "crm", 2), ("old1", "old", 1), ("desk1", "desk", 1))
    ],
    "plan_prices": [{"plan_id": plan, "list_price": price} for plan, price in (("std", 10), ("pro", 15))],
}  # fmt: skip


def versions(account: str, *steps: tuple[str, str, int, int], **more: Any) -> list[dict[str, Any]]:
    """One line's versions: first day, plan, seats, revenue."""
    return [line(account, account, day, mrr, plan_id=plan, quantity=seats, **more) for day, plan, seats, mrr in steps]


def test_the_bridge_keeps_every_cause_apart_and_expansion_has_both_parts() -> None:
    """a: +50 seats, −10 price; f: +40 cross-sell; b: −60 churn. 200 + 50 − 10 + 40 − 60 = 220."""
    moves = [move("a", 3, "seats", 50), move("a", 3, "price", -10), move("f", 4, "cross_sell", 40, "ana"),
             move("b", 5, "churn", -60)]  # fmt: skip
    start, end = {"a": 1_000_000, "b": 600_000, "f": 400_000}, {"a": 1_400_000, "f": 800_000}
    found = bridge(start, end, moves, YEAR)
    assert found.residual == 0
    assert [(s.kind, s.motion, s.net // 10_000) for s in found.steps] == [
        ("seats", "upsell", 50), ("cross_sell", "cross_sell", 40), ("price", "", -10), ("churn", "", -60),
    ]  # fmt: skip
    assert (found.expansion.upsell, found.expansion.cross_sell) == (500_000, 400_000)
    assert found.expansion.total == 900_000


def test_accounts_unknown_at_start_or_end_are_in_no_part_of_the_bridge() -> None:
    """a 100 → 120; b 100, and from May an add-on in a currency without a rate: 100 → unknown; c unknown → 100.

    Without b and c: 100 + 20 = 120 and nothing is left over. b's known 100 is not half counted.
    """
    rows = read(book([
        line("a", "a", OLD, 100), line("a", "a", "2026-03-01", 120),
        line("b", "b", OLD, 100), line("b2", "b", "2026-05-01", 7, product_id="ana", currency="CHF"),
        line("c", "c", OLD, None), line("c", "c", "2026-04-01", 100),
    ]))  # fmt: skip
    found = numbers_of(rows).total
    assert (found.bridge.start, found.bridge.end, found.bridge.residual) == (1_000_000, 1_200_000, 0)
    assert [(s.kind, s.net) for s in found.bridge.steps] == [("price", 200_000)]
    assert found.bridge.left_out == {"b": "no exchange rate for CHF", "c": "no price"}
    assert found.retention.unknown == ("b", "c")
    for group in numbers_of(rows, by=By.PRODUCT).groups:
        assert group.bridge.residual == 0


def test_an_account_unknown_only_in_between_has_a_step_of_its_own() -> None:
    """a 100, in March in a currency without a rate, from June 130: nobody knows why it is 30 more."""
    rows = read(book([line("a", "a", OLD, 100), line("a", "a", "2026-03-01", 9, currency="CHF"),
                      line("a", "a", "2026-06-01", 130), line("b", "b", OLD, 50)]))  # fmt: skip
    found = numbers_of(rows).total
    assert [(s.kind, s.net, s.accounts) for s in found.bridge.steps] == [("unknown", 300_000, ("a",))]
    assert (found.bridge.residual, found.bridge.left_out) == (0, {})
    assert found.retention.nrr.exact == Fraction(180, 150)


def test_a_cohort_of_unknown_revenue_does_not_pay_nothing() -> None:
    """a is unknown at the start, b at the end: all two are unknown; nobody is said to have paid nothing."""
    rows = read(book([line("a", "a", OLD, 100, currency="CHF"), line("b", "b", OLD, 100),
                      line("b2", "b", "2026-05-01", 7, product_id="ana", currency="CHF")]))  # fmt: skip
    assert numbers_of(rows).total.retention.nrr.reason == (
        "the revenue of all 2 accounts is unknown: at the end of 2025-12 or 2026-12"
    )


def test_every_kind_of_the_model_has_its_place_in_the_bridge() -> None:
    from upcross.signals.registry import shipped_models

    text = next(model for model in shipped_models() if model.name == "movements").sql
    for kind in ORDER:
        assert f"'{kind}'" in text


def test_upsell_by_mechanism_keeps_downward_parts_under_the_same_name() -> None:
    """seats +50 and −20 stand beside each other, never netted away."""
    moves = [move("a", 3, "seats", 50), move("b", 4, "seats", -20), move("c", 4, "tier", 7)]
    found = {won.mechanism: won for won in won_by_mechanism(moves, YEAR, Motion.UPSELL)}
    assert (found[Mechanism.SEATS].won, found[Mechanism.SEATS].lost, found[Mechanism.SEATS].accounts) == (
        500_000, -200_000, 1,
    )  # fmt: skip
    assert found[Mechanism.SEATS].net == 300_000
    assert Mechanism.PRODUCT not in found


def test_seat_expansion_gross_and_net() -> None:
    """a 50 → 60 → 55, b 100 → 90, c 50 → gone; 200 seats at the start.

    Gross: 10 / 200 = 5%. Net: (55 + 90 + 0 − 200) / 200 = −27.5%. d is new and in neither.
    """
    rows = read(book([
        *versions("a", (OLD, "std", 50, 500), ("2026-03-01", "std", 60, 600), ("2026-07-01", "std", 55, 550)),
        *versions("b", (OLD, "std", 100, 1000), ("2026-05-01", "std", 90, 900)),
        line("c", "c", OLD, 500, "2026-08-01", plan_id="std", quantity=50, cancelled_on="2026-05-01"),
        line("d", "d", "2026-04-01", 700, plan_id="std", quantity=70),
    ], **PLANS))  # fmt: skip
    seats = numbers_of(rows).total.upsell.seats
    assert seats.gross.exact == Fraction(10, 200)
    assert seats.net.exact == Fraction(-55, 200)


def test_tier_migration_with_forced_moves_and_downgrades_apart() -> None:
    """Five on a tier: a moves up, b down, c stays, e is sent to a new product's plan, g is forced by an amendment."""
    rows = read(book([
        *versions("a", (OLD, "std", 10, 100), ("2026-03-01", "pro", 10, 150)),
        *versions("b", (OLD, "pro", 10, 150), ("2026-03-01", "std", 10, 100)),
        *versions("c", (OLD, "std", 10, 100)),
        line("e1", "e", OLD, 100, "2026-06-01", product_id="old", plan_id="old1", quantity=10,
             cancelled_on="2026-05-01"),
        line("e2", "e", "2026-06-01", 120, product_id="desk", plan_id="desk1", quantity=10, replaces_line_id="e1"),
        line("g", "g", OLD, 100, plan_id="std", quantity=10),
        line("g", "g", "2026-04-01", 150, plan_id="pro", quantity=10, amendment_kind="Forced migration"),
    ], **PLANS))  # fmt: skip
    tiers = numbers_of(rows).total.upsell.tiers
    assert (tiers.up.exact, tiers.down.exact, tiers.forced.exact) == (Fraction(1, 5), Fraction(1, 5), Fraction(2, 5))
    cells = {(c.from_plan, c.to_plan, c.direction, c.forced): c.accounts for c in tiers.matrix}
    assert cells[("std", "pro", "up", False)] == ("a",)
    assert cells[("std", "pro", "up", True)] == ("g",)
    assert cells[("old1", "desk1", "same", True)] == ("e",)
    assert cells[("std", "std", "same", False)] == ("c",)
    [tier] = [won for won in numbers_of(rows).total.upsell.won if won.mechanism is Mechanism.TIER]
    assert (tier.won, tier.forced) == (1_000_000, 500_000), "a and g each 10 × (15 − 10); g had to"


def test_a_plan_bought_or_dropped_beside_another_migrates_nobody() -> None:
    """a buys 5 Pro beside 100 Standard, b gives up 5 Pro and keeps 10 Standard, c moves 5 of 10: one of three moved."""
    rows = read(book([
        line("a1", "a", OLD, 1000, plan_id="std", quantity=100),
        line("a2", "a", "2026-03-01", 75, plan_id="pro", quantity=5),
        line("b1", "b", OLD, 100, plan_id="std", quantity=10),
        line("b2", "b", OLD, 75, "2026-03-01", plan_id="pro", quantity=5),
        *versions("c", (OLD, "std", 10, 100), ("2026-03-01", "std", 5, 50)),
        line("c2", "c", "2026-03-01", 75, plan_id="pro", quantity=5),
    ], **PLANS))  # fmt: skip
    found = numbers_of(rows).total
    assert (found.upsell.tiers.up.numerator, found.upsell.tiers.down.numerator) == (1, 0)
    assert {s.kind: (s.up, s.down) for s in found.bridge.steps} == {
        "seats": (750_000, -750_000), "tier": (250_000, 0)
    }  # fmt: skip
    assert found.bridge.residual == 0


def test_overage_that_became_commitment() -> None:
    """x used 120 of 100 and committed to 30 more; y used 150 of 100 and did not: 1 of 2. Overage 20 × 2 + 50 × 2."""

    def used(account: str, units: float) -> Overage:
        return Overage(account, account, "", "api", "calls", date(2026, 1, 1), date(2027, 1, 1), 100, units, 20_000)

    moves = [move("x", 6, "usage", 30, "api"), move("z", 6, "usage", 90, "api")]
    found = overage_turned([used("x", 120), used("y", 150), used("z", 80)], moves, YEAR)
    assert found.turned.exact == Fraction(1, 2)
    assert found.mrr == 300_000
    assert found.overage == 20 * 20_000 + 50 * 20_000


def test_products_per_account_and_who_uses_them() -> None:
    """a owns 3 and uses 2, b owns 1, c owns 2 and one of them is not measured: 6 / 3; using 2: 1 of 2 known."""
    owned = {"a": {"p", "q", "r"}, "b": {"p"}, "c": {"p", "q"}}
    paying = ["a", "b", "c"]
    assert products_per_account(owned, paying).exact == 2
    assert owning(owned, paying, 2).exact == Fraction(2, 3)
    assert owning(owned, paying, 3).exact == Fraction(1, 3)
    used = {"a": {"p": True, "q": True, "r": False}, "b": {"p": True}, "c": {"p": True, "q": None}}
    found = using(used, paying, 2)
    assert found.exact == Fraction(1, 2)
    assert "1 account whose use is unknown left out" in found.marks
    assert using({"a": {}}, [], 2).reason == "no account pays"


def test_attach_rate_has_eligible_owners_of_the_prerequisite_below() -> None:
    """The add-on needs the CRM, is for the EU and excludes Lite: a has it, b could, c has no CRM, d is in the US,
    e has Lite. 1 of 2."""
    addon = Product("ana", "Analytics", "add_on", parent_product_id="crm", excludes=frozenset({"lite"}),
                    eligible={"region": frozenset({"EU"})})  # fmt: skip
    products = {p.product_id: p for p in (Product("crm", "CRM", "product"), addon)}
    owned = {"a": {"crm", "ana"}, "b": {"crm"}, "c": {"mail"}, "d": {"crm"}, "e": {"crm", "lite"}}
    accounts = {name: Account(name, region="US" if name == "d" else "EU") for name in owned}
    found = {a.product.product_id: a for a in attach_rates(owned, sorted(owned), accounts, products)}
    assert found["ana"].rate.exact == Fraction(1, 2)
    assert found["ana"].among == "eligible owners of CRM"
    assert [part.account_id for part in found["ana"].rate.parts] == ["a", "b"]


def test_time_to_the_second_product() -> None:
    """a after 3 months, b after 5, c not yet; o owned something before the history: median of 3 and 5 is 4."""
    first = {"a": {"p": date(2025, 2, 1), "q": date(2025, 5, 1)}, "b": {"p": date(2025, 2, 1), "q": date(2025, 7, 1)},
             "c": {"p": date(2025, 3, 1)}, "o": {"p": date(2025, 1, 1), "q": date(2025, 2, 1)}}  # fmt: skip
    found = time_to_second(first, date(2025, 1, 1))
    assert (found.median, found.reached, found.not_yet) == (4, 2, 1)
    assert time_to_second({}, None).reason


def test_retention_by_number_of_products_shows_its_counts() -> None:
    """One product: a stays, b leaves: 100 / 200. Two: f 140 → 140."""
    rows = read(book([
        line("a", "a", OLD, 100), line("b", "b", OLD, 100, "2026-05-01", cancelled_on="2026-02-01"),
        line("f1", "f", OLD, 100), line("f2", "f", OLD, 40, product_id="ana"),
    ]))  # fmt: skip
    one, two, three = numbers_of(rows).total.cross_sell.by_products
    assert (one.retention.nrr.exact, one.retention.nrr.count) == (Fraction(1, 2), 2)
    assert (two.retention.nrr.exact, two.retention.nrr.count) == (1, 1)
    assert three.retention.nrr.reason


def test_expansion_kept_after_twelve_months() -> None:
    """March 2025: a +50 seats on 100, and +20 by tier. In March 2026 it stands at 160.

    Level 100, +50 seats → 150, +20 tier → 170; 160 keeps all 50 of the seats and 10 of the tier's 20.
    """
    moves = [
        move("a", 3, kind, won)._replace(month_start=date(2025, 3, 1)) for kind, won in (("seats", 50), ("tier", 20))
    ]
    position = ("a", "", "crm")
    states = {(*position, date(2025, 2, 1)): 1_000_000, (*position, date(2026, 3, 1)): 1_600_000}
    found = expansion_kept(moves, states, YEAR)
    assert found[Mechanism.SEATS].exact == 1
    assert found[Mechanism.TIER].exact == Fraction(10, 20)
    assert expansion_kept(moves, {}, YEAR)[Mechanism.SEATS].exact == 0
    assert expansion_kept([], {}, YEAR)[Mechanism.USAGE].reason == "none was won in 2025-01 to 2025-12"
    assert expansion_kept([], {}, YEAR, date(2026, 1, 1))[Mechanism.USAGE].reason == "young book: it begins 2026-01"


def test_what_was_won_is_followed_where_its_money_went() -> None:
    """March 2025: a + 10 seats × 10 = 100, merged into b in September, which had 50 and has 250: 100 of 100 stand.

    c took the service for 100, replaced by another product in August: 100 of 100. b's own 40 of March (10 → 50) stand
    too, and none of the 200 that came over is its own.
    """
    rows = read(book([
        line("a", "a", OLD, 100, quantity=10), line("a", "a", "2025-03-01", 200, "2025-09-01", quantity=20),
        line("b", "b", OLD, 10, quantity=1), line("b", "b", "2025-03-10", 50, quantity=5),
        line("b", "b", "2025-09-01", 250, quantity=25),
        line("c", "c", OLD, 100), line("c2", "c", "2025-03-01", 100, "2025-08-01", product_id="serve"),
        line("c3", "c", "2025-08-01", 100, product_id="help", replaces_line_id="c2"),
    ], pricing_plans=[], account_transfers=[
        {"from_account_id": "a", "to_account_id": "b", "kind": "merge", "effective_on": "2025-09-01"},
    ]))  # fmt: skip
    kept = numbers_of(rows).total.kept
    assert {part.account_id: (part.numerator, part.denominator) for part in kept[Mechanism.SEATS].parts} == {
        "a": (1_000_000, 1_000_000), "b": (400_000, 400_000),
    }  # fmt: skip
    assert (kept[Mechanism.PRODUCT].numerator, kept[Mechanism.PRODUCT].denominator) == (1_000_000, 1_000_000)


def test_what_was_won_and_came_over_is_lost_where_it_went() -> None:
    """d + 100 by seats on 100, merged into e (50) in June: e 250. By March 2026 e has 180: 130 of the 200 stand.

    What d won stands above d's own level of 100: 30 of 100.
    """
    rows = read(book([
        line("d", "d", OLD, 100, quantity=10), line("d", "d", "2025-03-01", 200, "2025-06-01", quantity=20),
        line("e", "e", OLD, 50, quantity=5), line("e", "e", "2025-06-01", 250, quantity=25),
        line("e", "e", "2025-12-01", 180, quantity=18),
    ], account_transfers=[
        {"from_account_id": "d", "to_account_id": "e", "kind": "merge", "effective_on": "2025-06-01"},
    ]))  # fmt: skip
    seats = numbers_of(rows).total.kept[Mechanism.SEATS]
    assert (seats.numerator, seats.denominator) == (300_000, 1_000_000)


def test_nobody_knows_who_uses_what_without_measurements() -> None:
    """Two accounts, no table of use or seats: unknown with the tables' names, not 0 of 2."""
    found = numbers_of(read(book([line("a", "a", OLD, 100), line("b", "b", OLD, 50)]))).total.cross_sell
    assert (found.using_two.value, found.using_two.reason) == (None, "no table `usage` or `seats` is loaded")


def test_a_retired_product_has_no_attach_rate_unless_somebody_owns_it() -> None:
    gone = {
        "old": Product("old", "Old", "product", retired_on=date(2026, 1, 1)),
        "crm": Product("crm", "CRM", "product"),
    }
    for owned, listed in (({"a": {"crm"}}, ["crm"]), ({"a": {"crm", "old"}}, ["old", "crm"])):
        found = attach_rates(owned, ["a"], {}, gone, date(2026, 6, 30))
        assert [attach.product.product_id for attach in found] == listed


def test_balance_needs_both_motions() -> None:
    """Five accounts: 95 of 100 by seats is only deeper; 95 by products is only wider; halves are balanced."""
    deeper = [move(f"a{i}", 2, "seats", 19) for i in range(5)] + [move("a0", 2, "cross_sell", 5)]
    wider = [move(f"a{i}", 2, "cross_sell", 19) for i in range(5)] + [move("a0", 2, "seats", 5)]
    assert balance(deeper, YEAR, white_space=7).told == (
        "squeezes seats and tiers and hardly widens while 7 accounts have white space"
    )
    assert balance(deeper, YEAR, white_space=0).verdict == "balanced"
    assert balance(wider, YEAR, at_limit=3).verdict == "only_wider"
    assert balance([*deeper, *wider], YEAR).verdict == "balanced"
    assert balance(deeper[:2], YEAR).told.startswith("too few to tell")


ASSIGNED = [
    Assignment("a", "", "csm", "lena", date(2025, 1, 1), None),
    Assignment("b", "", "csm", "lena", date(2025, 11, 15), None),
    Assignment("c", "", "csm", "lena", date(2025, 1, 1), date(2026, 2, 1)),
    Assignment("c", "", "csm", "tom", date(2026, 2, 1), None),
    Assignment("", "smb", "csm", "tom", date(2025, 1, 1), None),
]


def test_who_held_an_account_on_a_day() -> None:
    accounts = [Account("a"), Account("b"), Account("c"), Account("s", segment="smb"), Account("x", csm="ida")]
    start, later = date(2025, 12, 31), date(2026, 3, 1)
    held = held_on(start, "csm", accounts, ASSIGNED)
    assert {a: h.person_id for a, h in held.items()} == {"a": "lena", "b": "lena", "c": "lena", "s": "tom", "x": "ida"}
    assert held_on(later, "csm", accounts, ASSIGNED)["c"].person_id == "tom"


def test_credit_is_the_book_at_the_start_with_fresh_transfers_apart() -> None:
    """lena: a 100 → 120 is hers; b was hers for 47 days, c went after 31: apart. NRR 120%, apart 50 / 200."""
    accounts = [Account("a"), Account("b"), Account("c"), Account("d")]
    held = held_on(YEAR.starts_on, "csm", accounts, ASSIGNED)
    rows = read(book([
        *[line("a", "a", day, mrr) for day, mrr in ((OLD, 100), ("2026-05-01", 120))],
        *[line("b", "b", day, mrr) for day, mrr in ((OLD, 100), ("2026-05-01", 50))],
        line("c", "c", OLD, 100, "2026-05-01", cancelled_on="2026-05-01"),
    ]))  # fmt: skip
    (lena,) = credits(rows.by_account, YEAR, rows.moves, rows.transfers, held)
    assert lena.settled.nrr.exact == Fraction(120, 100)
    assert lena.apart.nrr.exact == Fraction(50, 200)
    assert set(lena.why_apart) == {"b", "c"}
    assert unsettled(Held("lena", date(2025, 10, 1)), YEAR) == ""


def test_groups_add_up_to_the_book() -> None:
    rows = read(book(
        [line("a", "a", OLD, 100), line("b", "b", OLD, 50), line("f", "f", OLD, 30, product_id="ana"),
         line("d", "d", "2026-03-01", 70)],
        accounts=[{"account_id": "a", "segment": "big"}, {"account_id": "b", "segment": "small"},
                  {"account_id": "f", "segment": "big"}],
    ))  # fmt: skip
    for by in By:
        found = numbers_of(rows, by=by)
        for side in ("start", "end"):
            assert sum(getattr(g.bridge, side) for g in found.groups) == getattr(found.total.bridge, side), by
        assert all(group.bridge.residual == 0 for group in found.groups)
    named = {group.name: group.bridge.start for group in numbers_of(rows, by=By.SEGMENT).groups}
    assert named == {"(none)": 0, "big": 1_300_000, "small": 500_000}


def test_an_ultimate_parent_is_one_customer() -> None:
    """Two subsidiaries: one leaves with 40, the other grows by 10: the parent 140 → 110, no logo lost.

    As accounts: logos 1 of 2, GRR 100 / 140; as a parent: logos 1 of 1, GRR 110 / 140.
    """
    made = book(
        [*[line("k", "kid", day, mrr) for day, mrr in ((OLD, 100), ("2026-04-01", 110))],
         line("l", "lid", OLD, 40, "2026-06-01", cancelled_on="2026-05-01")],
        accounts=[{"account_id": "top"}, {"account_id": "kid", "parent_account_id": "top"},
                  {"account_id": "lid", "parent_account_id": "kid"}],
    )  # fmt: skip
    apart = numbers_of(read(made)).total.retention
    assert (apart.logos.exact, apart.grr.exact) == (Fraction(1, 2), Fraction(100, 140))
    whole = numbers_of(read(made, parents=True), level=Level.ULTIMATE_PARENT).total
    assert (whole.retention.logos.exact, whole.retention.grr.exact) == (1, Fraction(110, 140))
    assert whole.bridge.residual == 0
    assert {step.kind for step in whole.bridge.steps} == {"price", "contraction_product"}


def test_parents_in_a_circle_are_customers_of_their_own() -> None:
    """a → b → c → a, and d below a: nobody is at the top, so each counts for itself, in models and in metrics alike."""
    made = book(
        [line(name, name, OLD, 10) for name in "abcd"],
        accounts=[{"account_id": child, "parent_account_id": parent} for child, parent in ("ab", "bc", "ca", "da")],
    )
    rows = read(made, parents=True)
    assert rows.customer == {name: name for name in "abcd"}
    with made.connect() as connection:
        tops = connection.execute(rows.frame.model_statement("customers")).fetchall()
    assert sorted(tops) == [(name, name) for name in "abcd"]


def test_the_catalogue_says_what_counts_as_a_product() -> None:
    """a owns the CRM, a dialler (an add-on that does not count) and support that does: 2 products, 1 of 1 owns two."""
    rows = read(book(
        [line("a1", "a", OLD, 100), line("a2", "a", OLD, 5, product_id="dialler"),
         line("a3", "a", OLD, 50, product_id="premium")],
        products=[{"product_id": "dialler", "name": "Dialler", "kind": "add_on", "counts_as_product": False},
                  {"product_id": "premium", "name": "Premium", "kind": "support", "counts_as_product": True}],
    ))  # fmt: skip
    cross = numbers_of(rows).total.cross_sell
    assert (cross.products_per_account.exact, cross.owning_three.exact) == (2, 0)
    assert [attach.product.product_id for attach in cross.attach] == ["premium", "crm"]


def test_overage_is_read_from_use_beyond_the_commitment_and_never_recurs() -> None:
    """1,200 calls a year at 120; 1,500 used by December, 0.05 each beyond: overage 15 apart; MRR stays 10."""
    made = book(
        [line("z", "z", OLD, 1)],
        accounts=[{"account_id": "x"}],
        products=[{"product_id": "api", "name": "API", "kind": "product"}],
        commitments=[{"commitment_id": "c", "account_id": "x", "product_id": "api", "metric": "calls", "amount": 1200,
                      "price": 120, "starts_on": "2026-01-01", "ends_on": "2027-01-01", "overage": "rate",
                      "overage_rate": "0.05"}],
        usage=[{"account_id": "x", "product_id": "api", "metric": "calls", "period_start": f"2026-{month:02}-01",
                "period_end": f"2026-{month + 1:02}-01" if month < 12 else "2027-01-01", "value": 125}
               for month in range(1, 13)],
    )  # fmt: skip
    found = numbers_of(read(made)).total
    assert found.bridge.end == 110_000
    assert found.upsell.committed is not None
    assert (found.upsell.committed.overage, found.upsell.committed.turned.exact) == (150_000, 0)


def test_known_then_and_known_now() -> None:
    """A cancellation of March 2026 back to January: unknown on 31 January, known in June."""
    january = Window(date(2026, 1, 1), date(2026, 1, 1))
    made = book([line("a", "a", OLD, 100, "2026-01-15", cancelled_on="2026-03-10"), line("b", "b", OLD, 50)])
    then = numbers_of(read(made, january, as_of=date(2026, 1, 31)))
    now = numbers_of(read(made, january, as_of=date(2026, 6, 30)))
    assert then.total.retention.nrr.exact == 1
    assert now.total.retention.nrr.exact == Fraction(50, 150)


def test_states_of_positions_add_up_and_unknown_stays_unknown() -> None:
    rows = read(book([line("a1", "a", OLD, 100), line("a2", "a", OLD, 7, product_id="ana", currency="XXX")]))
    assert states(rows.start)[date(2025, 12, 1)] == {"a": None}
    assert numbers_of(rows).total.retention.unknown == ("a",)


@pytest.mark.parametrize("by", list(By), ids=str)
def test_an_empty_book_has_reasons_everywhere(by: By) -> None:
    found = numbers_of(read(book([line("a", "a", "2027-01-01", 100)])), by=by)
    assert found.total.retention.nrr.value is None
    assert found.total.retention.nrr.reason
    assert found.total.bridge.residual == 0
