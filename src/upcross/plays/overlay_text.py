"""A parameter set in the text of an overlay, with everything else of the file left as it stands: comments too."""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import yaml

from upcross.errors import Place, ProjectError, Severity, issue_code
from upcross.plays.condition import Kind, Literal
from upcross.yaml_values import read_values

OVERLAY_UNEDITED = issue_code(
    "overlay-unedited", Severity.ERROR, "The overlay is written in a way in which no value can be set without a person."
)
_HEAD = "# Settings of this company, laid over the shipped plays and gates.\n"
_STEP = 2


def with_params(source: str, play: str, params: Mapping[str, Literal], file: str) -> str:
    """The text of an overlay with parameters of one play set, those that are not there yet added.

    Only the values change, and lines are added, which end as the others do. Raises ``ProjectError`` where the text
    cannot be read, or where the result would say anything else than the same and these values.
    """
    wanted = _with(read_values(source, file)[0], play, {name: _plain(value) for name, value in params.items()})
    crlf = 0 < source.count("\r\n") == source.count("\n")
    text = source.replace("\r\n", "\n") if crlf else source
    for name, value in params.items():
        text = _set(text, ("plays", play, "params", name), written(value))
    if read_values(text, file)[0] != wanted:
        raise ProjectError(OVERLAY_UNEDITED.at(Place(file), f"the values of '{play}' cannot be set in this file",
                                               hint="set them by hand: plays: {ID: {params: {…}}}"))  # fmt: skip
    return text.replace("\n", "\r\n") if crlf else text


def written(value: Literal) -> str:
    """A value as YAML text."""
    return json.dumps(str(value), ensure_ascii=False) if value.kind is Kind.TEXT else str(value)


def _plain(value: Literal) -> Any:
    return read_values(f"v: {written(value)}", "a value")[0]["v"]


def _with(data: Any, play: str, params: Mapping[str, Any]) -> Any:
    found = deepcopy(data) if isinstance(data, dict) else {}
    place = found
    for step in ("plays", play, "params"):
        if not isinstance(place.get(step), dict):
            place[step] = {}
        place = place[step]
    place.update(params)
    return found


def _set(text: str, path: tuple[str, ...], value: str) -> str:
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if root is None or _is_empty(root):
        kept = text if text.strip() else _HEAD
        return kept + ("" if kept.endswith("\n") else "\n") + _nested(path, value, 0)
    node, done = root, 0
    while done < len(path):
        if not isinstance(node, yaml.MappingNode):
            return text  # no mapping where one belongs: told by the check of the result
        found = next((child for key, child in node.value if key.value == path[done]), None)
        if found is None:
            return _added(text, node, path[done:], value)
        done += 1
        if done < len(path) and _is_empty(found):
            at = found.start_mark.index
            if isinstance(found, yaml.MappingNode):  # written as {}
                return text[:at] + _flow(path[done:], value) + text[found.end_mark.index :]
            return _under(text, at, path[done:], value, _column(node) + _STEP)
        node = found
    start, end = node.start_mark.index, node.end_mark.index
    return text[:start] + value + text[end:]


def _is_empty(node: yaml.Node) -> bool:
    """Nothing (``plays:``), ``null`` or ``{}``."""
    return (isinstance(node, yaml.ScalarNode) and node.tag.endswith(":null")) or (
        isinstance(node, yaml.MappingNode) and not node.value
    )


def _added(text: str, node: yaml.MappingNode, path: tuple[str, ...], value: str) -> str:
    """A key more at the end of a mapping."""
    if node.flow_style:
        last = _last(node.value[-1][1]).end_mark.index
        return f"{text[:last]}, {path[0]}: {_flow(path[1:], value) if path[1:] else value}{text[last:]}"
    column = _column(node)
    end = text.find("\n", _last(node.value[-1][1]).end_mark.index)
    head, tail = (text, "") if end < 0 else (text[: end + 1], text[end + 1 :])
    return head + ("" if head.endswith("\n") else "\n") + _nested(path, value, column) + tail


def _under(text: str, at: int, path: tuple[str, ...], value: str, column: int) -> str:
    """The first key of a mapping that is empty so far: below its name."""
    end = text.find("\n", at)
    null = text[at : at + 4].lower() == "null"
    head = text[:at].rstrip(" ") + (text[at + 4 : end] if null and end >= 0 else "" if end < 0 else text[at:end])
    return head + "\n" + _nested(path, value, column) + (text[end + 1 :] if end >= 0 else "")


def _last(node: yaml.Node) -> yaml.Node:
    """The node whose end is the end of what is written: that of a block mapping lies behind the lines after it."""
    while isinstance(node, yaml.MappingNode | yaml.SequenceNode) and not node.flow_style and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    return node


def _column(node: yaml.MappingNode) -> int:
    return int(node.value[0][0].start_mark.column)


def _nested(path: tuple[str, ...], value: str, column: int) -> str:
    lines = [f"{' ' * (column + depth * _STEP)}{step}:" for depth, step in enumerate(path)]
    return "\n".join(lines) + f" {value}\n"


def _flow(path: tuple[str, ...], value: str) -> str:
    inner = value
    for step in reversed(path):
        inner = f"{{{step}: {inner}}}"
    return inner
