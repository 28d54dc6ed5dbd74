"""The rule of who sees what says the same on each database."""

from __future__ import annotations

import pytest

from access.company import account, opportunity
from upcross.access import scope
from upcross.access.models import User
from upcross.access.viewer import viewer_of
from upcross.ledger.actor import SYSTEM
from upcross.ledger.refusals import NotFoundError
from upcross.ledger.writer import writing


@pytest.mark.usefixtures("any_ledger")
def test_a_csm_sees_their_accounts_and_what_happened_there() -> None:
    account("A", csm="lena")
    account("B", csm="omar")
    mine, other = opportunity("A", "lena", expected=7), opportunity("B", "omar", expected=5)
    with writing() as writer:
        for row in (mine, other):
            writer.record("opportunity", str(row.id), "comment", SYSTEM)
    lena = viewer_of(User(email="lena@vendor.example", role="csm", person_id="lena"))
    assert [row.account_id for row in scope.accounts(lena)] == ["A"]
    assert [row.potential_expected for row in scope.opportunities(lena)] == [7]
    assert [entry.subject_id for entry in scope.entries(lena)] == [str(mine.id)]
    assert scope.one(scope.opportunities(lena), "opportunity", id=str(mine.id)) == mine
    for key in (other.id, "no key at all"):
        with pytest.raises(NotFoundError):
            scope.one(scope.opportunities(lena), "opportunity", id=key)
