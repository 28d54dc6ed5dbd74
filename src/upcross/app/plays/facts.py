"""What the catalogue and the page of a play tell, within what the viewer sees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from upcross.access import scope
from upcross.access.viewer import Viewer
from upcross.app.shell.published import published
from upcross.ledger.identity import key_of
from upcross.ledger.stage import Stage
from upcross.motions import Mechanism
from upcross.opportunities import Identity
from upcross.opportunities.outcomes import SHIPPED, Outcome
from upcross.publishing.plays import tally

LANES = (
    ("upsell", "Deeper", "more of what they own"),
    ("cross_sell", "Wider", "what they do not own yet"),
    ("", "Adoption", "work that sells nothing"),
)
"""The motions of the catalogue, each by itself: what they bring is never added up."""

Endings = dict[str, Counter[tuple[str, str]]]
"""By play, how often each stage and reason ended what it spoke for."""

_TITLES = {reason.id: reason.title for outcome in Outcome for reason in SHIPPED[outcome].values()}
_ENDED = (Stage.WON, Stage.LOST, Stage.DISMISSED, Stage.DONE)


def catalogue(viewer: Viewer) -> list[dict[str, Any]]:
    """Every play, one row each, counted within what the viewer sees; nothing where nothing is published."""
    found = published()
    whole = found.kept("plays") if found else None
    if found is None or whole is None:
        return []
    accounts = scope.account_ids(viewer)
    endings = endings_of(viewer)
    rows = []
    marks = dict(found.all("play_marks")) if accounts is not None else {}
    for play in whole["plays"]:
        row = {**play, "href": href(play["id"]), "feedback": feedback(endings.get(play["id"], Counter()))}
        if accounts is not None:  # counts of the whole base would tell about accounts that are not theirs
            row["today"] = tally(mark for mark in marks.get(play["id"], ()) if mark["account_id"] in accounts)
            row["unknown"] = {**play["unknown"], "rows": None, "accounts": None}
        rows.append(row)
    return rows


def left_out() -> list[dict[str, Any]]:
    """Plays that could not be read, with what is wrong with each."""
    found = published()
    whole = found.kept("plays") if found else None
    return list(whole["left_out"]) if whole else []


def whole_play(viewer: Viewer, play_id: str) -> dict[str, Any] | None:
    """One play with all that is known of it, what it speaks for today within what the viewer sees, and what became of
    what it spoke for before; None where there is no such play."""
    found = published()
    play = found.get("play", play_id) if found else None
    if found is None or play is None:
        return None
    accounts = scope.account_ids(viewer)
    marks = [m for m in found.get("play_marks", play_id) or () if accounts is None or m["account_id"] in accounts]
    marks.sort(key=lambda mark: (mark["state"], -float(mark["expected"] or -1), mark["account"]))
    if accounts is not None:
        for note in play["unknown"]:
            note.update(rows=None, accounts=None, potential=None, examples=[])
    endings = endings_of(viewer).get(play_id, Counter())
    gates = Counter(gate for mark in marks for gate in mark["gates"])
    return {
        **play, "href": href(play_id), "today": tally(marks), "feedback": feedback(endings),
        "endings": _endings(endings), "marks": [_mark(mark) for mark in marks],
        "held_by": [{"gate": gate, "count": count} for gate, count in gates.most_common()],
        "unknown_rows": None if accounts is not None else sum(note["rows"] for note in play["unknown"]),
    }  # fmt: skip


def href(play_id: str) -> str:
    """The address of a play's page."""
    return f"/plays/{quote(play_id, safe='')}/"


def endings_of(viewer: Viewer) -> Endings:
    """How what plays spoke for has ended, of what the viewer sees."""
    rows = scope.opportunities(viewer).filter(stage__in=[stage.value for stage in _ENDED])
    found: Endings = {}
    for plays, stage, reason in rows.values_list("plays", "stage", "end_reason"):
        for play in plays:
            found.setdefault(play, Counter())[stage, reason] += 1
    return found


def feedback(endings: Mapping[tuple[str, str], int]) -> dict[str, Any]:
    """How often people said no to what a play spoke for, of all that they decided; ``share`` null: nothing decided."""
    counts: Counter[str] = Counter()
    for (stage, _), count in endings.items():
        counts[stage] += count
    decided = sum(counts.values())
    return {
        "won": counts[Stage.WON], "lost": counts[Stage.LOST], "dismissed": counts[Stage.DISMISSED],
        "decided": decided, "share": counts[Stage.DISMISSED] / decided if decided else None,
    }  # fmt: skip


def _endings(endings: Mapping[tuple[str, str], int]) -> list[dict[str, Any]]:
    most = max(endings.values(), default=0)
    listed = [
        {"stage": stage, "reason": reason, "words": _TITLES.get(reason, reason) or stage, "count": count, "of": most}
        for (stage, reason), count in endings.items()
    ]
    return sorted(listed, key=lambda one: (str(one["stage"]), -int(str(one["count"]))))


def _mark(mark: Mapping[str, Any]) -> dict[str, Any]:
    mechanism = Mechanism(mark["mechanism"]) if mark["mechanism"] else None
    identity = Identity(
        mark["account_id"], mark["business_unit"], mark["product_id"], mechanism, mark["episode"], mark["task"] or ""
    )
    return {
        **mark,
        "account_href": f"/accounts/{quote(mark['account_id'], safe='')}/",
        "href": f"/?open={key_of(identity)}",
    }


def in_lanes(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows by motion, lanes without a row left out."""
    listed = list(rows)
    lanes = [
        {"motion": motion, "words": words, "said": said, "plays": [p for p in listed if (p["motion"] or "") == motion]}
        for motion, words, said in LANES
    ]  # fmt: skip
    return [lane for lane in lanes if lane["plays"]]
