"""A play's parameters changed by somebody who may: what would move is shown first, then the overlay is written, and who
did it, why and when is an entry of the record.

The entry keeps every parameter before and after, so that an older version can be read, and gone back to.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Any

from upcross import documents
from upcross.errors import Severity, suggest
from upcross.kept_ledger import open_ledger
from upcross.plays.condition import Literal, read_literal
from upcross.plays.library import Library
from upcross.plays.overlay_text import with_params
from upcross.plays.play import Play
from upcross.project import Project
from upcross.replaying.difference import Difference, foreseen

if TYPE_CHECKING:
    from upcross.ledger.actor import Actor
    from upcross.ledger.models import Entry

OVERLAY = "plays/overlay.yaml"
SUBJECT = "play"
KIND = "change_play"


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A change before it counts: what the next run would do otherwise, and of which overlay that is said."""

    play: Play
    """The play as it would be."""
    was: Play
    values: Mapping[str, Literal]
    """The parameters that change, as they would be."""
    difference: Difference
    digest: str
    """Of the overlay as it was looked at: it is written only where it is still that."""
    text: str
    """The overlay as it would be written."""
    warnings: tuple[str, ...]
    """What would be doubtful about the play that is not doubtful now."""


def foresee(project: Project, play_id: str, values: Mapping[str, str]) -> Foreseen:
    """What the next run would do with other values of a play's parameters, to the ask; nothing is changed.

    Raises ``RefusedError`` with every value that cannot be read or would change nothing, ``ProjectError`` with every
    fault that the play would have.
    """
    open_ledger(project)
    library = project.library(project.registry(project.store.manifest()), tests=False)
    play = library.play(play_id)
    read = _read(play, values)
    source = overlay_text(project)
    text = with_params(source, play_id, read, OVERLAY)
    difference, after = foreseen(project, documents.parse(text, OVERLAY))
    return Foreseen(after.play(play_id), play, read, difference, digest_of(source), text, _new_warnings(library, after))


def publish_change(project: Project, change: Foreseen, why: str, actor: Actor) -> Entry:
    """Write the overlay and the entry about it, both or neither; it counts from the next run on.

    Raises ``RefusedError`` without a reason, and ``ConflictError`` where the overlay is not what it was when the change
    was looked at.
    """
    open_ledger(project)
    from upcross.ledger.models import Entry
    from upcross.ledger.refusals import ConflictError, Fault, RefusedError
    from upcross.ledger.writer import writing

    if not why.strip():
        raise RefusedError([Fault("why", "say why, in a sentence: whoever looks at the play later will ask")])
    written = _Written(project.folder / OVERLAY)
    try:
        with writing() as writer:
            now = overlay_text(project)
            if digest_of(now) != change.digest:
                last = Entry.objects.filter(subject=SUBJECT).order_by("-seq").first()
                who = f" {last.by} changed {last.subject_id} at {last.at:%Y-%m-%d %H:%M}." if last else ""
                raise ConflictError(f"{OVERLAY} was changed since you looked.{who} Nothing was written: look again"
                                    " at what would move", last.version if last else 0)  # fmt: skip
            entry = writer.record(SUBJECT, change.play.id, KIND, actor, _facts(change), texts={"why": why.strip()})
            written.put(change.text)
    except BaseException:
        written.take_back()
        raise
    return entry


def overlay_text(project: Project) -> str:
    """The overlay as it stands, with the ends of its lines; '' where there is none."""
    try:
        return (project.folder / OVERLAY).read_bytes().decode()
    except FileNotFoundError:
        return ""


def digest_of(text: str) -> str:
    """A hash by which two texts are told apart."""
    return hashlib.sha256(text.encode()).hexdigest()


def moves_by_motion(difference: Difference) -> dict[str, dict[str, int]]:
    """How many asks each kind of move is about, by motion ('adoption' sells nothing)."""
    found: dict[str, Counter[str]] = {}
    for move in difference.moves:
        motion = move.identity.motion
        found.setdefault(motion.value if motion else "adoption", Counter())[move.kind.value] += 1
    return {motion: dict(kinds) for motion, kinds in found.items()}


def _read(play: Play, values: Mapping[str, str]) -> dict[str, Literal]:
    from upcross.ledger.refusals import Fault, RefusedError

    faults, read = [], dict[str, Literal]()
    for name, text in values.items():
        if name not in play.params:
            near = suggest(name, play.params)
            expected = f"expected one of {', '.join(play.params)}"
            faults.append(Fault(name, f"{play.id} has no such parameter; {expected}{near and f'. {near}'}"))
            continue
        value, own = read_literal(_number(text)), play.params[name]
        if isinstance(value, str):
            faults.append(Fault(name, f"{value}; write it as {own} is written"))
        elif value.kind is not own.kind:
            faults.append(Fault(name, f"'{text}' is a {value.kind.value}, and {own} is a {own.kind.value}"))
        elif value != own:
            read[name] = value
    if not read and not faults:
        faults.append(Fault("values", "these are the values that it has: nothing would change"))
    if faults:
        raise RefusedError(faults)
    return read


def _number(text: str) -> object:
    """Typed text as YAML would give it: a bare true or false is no word."""
    plain = text.strip()
    return {"true": True, "false": False}.get(plain.lower(), plain)


def _new_warnings(before: Library, after: Library) -> tuple[str, ...]:
    old = {(issue.code, issue.message) for issue in before.report}
    return tuple(
        f"{issue.message}. {issue.hint}" if issue.hint else issue.message
        for issue in after.report
        if issue.severity is Severity.WARNING and (issue.code, issue.message) not in old
    )


def _facts(change: Foreseen) -> dict[str, Any]:
    return {
        "set": {name: str(value) for name, value in change.values.items()},
        "was": {name: str(change.was.params[name]) for name in change.values},
        "params": {name: str(value) for name, value in change.play.params.items()},
        "params_before": {name: str(value) for name, value in change.was.params.items()},
        "version": change.play.version,
        "version_before": change.was.version,
        "foreseen": moves_by_motion(change.difference),
        "as_of": change.difference.as_of.isoformat(),
        "overlay": digest_of(change.text),
        "overlay_before": change.digest,
    }  # fmt: skip


class _Written:
    """A file put in the place of another in one step, and taken back where the rest of the work fails.

    Where the name is a link, what it leads to is replaced, and the link stays.
    """

    def __init__(self, file: Path) -> None:
        self.file = file.resolve()
        self.done = False
        self.before: bytes | None = None

    def put(self, text: str) -> None:
        self.before = self.file.read_bytes() if self.file.exists() else None
        self._replace(text.encode())
        self.done = True

    def take_back(self) -> None:
        if self.done and self.before is None:
            self.file.unlink(missing_ok=True)
        elif self.done and self.before is not None:
            self._replace(self.before)

    def _replace(self, body: bytes) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        mode = self.file.stat().st_mode & 0o777 if self.file.exists() else 0o644
        with NamedTemporaryFile(dir=self.file.parent, prefix=".overlay-", delete=False) as made:
            unfinished = Path(made.name)
            try:
                made.write(body)
                made.flush()
                os.fsync(made.fileno())
                unfinished.chmod(mode)
                unfinished.replace(self.file)
            finally:
                unfinished.unlink(missing_ok=True)


def entry_told(entry: Entry, why: str | None) -> dict[str, Any]:
    """One change of a play as plain values; ``why`` null where it was erased."""
    facts: dict[str, Any] = json.loads(entry.facts)
    return {"seq": entry.seq, "number": entry.version, "at": entry.at.isoformat(), "by": entry.by, "why": why, **facts}
