"""The kinds of value that requests give, each read in one way: what is nearly right is refused, never guessed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StringConstraints, WithJsonSchema

from upcross.money import quantise

E = TypeVar("E", bound=StrEnum)

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})", re.ASCII)
_MONEY = re.compile(r"\d{1,12}(\.\d{1,4})?", re.ASCII)


def _matching(pattern: re.Pattern[str], read: Callable[[str], Any], expected: str) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if value is None:
            return None
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise ValueError(expected)
        try:
            return read(value)
        except (ValueError, OverflowError):
            raise ValueError(expected) from None

    return check


Day = Annotated[
    date,
    BeforeValidator(_matching(_DAY, date.fromisoformat, "expected a day such as 2026-06-30")),
    WithJsonSchema({"type": "string", "format": "date"}),
]
Moment = Annotated[
    datetime,
    BeforeValidator(_matching(_MOMENT, datetime.fromisoformat, "expected a moment such as 2026-06-30T12:00:00Z")),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
Money = Annotated[
    int,
    BeforeValidator(
        _matching(_MONEY, lambda text: quantise(Decimal(text)), "expected an amount as text, such as 250 or 99.50")
    ),
    WithJsonSchema({"type": "string", "pattern": r"^[0-9]{1,12}(\.[0-9]{1,4})?$"}),
]
"""An amount in currency units a month as exact decimal text; ten-thousandths inside."""

Text = Annotated[str, StringConstraints(max_length=20_000)]
Id = Annotated[str, StringConstraints(max_length=500)]
Flag = StrictBool


def _flag(value: Any) -> Any:
    if value in ("true", "false"):
        return value == "true"
    raise ValueError("expected true or false")


QueryFlag = Annotated[bool, BeforeValidator(_flag), WithJsonSchema({"type": "boolean"})]


def _whole(value: Any) -> Any:
    if isinstance(value, int) or (isinstance(value, str) and re.fullmatch(r"\d{1,9}", value, re.ASCII)):
        return int(value)
    raise ValueError("expected a whole number")


QueryNumber = Annotated[int, BeforeValidator(_whole)]


def listed(kind: type[E]) -> Any:
    """Several of an enumeration in one parameter, with commas between."""
    known = [item.value for item in kind]

    def split(value: Any) -> Any:
        asked = [part for one in (value if isinstance(value, list) else [value]) for part in str(one).split(",")]
        wrong = [part for part in asked if part not in known]
        if wrong:
            raise ValueError(f"expected one or more of {', '.join(known)}, with commas between")
        return [kind(part) for part in dict.fromkeys(asked)]

    return Annotated[
        list[kind],  # type: ignore[valid-type]
        BeforeValidator(split),
        WithJsonSchema({"type": "array", "minItems": 1, "items": {"type": "string", "enum": known}}),
    ]


class Asked(BaseModel):
    """What a request gives: nothing beside these fields is taken."""

    model_config = ConfigDict(extra="forbid")


class Told(BaseModel):
    """What an answer tells."""


DayText = Annotated[str, Field(json_schema_extra={"format": "date"})]
MomentText = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
MoneyText = Annotated[str, Field(description="Exact decimal text in currency units a month.")]
