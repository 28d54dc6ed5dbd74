"""Leading indicators of a window: read when somebody asks for them, and kept as long as the process lives."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Any

from upcross.api.project import served
from upcross.app.numbers.asked import Asked, window_of
from upcross.numbers.facts import Plain
from upcross.numbers.leading import LEADS_BY, leading, led
from upcross.numbers.reading import read
from upcross.numbers.rows import Level

_READINGS = 5
"""Readings a page shows, one every three months: as many as the last year needs to tell whether they led."""
_kept: OrderedDict[tuple[str, str, Level], dict[str, Any]] = OrderedDict()
_reading = threading.Lock()


def told(asked: Asked, *, now: bool) -> dict[str, Any]:
    """The indicators; reading them takes some seconds, so at first only where to ask for them is told."""
    window, project = window_of(asked.period), served()
    place = (project.store.manifest().load_id, str(window), asked.level)
    if place not in _kept and not now:
        return {"read": False, "href": f"?{asked.query(view='leading', now='1')}"}
    with _reading:
        if place not in _kept:
            found = leading(project, window, _READINGS * LEADS_BY - 2, every=LEADS_BY)
            rows = read(project, window, None, asked.level)
            plain = Plain()
            _kept[place] = {
                "read": True,
                "months": [plain.leading(one) for one in found],
                "led": [plain.led(one) for one in led(found, rows.moves, window.last, rows.customer)],
            }
            while len(_kept) > 4:
                _kept.popitem(last=False)
        return _kept[place]
