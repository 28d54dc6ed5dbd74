"""A message of no consequence, to see whether a destination takes it."""

from __future__ import annotations

from datetime import datetime

from upcross.deliveries.message import Message
from upcross.deliveries.routing import message_id


def trial_message(moment: datetime, to: str = "") -> Message:
    """A digest with nothing in it but the word that it is a trial; a new id each time."""
    group = {"title": "A trial of this destination; nothing waits", "count": 0, "items": []}
    data = {"day": moment.date().isoformat(), "groups": [group], "link": "", "reader_name": to or "Upcross"}
    return Message(message_id("trial", moment.isoformat()), "trial", moment, data, to)
