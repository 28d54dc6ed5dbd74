"""What the worker does, as one line of JSON an event: no secret, no e-mail address, no line that is two."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime

from upcross.deliveries.message import redacted


def log(event: str, **facts: object) -> None:
    """Write one event to standard output; what is no number or truth value is redacted text in one line."""
    told = {name: value if isinstance(value, int | float) else redacted(value, 500) for name, value in facts.items()}
    line = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event, **told}
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()
