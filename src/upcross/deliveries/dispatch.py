"""From the outbox to the world: deliveries are made, sent at least once, and every attempt is kept.

Nothing here runs in a request. Each destination is sent to on a thread of its own, so that one that hangs keeps no
other waiting. What was sent and not recorded, for the process ended in between, is sent again with the same id.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from threading import Event
from typing import Any

from django.db import connection, transaction

from upcross.deliveries.digest import day_of, make_digests
from upcross.deliveries.message import Client, Delivered, Message, Outcome, Rejected, Retry, redacted
from upcross.deliveries.routing import Guard, Router, unguarded
from upcross.deliveries.settings import Deliveries
from upcross.deliveries.telling import personal_words
from upcross.ledger.models import Delivery, DeliveryAttempt, Opportunity

FOR_SO_LONG = timedelta(hours=72)
"""How long a message is tried."""

FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(hours=6)
GROWTH = 4

MOST_IN_A_ROW = 50
"""Messages sent by one thread before others get their turn."""

Log = Callable[..., None]
"""Takes the name of an event and its facts."""


def silent(event: str, **facts: object) -> None:
    """Logs nothing."""


def wait_after(attempt: int, chance: random.Random) -> timedelta:
    """How long to wait after a failed attempt, counted from 1: 5 seconds, times 4 each time, 6 hours at most.

    Half of it is left to chance ("equal jitter", M. Brooker, Exponential Backoff And Jitter, AWS Architecture Blog),
    so that messages that failed together do not come back together.
    """
    longest = min(FIRST_WAIT * GROWTH ** min(attempt - 1, 12), LONGEST_WAIT)
    return longest * chance.uniform(0.5, 1)


@dataclass
class Dispatcher:
    """Routes, makes digests and sends, as far as the guard lets it."""

    deliveries: Deliveries
    clients: Mapping[str, Client]
    link: str = ""
    guard: Guard = unguarded
    log: Log = silent
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    chance: random.Random = field(default_factory=random.Random)
    _digested: date | None = None
    _resting: dict[str, datetime] = field(default_factory=dict)
    _sending: dict[str, Future[None]] = field(default_factory=dict)
    _threads: ThreadPoolExecutor | None = None
    _stopping: Event = field(default_factory=Event)

    def tick(self) -> int:
        """Route what is new, make the digests that are due, start sending what is due; how many entries were new."""
        router = Router(self.deliveries.destinations, self.link, self.guard)
        routed = router.route(self.clock())
        self._digest()
        self._give_up_removed()
        due = Delivery.objects.filter(state="pending", next_at__lte=self.clock(), destination__in=list(self.clients))
        for name in due.values_list("destination", flat=True).distinct():
            self._start(name)
        return routed

    def send_due(self, name: str) -> int:
        """Send what is due at one destination, one after the other, and say how many that were."""
        sent = 0
        while sent < MOST_IN_A_ROW and not self._stopping.is_set() and not self._rests(name):
            due = Delivery.objects.filter(state="pending", next_at__lte=self.clock(), destination=name)
            delivery = due.select_related("outbox__entry").order_by("next_at", "id").first()
            if delivery is None:
                break
            outcome = self._send(name, delivery)
            if isinstance(outcome, Retry) and outcome.after:  # it asks for time: the next message would hear the same
                self._resting[name] = self.clock() + min(outcome.after, LONGEST_WAIT)
            self._record(delivery.pk, outcome)
            sent += 1
        return sent

    def _rests(self, name: str) -> bool:
        """Whether a destination has asked to be left alone for a while."""
        return name in self._resting and self.clock() < self._resting[name]

    def stop(self) -> None:
        """Start nothing more, and wait for what is being sent: no longer than a request may take."""
        self._stopping.set()
        if self._threads is not None:
            self._threads.shutdown(wait=True, cancel_futures=True)

    def wait(self) -> None:
        """Wait for what is being sent, and raise what a thread has raised."""
        for future in list(self._sending.values()):
            future.result()

    def _digest(self) -> None:
        day = day_of(self.deliveries.digest, self.clock())
        if day is not None and day != self._digested:
            made = make_digests(
                self.deliveries.destinations, day, self.clock(), link=self.link, guard=self.guard
            )  # fmt: skip
            self._digested = day
            if made:
                self.log("digests made", count=made, day=day.isoformat())

    def _give_up_removed(self) -> None:
        removed = Delivery.objects.filter(state="pending").exclude(destination__in=list(self.clients))
        if removed.exists():
            with transaction.atomic():
                self.guard()
                removed.update(
                    state="dead", next_at=None, last_error="the project file has no such destination any more"
                )

    def _start(self, name: str) -> None:
        busy = self._sending.get(name)
        if self._stopping.is_set() or (busy is not None and not busy.done()):
            return
        if self._threads is None:
            self._threads = ThreadPoolExecutor(max(len(self.clients), 1), thread_name_prefix="delivery")
        self._sending[name] = self._threads.submit(self._on_thread, name)

    def _on_thread(self, name: str) -> None:
        try:
            self.send_due(name)
        except Exception as error:
            self.log("sending failed", destination=name, why=f"{type(error).__name__}: {redacted(error)}")
            raise
        finally:
            connection.close()

    def _send(self, name: str, delivery: Delivery) -> Outcome:
        message = Message.from_dict(delivery.body)
        if self._wants_words(name):
            message = _with_words(message, delivery)
        try:
            return self.clients[name].send(message)
        except Exception as error:  # a fault of ours holds up this message and no other
            return Retry(f"{type(error).__name__}: {redacted(error)}")

    def _wants_words(self, name: str) -> bool:
        return any(place.name == name and place.include_quotes for place in self.deliveries.destinations)

    def _record(self, key: Any, outcome: Outcome) -> None:
        """What came of an attempt, in one transaction; the guard has it written by nobody who lost the lease."""
        now = self.clock()
        with transaction.atomic():
            self.guard()
            delivery = Delivery.objects.select_for_update().get(pk=key)
            delivery.attempts += 1
            number = DeliveryAttempt.objects.filter(delivery=delivery).count() + 1
            kind, why = type(outcome).__name__.lower(), "" if isinstance(outcome, Delivered) else outcome.why
            DeliveryAttempt.objects.create(
                delivery=delivery, number=number, at=now, outcome=kind, status=outcome.status, detail=why[:1000]
            )
            delivery.last_error = why[:1000]
            if isinstance(outcome, Delivered):
                delivery.state, delivery.delivered_at, delivery.next_at = "delivered", now, None
            elif isinstance(outcome, Rejected) or now >= delivery.since + FOR_SO_LONG:
                delivery.state, delivery.next_at = "dead", None
            else:
                wait = max(wait_after(delivery.attempts, self.chance), outcome.after or timedelta(0))
                delivery.next_at = min(now + wait, delivery.since + FOR_SO_LONG)
            delivery.save()
        self.log(
            kind if delivery.state != "dead" else "dead", destination=delivery.destination, message=delivery.body["id"],
            type=delivery.body["type"], attempt=number, why=why,
        )  # fmt: skip


def _with_words(message: Message, delivery: Delivery) -> Message:
    if delivery.outbox is None or "opportunity" not in message.data:
        return message
    row = Opportunity.objects.filter(pk=message.data["opportunity"]["id"]).first()
    words = personal_words(delivery.outbox.entry, row)
    return Message(message.id, message.type, message.at, {**message.data, "words": words}, message.to)


def send_again(keys: Sequence[int], moment: datetime) -> int:
    """Have dead deliveries sent again, for as long as new ones; how many there were."""
    with transaction.atomic():
        dead = Delivery.objects.select_for_update().filter(pk__in=list(keys), state="dead")
        return int(dead.update(state="pending", attempts=0, since=moment, next_at=moment))


def delivery_facts(delivery: Delivery) -> dict[str, Any]:
    """One delivery as plain values: what, where to, how it stands, and why."""
    body = delivery.body if isinstance(delivery.body, dict) else json.loads(delivery.body)
    told = body["data"].get("opportunity") or {}
    return {
        "id": delivery.pk, "destination": delivery.destination, "message": body["id"], "type": body["type"],
        "to": body["to"], "account": told.get("account"), "state": delivery.state, "attempts": delivery.attempts,
        "created_at": delivery.created_at.isoformat(), "next_at": _moment(delivery.next_at),
        "delivered_at": _moment(delivery.delivered_at), "why": delivery.last_error,
    }  # fmt: skip


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
