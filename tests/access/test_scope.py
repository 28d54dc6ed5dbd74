"""Who sees what: the rule on a company of five, and on random ones against a filter that looks at every row."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import transaction
from django.db.models import Count, Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from access.company import MOMENT, account, opportunity, person
from upcross.access import scope
from upcross.access.models import ServiceToken, User
from upcross.access.roles import Role, capabilities
from upcross.access.viewer import Viewer, people_below, viewer_of, viewer_of_token
from upcross.ledger.actor import SYSTEM
from upcross.ledger.models import Account, Assignment, Heard, Opportunity, Person
from upcross.ledger.place import Place
from upcross.ledger.refusals import NotFoundError
from upcross.ledger.writer import writing

pytestmark = pytest.mark.usefixtures("ledger")


def looking(role: Role, person_id: str = "") -> Viewer:
    return viewer_of(User(email="x@vendor.example", role=role.value, person_id=person_id))


def seen(viewer: Viewer) -> set[str]:
    return set(scope.accounts(viewer).values_list("account_id", flat=True))


def test_a_seller_sees_whom_they_serve_and_where_they_work() -> None:
    account("SERVED", csm="lena")
    for name in ("OWNED", "CLOSED", "HANDED", "OTHER"):
        account(name, csm="omar")
    opportunity("OWNED", "lena")
    opportunity("CLOSED", "omar", closer="lena")
    opportunity("HANDED", "omar", handed_to="lena")
    opportunity("OTHER", "omar")
    assert seen(looking(Role.CSM, "lena")) == {"SERVED", "OWNED", "CLOSED", "HANDED"}
    assert seen(looking(Role.CSM)) == set()  # nobody of our people owns nothing, although "closer" is empty somewhere


@pytest.mark.parametrize("role", [Role.REVOPS, Role.LEADER, Role.ADMIN, Role.VIEWER])
def test_these_roles_see_every_account(role: Role) -> None:
    account("A", csm="lena")
    account("B")
    assert seen(looking(role)) == {"A", "B"}


def test_a_manager_sees_what_everybody_below_sees_and_a_csm_with_reports_does_not() -> None:
    for name, above in (("carla", ""), ("rita", "carla"), ("lena", "rita"), ("omar", "")):
        person(name, above)
    account("LENAS", csm="lena")
    account("CARLAS", csm="carla")
    account("OMARS", csm="omar")
    assert seen(looking(Role.MANAGER, "carla")) == {"LENAS", "CARLAS"}
    assert seen(looking(Role.MANAGER, "rita")) == {"LENAS"}
    assert seen(looking(Role.CSM, "carla")) == {"CARLAS"}


def test_managers_in_a_circle_are_each_below_the_others() -> None:
    person("a", "b")
    person("b", "c")
    person("c", "a")
    person("self", "self")
    assert people_below("a") == {"b", "c"}
    assert people_below("self") == set()


def test_a_disabled_user_sees_nothing() -> None:
    account("A")
    viewer = viewer_of(User(email="x@vendor.example", role="admin", is_active=False))
    assert seen(viewer) == set() and scope.account_ids(viewer) == set()


def test_who_has_left_sees_nothing_from_that_day_on(monkeypatch: pytest.MonkeyPatch) -> None:
    account("A", csm="lena")
    Person.objects.create(person_id="lena", name="Lena", role="csm", left_on=date(2026, 4, 1))
    lena = User(email="lena@vendor.example", role="csm", person_id="lena", is_active=True)
    monkeypatch.setenv("UPCROSS_TODAY", "2026-03-31")
    assert seen(viewer_of(lena)) == {"A"}
    monkeypatch.setenv("UPCROSS_TODAY", "2026-04-01")
    assert seen(viewer_of(lena)) == set()
    assert not viewer_of(lena).capabilities


def test_a_token_sees_what_its_person_sees_and_without_one_everything() -> None:
    account("A", csm="lena")
    account("B", csm="omar")
    assert seen(viewer_of_token(ServiceToken(key="k", scopes=["read"]))) == {"A", "B"}
    assert seen(viewer_of_token(ServiceToken(key="k", scopes=["read"], person_id="lena"))) == {"A"}
    assert seen(viewer_of_token(ServiceToken(key="k", scopes=["read"], role="csm"))) == set()
    assert seen(viewer_of_token(ServiceToken(key="k", scopes=[]))) == set()


def test_what_is_hidden_is_answered_as_what_never_was() -> None:
    account("HIDDEN", csm="omar")
    row = opportunity("HIDDEN", "omar")
    lena = looking(Role.CSM, "lena")

    def answer(rows: object, noun: str, **key: object) -> str:
        with pytest.raises(NotFoundError) as told:
            scope.one(rows, noun, **key)
        return str(told.value)

    hidden = answer(scope.accounts(lena), "account", account_id="HIDDEN")
    assert hidden.replace("HIDDEN", "NEVER") == answer(scope.accounts(lena), "account", account_id="NEVER")
    assert (
        answer(scope.opportunities(lena), "opportunity", id=row.id)
        == f"there is no opportunity '{row.id}' that you can see"
    )
    assert (
        answer(scope.opportunities(lena), "opportunity", id="1 OR 1=1")
        == "there is no opportunity '1 OR 1=1' that you can see"
    )
    assert scope.one(scope.opportunities(looking(Role.CSM, "omar")), "opportunity", id=str(row.id)) == row


def test_what_happened_is_seen_with_what_it_happened_to() -> None:
    account("A", csm="lena")
    account("B", csm="omar")
    rows = [opportunity("A", "lena"), opportunity("B", "omar")]
    heard = [
        Heard.objects.create(statement_id=f"S{name}", account_id=name, said_on=MOMENT.date(), kind="need",
                             quote="We need seats", heard_by="lena", heard_at=MOMENT)
        for name in ("A", "B")
    ]  # fmt: skip
    with writing() as writer:
        for row in rows:
            writer.record("opportunity", str(row.id), "comment", SYSTEM)
        for statement in heard:
            writer.record("statement", statement.statement_id, "log", SYSTEM)
        for name in ("A", "B"):
            writer.record("account plan", name, "write", SYSTEM)
        writer.record("access", "user:1", "join", SYSTEM)

    def told(viewer: Viewer) -> list[tuple[str, str]]:
        return list(scope.entries(viewer).order_by("seq").values_list("subject", "subject_id"))

    assert told(looking(Role.CSM, "lena")) == [
        ("opportunity", str(rows[0].id)), ("statement", "SA"), ("account plan", "A")
    ]  # fmt: skip
    assert len(told(looking(Role.REVOPS))) == 7
    assert {subject for subject, _ in told(looking(Role.LEADER))} == {"opportunity", "statement", "account plan"}
    assert {subject for subject, _ in told(looking(Role.VIEWER))} == {"opportunity", "account plan"}


PEOPLE = [f"p{number}" for number in range(7)]
ACCOUNTS = [f"A{number}" for number in range(6)]
_ONE = st.sampled_from(PEOPLE)
_MAYBE = st.sampled_from(["", *PEOPLE])
_COMPANY = st.fixed_dictionaries({
    "managers": st.lists(_MAYBE, min_size=len(PEOPLE), max_size=len(PEOPLE)),
    "serves": st.dictionaries(st.tuples(st.sampled_from(ACCOUNTS), st.sampled_from(["csm", "ae", "partner"])), _ONE, max_size=8),
    "works": st.lists(st.tuples(st.sampled_from([*ACCOUNTS, "UNLISTED"]), _ONE, _MAYBE, _MAYBE, st.none() | st.integers(0, 99)), max_size=8),
    "role": st.sampled_from([role for role in Role if role is not Role.SERVICE]),
    "who": _MAYBE,
})  # fmt: skip


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(company=_COMPANY)
def test_every_list_and_every_sum_is_that_of_the_rows_one_by_one(ledger: Place, company: dict[str, object]) -> None:
    with transaction.atomic():
        try:
            _judge(company)  # type: ignore[arg-type]
        finally:
            transaction.set_rollback(True)


def _judge(company: dict[str, list[str]]) -> None:
    above = dict(zip(PEOPLE, company["managers"], strict=True))
    Person.objects.bulk_create(Person(person_id=name, name=name, manager_id=manager) for name, manager in above.items())
    Account.objects.bulk_create(Account(account_id=name, name=name) for name in ACCOUNTS)
    serves: dict[tuple[str, str], str] = company["serves"]  # type: ignore[assignment]
    Assignment.objects.bulk_create(
        Assignment(account_id=name, role=role, person_id=who) for (name, role), who in serves.items()
    )
    for number, (name, owner, closer, handed_to, expected) in enumerate(company["works"]):
        opportunity(name, owner, product=f"P{number}", closer=closer, handed_to=handed_to, expected=expected)  # type: ignore[arg-type]

    def is_below(name: str, boss: str) -> bool:
        climbed = set()
        while name and name not in climbed:
            climbed.add(name)
            name = above.get(name, "")
            if name == boss:
                return True
        return False

    role, who = Role(company["role"]), str(company["who"])
    viewer = looking(role, who)
    theirs = {name for name in PEOPLE if name == who or (role is Role.MANAGER and who and is_below(name, who))}
    work = list(Opportunity.objects.all())

    def is_seen(name: str) -> bool:
        if role in (Role.REVOPS, Role.LEADER, Role.ADMIN, Role.VIEWER):
            return True
        return any(of == name and by in theirs for (of, _), by in serves.items()) or any(
            row.account_id == name and {row.owner, row.closer, row.handed_to} & theirs for row in work
        )

    assert seen(viewer) == {name for name in ACCOUNTS if is_seen(name)}
    rows = [row for row in work if is_seen(row.account_id)]
    assert set(scope.opportunities(viewer)) == set(rows)
    known = [row.potential_expected for row in rows if row.potential_expected is not None]
    told = scope.opportunities(viewer).aggregate(rows=Count("id"), money=Sum("potential_expected"))
    assert told == {"rows": len(rows), "money": sum(known) if known else None}
    ids = scope.account_ids(viewer)
    assert (ids is None) == (role in (Role.REVOPS, Role.LEADER, Role.ADMIN, Role.VIEWER))
    assert ids is None or ids == {name for name in [*ACCOUNTS, "UNLISTED"] if is_seen(name)}
    for row in work:
        if not is_seen(row.account_id):
            with pytest.raises(NotFoundError):
                scope.one(scope.opportunities(viewer), "opportunity", id=row.id)


def test_every_role_may_something_and_only_administrators_manage_people() -> None:
    assert all(capabilities(role) for role in Role if role is not Role.SERVICE)
    assert {role for role in Role if "manage_people" in capabilities(role)} == {Role.ADMIN}
    assert {str(capability) for capability in capabilities(Role.VIEWER)} == {"read", "see_numbers"}
    assert capabilities(Role.SERVICE) == frozenset()  # a program has what its token says, and nothing by itself
