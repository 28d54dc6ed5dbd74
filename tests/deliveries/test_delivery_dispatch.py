"""From the outbox to receivers: everything at least once, nothing twice without need, nothing lost, nobody held up."""

from __future__ import annotations

import json
import random
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from standardwebhooks import Webhook

from deliveries.receiver import answer, receiver, reset
from deliveries.worked import ANN, AS_OF, apply, finding, hand_off, memory, row, to
from upcross.deliveries.clients import clients
from upcross.deliveries.dispatch import FOR_SO_LONG, Dispatcher, send_again, wait_after
from upcross.deliveries.memory import MemoryClient
from upcross.deliveries.message import Delivered, Rejected, Retry
from upcross.deliveries.routing import Router
from upcross.deliveries.settings import WebhookDestination
from upcross.ledger.acts import act
from upcross.ledger.erasing import erase
from upcross.ledger.given import Given
from upcross.ledger.models import Delivery, DeliveryAttempt, Outbox
from upcross.ledger.step import Step

START = datetime(2026, 4, 1, 6, tzinfo=UTC)


class Crash(BaseException):
    """The process ends here."""


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **span: float) -> None:
        self.now += timedelta(**span)


def dispatcher(client: MemoryClient, clock: Clock | None = None, **more) -> Dispatcher:
    return Dispatcher(to(memory()), {"memory": client}, clock=clock or Clock(), chance=random.Random(1), **more)


def types(client: MemoryClient) -> list[str]:
    return [message.type for message in client.messages]


@pytest.fixture(autouse=True)
def _one_ask(ledger) -> None:
    apply(finding("acme", mrr=100, respond_within=2))


def test_every_step_is_told_once_with_how_it_stood_then() -> None:
    hand_off()
    client = MemoryClient()
    sending = dispatcher(client)
    assert sending.tick() == Outbox.objects.count()
    sending.wait()
    assert types(client) == ["opportunity.create", "opportunity.qualify", "opportunity.hand_off"]
    stages = [message.data["opportunity"]["stage"] for message in client.messages]
    assert stages == ["surfaced", "qualified", "handed_off"]  # although it was handed off before any was sent
    told = client.messages[2].data["opportunity"]
    assert (told["account"], told["potential"]["expected"], told["currency"]) == ("Acme", "100", "EUR")
    assert (told["owner_name"], told["handed_to_name"], told["motion"]) == ("Cleo Marsh", "Ann Roth", "upsell")
    sending.tick()
    sending.wait()
    assert len(client.messages) == 3
    assert set(Delivery.objects.values_list("state", "attempts")) == {("delivered", 1)}


def test_what_people_wrote_is_sent_only_where_the_destination_wants_it_and_not_once_it_is_erased() -> None:
    hand_off()
    plain, quoting = MemoryClient(), MemoryClient()
    places = to(memory("plain"), memory("quoting", include_quotes=True))
    sending = Dispatcher(places, {"plain": plain, "quoting": quoting}, clock=Clock())
    sending.tick()
    sending.wait()
    assert "Dana Fox" not in json.dumps([message.to_dict() for message in plain.messages])
    assert [m.data["words"] for m in quoting.messages] == [
        {},
        {"need": "Dana Fox wants seats", "goal": "unknown", "buyer": "Dana Fox", "budget_owner": "unknown"},
        {"text": "Dana Fox said yes"},
    ]
    assert "Dana Fox" not in json.dumps(
        list(Delivery.objects.values_list("body", flat=True))
    )  # nor is it kept with them
    act(row().id, Step.RETURN, ANN, Given("no_need", "Dana Fox changed her mind"), today=AS_OF)
    erase("opportunity", str(row().id), ANN)
    sending.tick()
    sending.wait()
    assert quoting.messages[-1].data["words"] == {}


def test_a_failure_is_tried_again_later_and_later_then_listed_with_why_and_sent_again_by_hand() -> None:
    clock, client = Clock(), MemoryClient([Retry("it answered 500", status=500)] * 100)
    sending = dispatcher(client, clock)
    sending.tick()
    sending.wait()
    waits = []
    while (delivery := Delivery.objects.get()).state == "pending":
        waits.append((delivery.next_at - clock.now).total_seconds())
        clock.now = delivery.next_at
        sending.tick()
        sending.wait()
    assert [round(w) for w in waits[:3]] == pytest.approx([4, 15, 60], abs=20) and waits[0] <= 5 and waits[1] <= 20
    assert max(waits) <= 6 * 3600
    assert clock.now - START == FOR_SO_LONG  # the last attempt is made at the very end
    assert (delivery.state, delivery.last_error) == ("dead", "it answered 500")
    tried = DeliveryAttempt.objects.filter(delivery=delivery)
    assert tried.count() == len(client.messages) == delivery.attempts
    assert set(tried.values_list("outcome", "status", "detail")) == {("retry", 500, "it answered 500")}
    assert len({message.id for message in client.messages}) == 1

    clock.pass_(days=2)
    client.outcomes = [Retry("still down"), Delivered()]
    assert send_again([delivery.pk], clock.now) == 1
    for _ in range(2):
        sending.tick()
        sending.wait()
        clock.pass_(seconds=6)
    delivery.refresh_from_db()
    assert delivery.state == "delivered"
    assert client.messages[-1].id == client.messages[0].id


def test_a_rejected_message_is_dead_at_once_and_others_go_on() -> None:
    hand_off()
    client = MemoryClient([Delivered(), Rejected("it refuses the message: 422", 422)])
    sending = dispatcher(client)
    sending.tick()
    sending.wait()
    assert sorted(Delivery.objects.values_list("state", flat=True)) == ["dead", "delivered", "delivered"]
    assert Delivery.objects.get(state="dead").last_error == "it refuses the message: 422"


def test_a_receiver_that_asks_for_time_gets_it() -> None:
    clock, client = Clock(), MemoryClient([Retry("busy", timedelta(minutes=30)), Delivered()])
    sending = dispatcher(client, clock)
    for minutes, sent in ((0, 1), (29, 1), (2, 2)):
        clock.pass_(minutes=minutes)
        sending.tick()
        sending.wait()
        assert len(client.messages) == sent


def test_a_receiver_that_asks_for_time_is_not_asked_with_the_next_message_either() -> None:
    hand_off()
    clock, client = Clock(), MemoryClient([Retry("rate limited", timedelta(seconds=30))])
    sending = dispatcher(client, clock)
    for seconds, sent in ((0, 1), (29, 1), (2, 4)):
        clock.pass_(seconds=seconds)
        sending.tick()
        sending.wait()
        assert len(client.messages) == sent


def test_a_crash_between_sending_and_recording_sends_again_with_the_same_id() -> None:
    client = MemoryClient([Crash()])
    sending = dispatcher(client)
    sending.tick()
    with pytest.raises(Crash):
        sending.wait()
    assert Delivery.objects.get().state == "pending"
    again = dispatcher(client)  # the next process
    again.tick()
    again.wait()
    assert [message.id for message in client.messages] == [client.messages[0].id] * 2
    assert Delivery.objects.get().state == "delivered"


def test_a_crash_between_routing_and_marking_makes_no_second_delivery(monkeypatch: pytest.MonkeyPatch) -> None:
    router = Router([memory()])
    router.route(START)
    before = set(Delivery.objects.values_list("dedupe", flat=True))
    Outbox.objects.update(routed_at=None)  # as if it had not been marked
    router.route(START)
    assert set(Delivery.objects.values_list("dedupe", flat=True)) == before

    Delivery.objects.all().delete()
    Outbox.objects.update(routed_at=None)
    calls = iter([None, Crash()])

    def guard() -> None:
        raised = next(calls)
        if raised:
            raise raised

    with pytest.raises(Crash):
        Router([memory()], guard=lambda: (guard(), guard())).route(START)
    assert Delivery.objects.count() == 0 and Outbox.objects.filter(routed_at=None).count() == Outbox.objects.count()


def test_a_destination_that_hangs_keeps_no_other_waiting_and_no_tick() -> None:
    hanging, quick = MemoryClient(wait_for=threading.Event()), MemoryClient()
    sending = Dispatcher(to(memory("hanging"), memory("quick")), {"hanging": hanging, "quick": quick}, clock=Clock())
    began = time.monotonic()
    for _ in range(3):
        sending.tick()
    while len(quick.messages) < 1 and time.monotonic() - began < 5:
        time.sleep(0.01)
    assert (len(quick.messages), len(hanging.messages)) == (1, 0)
    hand_off()  # nor whoever works with the ledger
    assert time.monotonic() - began < 2
    hanging.wait_for.set()
    sending.wait()
    sending.stop()
    assert len(hanging.messages) >= 1


def test_a_fault_of_ours_holds_up_one_message_alone() -> None:
    hand_off()
    client = MemoryClient([ZeroDivisionError("for ana@example.com")])
    sending = dispatcher(client)
    sending.tick()
    sending.wait()
    assert len(client.messages) == 3
    assert Delivery.objects.get(state="pending").last_error == "ZeroDivisionError: for [e-mail]"


def test_what_waits_for_a_destination_that_was_removed_is_listed_as_dead() -> None:
    Router([memory("gone")]).route(START)
    dispatcher(MemoryClient()).tick()
    assert Delivery.objects.get().last_error == "the project file has no such destination any more"


def test_the_waits_grow_to_six_hours_and_are_spread() -> None:
    chance = random.Random(7)
    for attempt, longest in ((1, 5), (2, 20), (3, 80), (4, 320), (8, 21600), (50, 21600)):
        waits = [wait_after(attempt, chance).total_seconds() for _ in range(200)]
        assert longest / 2 <= min(waits) < longest * 0.6 and longest * 0.9 < max(waits) <= longest


@pytest.mark.parametrize("times", [12])
def test_webhooks_arrive_signed_through_errors_resets_and_silence(monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    """A receiver that answers 500, hangs, resets after taking it, and answers slowly, gets every entry at least once."""
    monkeypatch.setenv("HOOK", "whsec_" + "A" * 43 + "=")
    for number in range(times):
        apply(finding(f"account-{number}"), finding("acme"), day=AS_OF + timedelta(days=number))
    with receiver() as there:
        place = WebhookDestination(name="lake", kind="webhook", url=there.url(), secret_env="HOOK", allow_hosts=("127.0.0.1",),
                                   topics=("opportunity.*", "run.apply"))  # fmt: skip
        clock = Clock()
        made = clients(to(place), None)
        object.__setattr__(made["lake"].sender, "seconds", 0.2)
        there.answers = [answer(500), reset, lambda h: there.let_go.wait(0.5) and None, answer(429, Retry_After="3"),
                         lambda h: (time.sleep(0.1), answer(204)(h)), reset, answer(302, Location="http://127.0.0.1/")]  # fmt: skip
        sending = Dispatcher(to(place), made, clock=clock)
        wanted = None
        for _ in range(20):
            sending.tick()
            sending.wait()
            clock.pass_(minutes=3)
            wanted = Delivery.objects.count()
            if not Delivery.objects.filter(state="pending").exists():
                break
        ids = [got.headers["webhook-id"] for got in there.received]
        assert len(set(ids)) == wanted == Outbox.objects.exclude(topic="opportunity.refresh").count()
        assert len(ids) > wanted  # those that were taken and cut came again, with their id
        assert Delivery.objects.filter(state="delivered").count() == wanted
        body = there.received[-1].body
    assert Webhook("whsec_" + "A" * 43 + "=").sign("x", START, body.decode())  # a receiver's library reads the secret
    assert json.loads(body)["type"] in ("opportunity.create", "opportunity.expire", "run.apply")
    connection.close()
