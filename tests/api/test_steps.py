"""Steps over HTTP: seen, taken with the version that was seen, refused with who was quicker, and carried out once."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from django.db import connection

from api.programs import QUALIFY, UNKNOWN, Program, program
from upcross.ledger.models import Entry, IdempotentRequest, Opportunity, Person
from upcross.ledger.verifying import verify

Company = dict[str, Opportunity]


def test_an_opportunity_is_qualified_handed_off_and_accepted(company: Company) -> None:
    cleo, ann = program("write", person_id="cleo"), program("write", person_id="ann")
    path = f"/opportunities/{company['acme'].id}"
    seen = cleo.ask("GET", path)
    assert (seen["ETag"], seen.json()["stage"]) == ('"1"', "surfaced")
    assert {"qualify", "dismiss", "snooze"} <= set(seen.json()["steps"])
    done = cleo.ask("POST", f"{path}/steps", QUALIFY, match=seen["ETag"])
    assert (done.status_code, done["ETag"], done.json()["stage"]) == (200, '"2"', "qualified")
    assert done.json()["known"] == {"need": False, "goal": False, "buyer": False, "budget_owner": False}
    assert cleo.ask("POST", f"{path}/steps", {"step": "hand_off"}, match=2).json()["handed_to"] == "ann"
    assert ann.ask("POST", f"{path}/steps", {"step": "accept"}, match=3).json()["owner"] == "ann"
    won = ann.ask("POST", f"{path}/steps", {"step": "win", "mrr": "99.50"}, match=4).json()
    assert (won["stage"], won["won_mrr"]) == ("won", "99.5")
    history = ann.look(f"{path}/history?limit=2")
    assert [entry["kind"] for entry in history["items"]] == ["win", "accept"] and history["total"] == 5
    rest = ann.look(f"{path}/history?limit=2&cursor={history['next']}")
    assert [entry["kind"] for entry in rest["items"]] == ["hand_off", "qualify"]
    assert verify().fault is None


def test_who_comes_second_is_told_who_was_quicker_and_writes_nothing(any_company: Company) -> None:
    company = any_company
    cleo, office = program("write", person_id="cleo"), program("write")
    path = f"/opportunities/{company['acme'].id}/steps"
    assert cleo.ask("POST", path, QUALIFY, match=1).status_code == 200
    late = office.ask("POST", path, {"step": "dismiss", "reason": "not_ready"}, match=1)
    assert (late.status_code, late["ETag"]) == (412, '"2"')
    error = late.json()["error"]
    assert (error["code"], error["version"]) == ("conflict", 2)
    assert (
        "somebody was quicker: test took the step 'qualify'" in error["message"]
        and "it is qualified now" in error["message"]
    )
    assert Opportunity.objects.get(account_id="acme").stage == "qualified"


def test_a_step_says_everything_that_is_wrong_with_it(company: Company) -> None:
    cleo = program("write", person_id="cleo")
    path = f"/opportunities/{company['acme'].id}/steps"
    answer = cleo.ask("POST", path, {"step": "qualify", "context": {"need": "Two teams", "goal": ""}}, match=1)
    assert answer.status_code == 422
    assert [fault["field"] for fault in answer.json()["error"]["faults"]] == [
        "context.goal", "context.buyer", "context.budget_owner"
    ]  # fmt: skip
    assert cleo.ask("POST", path, {"step": "accept"}, match=1).status_code == 403  # it is for its closer
    assert cleo.ask("POST", path, {"step": "hand_off"}, match=1).status_code == 409  # not qualified yet
    assert Opportunity.objects.get(account_id="acme").version == 1


def test_a_step_needs_a_version_and_a_key(company: Company) -> None:
    cleo = program("write", person_id="cleo")
    path = f"/opportunities/{company['acme'].id}/steps"
    assert cleo.ask("POST", path, QUALIFY).json()["error"]["code"] == "version-missing"
    assert cleo.ask("POST", path, QUALIFY).status_code == 428
    assert cleo.ask("POST", path, QUALIFY, match="*").status_code == 422
    assert cleo.ask("POST", path, QUALIFY, match="1").status_code == 422
    assert cleo.ask("POST", path, QUALIFY, match=1, key=None).json()["error"]["code"] == "key-missing"
    assert cleo.ask("POST", path, QUALIFY, match=1, key="k" * 256).status_code == 422
    assert Opportunity.objects.get(account_id="acme").version == 1


def test_the_same_key_gives_the_same_answer_and_one_effect(company: Company) -> None:
    cleo = program("write", person_id="cleo")
    path = f"/opportunities/{company['acme'].id}/steps"
    first = cleo.ask("POST", path, QUALIFY, match=1, key="one")
    again = cleo.ask("POST", path, QUALIFY, match=1, key="one")
    assert (again.status_code, again.content, again["ETag"]) == (200, first.content, '"2"')
    assert again["Idempotent-Replay"] == "true" and "Idempotent-Replay" not in first
    other = cleo.ask("POST", path, {**QUALIFY, "text": "more"}, match=1, key="one")
    assert (other.status_code, other.json()["error"]["code"]) == (422, "idempotency-mismatch")
    assert Entry.objects.filter(kind="qualify").count() == 1
    theirs = program("write").ask("POST", path, QUALIFY, match=1, key="one")
    assert theirs.status_code == 412  # somebody else's key is another key


def test_what_was_refused_is_judged_again_under_its_key(company: Company) -> None:
    cleo = program("write", person_id="cleo")
    path = f"/opportunities/{company['acme'].id}/steps"
    assert cleo.ask("POST", path, {"step": "qualify"}, match=1, key="one").status_code == 422
    assert cleo.ask("POST", path, QUALIFY, match=1, key="one").status_code == 200


def test_answers_are_kept_for_a_day(company: Company) -> None:
    from datetime import timedelta

    cleo = program("write", person_id="cleo")
    path = f"/opportunities/{company['acme'].id}/steps"
    comment = {"step": "comment", "text": "Called them"}
    cleo.ask("POST", path, comment, match=1, key="one")
    [kept] = IdempotentRequest.objects.all()
    IdempotentRequest.objects.update(at=kept.at - timedelta(hours=25))
    assert cleo.ask("POST", path, comment, match=2, key="one").json()["version"] == 3  # a new request by now
    assert IdempotentRequest.objects.count() == 1


def _at_once(count: int, client: Program, path: str) -> list[tuple[int, bytes]]:
    start, found = threading.Barrier(count), []

    def run() -> None:
        start.wait()
        answer = Program(token=client.token).ask("POST", path, QUALIFY, match=1, key="one")
        found.append((answer.status_code, answer.content))
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_one_key_sent_by_twenty_at_once_has_one_effect_and_one_answer(any_company: Company) -> None:
    cleo = program("write", person_id="cleo")
    answers = _at_once(20, cleo, f"/opportunities/{any_company['acme'].id}/steps")
    assert len(answers) == 20 and len(set(answers)) == 1 and answers[0][0] == 200
    assert Entry.objects.filter(kind="qualify").count() == 1
    assert verify().fault is None


def test_one_step_with_many_judges_each_alone(company: Company) -> None:
    cleo = program("write", person_id="cleo")
    acme, beta, coda = (str(company[name].id) for name in ("acme", "beta", "coda"))
    items = [
        {"id": acme, "version": 1},
        {"id": beta, "version": 9},
        {"id": coda, "version": 1},
        {"id": "no", "version": 1},
    ]
    done = cleo.ask(
        "POST", "/opportunities/steps", {"step": "dismiss", "reason": "not_ready", "items": items}, key="one"
    )
    told = done.json()
    assert [item["status"] for item in told["items"]] == [200, 412, 404, 404]  # coda is not Cleo's to see
    assert (told["taken"], told["refused"]) == (1, 3)
    assert told["items"][0]["opportunity"]["stage"] == "dismissed"
    assert told["items"][1]["error"]["version"] == 1
    again = cleo.ask(
        "POST", "/opportunities/steps", {"step": "dismiss", "reason": "not_ready", "items": items}, key="one"
    )
    assert again.content == done.content
    twice = cleo.ask("POST", "/opportunities/steps", {"step": "comment", "text": "x", "items": items[:1] * 2})
    assert twice.json()["error"]["faults"][0]["field"] == "items"


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"stage": "won"}, "stage"), ({"owner": "eve"}, "owner"), ({"version": 1}, "version"),
        ({"context": {**UNKNOWN, "owner": "eve"}}, "context.owner"),
    ],
)  # fmt: skip
def test_fields_that_are_not_asked_for_are_refused(company: Company, more: dict[str, object], field: str) -> None:
    answer = program("write").ask("POST", f"/opportunities/{company['acme'].id}/steps", {**QUALIFY, **more}, match=1)
    assert answer.status_code == 422
    assert answer.json()["error"]["faults"] == [
        {"field": field, "message": "is no field of this request; leave it out"}
    ]


def test_a_manager_moves_the_work_of_their_own_people_only(company: Company) -> None:
    manager = program("write", role="manager", person_id="max")
    elsewhere = manager.ask("POST", "/reassign", {"from": "cleo", "to": "cara"})
    assert (elsewhere.status_code, "cara is not in your team" in elsewhere.json()["error"]["message"]) == (403, True)
    Person.objects.filter(person_id="cara").update(manager_id="max")
    moved = manager.ask("POST", "/reassign", {"from": "cleo", "to": "cara"})
    assert moved.json() == {"opportunities": 2, "accounts": 2, "not_closing": []}
    assert manager.ask("POST", "/reassign", {"from": "eve", "to": "ann"}).status_code == 403
    assert manager.ask("POST", "/reassign", {"from_": "cleo", "to": "cara"}).status_code == 422


def test_a_full_ledger_is_told_as_such_and_nothing_is_kept(company: Company, served: Path) -> None:
    cleo = program("write", person_id="cleo")
    path = f"/opportunities/{company['acme'].id}/steps"
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        [pages] = cursor.fetchone()
        cursor.execute(f"PRAGMA max_page_count = {pages}")
    long = {"step": "comment", "text": "word " * 3_900}
    answers = [cleo.ask("POST", path, long, match=version) for version in range(1, 40)]
    full = next(answer for answer in answers if answer.status_code != 200)
    assert (full.status_code, full.json()["error"]["code"]) == (507, "disk-full")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA max_page_count = 1000000")
    row = Opportunity.objects.get(account_id="acme")
    assert cleo.ask("POST", path, long, match=row.version).status_code == 200  # room again: it goes on by itself
    assert verify().fault is None


def test_who_signed_in_is_credited_as_the_one_of_our_people_that_they_are(company: Company) -> None:
    from upcross.ledger.histories import histories
    from upcross.opportunities.handovers import handovers

    path = f"/opportunities/{company['acme'].id}/steps"
    cleo, ann = program("write", person_id="cleo"), program("write", person_id="ann")
    cleo.ask("POST", path, QUALIFY, match=1)
    cleo.ask("POST", path, {"step": "hand_off"}, match=2)
    ann.ask("POST", path, {"step": "accept"}, match=3)
    on = Entry.objects.latest("seq").as_of
    [credited] = handovers(histories(Opportunity.objects.all()), on, on)
    assert (credited.person_id, credited.taken["upsell"]) == ("cleo", 1)
