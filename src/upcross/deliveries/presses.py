"""What was pressed in Slack, done by the worker: as whoever pressed it, with no more rights than on the pages."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from http.client import HTTPException
from typing import Any

from django.db import transaction
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from upcross.access import scope
from upcross.access.models import User, plain_email
from upcross.access.roles import HAS_A_TEAM, SEES_ALL, Capability, Role, capabilities
from upcross.access.viewer import Viewer, people_below, viewer_of
from upcross.deliveries.inbound import Inbound
from upcross.deliveries.message import Message, SecretMissingError, secret
from upcross.deliveries.routing import Guard, message_id, new_delivery, unguarded
from upcross.deliveries.settings import SlackDestination
from upcross.deliveries.slack import SECONDS
from upcross.ledger.acts import act
from upcross.ledger.given import Given
from upcross.ledger.models import Delivery, Entry, Opportunity, Person, Received
from upcross.ledger.refusals import ForbiddenError, LedgerError
from upcross.ledger.step import PASSING, Step
from upcross.ledger.writer import OPPORTUNITY

_NOT_OURS = ("deleted", "is_bot", "is_stranger", "is_restricted", "is_ultra_restricted")
_WORKING_ROLES = frozenset({"csm", "account_manager", "ae", "specialist", "manager", "revops", "leader"})
_DONE = {"accept": "Accepted", "dismiss": "Dismissed", "snooze": "Snoozed"}
NO_PERSON = (
    "nobody of ours has the e-mail address of your Slack account; ask an administrator to name you under people: of the"
    " Slack destination"
)


@dataclass
class Presses:
    """Takes what was pressed in one workspace; ``email_of_user`` asks Slack for a user's address, once each."""

    inbound: Inbound
    place: SlackDestination
    guard: Guard = unguarded
    _emails: dict[str, str] = field(default_factory=dict)
    _not_before: datetime | None = None

    def take(self, moment: datetime) -> int:
        """Do everything that was pressed and not done; how many that were.

        The step, its answer and the mark that it is done are one transaction. Where Slack does not say who pressed, all
        of it waits for half a minute.
        """
        if self._not_before is not None and moment < self._not_before:
            return 0
        waiting = list(Received.objects.filter(source="slack").filter(body__isnull=False).order_by("pk")[:100])
        for press in waiting:
            try:
                self._take_one(press, moment)
            except (SlackClientError, SecretMissingError, HTTPException, OSError):
                self._not_before = moment + timedelta(seconds=30)
                raise
        return len(waiting)

    def _take_one(self, press: Received, moment: datetime) -> None:
        told: dict[str, Any] = press.body
        viewer = self.viewer(told["user"], moment.date())
        with transaction.atomic():
            self.guard()
            locked = Received.objects.select_for_update().get(pk=press.pk)
            if locked.body is None:
                return
            said, private = NO_PERSON, True
            if viewer is not None:
                try:
                    with transaction.atomic():
                        said, private = self._do(viewer, told, moment), False
                except (LedgerError, ValueError) as error:
                    said = str(error)
            reply = {"channel": told["channel"], "user": told["user"], "thread": told["thread"], "text": said,
                     "private": private}  # fmt: skip
            key = f"reply {press.pk}"
            answer = Message(message_id(press.message_id, key), "slack.reply", moment, reply)
            Delivery.objects.bulk_create([new_delivery(self.place.name, key, answer, moment)], ignore_conflicts=True)
            locked.body = None
            locked.save(update_fields=["body"])

    def _do(self, viewer: Viewer, told: dict[str, Any], moment: datetime) -> str:
        if not viewer.may(Capability.WORK):
            raise ForbiddenError("your role may look, and not work with opportunities")
        today = self.inbound.today()
        key, version, step, given = _asked(told["action"], told["value"], today)
        row = scope.one(scope.opportunities(viewer), "opportunity", pk=key)
        done = act(
            row.pk, step, viewer.actor, given, today=today, expected_version=_seen(row, version),
            house=self.inbound.house(), moment=moment,
        )  # fmt: skip
        what = f"{done.account_name or done.account_id}: {done.product_name or done.product_id}"
        until = f" until {done.snoozed_until}" if step is Step.SNOOZE else ""
        return f"{_DONE[told['action']]}{until} by {viewer.name}: {what}"

    def viewer(self, user: str, day: date) -> Viewer | None:
        """Who a Slack user is to us: their account here, else one of our people who is still with us; None for nobody.

        Whoever has an account that was disabled is nobody, whatever the team table says.
        """
        named = next((person for person, slack in self.place.people.items() if slack == user), None)
        if named is None:
            address = plain_email(self._email(user))
            account = User.objects.filter(email=address).first() if address else None
            people = Person.objects.filter(email__iexact=address) if address else Person.objects.none()
        else:
            account = User.objects.filter(person_id=named).first()
            people = Person.objects.filter(person_id=named)
        if account is not None:
            return viewer_of(account) if account.is_active else None
        here = [person for person in people if person.left_on is None or person.left_on > day]
        return viewer_of_person(here[0]) if len(here) == 1 else None

    def _email(self, user: str) -> str:
        """The confirmed address of a member of our own workspace; '' for guests, bots and people of other companies."""
        if user not in self._emails:
            client = WebClient(
                secret(self.place.token_env), base_url=self.place.api, timeout=SECONDS, retry_handlers=[]
            )  # fmt: skip
            try:
                told = client.users_info(user=user)["user"]
            except SlackApiError as error:
                if error.response.get("error") not in ("user_not_found", "user_not_visible"):
                    raise
                told = {}
            ours = not any(told.get(kind) for kind in _NOT_OURS) and told.get("is_email_confirmed", True)
            self._emails[user] = str((told.get("profile") or {}).get("email") or "") if ours else ""
        return self._emails[user]


def viewer_of_person(person: Person) -> Viewer | None:
    """One of our people without an account here, as one who looks: what their role in the team table may."""
    if person.role not in _WORKING_ROLES:
        return None
    role = Role(person.role)
    below = people_below(person.person_id) if role in HAS_A_TEAM else frozenset()
    name = f"person:{person.person_id}"
    return Viewer(name, role, capabilities(role), person.person_id, below, role in SEES_ALL, person.name)


def _asked(action: str, value: str, today: date) -> tuple[str, int, Step, Given]:
    """The opportunity, the version that was shown, the step and what is given; ``ValueError`` for other buttons."""
    try:
        key, version, *rest = value.split(" ")
        if action == "accept":
            return key, int(version), Step.ACCEPT, Given()
        if action == "dismiss":
            return key, int(version), Step.DISMISS, Given(rest[0])
        return key, int(version), Step.SNOOZE, Given(until=today + timedelta(days=int(rest[0])))
    except (ValueError, IndexError, OverflowError):
        raise ValueError("this button is of another version of Upcross: open the page instead") from None


def _seen(row: Opportunity, version: int) -> int:
    """The version on which a press counts: the newest, where nothing since it was shown decided anything."""
    since = Entry.objects.filter(subject=OPPORTUNITY, subject_id=str(row.pk), version__gt=version)
    passed = {step.value for step in PASSING}
    return row.version if set(since.values_list("kind", flat=True)) <= passed else version
