"""What is told once, on the next page or in its place: what was done and how to take it back, or why it was not."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.contrib import messages
from django.http import HttpRequest

_UNDO = "undo="


def tell(request: HttpRequest, text: str, *, undo: str = "", fault: bool = False) -> None:
    """Say something once; ``undo`` is the address to which a form is sent that takes it back.

    What stands behind its ``?`` is sent in the form: many rows are longer than the line of a request may be.
    """
    level = messages.ERROR if fault else messages.SUCCESS
    messages.add_message(request, level, text, extra_tags=f"{_UNDO}{undo}" if undo else "")


def said(request: HttpRequest) -> list[dict[str, Any]]:
    """What is to be told now; it is not told again."""
    found = []
    for message in messages.get_messages(request):
        tags = message.extra_tags or ""
        undo = urlsplit(tags.removeprefix(_UNDO) if tags.startswith(_UNDO) else "")
        found.append({
            "text": str(message), "fault": message.level >= messages.ERROR,
            "undo": undo.path, "undo_fields": parse_qsl(undo.query),
        })  # fmt: skip
    return found
