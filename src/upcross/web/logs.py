"""What is written about a fault: one line an event, without secrets and addresses."""

from __future__ import annotations

import logging
import re

_SECRETS = (
    (re.compile(r"upx_[0-9a-f]+_[\w-]+"), "upx_…"),
    (re.compile(r"(/invitation/|/password/new/)[^/\s]+"), r"\1…"),
    (re.compile(r"(?i)\b(password|secret|token|code|state|nonce)=[^&\s]+"), r"\1=…"),
    (re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+"), "…@…"),
)


class Line(logging.Formatter):
    """A record as text; what belongs to one event begins on one line, its traceback indented below."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """The record without what nobody who reads logs should know."""
        told = super().format(record).replace("\r", "\\r").replace("\n", "\n    ")
        for pattern, shown in _SECRETS:
            told = pattern.sub(shown, told)
        return told
