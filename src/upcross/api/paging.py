"""Long lists by pages: each goes on after the last row of the one before, so that new rows shift nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from django.core import signing
from django.db.models import Q, QuerySet
from pydantic import Field

from upcross.api.refusal import invalid
from upcross.api.values import Asked, QueryNumber

MOST = 200
_SALT = "upcross.api.cursor"


class Paged(Asked):
    """Which page of a list, and how long it is."""

    limit: Annotated[QueryNumber, Field(ge=1, le=MOST, description="Rows of one page.")] = 50
    cursor: Annotated[
        str, Field(max_length=2_000, description="The `next` of the page before; none for the first page.")
    ] = ""


@dataclass(frozen=True, slots=True)
class By:
    """One part of an order: a column or an annotation, and its direction."""

    name: str
    falling: bool = False


Order = tuple[By, ...]
"""An order of rows; its last part is a key, so that no two rows are alike."""


@dataclass(frozen=True, slots=True)
class Page:
    """The rows of one page, how many there are on all pages, and the cursor of the next one."""

    rows: list[Any]
    total: int
    next: str | None

    def to_dict(self, facts: Callable[[Any], Mapping[str, Any]]) -> dict[str, Any]:
        """The page as it is told."""
        return {"items": [facts(row) for row in self.rows], "total": self.total, "next": self.next}


def page(rows: QuerySet[Any], order: Order, asked: Paged) -> Page:
    """One page of rows in an order; 422 for a cursor that is not of this list, order and choice."""
    mark = _mark(order, asked)
    total = rows.count()
    if asked.cursor:
        rows = rows.filter(_after(order, _read(asked.cursor, mark, len(order))))
    names = [("-" if by.falling else "") + by.name for by in order]
    found = list(rows.order_by(*names)[: asked.limit + 1])
    more = len(found) > asked.limit
    found = found[: asked.limit]
    return Page(found, total, _written(order, found[-1], mark) if more else None)


def _after(order: Order, values: list[Any]) -> Q:
    """The rows that come after one: equal in the first parts, and beyond it in the next."""
    found, equal = Q(pk__in=[]), Q()
    for by, value in zip(order, values, strict=True):
        found |= equal & Q(**{f"{by.name}__{'lt' if by.falling else 'gt'}": value})
        equal &= Q(**{by.name: value})
    return found


def _mark(order: Order, asked: Paged) -> str:
    """What a cursor belongs to: the order and everything that chooses the rows."""
    chosen = asked.model_dump(mode="json", exclude={"cursor", "limit"})
    told = json.dumps([type(asked).__name__, [(by.name, by.falling) for by in order], chosen], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _written(order: Order, row: Any, mark: str) -> str:
    return signing.dumps([mark, [_plain(getattr(row, by.name)) for by in order]], salt=_SALT)


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return {"moment": value.isoformat()}
        case date():
            return {"day": value.isoformat()}
        case UUID():
            return {"key": str(value)}
    return value


def _read(cursor: str, mark: str, parts: int) -> list[Any]:
    try:
        of, values = signing.loads(cursor, salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        raise invalid("cursor", "is none that was given here; begin without one") from None
    if of != mark or len(values) != parts:
        raise invalid("cursor", "belongs to another list, order or choice; begin without one")
    return [_value(value) for value in values]


def _value(value: Any) -> Any:
    match value:
        case {"moment": text}:
            return datetime.fromisoformat(text)
        case {"day": text}:
            return date.fromisoformat(text)
        case {"key": text}:
            return UUID(text)
    return value
