from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opportunity_builders import AS_OF, SETTINGS, candidate, findings, peoples, team

from upcross.motions import Mechanism
from upcross.opportunities import People, Person, Settings, merge
from upcross.opportunities.route import clearings, route


def names(candidate_, people=None, as_of=AS_OF, settings=SETTINGS):
    way = route(candidate_, people or team(), as_of, settings)
    return way.owner.name, way.closer.name


def test_upsell_is_surfaced_by_the_csm_and_closed_by_the_account_manager():
    assert names(candidate()) == ("Cleo Marsh", "Ann Roth")


def test_upsell_without_an_account_manager_is_closed_by_the_ae():
    people = replace(team(), assigned={"acme": {"csm": "cleo", "ae": "eve"}})
    assert names(candidate(), people) == ("Cleo Marsh", "Eve Stone")


def test_cross_sell_is_closed_by_the_ae():
    assert names(candidate(mechanism=Mechanism.PRODUCT, product="analytics")) == ("Cleo Marsh", "Eve Stone")


def test_cross_sell_is_closed_by_the_products_specialist_where_the_ae_has_left():
    gone = team(eve=date(2026, 3, 31))
    assert names(candidate(mechanism=Mechanism.PRODUCT, product="analytics"), gone)[1] == "Pia Specht"
    assert names(candidate(mechanism=Mechanism.PRODUCT, product="pay"), gone)[1] == "RevOps queue"


def test_a_person_counts_until_the_day_before_leaving():
    leaving = team(cleo=date(2026, 4, 1))
    assert names(candidate(), leaving, date(2026, 3, 31))[0] == "Cleo Marsh"
    owner = route(candidate(), leaving, date(2026, 4, 1), SETTINGS).owner
    assert owner.name == "RevOps queue"
    assert owner.skipped == ("Cleo Marsh (csm) left on 2026-04-01",)


def test_an_account_that_nobody_serves_goes_to_the_queue():
    people = People({}, {"cleo": Person("cleo", "Cleo Marsh", "csm")})
    owner = route(candidate("unserved"), people, AS_OF, SETTINGS).owner
    assert (owner.person_id, owner.role, owner.skipped) == ("queue-revops", "queue", ("no csm",))


def test_a_csm_never_closes_unless_the_company_says_so():
    csm_closes = candidate(close=("csm", "ae"))
    closer = route(csm_closes, team(), AS_OF, SETTINGS).closer
    assert (closer.name, closer.skipped) == ("Eve Stone", ("a csm does not close",))
    assert names(csm_closes, settings=replace(SETTINGS, csm_may_close=True))[1] == "Cleo Marsh"


def test_small_upsell_is_closed_by_the_customer_where_the_company_says_so():
    below_100 = replace(SETTINGS, self_serve_below=100 * 10_000)
    assert names(candidate(mrr=99), settings=below_100) == ("Cleo Marsh", "self-serve")
    assert names(candidate(mrr=100), settings=below_100)[1] == "Ann Roth"
    assert names(candidate(mrr=None), settings=below_100)[1] == "Ann Roth", "an unknown amount is not small"
    assert names(candidate(mechanism=Mechanism.MODULE, mrr=99), settings=below_100)[1] == "Eve Stone"


def test_a_hold_names_who_can_clear_it_and_when_to_look_again():
    (clearing,) = clearings(candidate(held_by=("escalation",)), team(), AS_OF, SETTINGS)
    assert (clearing.hold.gate, clearing.person.name) == ("escalation", "Sam Okoro")
    assert clearing.look_again_on == date(2026, 4, 7)


def test_nobody_is_singled_out_of_several_in_a_role_that_the_account_does_not_fill():
    people = team()
    crowded = replace(people, persons={**people.persons, "sue": Person("sue", "Sue Ek", "support")})
    (clearing,) = clearings(candidate(held_by=("escalation",)), crowded, AS_OF, SETTINGS)
    assert clearing.person.name == "RevOps queue"


def test_settings_without_a_queue_are_refused():
    with pytest.raises(ValueError, match="every ask has an owner"):
        Settings(fallback_queue="")


@settings(max_examples=50, deadline=None)
@given(findings(), peoples(), st.booleans())
def test_no_ask_is_ever_an_orphan_or_with_somebody_who_left(given_findings, people, csm_may_close):
    company = replace(SETTINGS, csm_may_close=csm_may_close)
    for one in merge(given_findings):
        way = route(one, people, AS_OF, company)
        whom = [way.owner, way.closer, *(clearing.person for clearing in clearings(one, people, AS_OF, company))]
        for assignee in whom:
            assert assignee.person_id and assignee.name
            assert assignee.role == "queue" or not people.person(assignee.person_id).left(AS_OF)
        assert csm_may_close or way.closer.role != "csm"
