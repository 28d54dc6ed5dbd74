"""The interface keeps to its own document: whatever is asked, the answer is one that the document declares."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from hypothesis import HealthCheck, Phase, settings
from hypothesis import given as asked_with
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable

from api.programs import program
from upcross.ledger.models import Opportunity

SOAK = bool(os.environ.get("UPCROSS_SOAK"))
CASES = 400 if SOAK else 8
"""Cases of each route and kind."""


@pytest.fixture
def schema(company: dict[str, Opportunity]) -> Iterator[Any]:
    """The document as schemathesis reads it, in this process, for a program that may do nearly everything."""
    import logging

    import schemathesis
    from schemathesis.config import SchemathesisConfig

    client = program("read", "write", "contacts", "log", "admin")
    headers = {"Authorization": f"Bearer {client.token}", "Host": "upcross.example", "X-Forwarded-Proto": "https"}
    config = SchemathesisConfig.from_dict({
        "generation": {"with-security-parameters": False},
        "checks": {
            "positive_data_acceptance": {
                "expected-statuses": ["2xx", "401", "403", "404", "409", "412", "422"]  # 422: names nobody, too late, …
            },
            "negative_data_rejection": {
                "expected-statuses": ["400", "401", "403", "404", "405", "409", "412", "413", "415", "422", "428"]
            },
            "missing_required_header": {"expected-statuses": ["400", "422", "428", "403"]},
        },
    })  # fmt: skip
    logging.disable(logging.WARNING)
    yield schemathesis.openapi.from_wsgi("/api/v1/openapi.json", WSGIHandler(), config=config, headers=headers), headers
    logging.disable(logging.NOTSET)


def test_every_answer_is_one_that_the_document_declares(schema: Any, company: dict[str, Opportunity]) -> None:
    from schemathesis import GenerationMode
    from schemathesis.checks import CHECKS, load_all_checks

    load_all_checks()
    document, headers = schema
    known = {
        "id": [str(row.id) for row in company.values()] + ["acme", "beta"], "account": ["acme"], "owner": ["cleo"],
        "If-Match": ['"1"', '"2"'],
    }  # fmt: skip
    tried: list[int] = []
    for found in document.get_all_operations():
        for mode in GenerationMode:
            _try(found.ok(), mode, known, tried, list(CHECKS.get_all()), headers)
    print(f"{len(tried)} requests")
    assert len(tried) >= 2 * CASES


def _try(
    operation: Any, mode: Any, known: dict[str, list[str]], tried: list[int], checks: list[Any], headers: dict[str, str]
) -> None:
    from schemathesis import GenerationMode

    @settings(max_examples=CASES, deadline=None, database=None, suppress_health_check=list(HealthCheck),
              derandomize=not SOAK, phases=[Phase.generate])  # fmt: skip
    @asked_with(data=st.data())
    def one(data: Any) -> None:
        case = data.draw(operation.as_strategy(generation_mode=mode))
        if mode is GenerationMode.POSITIVE:
            for part in (case.path_parameters, case.headers):
                for name in sorted(set(part or ()) & known.keys()):
                    if data.draw(st.booleans()):
                        part[name] = data.draw(st.sampled_from(known[name]))
            if "Idempotency-Key" in (case.headers or ()):
                case.headers["Idempotency-Key"] = f"{operation.label} {len(tried)}"
        tried.append(1)
        case.call_and_validate(checks=checks, headers=headers)

    with suppress(Unsatisfiable):  # nothing can be wrong with a request that takes nothing
        one()
