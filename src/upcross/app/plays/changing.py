"""Change a threshold: first what would move, then the new version with who, why and when."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from upcross.api.names import named
from upcross.api.project import library, served
from upcross.app.plays import facts
from upcross.app.plays.sheets import moves_sheet
from upcross.app.plays.versions import PREFIX
from upcross.app.shell.answering import answer
from upcross.app.shell.frame import viewer_for
from upcross.app.shell.published import published
from upcross.app.shell.telling import tell
from upcross.errors import ProblemError
from upcross.ledger.models import ChainHead
from upcross.ledger.refusals import ConflictError, NotFoundError, RefusedError
from upcross.motions import Motion
from upcross.opportunities.evidence import amount
from upcross.play_changes import Foreseen, digest_of, foresee, overlay_text, publish_change
from upcross.plays.play import Play
from upcross.replaying.difference import Difference, Move, Moved

_KEPT = 8
_seen: OrderedDict[tuple[object, ...], Foreseen] = OrderedDict()
_turn = threading.Lock()

MOVED = {
    Moved.ADDED: ("New asks", "good"),
    Moved.RELEASED: ("Released from a hold", "good"),
    Moved.HELD: ("Held back by gates", "warn"),
    Moved.DROPPED: ("Would end", "bad"),
}
"""What becomes of an ask, in words, in the order in which it is told."""


def change(request: HttpRequest, play_id: str) -> HttpResponse:
    """The values of a play's parameters as they would be, what the next run would then do, and publishing them."""
    play = _play(play_id)
    sent = (request.POST if request.method == "POST" else request.GET).items()
    given = {name.removeprefix(PREFIX): str(value).strip() for name, value in sent if name.startswith(PREFIX)}
    told: dict[str, Any] = {
        **_form(play, given), "why": request.POST.get("why", ""), "faults": {}, "problems": [], "preview": None,
        "query": urlencode({f"{PREFIX}{name}": value for name, value in given.items()}),
    }  # fmt: skip
    status, sheets = 200, {}
    try:
        if any(value != str(play.params.get(name)) for name, value in given.items()):
            found = _foreseen(play_id, given)
            told["preview"] = _told(found)
            sheets["moves"] = lambda: moves_sheet(told["preview"]["moves"])
            if request.method == "POST":
                return _publish(request, found)
        elif request.method == "POST":
            told["problems"] = ["These are the values that it has: nothing would change."]
            status = 422
    except RefusedError as error:
        told["faults"] = {fault.field: fault.message for fault in error.faults}
        told["problems"] = [str(fault) for fault in error.faults]
        status = 422
    except ConflictError as error:
        told["problems"] = [named(str(error))]
        status = 409
    except ProblemError as error:
        told["problems"] = [f"{one.message}. {one.hint}".strip() for one in error.report.errors]
        status = 422
    return answer(request, "change.html", told, title=f"Change {play.title}", sheets=sheets, status=status)


def _play(play_id: str) -> Play:
    found = library().plays.get(play_id)
    if found is None:
        raise NotFoundError(f"no play is called '{play_id}'; the catalogue lists them all")
    return found


def _publish(request: HttpRequest, found: Foreseen) -> HttpResponse:
    if request.POST.get("digest") != found.digest:
        raise ConflictError("plays/overlay.yaml was changed since you looked. Nothing was written: this is what would"
                            " move now", 0)  # fmt: skip
    publish_change(served(), found, request.POST.get("why", ""), viewer_for(request).actor)
    tell(request, "The new version is published. It counts from the next run on.")
    return HttpResponseRedirect(facts.href(found.play.id) + "#versions", status=303)


def _foreseen(play_id: str, given: Mapping[str, str]) -> Foreseen:
    """What would move, worked out once as long as overlay, results and record stand as they do."""
    project, results = served(), published()
    head = ChainHead.objects.values_list("seq", flat=True).first()
    stands = digest_of(overlay_text(project)), results.file if results else None, head
    key = (play_id, tuple(sorted(given.items())), *stands)
    with _turn:
        found = _seen.get(key)
        if found is None:
            found = _seen[key] = foresee(project, play_id, given)
            while len(_seen) > _KEPT:
                _seen.popitem(last=False)
        return found


def _form(play: Play, given: Mapping[str, str]) -> dict[str, Any]:
    results = published()
    known = (results.get("play", play.id) if results else None) or {"params": []}
    decides = {param["name"]: param["decides"] for param in known["params"]}
    return {
        "id": play.id, "title": play.title, "href": facts.href(play.id), "version": play.version,
        "motion": play.motion.value if play.motion else None,
        # the version that the last run counted, where another was published since and is yet to count
        "counted": known["version"] if known.get("version") not in (None, play.version) else None,
        "params": [
            {"name": name, "now": str(value), "value": given.get(name, str(value)), "kind": value.kind.value,
             "changed": given.get(name, str(value)) != str(value), "decides": decides.get(name, [])}
            for name, value in play.params.items()
        ],
    }  # fmt: skip


def _told(found: Foreseen) -> dict[str, Any]:
    difference = found.difference
    moves = [_move(move, difference) for move in difference.moves]
    return {
        "digest": found.digest, "version": found.play.version, "as_of": difference.as_of.isoformat(),
        "values": {name: str(value) for name, value in found.values.items()}, "warnings": list(found.warnings),
        "lanes": [_lane(motion, moves) for motion in (*Motion, None)
                  if motion is not None or any(move["motion"] is None for move in moves)],
        "moves": moves,
        "owners": [{"name": who, "before": before, "after": after, "more": after - before}
                   for who, (before, after) in difference.workload.items()],
    }  # fmt: skip


def _lane(motion: Motion | None, moves: list[dict[str, Any]]) -> dict[str, Any]:
    here = [move for move in moves if move["motion"] == (motion.value if motion else None)]
    groups = []
    for kind, (words, tone) in MOVED.items():
        found = [one for one in here if one["kind"] == kind.value]
        if found:
            groups.append({"kind": kind.value, "words": words, "tone": tone, "moves": found, **_sum(found)})
    return {"motion": motion.value if motion else "", "groups": groups}


def _sum(moves: list[dict[str, Any]]) -> dict[str, Any]:
    """The expected amount a month of some moves; other ways to the same thing count once, with the larger amount."""
    largest: dict[str, Decimal] = {}
    for move in moves:
        if move["expected"] is not None:
            largest[move["ask"]] = max(Decimal(move["expected"]), largest.get(move["ask"], Decimal(0)))
    return {"expected": str(sum(largest.values(), Decimal(0))) if largest else None,
            "unknown": sum(move["expected"] is None for move in moves)}  # fmt: skip


def _move(move: Move, difference: Difference) -> dict[str, Any]:
    identity = move.identity
    return {
        **identity.to_dict(), "ask": "/".join(identity.ask), "kind": move.kind.value,
        "account": difference.names.get(identity.account_id, identity.account_id),
        "account_href": f"/accounts/{quote(identity.account_id, safe='')}/",
        "product": difference.names.get(identity.product_id, identity.product_id),
        "owner": move.owner, "expected": amount(move.expected), "gates": list(move.gates),
    }  # fmt: skip
