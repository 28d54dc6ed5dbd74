"""A destination that keeps what it is given, and fails on request: for tests, and for trying routes out."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from upcross.deliveries.message import Delivered, Message, Outcome


@dataclass
class MemoryClient:
    """Keeps messages; answers with ``outcomes`` in their order as long as there are any, then that it has them."""

    outcomes: list[Outcome | BaseException] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    wait_for: threading.Event | None = None
    """Set: every sending waits for it, as for a receiver that hangs."""

    def send(self, message: Message) -> Outcome:
        """The next outcome; an exception among them is raised after the message was taken, as by a crash."""
        if self.wait_for is not None:
            self.wait_for.wait()
        self.messages.append(message)
        outcome = self.outcomes.pop(0) if self.outcomes else Delivered()
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome
