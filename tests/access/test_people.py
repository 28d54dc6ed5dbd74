"""Who comes in and how: invitations, roles, tokens; and that the record tells of each."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from access.company import person
from upcross.access import people, tokens
from upcross.access.models import Invitation, ServiceToken, User
from upcross.access.viewer import viewer_of, viewer_of_token
from upcross.ledger.actor import Actor, operator
from upcross.ledger.models import Entry, EntryText
from upcross.ledger.refusals import NotFoundError, RefusedError
from upcross.ledger.writer import now

pytestmark = pytest.mark.usefixtures("ledger")
BY = operator("ann")


def joined(email: str = "lena@vendor.example", role: str = "csm", person_id: str = "") -> User:
    return people.accept(people.invite(BY, email, role, person_id=person_id), password="correct horse battery")


def told() -> list[tuple[str, str]]:
    return list(Entry.objects.filter(subject="access").order_by("seq").values_list("kind", "by"))


def test_an_invitation_makes_one_account_once() -> None:
    person("lena")
    secret = people.invite(BY, " Lena@Vendor.Example ", "csm", person_id="lena")
    user = people.accept(secret, password="correct horse battery", name="Lena Hoffmann")
    assert (user.email, user.role, user.person_id) == ("lena@vendor.example", "csm", "lena")
    assert user.check_password("correct horse battery")
    with pytest.raises(NotFoundError, match="it was used"):
        people.accept(secret, password="another horse battery")
    assert told() == [("invite", "operator:ann"), ("join", f"user:{user.pk}")]


def test_an_invitation_of_last_week_is_over_and_a_newer_one_replaces_it() -> None:
    first, second = (people.invite(BY, "lena@vendor.example", "csm") for _ in range(2))
    with pytest.raises(NotFoundError):
        people.accept(first, password="correct horse battery")
    Invitation.objects.update(expires_at=now() - timedelta(seconds=1))
    with pytest.raises(NotFoundError):
        people.accept(second, password="correct horse battery")
    assert not User.objects.exists()


def test_secrets_are_not_kept() -> None:
    invited = people.invite(BY, "lena@vendor.example", "csm")
    _, token = tokens.make(BY, "warehouse", ["read"])
    rows = [
        *Invitation.objects.values(),
        *ServiceToken.objects.values(),
        *Entry.objects.values(),
        *EntryText.objects.values(),
    ]
    kept = json.dumps(rows, default=str)
    assert invited not in kept and token not in kept and token.rpartition("_")[2] not in kept


def test_all_faults_of_an_invitation_are_told_at_once() -> None:
    with pytest.raises(RefusedError) as refused:
        people.invite(BY, "lena", "boss", person_id="nobody")
    assert [fault.field for fault in refused.value.faults] == ["email", "role", "person_id"]
    joined()
    with pytest.raises(RefusedError, match="has an account already"):
        people.invite(BY, "LENA@vendor.example", "csm")


def test_an_address_is_one_account_however_it_is_written() -> None:
    joined()
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.bulk_create([User(email="LENA@vendor.example", role="csm")])


def test_a_role_changes_what_somebody_may_and_the_record_says_what_it_was() -> None:
    user = joined(role="viewer")
    assert not viewer_of(user).may("log")
    changed = people.change_role(Actor("user:boss"), user, "csm")
    assert viewer_of(changed).may("log")
    entry = Entry.objects.latest("seq")
    assert (entry.kind, entry.by) == ("change_role", "user:boss")
    assert json.loads(entry.facts) == {
        "set": {"person_id": "", "role": "csm"}, "was": {"person_id": "", "role": "viewer"}
    }  # fmt: skip


def test_the_last_administrator_stays() -> None:
    admin = joined("ann@vendor.example", "admin")
    for act in (lambda: people.disable(BY, admin), lambda: people.change_role(BY, admin, "csm")):
        with pytest.raises(RefusedError, match="last administrator"):
            act()
    joined("bo@vendor.example", "admin")
    assert not people.disable(BY, admin).is_active


def test_a_new_password_is_for_those_who_have_one_here_and_may_come_in() -> None:
    lena = joined()
    before = lena.sessions_since
    assert people.reset_password(BY, lena).sessions_since == before + 1
    assert told()[-1] == ("reset_password", BY.id)
    lena.refresh_from_db()
    lena.set_unusable_password()
    lena.save()
    with pytest.raises(RefusedError, match="signs in with a provider"):
        people.reset_password(BY, lena)
    joined("ann@vendor.example", "admin")
    with pytest.raises(RefusedError, match="let them in again first"):
        people.reset_password(BY, people.disable(BY, lena))
    assert [kind for kind, _ in told()].count("reset_password") == 1


def test_who_may_only_look_oversees_nothing() -> None:
    assert not viewer_of(joined(role="viewer")).actor.oversees_all
    assert viewer_of(joined("rev@vendor.example", "revops")).actor.oversees_all


def test_a_token_opens_what_it_was_made_for_until_it_is_revoked() -> None:
    token, secret = tokens.make(BY, "warehouse", ["read", "log"])
    assert secret.startswith(f"upx_{token.key}_")
    found = tokens.token_of(secret)
    assert found is not None
    viewer = viewer_of_token(found)
    assert viewer.id == f"token:{token.key}" and viewer.role == "service"
    assert {str(capability) for capability in viewer.capabilities} == {"read", "see_numbers", "see_credit", "log"}
    for wrong in (secret[:-1], secret + "x", f"upx_{token.key}_", "upx_", "", secret.removeprefix("upx_")):
        assert tokens.token_of(wrong) is None
    ServiceToken.objects.update(expires_at=now() - timedelta(seconds=1))
    assert tokens.token_of(secret) is None
    ServiceToken.objects.update(expires_at=None)
    tokens.revoke(BY, token.key)
    assert tokens.token_of(secret) is None
    with pytest.raises(NotFoundError):
        tokens.revoke(BY, token.key)
    assert [kind for kind, _ in told()] == ["make_token", "revoke_token"]


def test_a_token_in_a_role_may_no_more_than_the_role_and_never_ask_against_a_gate() -> None:
    person("lena")
    _, secret = tokens.make(BY, "lena's agent", ["read", "write", "admin"], role="csm", person_id="lena")
    found = tokens.token_of(secret)
    assert found is not None
    assert {str(capability) for capability in viewer_of_token(found).capabilities} == {"read", "work"}
    assert not viewer_of_token(found).actor.may_override


def test_all_faults_of_a_token_are_told_at_once() -> None:
    with pytest.raises(RefusedError) as refused:
        tokens.make(BY, " ", ["fly"], role="boss", person_id="nobody", expires_at=now())
    assert [fault.field for fault in refused.value.faults] == ["name", "scopes", "role", "person_id", "expires_at"]
