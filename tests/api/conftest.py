"""A small company with a ledger, served."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.test import override_settings

from upcross.ledger.place import Place

if TYPE_CHECKING:
    from upcross.ledger.models import Opportunity


@pytest.fixture
def served(tmp_path: Path, ledger: Place) -> Iterator[Path]:
    """A project without a book, served with its ledger."""
    yield from _served(tmp_path)


@pytest.fixture
def served_anyhow(tmp_path: Path, any_ledger: Place) -> Iterator[Path]:
    """The same, once on each database."""
    yield from _served(tmp_path)


def _served(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "upcross.yaml").write_text("name: Test\nreporting_currency: EUR\ndata: .\n")
    with override_settings(UPCROSS_PROJECT=str(tmp_path), UPCROSS_PACE={"look": 100_000, "change": 100_000}):
        yield tmp_path


@pytest.fixture
def company(served: Path) -> dict[str, Opportunity]:
    """Its opportunities by account: see ``small_company``."""
    from api.programs import small_company

    return small_company()


@pytest.fixture
def any_company(served_anyhow: Path) -> dict[str, Opportunity]:
    """The same on each database."""
    from api.programs import small_company

    return small_company()
