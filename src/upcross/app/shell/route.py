"""One route of a page: its path and view, and who may use it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse

from upcross.access.roles import Capability


@dataclass(frozen=True, slots=True)
class Route:
    """A path with its view, its name, what it asks of a role (None: to be signed in), and whether forms come to it."""

    path: str
    view: Callable[..., HttpResponse]
    name: str
    needs: Capability | None = Capability.READ
    takes_forms: bool = False

    @property
    def methods(self) -> frozenset[str]:
        """The methods that it answers."""
        return frozenset({"GET", "HEAD", "POST"}) if self.takes_forms else frozenset({"GET", "HEAD"})


def only_forms(path: str, view: Any, name: str, needs: Capability | None = Capability.WORK) -> Route:
    """A route to which forms are sent and that shows nothing by itself."""
    return FormRoute(path, view, name, needs)


@dataclass(frozen=True, slots=True)
class FormRoute(Route):
    """A route that takes forms and nothing else."""

    @property
    def methods(self) -> frozenset[str]:
        """POST alone."""
        return frozenset({"POST"})
