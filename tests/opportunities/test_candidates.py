import random
from datetime import date

import pytest
from hypothesis import given, settings
from opportunity_builders import candidate, euros, finding, findings

from upcross.motions import Mechanism, Motion
from upcross.opportunities import Evidence, Potential, Status, Timing, merge
from upcross.signals.model import Unit


def test_two_plays_about_the_same_thing_are_two_reasons_of_one_candidate():
    (one,) = merge([finding(play="seats-a", mrr=100), finding(play="seats-b", mrr=300)])

    assert [reason.play_id for reason in one.reasons] == ["seats-a", "seats-b"]
    assert one.potential == euros(300), "the largest of 100 and 300, never 400"
    assert one.motion is Motion.UPSELL


def test_one_reason_that_fires_is_enough():
    (one,) = merge([finding(play="a", held_by=("health",)), finding(play="b")])
    assert one.status is Status.FIRED
    assert one.holds == ()


def test_held_only_where_no_reason_fires_and_each_gate_is_listed_once():
    (one,) = merge([finding(play="a", held_by=("health",)), finding(play="b", held_by=("health", "dispute"))])
    assert one.status is Status.HELD
    assert [hold.gate for hold in one.holds] == ["health", "dispute"]
    assert one.held_alone_by("health"), "once health clears, play a fires"
    assert not one.held_alone_by("dispute"), "health still holds both plays"


def test_money_that_a_gate_holds_does_not_swell_what_fires():
    (one,) = merge([finding(play="a", mrr=900, held_by=("health",)), finding(play="b", mrr=100)])
    assert one.potential == euros(100)


def test_unknown_potential_is_less_than_zero_potential():
    (one,) = merge([finding(play="a", mrr=None), finding(play="b", mrr=0)])
    assert one.potential == euros(0)
    assert candidate(mrr=None).potential == Potential(None, None, None)


def test_evidence_is_the_union_of_all_reasons():
    seats = Evidence("seats_free", "free seats", 2, Unit.COUNT, "<=", 5)
    rate = Evidence("seat_utilization", "seat utilization", 0.96, Unit.RATIO, ">=", 0.9)
    (one,) = merge([finding(play="a", evidence=(seats, rate)), finding(play="b", evidence=(rate,))])
    assert one.evidence == (seats, rate)


def test_two_meters_of_one_product_are_two_reasons_of_one_ask():
    (one,) = merge(
        [
            finding(mechanism=Mechanism.USAGE, mrr=100, metric="api_calls"),
            finding(mechanism=Mechanism.USAGE, mrr=40, metric="storage"),
        ]
    )
    assert [reason.metric for reason in one.reasons] == ["api_calls", "storage"]
    assert one.potential == euros(100)


def test_one_play_cannot_give_two_verdicts_on_one_row():
    with pytest.raises(ValueError, match="two different verdicts"):
        merge([finding(mrr=100), finding(mrr=200)])


def test_seats_tier_and_usage_of_one_product_are_alternatives_of_the_largest():
    seats, tier, usage, module = merge(
        [
            finding(mechanism=Mechanism.MODULE, mrr=999),
            finding(mechanism=Mechanism.USAGE, mrr=50),
            finding(mechanism=Mechanism.TIER, mrr=300),
            finding(mechanism=Mechanism.SEATS, mrr=100),
        ]
    )
    assert seats.alternative_of == usage.alternative_of == tier.identity
    assert tier.alternative_of is None
    assert tier.alternatives == (seats.identity, usage.identity)
    assert module.alternatives == (), "another product offered is another ask"


def test_ties_between_alternatives_go_by_the_order_of_mechanisms():
    tier, usage = merge([finding(mechanism=Mechanism.USAGE), finding(mechanism=Mechanism.TIER)])
    assert usage.alternative_of == tier.identity


def test_what_fires_speaks_for_the_ask_even_if_a_held_alternative_is_larger():
    seats, tier = merge([finding(mrr=100), finding(mechanism=Mechanism.TIER, mrr=300, held_by=("health",))])
    assert tier.alternative_of == seats.identity


def test_other_products_and_accounts_are_no_alternatives():
    merged = merge([finding(), finding("beta", Mechanism.TIER), finding(mechanism=Mechanism.TIER, product="pay")])
    assert [one.alternatives for one in merged] == [(), (), ()]


@pytest.mark.parametrize(
    ("renewal_on", "expected"),
    [
        (date(2026, 3, 30), None),  # yesterday: over
        (date(2026, 3, 31), date(2026, 3, 31)),
        (date(2026, 6, 29), date(2026, 6, 29)),  # 31 March + 90 days
        (date(2026, 6, 30), None),  # one day too far
        (None, None),  # a rolling line
    ],
)
def test_an_ask_folds_into_a_renewal_within_the_plays_days(renewal_on, expected):
    assert candidate(timing=Timing(90, renewal_on)).renewal(date(2026, 3, 31)) == expected


def test_without_a_setting_an_ask_is_a_deal_of_its_own():
    assert candidate(timing=Timing(None, date(2026, 4, 1))).renewal(date(2026, 3, 31)) is None


@settings(max_examples=50, deadline=None)
@given(findings())
def test_the_order_of_findings_is_immaterial(given_findings):
    shuffled = random.Random(7).sample(given_findings, len(given_findings))
    assert merge(shuffled) == merge(given_findings)


@settings(max_examples=50, deadline=None)
@given(findings())
def test_every_ask_has_exactly_one_speaker(given_findings):
    merged = merge(given_findings)
    speakers = [one.identity.ask for one in merged if one.alternative_of is None]
    assert sorted(speakers) == sorted({one.identity.ask for one in merged})
