"""The project's overlay: settings laid over shipped plays and gates, never a change of what they mean.

Plays: ``params``, ``owner``, ``status``, ``deprecated``. Gates: ``params``, ``holds``. Everything that it changes is
said in words and printed on every verdict it affects.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from upcross.documents import Document, validate
from upcross.errors import Place, Report, Severity, issue_code, suggest
from upcross.motions import Motion
from upcross.plays.fields import Name, ParamValue, Role, Text
from upcross.plays.play import Deprecation, Status

OVERLAY_UNKNOWN = issue_code(
    "overlay-unknown", Severity.ERROR, "The overlay sets something for a play, gate or parameter that does not exist."
)


class OwnerSettings(Text):
    """Roles that replace the shipped ones; what is left out stays."""

    surface: Annotated[tuple[Role, ...], Field(min_length=1)] | None = None
    close: Annotated[tuple[Role, ...], Field(min_length=1)] | None = None


class PlaySettings(Text):
    """What an overlay may set for one play."""

    params: dict[str, ParamValue] = Field(default_factory=dict)
    owner: OwnerSettings = OwnerSettings()
    status: Status | None = None
    deprecated: Deprecation | None = None
    """Since when and why, with ``status: deprecated``."""


class GateSettings(Text):
    """What an overlay may set for one gate."""

    params: dict[str, ParamValue] = Field(default_factory=dict)
    holds: Annotated[tuple[Motion, ...], Field(min_length=1)] | None = None


class OverlayText(Text):
    """The overlay file."""

    plays: dict[Name, PlaySettings] = Field(default_factory=dict)
    gates: dict[Name, GateSettings] = Field(default_factory=dict)


class Overlay:
    """The settings of one overlay file, applied to plays and gates by id while they are read."""

    def __init__(self, document: Document | None, report: Report) -> None:
        text = validate(document, OverlayText, report) if document and document.data is not None else None
        self.text = text or OverlayText()
        self.document = document
        self.seen: set[tuple[str, str]] = set()

    def place(self, *path: str) -> Place:
        """Where a setting stands in the overlay."""
        return self.document.place(*path) if self.document else Place()

    def key_place(self, *path: str) -> Place:
        """Where the name of a setting stands in the overlay."""
        return self.document.key_place(*path) if self.document else Place()

    def on_play(self, data: dict[str, Any], places: dict[str, Place], report: Report) -> tuple[str, ...]:
        """Lay the settings over a play's plain data, in place; returns in words what changed."""
        settings = self._settings("plays", data)
        if not isinstance(settings, PlaySettings):
            return ()
        changed = self._params("plays", data, settings.params, places, report)
        owner = data.get("owner")
        for part in ("surface", "close"):
            roles = getattr(settings.owner, part)
            if roles is not None and isinstance(owner, dict):
                changed.append(f"owner.{part} is {', '.join(roles)} (shipped: {_listed(owner.get(part))})")
                owner[part] = list(roles)
                places[f"owner.{part}"] = self.place("plays", data["id"], "owner", part)
        if settings.status is not None:
            changed.append(f"status is {settings.status} (shipped: {data.get('status')})")
            data["status"] = settings.status.value
            places["status"] = self.place("plays", data["id"], "status")
        if settings.deprecated is not None:
            changed.append(f"deprecated on {settings.deprecated.on}: {settings.deprecated.reason}")
            data["deprecated"] = settings.deprecated.model_dump()
            places["deprecated"] = self.place("plays", data["id"], "deprecated")
        return tuple(changed)

    def on_gate(self, data: dict[str, Any], places: dict[str, Place], report: Report) -> tuple[str, ...]:
        """Lay the settings over a gate's plain data, in place; returns in words what changed."""
        settings = self._settings("gates", data)
        if not isinstance(settings, GateSettings):
            return ()
        changed = self._params("gates", data, settings.params, places, report)
        if settings.holds is not None:
            now = ", ".join(settings.holds)
            changed.append(f"gate {data['id']} holds {now} (shipped: {_listed(data.get('holds'))})")
            data["holds"] = [motion.value for motion in settings.holds]
            places["holds"] = self.place("gates", data["id"], "holds")
        return tuple(changed)

    def _settings(self, kind: str, data: dict[str, Any]) -> PlaySettings | GateSettings | None:
        name = str(data.get("id"))
        self.seen.add((kind, name))
        settings: PlaySettings | GateSettings | None = getattr(self.text, kind).get(name)
        return settings

    def _params(
        self, kind: str, data: dict[str, Any], given: dict[str, Any], places: dict[str, Place], report: Report
    ) -> list[str]:
        changed = []
        params = data.get("params") or {}
        if not isinstance(params, dict):
            return []  # the schema will say so
        for name, value in given.items():
            place = self.place(kind, data["id"], "params", name)
            if name not in params:
                report.add(OVERLAY_UNKNOWN.at(place, f"'{data['id']}' has no parameter '{name}'",
                                              expected=f"one of: {', '.join(params)}",
                                              hint=suggest(name, params)))  # fmt: skip
                continue
            if value == params[name]:
                continue  # what is shipped, said once more: nothing is laid over
            changed.append(f"{data['id']}: {name} is {value} (shipped: {params[name]})")
            params[name] = value
            places[f"params.{name}"] = place
        return changed

    def report_unused(self, report: Report) -> None:
        """Report settings for plays and gates that do not exist; call once all are read."""
        for kind in ("plays", "gates"):
            known = sorted(name for seen_kind, name in self.seen if seen_kind == kind)
            for name in getattr(self.text, kind):
                if (kind, name) not in self.seen:
                    report.add(
                        OVERLAY_UNKNOWN.at(self.key_place(kind, name), f"no {kind[:-1]} is called '{name}'",
                                           hint=suggest(name, known))
                    )  # fmt: skip


def _listed(value: object) -> str:
    return ", ".join(str(item) for item in value) if isinstance(value, list) else str(value)
