"""Who is told what: alerts of what changes for somebody, one digest a morning, and no alert of a backlog."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from deliveries.worked import ANN, AS_OF, CLEO, apply, finding, hand_off, memory, row, to
from upcross.deliveries.digest import day_of, make_digests
from upcross.deliveries.dispatch import Dispatcher
from upcross.deliveries.memory import MemoryClient
from upcross.deliveries.message import Message
from upcross.deliveries.routing import Router, wanted
from upcross.deliveries.settings import Deliveries, Digest, SlackDestination
from upcross.deliveries.wording import heading
from upcross.ledger.actor import Actor
from upcross.ledger.acts import act
from upcross.ledger.clocks import run_clocks
from upcross.ledger.given import Given
from upcross.ledger.house import House
from upcross.ledger.models import Delivery, Opportunity, Outbox, Person
from upcross.ledger.step import Step
from upcross.plays.play import PlayKind

MORNING = datetime(2026, 4, 1, 8, tzinfo=UTC)
PEOPLE = memory("people", topics=(), alerts=("hand_off", "return", "escalate", "release", "override"))
NEXT = AS_OF + timedelta(days=1)


def alerts(place=PEOPLE) -> list[tuple[str, str]]:
    """Whom the last entries were told to, and how they begin to read it."""
    Delivery.objects.all().delete()
    while Router([place]).route(MORNING):
        pass
    messages = [Message.from_dict(body) for body in Delivery.objects.order_by("id").values_list("body", flat=True)]
    return [(message.to, heading(message).partition(": Acme")[0].partition(": Beta")[0]) for message in messages]


def test_who_has_something_to_do_now_is_told_of_it(ledger) -> None:
    apply(finding("acme", respond_within=2), finding("beta", held_by=("health",)))
    assert alerts() == []
    hand_off()
    assert alerts() == [("ann", "Handed to you")]
    act(row().id, Step.RETURN, ANN, Given("no_need"), today=AS_OF)
    assert alerts() == [("cleo", "Returned to you")]
    apply(finding("acme", respond_within=2), finding("beta"), day=NEXT)
    assert alerts() == [(row("beta").owner, "Can be asked now")]


def test_the_manager_learns_what_is_overdue_and_then_those_who_answer_for_all(ledger) -> None:
    apply(finding("acme", respond_within=2))
    hand_off()
    alerts()
    due = row().due_on
    run_clocks(due + timedelta(days=1))
    assert alerts() == [("ann", "Overdue, waits for you"), ("max", "Overdue, waits for Ann Roth")]
    run_clocks(due + timedelta(days=4))
    assert alerts() == [("ann", "Overdue, waits for you"), ("rita", "Overdue, waits for Ann Roth")]


def test_what_is_asked_against_a_gate_is_told_to_its_owner(ledger) -> None:
    apply(finding("acme", held_by=("health",)))
    manager = Actor("user:3", "max", "manager", frozenset({"cleo", "ann"}), may_override=True)
    given = Given(text="They insist", until=AS_OF + timedelta(days=30))
    act(row().id, Step.OVERRIDE, manager, given, today=AS_OF, house=House(soft_gates=frozenset({"health"})))
    assert alerts() == [("cleo", "Asked anyway, against a gate")]


def test_a_customer_who_asks_to_buy_is_told_of_at_once(ledger) -> None:
    apply(finding("beta"))
    apply(finding("acme", kind=PlayKind.ANSWER, respond_within=1), finding("beta"), finding("coda"), day=NEXT)
    place = memory("people", topics=(), alerts=("answer",))
    assert alerts(place) == [(row().owner, "A customer asks to buy")]


def test_who_left_is_read_for_by_their_manager(ledger) -> None:
    apply(finding("acme"))
    hand_off()
    Person.objects.filter(person_id="ann").update(left_on=date(2026, 3, 1))
    assert alerts() == [("max", "Handed to Ann Roth")]


def test_a_channel_reads_each_thing_once(ledger) -> None:
    apply(finding("acme", respond_within=2))
    hand_off()
    run_clocks(row().due_on + timedelta(days=1))
    channel = SlackDestination(name="team", kind="slack", token_env="T", channel="C1", direct=False)
    assert [to for to, _ in alerts(channel)] == ["ann", "ann"]


def test_the_first_runs_backlog_alerts_nobody_and_is_in_the_digest(ledger) -> None:
    apply(finding("acme"), finding("beta"))
    every = memory("people", topics=(), alerts=("create", "release", "hand_off"))
    assert alerts(every) == []
    place = memory("people", topics=(), digest=True)
    assert make_digests([place], AS_OF, MORNING) == 1
    [body] = Delivery.objects.values_list("body", flat=True)
    assert heading(Message.from_dict(body)) == "2026-03-31, Cleo Marsh: 2 new"
    apply(finding("acme"), finding("beta"), finding("coda"), day=NEXT)
    assert [to for to, _ in alerts(every)] == ["cleo"]  # from then on they are told


def groups(reader: str, day: date) -> dict[str, list[str]]:
    make_digests([memory("people", topics=(), digest=True)], day, MORNING)
    found = Delivery.objects.filter(dedupe=f"digest people {reader} {day}").values_list("body", flat=True)
    return {g["title"]: [item["account_id"] for item in g["items"]] for body in found for g in body["data"]["groups"]}


def test_a_digest_tells_each_thing_once_the_most_urgent_and_largest_first(ledger) -> None:
    apply(
        finding("acme", mrr=10, respond_within=1),
        finding("beta", mrr=500, respond_within=9),
        finding("coda", respond_within=9),
    )
    assert groups("cleo", AS_OF) == {"New": ["beta", "coda", "acme"]}
    hand_off("coda")
    assert groups("cleo", NEXT) == {"Due today": ["acme"]}  # what was new yesterday is no news
    assert groups("ann", NEXT) == {"Handed to you": ["coda"]}
    day = NEXT + timedelta(days=1)
    assert groups("cleo", day) == {"Overdue": ["acme"]}
    assert groups("max", day) == {}


def test_a_digest_is_sent_once_a_day_however_often_the_worker_starts(ledger) -> None:
    apply(finding("acme"))
    client = MemoryClient()
    place = memory("people", topics=(), digest=True)
    now = MORNING - timedelta(minutes=1)

    def tick() -> int:
        made = Dispatcher(to(place), {"people": client}, clock=lambda: now)
        made.tick()
        made.wait()
        return len(client.messages)

    assert tick() == 0  # not yet eight
    now = MORNING
    assert [tick(), tick()] == [1, 1]
    hand_off()  # what comes later that day is an alert's or tomorrow's
    assert tick() == 1
    now = MORNING + timedelta(days=1)
    assert tick() == 2
    assert [message.to for message in client.messages] == ["cleo", "ann"]


@pytest.mark.parametrize(
    ("moment", "day"),
    [("2026-06-30T05:59", None), ("2026-06-30T06:00", "2026-06-30"), ("2026-06-30T21:59", "2026-06-30"),
     ("2026-06-30T22:30", None), ("2026-07-04T10:00", None), ("2026-12-01T06:59", None), ("2026-12-01T07:00", "2026-12-01")],
)  # fmt: skip
def test_the_morning_is_that_of_the_company(moment: str, day: str | None) -> None:
    """Eight in Berlin is six UTC in summer and seven in winter; 2026-07-04 is a Saturday."""
    digest = Digest(timezone="Europe/Berlin")
    assert isinstance(digest.timezone, ZoneInfo) and digest.at == time(8)
    found = day_of(digest, datetime.fromisoformat(f"{moment}+00:00"))
    assert (found and found.isoformat()) == day


def test_what_a_topic_means() -> None:
    assert wanted("opportunity.win", ("opportunity.*",)) and wanted("run.apply", ("*",))
    assert not wanted("opportunity.win", ("opportunity.lose", "run.*"))
    assert not wanted("opportunity.refresh", ("*", "opportunity.*"))  # told only where it is named
    assert wanted("opportunity.refresh", ("opportunity.refresh",))


def test_an_alternative_is_not_listed_beside_what_it_is_an_alternative_to(ledger) -> None:
    apply(finding("acme"))
    Opportunity.objects.update(alternative_of="another")
    assert groups("cleo", AS_OF) == {}


def test_nothing_is_made_without_destinations(ledger) -> None:
    apply(finding("acme"))
    act(row().id, Step.COMMENT, CLEO, Given(text="hm"), today=AS_OF)
    nowhere = Dispatcher(Deliveries(), {}, clock=lambda: MORNING)
    nowhere.tick()
    assert Delivery.objects.count() == 0


def test_of_many_at_once_a_reader_gets_one_list_and_of_what_is_old_nothing(ledger) -> None:
    names = [f"customer-{number:02}" for number in range(12)]
    served = {name: {"csm": "cleo", "account_manager": "ann"} for name in names}
    apply(*(finding(name, mrr=number, respond_within=2) for number, name in enumerate(names)), served=served)
    run_clocks(AS_OF + timedelta(days=3))
    assert [text.partition(", ")[2] for _, text in alerts()] == ["Cleo Marsh: 12 overdue", "Max Berg: 12 overdue"]
    told = Delivery.objects.order_by("id").first().body
    assert (told["type"], len(told["data"]["groups"][0]["items"])) == ("several", 10)

    Delivery.objects.all().delete()
    Outbox.objects.update(routed_at=None)
    while Router([PEOPLE]).route(datetime.now(UTC) + timedelta(days=3, minutes=1)):
        pass
    assert Delivery.objects.count() == 0
