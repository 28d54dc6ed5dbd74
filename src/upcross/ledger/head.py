"""How far the ledger has come: what is the same as long as nothing is written is found once."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, NamedTuple, TypeVar

from upcross.ledger.models import ChainHead

T = TypeVar("T")
_MOST = 500


class Head(NamedTuple):
    """The last entry: its number, and its hash, which covers everything before; 0 and '' of an empty ledger."""

    seq: int
    hash: str


def head() -> Head:
    """The last entry as it is now."""
    found = ChainHead.objects.filter(pk=1).values_list("seq", "hash").first()
    return Head(*found) if found else Head(0, "")


def found_once(at: Head, key: Hashable, find: Callable[[], T]) -> T:
    """What follows from the ledger as of its last entry, found once for all who ask before the next is written.

    ``at`` is read before ``find`` reads: what was written between is in what is found, and never older than ``at``.
    """
    with _turn:
        if (at, key) in _found:
            _found.move_to_end((at, key))
            kept: T = _found[at, key]
            return kept
    found = find()
    with _turn:
        _found[at, key] = found
        while len(_found) > _MOST:
            _found.popitem(last=False)
    return found


_turn = threading.Lock()
_found: OrderedDict[tuple[Head, Hashable], Any] = OrderedDict()
