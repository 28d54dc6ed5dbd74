"""The sample company planned once, for every test that reads its verdicts."""

from __future__ import annotations

from pathlib import Path

import pytest

from upcross import verbs
from upcross.project import open_project
from upcross.sample.company import AS_OF
from upcross.verbs import Plan


@pytest.fixture(scope="session")
def planned(company_project: Path) -> Plan:
    return verbs.plan(open_project(company_project), AS_OF)
