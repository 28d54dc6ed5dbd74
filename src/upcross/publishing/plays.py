"""The plays as they ran: each as people read it, and what it asks, holds back and cannot judge today."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from upcross.opportunities import Change, sentences
from upcross.opportunities.change_plan import ChangeKind, UnknownNote
from upcross.opportunities.evidence import amount
from upcross.plays.condition import Literal
from upcross.plays.play import Play, PlayKind
from upcross.publishing.conditions import told
from upcross.publishing.publication import Fact
from upcross.replaying.kept import sweep_to_try
from upcross.signals.model import visible

if TYPE_CHECKING:
    from upcross.plays.library import Library
    from upcross.publishing.publish import Planned

_PLACEHOLDER = re.compile(r"\{([A-Za-z_]\w*)\}")


def plays(planned: Planned) -> Iterator[Fact]:
    """``plays`` key '': every play of the library, a catalogue; ``play`` key id: one as people read it;
    ``play_marks`` key id: what it speaks for today.

    A mark is one thing that the play speaks for: the ask that it belongs to (``ask``: equal for other ways to the same
    thing, which count once), whether it is asked or held and by which gates, and its own expected amount a month in
    currency units (null where unknown).
    """
    evaluation = planned.run.evaluation
    library = planned.project.library(evaluation.frame.registry)
    currency = planned.project.settings.reporting_currency
    marks = _marks(planned)
    notes: dict[str, list[UnknownNote]] = defaultdict(list)
    for note in planned.plan.changes.unknown:
        notes[note.play].append(note)
    catalogue = []
    for play in library.plays.values():
        facts = _play(play, library, currency)
        yield "play", play.id, {**facts, "unknown": [note.to_dict() for note in notes[play.id]]}
        yield "play_marks", play.id, marks.get(play.id, [])
        short = ("id", "title", "summary", "motion", "kind", "mechanisms", "status", "version", "params", "overlaid")
        catalogue.append({
            **{name: facts[name] for name in short},
            "today": tally(marks.get(play.id, [])),
            "thresholds": [line["words"] for line in facts["when"] if line["kind"] == "line" and line["param"]],
            "unknown": {"rows": sum(note.rows for note in notes[play.id]),
                        "accounts": sum(note.accounts for note in notes[play.id]),
                        "missing": [sentences.missing(item) for note in notes[play.id] for item in note.missing]},
        })  # fmt: skip
    left_out = [{"id": name, "faults": [str(issue) for issue in report]} for name, report in library.left_out.items()]
    yield "plays", "", {"plays": catalogue, "left_out": left_out}


def tally(marks: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """What marks of one play amount to, asked and held apart: things, accounts, and the expected amount a month.

    Other ways to the same thing count once, with the larger amount. ``unknown`` is of how many the amount is not known.
    """
    found: dict[str, dict[str, list[Mapping[str, Any]]]] = {"asked": defaultdict(list), "held": defaultdict(list)}
    for mark in marks:
        found[mark["state"]][mark["ask"]].append(mark)
    return {state: _sum(list(asks.values())) for state, asks in found.items()}


def _sum(asks: list[list[Mapping[str, Any]]]) -> dict[str, Any]:
    largest = [
        max((Decimal(one["expected"]) for one in marks if one["expected"] is not None), default=None) for marks in asks
    ]
    known = [amount for amount in largest if amount is not None]
    return {
        "count": len(asks), "accounts": len({mark["account_id"] for marks in asks for mark in marks}),
        "expected": str(sum(known, Decimal(0))) if known or not asks else None, "unknown": len(largest) - len(known),
    }  # fmt: skip


def _play(play: Play, library: Library, currency: str) -> dict[str, Any]:
    signals = visible(library.signals, play.scope)
    test = library.tests.get(play.id)
    return {
        "id": play.id, "title": play.title, "summary": play.summary, "example": play.example,
        "motion": play.motion.value if play.motion else None, "kind": play.kind.value,
        "mechanisms": [one.value for one in play.mechanism], "scope": play.scope.value, "status": play.status.value,
        "version": play.version, "file": play.file, "own": not play.file.startswith("library/"),
        "overlaid": list(play.overlaid),
        "params": [_param(play, name, value, currency, library) for name, value in play.params.items()],
        "when": told(play.when, signals, currency),
        "keep_open_while": told(play.keep_open_while, signals, currency) if play.keep_open_while else [],
        "gates": [
            {"id": bound.id, "title": bound.gate.title, "must": told(bound.must, signals, currency),
             "cleared_by": list(bound.gate.cleared_by), "action": bound.action, "look_again": bound.gate.look_again,
             "tightened": list(bound.tightened), "overridable": bound.gate.overridable}
            for bound in play.bound
        ],
        "sweep_to_try": sweep_to_try(play), "care": play.kind is PlayKind.ANSWER,
        "potential": play.potential, "touch": play.touch.value, "surface": list(play.owner.surface),
        "close": list(play.owner.close), "respond_within": play.respond_within, "cooldown": play.cooldown,
        "with_renewal_within": play.timing.with_renewal_within, "next_step": _readable(play.next_step, library),
        "guide": [_readable(line, library) for line in play.guide],
        "assumptions": list(play.assumptions), "known_gaps": list(play.known_gaps),
        "deprecated": play.deprecated.model_dump(mode="json") if play.deprecated else None,
        "tests": [{"name": case.name, "expect": str(case.expect)} for case in test.cases] if test else [],
    }  # fmt: skip


def _readable(text: str, library: Library) -> str:
    """A text of a play with what is filled in for each customer as words in brackets."""

    def words(found: re.Match[str]) -> str:
        signal = library.signals.get(found[1])
        return f"[{signal.label if signal else found[1].replace('_', ' ')}]"

    return _PLACEHOLDER.sub(words, text)


def _param(play: Play, name: str, value: Literal, currency: str, library: Library) -> dict[str, Any]:
    """A parameter: its value as written, where that was set, and the comparisons that it decides."""
    signals = visible(library.signals, play.scope)
    lines = [*told(play.when, signals, currency)]
    if play.keep_open_while:
        lines += told(play.keep_open_while, signals, currency)
    place = play.places.get(f"params.{name}")
    return {
        "name": name, "value": str(value), "kind": value.kind.value,
        "set_by_us": bool(place and place.file == "plays/overlay.yaml"),
        "decides": list(dict.fromkeys(line["words"] for line in lines if line.get("param") == name)),
    }  # fmt: skip


def _marks(planned: Planned) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for change in planned.plan.changes.changes:
        if change.kind is ChangeKind.EXPIRE or change.candidate is None:
            continue
        for reason in change.candidate.reasons:
            held = sorted(reason.gates) or ([] if change.kind.asks else _holding(change))
            found[reason.play_id].append({
                **change.identity.to_dict(), "account": change.candidate.account_name,
                "product": change.candidate.product_name, "ask": "/".join(change.ask),
                "state": "held" if held else "asked", "gates": held, "owner": change.owner.name,
                "expected": amount(reason.potential.expected), "metric": reason.metric,
            })  # fmt: skip
    return found


def _holding(change: Change) -> list[str]:
    return [clearing.hold.gate for clearing in change.clearings]
