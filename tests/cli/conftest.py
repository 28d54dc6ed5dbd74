"""The command line as a person types it, in this process."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from upcross.cli import app


@pytest.fixture
def run(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Exit code, output and errors of `upcross` with arguments; a module's ``WIDTH`` is its terminal's."""
    monkeypatch.setenv("COLUMNS", getattr(request.module, "WIDTH", "200"))

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["upcross", *map(str, arguments)])
        code = 0
        try:
            app.main()
        except SystemExit as exit_:
            code = int(exit_.code or 0)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run
