"""One ask, counted once: units for which the same words speak, and products of which a customer takes one."""

import random
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from opportunity_builders import AS_OF, SETTINGS, euros, finding, hold, team

from upcross.money import SCALE
from upcross.motions import Mechanism
from upcross.opportunities import (
    ChangeKind,
    Finding,
    Identity,
    Memory,
    OpenAsk,
    Reason,
    Stage,
    Status,
    merge,
    plan_changes,
    sentences,
)
from upcross.opportunities.totals import total
from upcross.plays.play import PlayKind

EXCLUDES = {"lite": frozenset({"pro"}), "pro": frozenset({"lite", "max"}), "max": frozenset({"pro"})}


def wider(product, unit="", mrr=100, *, whole=False, held=(), kind=PlayKind.ASK, play="need"):
    reason = Reason(play, play, potential=euros(mrr), whole_account=whole, kind=kind,
                    holds=tuple(hold(gate) for gate in held))  # fmt: skip
    return Finding(Identity("acme", unit, product, Mechanism.PRODUCT), reason, "Acme", product.upper(),
                   EXCLUDES.get(product, frozenset()))  # fmt: skip


def plan(*found, memory=None):
    return plan_changes(merge(found), memory or Memory.empty(), team(), AS_OF, SETTINGS)


def sums(changes):
    return [(part.cross_sell.expected // SCALE, part.cross_sell.asks)
            for part in (changes.totals.fired, changes.totals.held, changes.totals.answers)]  # fmt: skip


def test_units_for_which_the_same_words_speak_are_one_ask_with_the_largest_amount():
    """Heard of the whole account: 100 in North, 300 in South, 200 in West; West said it for itself as well."""
    changes = plan(wider("desk", "north", 100, whole=True), wider("desk", "south", 300, whole=True),
                   wider("desk", "west", 200))  # fmt: skip
    assert sums(changes)[0] == (500, 2), "300 once for the account, and 200 of West"
    north = next(c.candidate for c in changes.changes if c.identity.business_unit == "north")
    assert north.alternative_of.business_unit == "south"
    told = "said of the whole account and not of this unit: counted once, with south"
    assert sentences.counted_with(north, changes.product_names) == told


def test_of_products_that_exclude_each_other_the_largest_counts():
    changes = plan(wider("lite", mrr=100), wider("pro", mrr=250), wider("desk", mrr=40))
    assert sums(changes)[0] == (290, 2)
    lite = next(c.candidate for c in changes.changes if c.identity.product_id == "lite")
    assert sentences.counted_with(lite, changes.product_names).startswith("PRO or this, they can have only one")


def test_what_excludes_only_the_smaller_one_is_bought_beside():
    """Lite and Max both exclude Pro and not each other: 300 and 200 can both be had, Pro's 250 in place of either."""
    assert sums(plan(wider("lite", mrr=300), wider("pro", mrr=250), wider("max", mrr=200)))[0] == (500, 2)


def test_in_another_unit_the_excluded_product_is_an_ask_of_its_own():
    assert sums(plan(wider("lite", "north", 100), wider("pro", "south", 250)))[0] == (350, 2)


def test_what_is_held_in_place_of_an_ask_that_fires_is_in_no_sum():
    assert sums(plan(wider("lite", mrr=100), wider("pro", mrr=250, held=("health",))))[:2] == [(100, 1), (0, 0)]


def test_who_asked_to_buy_one_of_two_is_answered_and_not_asked_for_the_other():
    changes = plan(wider("lite", mrr=100, kind=PlayKind.ANSWER), wider("pro", mrr=250))
    assert len(changes.answers) == 2
    assert sums(changes) == [(0, 0), (0, 0), (250, 1)], "the larger of the two, once"


def test_one_request_for_all_units_is_one_answer():
    answers = [wider("desk", unit, 100, whole=True, kind=PlayKind.ANSWER) for unit in ("north", "south")]
    assert sums(plan(*answers))[2] == (100, 1)


def test_an_open_ask_holds_what_the_customer_can_have_only_instead():
    open_now = OpenAsk(Stage.QUALIFIED, "eve", AS_OF, "ae")
    changes = plan(wider("lite"), memory=Memory(open={Identity("acme", "", "pro", Mechanism.PRODUCT): open_now}))
    (held,) = changes.of_kind(ChangeKind.HOLD).changes
    assert [step.hold.gate for step in held.clearings] == ["open-ask"]
    assert "product for pro, which excludes this product, is already open" in held.clearings[0].hold.sentence


@st.composite
def verdicts(draw):
    """Any few verdicts on three exclusive products and one other in two units, many of them on the same words."""
    keys = st.tuples(st.sampled_from([*EXCLUDES, "desk"]), st.sampled_from(["north", "south"]))
    return [
        wider(product, unit, draw(st.sampled_from([None, 50, 100, 200])), whole=draw(st.booleans()),
              held=draw(st.sampled_from([(), ("health",), ("health", "dispute")])),
              kind=draw(st.sampled_from([PlayKind.ASK, PlayKind.ASK, PlayKind.ANSWER])))
        for product, unit in draw(st.lists(keys, max_size=8, unique=True))
    ] + draw(st.lists(st.builds(finding, st.just("acme"), st.sampled_from(list(Mechanism)[:4])), max_size=2))  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(verdicts().map(lambda found: [replace(f, reason=replace(f.reason, holds=())) if f.reason.kind is PlayKind.ANSWER
                                     else f for f in {f.identity: f for f in found}.values()]), st.randoms())  # fmt: skip
def test_totals_count_each_ask_once_whatever_the_order(found, chance: random.Random):
    def counted(given_findings):
        pool = merge(given_findings)
        return pool, total([c for c in pool if c.status is Status.FIRED], [c for c in pool if c.status is Status.HELD])

    pool, totals = counted(found)
    shuffled = list(found)
    chance.shuffle(shuffled)
    assert counted(shuffled) == (pool, totals)
    speakers = [c for c in pool if c.alternative_of is None]
    parts = [part.expansion for part in (totals.fired, totals.held, totals.answers)]
    assert sum(part.asks for part in parts) == len(speakers)
    assert sum(part.expected for part in parts) >= sum(c.potential.expected or 0 for c in speakers)
    for one in speakers:
        for other in speakers:
            a, b = one.identity, other.identity
            if one is not other and a.product_id == b.product_id and a.mechanism is b.mechanism:
                assert not (one.whole_account and other.whole_account), "the same words twice"
            if a.business_unit == b.business_unit and b.product_id in one.excludes:
                raise AssertionError("both of two products of which one can be had")
