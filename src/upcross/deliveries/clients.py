"""The client of each destination that the project file names."""

from __future__ import annotations

from pathlib import Path

from upcross.deliveries.http import Sender
from upcross.deliveries.mail import EmailClient
from upcross.deliveries.memory import MemoryClient
from upcross.deliveries.message import Client
from upcross.deliveries.settings import (
    AnyDestination,
    Deliveries,
    EmailDestination,
    SlackDestination,
    WebhookDestination,
)
from upcross.deliveries.slack import SlackClient
from upcross.deliveries.webhook import WebhookClient
from upcross.ledger.models import Person


def clients(deliveries: Deliveries, folder: Path) -> dict[str, Client]:
    """A client for each destination, by its name."""
    return {destination.name: _client(destination, folder) for destination in deliveries.destinations}


def email_of(person_id: str) -> str:
    """The address of one of our people as the team table has it today; '' where it has none."""
    return Person.objects.filter(person_id=person_id).values_list("email", flat=True).first() or ""


def _client(destination: AnyDestination, folder: Path) -> Client:
    if isinstance(destination, WebhookDestination):
        return WebhookClient(destination.url, destination.secret_env, Sender(destination.allow_hosts))
    if isinstance(destination, SlackDestination):
        return SlackClient(
            destination.token_env, destination.channel, destination.direct, destination.signing_secret_env is not None,
            destination.api, destination.people, email_of,
        )  # fmt: skip
    if isinstance(destination, EmailDestination):
        return EmailClient(destination, folder, email_of)
    return MemoryClient()
