"""JSON Schema (draft 2020-12) of the files that a company writes, so that its editor completes and checks them.

Made from the models that read the files, with the names that the project knows (signals, gates, plays, parameters) put
in. An editor cannot judge units or whether a play can fire; `upcross plays lint` does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, TypeAdapter

from upcross.plays.attestation import Attestation
from upcross.plays.condition import Op
from upcross.plays.fields import OneOrMore, ParamValue
from upcross.plays.gate import GateText
from upcross.plays.library import Library
from upcross.plays.overlay import GateSettings, OverlayText, PlaySettings
from upcross.plays.play import PlayText
from upcross.signals.model import Scope
from upcross.signals.scorecard import Scorecard

DRAFT = "https://json-schema.org/draft/2020-12/schema"
_CONDITIONS = {"when", "keep_open_while", "must"}
"""Fields that hold a comparison, or all or any of several."""
_PARAM = TypeAdapter(ParamValue).json_schema()

MEANINGS: Mapping[str, str] = {
    "id": "The play's or gate's name; a play's is equal to its file's. Never reused.",
    "title": "What a person reads first.",
    "kind": "What comes of it: an ask of ours, adoption work that sells nothing, or the answer to who asked to buy.",
    "mechanism": "What is sold: seats, tier, usage or support; in white space product, module or add_on.",
    "scope": "What one row is: account, subscription, meter or white_space.",
    "status": "How far it is trusted; drafts and deprecated plays open nothing.",
    "summary": "One sentence: when it fires.",
    "example": "The sentence of a source that the play covers.",
    "params": "Every number by name: 90%, 30d, 5, true, a word.",
    "when": "The trigger: one comparison a line under all and any, which nest.",
    "keep_open_while": "What must stay true for the ask to stay open; no stricter than the trigger.",
    "potential": "The stem of three money signals: STEM_floor, STEM_expected and STEM_ceiling.",
    "touch": "How the customer is reached.",
    "timing": "Whether it folds into a renewal that is near.",
    "owner": "Roles in order of preference: who surfaces and qualifies, who closes.",
    "respond_within": "Days until the first response.",
    "cooldown": "Days for which the same thing is not asked again once it has ended.",
    "next_step": "One sentence with {signal} placeholders.",
    "guide": "The conversation, line by line: the value delivered first, the product last.",
    "show": "Signals shown as evidence beside those of the trigger.",
    "gates": "Gates that are added, or tightened; none is ever dropped.",
    "assumptions": "What is taken for granted.",
    "known_gaps": "What it misses.",
    "ignore": "Lint rules that do not apply, each with its reason.",
    "deprecated": "Since when and why it is no longer used.",
    "holds": "The motions whose asks it holds back.",
    "must": "What must be true; false or unknown holds.",
    "in_white_space": "The condition and its sentence in white space, where they differ.",
    "reason": "What a person reads while it holds.",
    "maybe": "What a person reads where it is unknown and the signals of this sentence are known.",
    "cleared_by": "Roles that can clear it, most able first.",
    "action": "What clears it.",
    "look_again": "Days until somebody looks again.",
    "attestable": "False: no person's word stands in for missing data.",
    "overridable": "False: nobody asks in spite of it.",
}


class _Names:
    """What the words of a project may be."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.signals = sorted(library.signals)
        stems = [name.removesuffix("_expected") for name in self.signals if name.endswith("_potential_expected")]
        self.stems = sorted(stems)

    def conditions(self) -> dict[str, Any]:
        """A comparison by text, or all or any of several."""
        operators = "|".join(re.escape(op.value) for op in sorted(Op, key=lambda op: -len(op.value)))
        names = "|".join(self.signals)
        return {
            "description": "One comparison such as `seats_free <= $few_seats`, or all: or any: with a list of them.",
            "anyOf": [
                {"type": "string", "pattern": rf"^\s*({names})\s*({operators})\s*\S"},
                *(
                    {
                        "type": "object", "additionalProperties": False, "required": [join],
                        "properties": {join: {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/condition"}}},
                    }
                    for join in ("all", "any")
                ),
            ],
        }  # fmt: skip


def play_schema(library: Library) -> dict[str, Any]:
    """The schema of a play file."""
    names = _Names(library)
    schema = _of(PlayText, names)
    properties = schema["properties"]
    properties["show"]["items"] = {"enum": names.signals}
    properties["potential"] = {**properties["potential"], "enum": ["", *names.stems]}
    gates = properties["gates"]
    gates["properties"]["add"]["items"] = {"enum": list(library.gates)}
    gates["properties"]["tighten"] = {
        "type": "object", "additionalProperties": False,
        "properties": {name: _params(gate.params) for name, gate in library.gates.items()},
    }  # fmt: skip
    return _document("A play of Upcross", schema, names)


def gates_schema(library: Library) -> dict[str, Any]:
    """The schema of ``gates.yaml``: a list of gates."""
    names = _Names(library)
    return _document("Gates of Upcross", {"type": "array", "items": _of(GateText, names)}, names)


def overlay_schema(library: Library) -> dict[str, Any]:
    """The schema of ``plays/overlay.yaml``: settings by play and gate, each with the parameters that it has."""
    names = _Names(library)
    schema = _of(OverlayText, names)
    for kind, model, known in (
        ("plays", PlaySettings, {play.id: play.params for play in library.plays.values()}),
        ("gates", GateSettings, {gate.id: gate.params for gate in library.gates.values()}),
    ):
        settings = {}
        for name, params in known.items():
            settings[name] = _of(model, names)
            settings[name]["properties"]["params"] = _params(params)
        schema["properties"][kind] = {"type": "object", "additionalProperties": False, "properties": settings}
    return _document("An overlay of Upcross", schema, names)


def attestations_schema(library: Library) -> dict[str, Any]:
    """The schema of ``attestations.yaml``: a list, alone or under ``attestations:``."""
    names = _Names(library)
    one = _of(Attestation, names)
    one["properties"]["gate"] = {"enum": [gate.id for gate in library.gates.values() if gate.attestable]}
    named = {"type": ["string", "integer"]}
    one["properties"]["scope"] = {
        "description": "For whom it speaks: book, {segment: NAME} or {account: ID}.",
        "anyOf": [
            {"const": "book"},
            {"type": "string", "pattern": "^(segment|account):\\s*\\S"},
            *(
                {"type": "object", "additionalProperties": False, "required": [kind], "properties": {kind: named}}
                for kind in ("segment", "account")
            ),
        ],
    }
    listed = {"type": "array", "items": one}
    wrapped = {"type": "object", "additionalProperties": False, "required": ["attestations"],
               "properties": {"attestations": listed}}  # fmt: skip
    return _document("Attestations of Upcross", {"anyOf": [listed, wrapped]}, names)


def scorecard_schema(library: Library) -> dict[str, Any]:
    """The schema of ``scorecard.yaml``."""
    names = _Names(library)
    schema = _of(Scorecard, names)
    schema["properties"]["minimum_confidence"] = {"type": "string", "pattern": "^(100|[0-9]{1,2})%$"}
    part = schema["properties"]["parts"]["items"]
    part["properties"]["signal"] = {
        "enum": [signal.name for signal in library.signals.values() if signal.scope is Scope.ACCOUNT]
    }
    part["properties"]["points"]["items"]["properties"]["from"] = {"type": ["string", "number"], "examples": ["60%", 3]}
    return _document("A scorecard of Upcross", schema, names)


class SchemaFile(StrEnum):
    """A kind of file that has a schema."""

    PLAY = "play"
    GATES = "gates"
    OVERLAY = "overlay"
    ATTESTATIONS = "attestations"
    SCORECARD = "scorecard"


FILES: Mapping[SchemaFile, Callable[[Library], dict[str, Any]]] = {
    SchemaFile.PLAY: play_schema, SchemaFile.GATES: gates_schema, SchemaFile.OVERLAY: overlay_schema,
    SchemaFile.ATTESTATIONS: attestations_schema, SchemaFile.SCORECARD: scorecard_schema,
}  # fmt: skip
"""What makes the schema of each."""


def _document(title: str, schema: dict[str, Any], names: _Names) -> dict[str, Any]:
    return {"$schema": DRAFT, "title": title, **schema, "$defs": {"condition": names.conditions()}}


def _params(params: Mapping[str, Any]) -> dict[str, Any]:
    shown = {name: {**_PARAM, "description": f"{value} unless set"} for name, value in params.items()}
    return {"type": "object", "additionalProperties": False, "properties": shown}


def _of(model: type[BaseModel], names: _Names) -> dict[str, Any]:
    """A model's schema with every nested model in its place, and what our own kinds of fields accept."""
    made = model.model_json_schema()
    found: dict[str, Any] = _inlined(made, made.pop("$defs", {}))
    _mend(model, found)
    return found


def _inlined(node: Any, definitions: Mapping[str, Any]) -> Any:
    if isinstance(node, list):
        return [_inlined(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        target = _inlined(definitions[node["$ref"].rsplit("/", 1)[-1]], definitions)
        rest = {key: value for key, value in node.items() if key != "$ref"}
        return {**target, **_inlined(rest, definitions)}
    # a field may be called "title": only the titles that pydantic gives are left out
    return {key: _inlined(value, definitions) for key, value in node.items()
            if key != "title" or not isinstance(value, str)}  # fmt: skip


def _mend(model: type[BaseModel], schema: dict[str, Any]) -> None:
    """Put in what a field accepts in YAML where its type does not say it, and what the fields of a file mean."""
    for name, info in model.model_fields.items():
        key = info.alias or name
        own = schema["properties"][key]
        if name in _CONDITIONS:
            own = {"$ref": "#/$defs/condition"}
        elif OneOrMore in info.metadata:
            own = {"anyOf": [own["items"], own]}
        for inner in _models_in(info.annotation):
            for place in (own, own.get("items"), *(own.get("anyOf") or ())):
                if isinstance(place, dict) and "properties" in place:
                    _mend(inner, place)
        if name in MEANINGS and issubclass(model, PlayText | GateText):
            own["description"] = MEANINGS[name]
        schema["properties"][key] = own


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    found: list[type[BaseModel]] = []
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        found.append(annotation)
    for inner in getattr(annotation, "__args__", ()):
        found += _models_in(inner)
    return found
