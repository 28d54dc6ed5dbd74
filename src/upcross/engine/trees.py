"""What trees of statements cost to make: thousands of nodes at once, all of which live until they are printed."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """While trees are made, nothing looks for garbage among them: it would be looked for hundreds of times, in vain.

    Looking took more than half of what compiling a run's statements took. Threads may do so at once: whoever found the
    collector at work sets it to work again.
    """
    at_work = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if at_work:
            gc.enable()
