"""Somewhere that the worker delivers to, and the secret with which it signs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from deliveries.receiver import Receiver, receiver

SECRET = "whsec_" + "A" * 43 + "="


@pytest.fixture
def there() -> Iterator[Receiver]:
    with receiver() as found:
        yield found
