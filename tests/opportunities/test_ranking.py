import random
from datetime import date

from hypothesis import given, settings
from opportunity_builders import finding, findings

from upcross.motions import Mechanism, Motion
from upcross.opportunities import merge
from upcross.opportunities.rank import rank


def accounts(ranked):
    return [one.identity.account_id for one in ranked]


def test_more_money_first_unknown_last_even_behind_zero():
    pool = merge([finding("a", mrr=None), finding("b", mrr=0), finding("c", mrr=200), finding("d", mrr=300)])
    assert accounts(rank(pool, Motion.UPSELL)) == ["d", "c", "b", "a"]


def test_equal_money_goes_by_response_time_then_limit_then_account():
    pool = merge(
        [
            finding("a"),
            finding("b", respond_within=5),
            finding("c", respond_within=5, limit_on=date(2026, 5, 1)),
            finding("d", respond_within=5, limit_on=date(2026, 4, 1)),
            finding("e", respond_within=2),
            finding("f"),
        ]
    )
    assert accounts(rank(pool, Motion.UPSELL)) == ["e", "d", "c", "b", "a", "f"]


def test_alternatives_follow_the_one_that_speaks_for_the_ask():
    pool = merge([finding("a", mrr=10), finding("a", Mechanism.TIER, mrr=300), finding("b", mrr=200)])
    ranked = [(one.identity.account_id, one.identity.mechanism.value) for one in rank(pool, Motion.UPSELL)]
    assert ranked == [("a", "tier"), ("a", "seats"), ("b", "seats")]


@settings(max_examples=50, deadline=None)
@given(findings())
def test_ranking_never_mixes_motions_and_loses_nobody(given_findings):
    pool = merge(given_findings)
    lanes = [rank(pool, motion) for motion in Motion]
    assert all(one.motion is motion for motion, lane in zip(Motion, lanes, strict=True) for one in lane)
    assert sum(map(len, lanes)) == len(pool)
    assert rank(random.Random(3).sample(pool, len(pool)), Motion.UPSELL) == lanes[0]
