"""A change plan written into the ledger: exactly what it shows, once, and never over what people did since."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from opportunities.opportunity_builders import AS_OF, SETTINGS, finding, findings, team
from upcross.errors import UsageError
from upcross.ledger.actor import Actor
from upcross.ledger.acts import act
from upcross.ledger.applying import RUN, apply_plan
from upcross.ledger.company import AccountFacts, Company, PersonFacts
from upcross.ledger.given import Given
from upcross.ledger.models import Account, Assignment, Entry, Opportunity, Outbox
from upcross.ledger.remembering import remember
from upcross.ledger.step import Step
from upcross.ledger.verifying import verify
from upcross.motions import Mechanism
from upcross.opportunities import Memory, merge, plan_changes

NOBODY = Company()
CLEO = Actor("cleo", "cleo", "csm")


def planned(found, memory=None, day=AS_OF):
    return plan_changes(merge(found), memory or Memory.empty(), team(), day, SETTINGS)


def applied(found, day=AS_OF):
    return apply_plan(planned(found, remember(day), day), NOBODY)


def only() -> Opportunity:
    [row] = Opportunity.objects.all()
    return row


def test_what_a_plan_shows_is_what_is_written(ledger) -> None:
    plan = planned([finding("acme", mrr=100, respond_within=2), finding("beta", mrr=40, held_by=("health",))])
    done = apply_plan(plan, NOBODY)
    assert dict(done.written) == {"create": 1, "hold": 1}
    rows = {row.account_id: row for row in Opportunity.objects.all()}
    acme, beta = rows["acme"], rows["beta"]
    assert (acme.stage, acme.owner, acme.closer, acme.due_on) == ("surfaced", "cleo", "ann", date(2026, 4, 2))
    assert (acme.potential_expected, acme.motion, acme.mechanism) == (1_000_000, "upsell", "seats")
    assert (beta.stage, beta.gates, beta.held_since) == ("held", ["health"], AS_OF)
    assert Entry.objects.count() == Outbox.objects.count() == 3  # the two of them, and the run


def test_applied_twice_is_applied_once(ledger) -> None:
    found = [finding("acme"), finding("beta", held_by=("health",)), finding("acme", Mechanism.PRODUCT, product="pay")]
    applied(found)
    before = list(Entry.objects.values_list("hash", flat=True))
    again = applied(found)
    assert (dict(again.written), again.unchanged) == ({}, 3)
    assert list(Entry.objects.values_list("hash", flat=True)) == before
    same_plan = planned(found)  # the very plan of the first time, as a second process that planned at the same moment
    assert dict(apply_plan(same_plan, NOBODY).written) == {}
    assert list(Entry.objects.values_list("hash", flat=True)) == before


def test_the_next_day_refreshes_releases_and_expires(ledger) -> None:
    applied([finding("acme", mrr=100), finding("beta", held_by=("health",)), finding("coda", cooldown=90)])
    done = applied([finding("acme", mrr=120), finding("beta")], AS_OF + timedelta(days=1))
    assert dict(done.written) == {"expire": 1, "refresh": 1, "release": 1}
    rows = {row.account_id: row for row in Opportunity.objects.all()}
    assert rows["acme"].potential_expected == 1_200_000
    assert (rows["beta"].stage, rows["beta"].released_from) == ("surfaced", ["health"])
    assert (rows["coda"].stage, rows["coda"].cooldown_until) == ("expired", AS_OF + timedelta(days=91))


def test_no_second_one_for_the_same_thing_until_its_cooldown_is_over(ledger) -> None:
    applied([finding("acme", cooldown=30)])
    act(only().id, Step.DISMISS, CLEO, Given("wrong_data"), today=AS_OF)  # wrong data: 30 days
    for days in (1, 29):
        assert dict(applied([finding("acme", cooldown=30)], AS_OF + timedelta(days=days)).written) in (
            {"hold": 1}, {"refresh": 1})  # fmt: skip
    done = applied([finding("acme", cooldown=30)], AS_OF + timedelta(days=30))
    assert dict(done.written) == {"release": 1}
    assert sorted(Opportunity.objects.values_list("episode", "stage")) == [(1, "dismissed"), (2, "surfaced")]


def test_what_people_did_since_the_plan_wins(ledger) -> None:
    applied([finding("acme", mrr=100)])
    tomorrow = AS_OF + timedelta(days=1)
    expires = planned([], remember(tomorrow), tomorrow)
    context = {"need": "more seats", "goal": "unknown", "buyer": "unknown", "budget_owner": "unknown"}
    act(only().id, Step.QUALIFY, CLEO, Given(context=context), today=AS_OF)
    done = apply_plan(expires, NOBODY)
    assert only().stage == "qualified"
    [overtaken] = done.overtaken
    assert overtaken.why == "it is qualified meanwhile (qualify by cleo)"


def test_a_plan_of_an_earlier_day_is_refused(ledger) -> None:
    applied([finding("acme")])
    with pytest.raises(UsageError, match="the ledger stands at 2026-03-31"):
        applied([finding("acme")], AS_OF - timedelta(days=1))
    assert only().version == 1


def test_the_first_run_is_a_backlog_and_the_next_is_not(ledger) -> None:
    assert applied([finding("acme")]).backlog
    assert not applied([finding("beta")], AS_OF + timedelta(days=1)).backlog
    backlog = ['"backlog":true' in entry.facts for entry in Entry.objects.filter(kind="create").order_by("seq")]
    assert backlog == [True, False]


def test_accounts_and_people_come_with_the_plan(ledger) -> None:
    before = Company((AccountFacts("acme", "Acme", "smb", served_by={"csm": "cleo", "ae": "eve"}),),
                     (PersonFacts("cleo", "Cleo Marsh", "cleo@us.example", "csm", "max"),))  # fmt: skip
    apply_plan(planned([]), before)
    after = Company((AccountFacts("acme", "Acme Inc", "smb", served_by={"csm": "cara"}),))
    apply_plan(planned([]), after)
    assert Account.objects.get().name == "Acme Inc"
    assert list(Assignment.objects.values_list("role", "person_id")) == [("csm", "cara")]
    assert Entry.objects.filter(subject=RUN).count() == 2  # who serves whom decides what somebody sees: it is recorded
    apply_plan(planned([]), after)
    assert Entry.objects.filter(subject=RUN).count() == 2


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(days=st.lists(findings(), min_size=1, max_size=4))
def test_the_ledger_remembers_what_folding_the_plans_remembers(ledger, days) -> None:
    Opportunity.objects.all().delete()
    from django.db import connection

    with connection.cursor() as cursor:
        for table in ("ledger_outbox", "ledger_entry_text", "ledger_entry", "ledger_chain_head"):
            cursor.execute(f"DELETE FROM {table}")
    memory = Memory.empty()
    for number, found in enumerate(days):
        day = AS_OF + timedelta(days=7 * number)
        plan = planned(found, memory, day)
        assert remember(day) == memory
        done = apply_plan(plan, NOBODY)
        assert done.overtaken == ()
        memory = memory.after(plan)
        assert remember(day) == memory
    assert verify().fault is None
