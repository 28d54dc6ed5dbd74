from hypothesis import given, settings
from opportunity_builders import candidate, finding, findings

from upcross.money import SCALE
from upcross.motions import Mechanism, Motion
from upcross.opportunities import Status, Total, merge
from upcross.opportunities.totals import total


def totals(*given_findings):
    pool = merge(given_findings)
    return total(
        [one for one in pool if one.status is Status.FIRED], [one for one in pool if one.status is Status.HELD]
    )


def euros(amount, asks, unknown=0):
    return Total(amount * SCALE, asks, unknown)


def test_motions_stand_apart_and_expansion_is_their_sum():
    found = totals(finding(mrr=100), finding("beta", mrr=50), finding(mechanism=Mechanism.MODULE, mrr=30))
    assert found.fired.upsell == euros(150, 2)
    assert found.fired.cross_sell == euros(30, 1)
    assert found.fired.expansion == euros(180, 3)
    assert list(found.fired.to_dict()) == ["upsell", "cross_sell", "expansion"]


def test_alternatives_count_once_with_the_largest():
    found = totals(
        finding(mrr=100), finding(mechanism=Mechanism.TIER, mrr=300), finding(mechanism=Mechanism.USAGE, mrr=None)
    )
    assert found.fired.upsell == euros(300, 1)


def test_an_unknown_amount_is_counted_and_not_taken_for_zero():
    assert totals(finding(mrr=100), finding("beta", mrr=None)).fired.upsell == euros(100, 2, unknown=1)


def test_held_by_a_gate_and_by_that_gate_alone():
    found = totals(
        finding("a", mrr=100, held_by=("health",)),
        finding("b", mrr=200, held_by=("health", "escalation")),
        finding("c", mrr=400, held_by=("escalation",)),
    )
    assert found.held.upsell == euros(700, 3), "100 + 200 + 400: each ask once"
    gates = {gate.gate: (gate.held.upsell, gate.alone.upsell) for gate in found.gates}
    assert gates == {
        "escalation": (euros(600, 2), euros(400, 1)),  # 200 + 400; c alone
        "health": (euros(300, 2), euros(100, 1)),  # 100 + 200; a alone
    }
    assert [gate.gate for gate in found.gates] == ["escalation", "health"], "most money first"


def test_an_ask_with_one_way_open_is_not_also_held():
    found = totals(finding(mrr=100), finding(mechanism=Mechanism.TIER, mrr=300, held_by=("health",)))
    assert found.fired.upsell == euros(100, 1)
    assert found.held.upsell == euros(0, 0)
    assert found.gates == ()


def test_a_gate_added_by_a_second_hold_leaves_nothing_to_either_alone():
    from opportunity_builders import hold

    one = candidate(mrr=100, held_by=("health",)).held_back(hold("cooldown"))
    assert [(gate.gate, gate.alone.upsell) for gate in total([], [one]).gates] == [
        ("cooldown", euros(0, 0)),
        ("health", euros(0, 0)),
    ]


@settings(max_examples=50, deadline=None)
@given(findings())
def test_what_a_gate_holds_alone_is_never_more_than_what_it_holds_nor_that_than_all(given_findings):
    found = totals(*given_findings)
    for gate in found.gates:
        for motion in Motion:
            alone, held, everything = gate.alone.of(motion), gate.held.of(motion), found.held.of(motion)
            assert alone.expected <= held.expected <= everything.expected
            assert alone.asks <= held.asks <= everything.asks


@settings(max_examples=50, deadline=None)
@given(findings())
def test_each_ask_is_counted_exactly_once(given_findings):
    found = totals(*given_findings)
    asks = {one.identity.ask for one in given_findings}
    assert found.fired.expansion.asks + found.held.expansion.asks == len(asks)
    largest = sum(
        max((f.reason.potential.expected or 0) for f in given_findings if f.identity.ask == ask) for ask in asks
    )
    assert found.fired.expansion.expected + found.held.expansion.expected <= largest
