"""What somebody typed in a form of an account plan and was not taken: shown once more, with what was said of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from upcross.api.names import named
from upcross.ledger.refusals import ConflictError, RefusedError


@dataclass(frozen=True)
class Typed:
    """What somebody typed that was not taken, and why; it is shown again with what was said of it."""

    form: QueryDict
    error: ConflictError | RefusedError

    @property
    def part(self) -> str:
        """The part of the plan whose form is shown with it; '' where a thing that is there was to be changed."""
        return "" if self.form.get("id") else self.form.get("part", "")

    @property
    def status(self) -> int:
        """The status of the answer."""
        return 412 if isinstance(self.error, ConflictError) else 422

    def facts(self) -> dict[str, Any]:
        """For which form it is, and what was wrong."""
        if isinstance(self.error, RefusedError):
            said = [f"{fault.field.split('.')[-1].replace('_', ' ').capitalize()}: {fault.message}"
                    for fault in self.error.faults]  # fmt: skip
        else:
            said = [f"{named(str(self.error))}. Save once more to write yours as well."]
        return {"part": self.part, "said": said}


def given_of(part: str, defaults: Mapping[str, str], typed: Typed | None) -> dict[str, str]:
    """What the form of a part begins with: what was typed in it and not taken, else what it begins with anyhow."""
    if typed is None or typed.part != part:
        return dict(defaults)
    return {name: typed.form.get(name, default) for name, default in defaults.items()}
