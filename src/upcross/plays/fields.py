"""Kinds of fields that plays, gates and attestations share, and the texts with {placeholders} in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from upcross.contract import TABLES
from upcross.plays.condition import Kind, Literal

ROLES: tuple[str, ...] = next(column.values for column in TABLES["team"].columns if column.name == "role")


class Text(BaseModel):
    """A piece of a project file as written: unknown fields are faults, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _days(value: object) -> object:
    if isinstance(value, str) and (match := re.fullmatch(r"(\d{1,5})d", value.strip(), re.ASCII)):
        return int(match[1])
    raise ValueError("must be days, such as 30d")


def _role(value: str) -> str:
    if value not in ROLES:
        raise PydanticCustomError("enum", "must be a role", {"expected": ROLES})
    return value


def _param(value: object) -> object:
    if isinstance(value, bool | int | float | str):
        return value
    raise ValueError("must be a number, a percentage, days, true/false or a word")


_NAME = r"[a-z][a-z0-9]*(-[a-z0-9]+)*"


def _name(value: str) -> str:
    if not re.fullmatch(_NAME, value, re.ASCII):
        raise ValueError("must be lower-case letters, digits and hyphens, such as seat-expansion")
    return value


def _as_tuple(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else (value,)


Days = Annotated[
    int, BeforeValidator(_days), WithJsonSchema({"type": "string", "pattern": r"^\s*\d{1,5}d\s*$", "examples": ["30d"]})
]
"""A span written as ``30d``, kept as a whole number of days."""
Role = Annotated[str, AfterValidator(_role), WithJsonSchema({"type": "string", "enum": list(ROLES)})]
"""A role of the team table."""
ParamValue = Annotated[
    Any,
    BeforeValidator(_param),
    WithJsonSchema({"type": ["string", "number", "boolean"], "examples": ["90%", "30d", 5, True]}),
]
"""A parameter as YAML gives it."""
Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
"""Text for people; never empty."""
Name = Annotated[str, AfterValidator(_name), WithJsonSchema({"type": "string", "pattern": f"^{_NAME}$"})]
"""An id in lower case with hyphens."""
OneOrMore = BeforeValidator(_as_tuple)
"""Lets a single value stand where a list may stand."""

_PLACEHOLDER = re.compile(r"\{([A-Za-z_]\w*)\}", re.ASCII)


def placeholders(texts: Iterable[str]) -> tuple[str, ...]:
    """The names in braces in the given texts, each once, in order."""
    return tuple(dict.fromkeys(name for text in texts for name in _PLACEHOLDER.findall(text)))


def shown(literal: Literal) -> str:
    """A parameter's value as it reads in a sentence: ``90d`` is "90 days"."""
    if literal.kind is Kind.DAYS:
        return "1 day" if literal.value == 1 else f"{literal.value} days"
    return str(literal.value) if literal.kind is Kind.TEXT else str(literal)


def fill_params(text: str, params: Mapping[str, Literal]) -> str:
    """The text with every ``{param}`` replaced by its value; placeholders of signals stay."""
    return _PLACEHOLDER.sub(lambda match: shown(params[match[1]]) if match[1] in params else match[0], text)
