"""What is told: lists by filters and pages, sums by motion, accounts, people, gates, runs, the record, tokens."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from api.programs import BASE, QUALIFY, Program, program
from upcross.access.models import ServiceToken
from upcross.ledger.models import Account, Opportunity
from upcross.ledger.place import Place
from upcross.ledger.verifying import verify

Company = dict[str, Opportunity]


def accounts_of(client: Program, query: str = "") -> list[str]:
    return [row["account_id"] for row in client.look(f"/opportunities{query}")["items"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["acme", "beta", "coda"]),
        ("?open=true", ["acme", "coda"]),
        ("?open=false", ["beta"]),
        ("?stage=held", ["beta"]),
        ("?stage=held,surfaced", ["acme", "beta", "coda"]),
        ("?motion=upsell", ["acme", "beta"]),
        ("?mechanism=product,module", ["coda"]),
        ("?owner=cleo", ["acme", "beta"]),
        ("?account=coda", ["coda"]),
        ("?segment=enterprise", ["coda"]),
        ("?gate=health", ["beta"]),
        ("?due_before=2026-04-03", ["acme"]),
        ("?updated_since=2999-01-01T00:00:00Z", []),
        ("?kind=answer", []),
        ("?asked_anyway=true", []),
    ],
)
def test_opportunities_are_found(company: Company, query: str, found: list[str]) -> None:
    told = program("read").look(f"/opportunities{query}")
    assert sorted(row["account_id"] for row in told["items"]) == found
    assert told["total"] == len(found)


def test_the_order_is_due_first_or_the_most_of_each_motion(any_company: Company) -> None:
    office = program("read")
    assert accounts_of(office)[0] == "acme"  # the only one with a day to respond by
    assert accounts_of(office, "?sort=potential") == ["acme", "beta", "coda"]  # 100 and 40 deeper, then 70 wider


def test_pages_go_on_where_they_ended_whatever_comes_in_between(any_company: Company) -> None:
    office = program("read", "write")
    first = office.look("/opportunities?limit=1&sort=updated")
    assert first["total"] == 3 and first["next"]
    office.ask("POST", f"/opportunities/{first['items'][0]['id']}/steps", {"step": "comment", "text": "x"}, match=1)
    seen = []
    cursor = first["next"]
    while cursor:
        page = office.look(f"/opportunities?limit=1&sort=updated&cursor={cursor}")
        seen += [row["id"] for row in page["items"]]
        cursor = page["next"]
    assert seen[-1] == first["items"][0]["id"] and len(set(seen)) == 3  # changed since, so it comes again at the end
    other = office.ask("GET", f"/opportunities?limit=1&sort=due&cursor={first['next']}")
    assert other.json()["error"]["faults"][0]["field"] == "cursor"
    assert office.ask("GET", "/opportunities?cursor=made-up").status_code == 422


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("?owner=cleo&owner=ann", "owner"), ("?sage=held", "sage"), ("?stage=heldd", "stage"), ("?open=1", "open"),
        ("?limit=0", "limit"), ("?limit=201", "limit"), ("?limit=1e2", "limit"), ("?owner=%00", "owner"),
        ("?due_before=2026-6-1", "due_before"), ("?due_before=1717200000", "due_before"),
        ("?updated_since=2026-06-01", "updated_since"), ("?motion=", "motion"),
    ],
)  # fmt: skip
def test_what_is_nearly_right_is_refused(company: Company, query: str, fault: str) -> None:
    answer = program("read").ask("GET", f"/opportunities{query}")
    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["error"]["faults"]] == [fault]


def test_sums_keep_the_motions_apart_and_count_alternatives_once(company: Company) -> None:
    Opportunity.objects.filter(account_id="beta").update(stage="surfaced", alternative_of=str(company["acme"].id))
    told = program("read").look("/opportunities/summary")
    assert told["upsell"]["opportunities"] == 2
    assert told["upsell"]["expected"] == {"asks": 1, "mrr": "100", "unknown": 0}  # 100 and 40 are one ask
    assert told["cross_sell"]["expected"] == {"asks": 1, "mrr": "70", "unknown": 0}
    assert "expansion" not in json.dumps(told)
    assert program("read").look("/opportunities/summary?account=coda")["upsell"]["opportunities"] == 0


def test_an_account_with_who_serves_it_and_what_is_open(company: Company) -> None:
    cleo = program("read", person_id="cleo")
    assert [row["account_id"] for row in cleo.look("/accounts")["items"]] == ["acme", "beta"]
    assert [row["name"] for row in program("read").look("/accounts?search=OD")["items"]] == ["Coda"]
    assert program("read").look("/accounts?served_by=eve")["total"] == 1
    told = cleo.look("/accounts/beta")
    assert told["served_by"] == {"account_manager": "ann", "csm": "cleo"}
    assert (told["held_by"], [row["stage"] for row in told["opportunities"]]) == (["health"], ["held"])


def test_gates_by_what_they_hold(company: Company) -> None:
    told = program("read").look("/holds")
    [gate] = told["gates"]
    assert gate["gate"] == "health" and gate["alone"] == {"upsell": {"asks": 1, "mrr": "40", "unknown": 0}}
    assert program("read", person_id="cara").look("/holds")["gates"] == []
    [blocker] = program("read", "contacts").look("/unlock")["blockers"]
    assert (blocker["account_id"], blocker["sentence"]) == ("beta", "health stands against it")


def test_people_reasons_runs_and_oneself(company: Company) -> None:
    cleo = program("read", "write", "contacts", person_id="cleo")
    me = cleo.look("/me")
    assert (me["person_id"], me["sees_all"], me["today"] >= "2026-03-31") == ("cleo", False, True)
    assert [row["person_id"] for row in cleo.look("/people?manager=mia")["items"]] == ["cara", "eve"]
    reasons = cleo.look("/reasons")
    assert {"id": "wrong_data", "title": "The data behind it is wrong", "cooldown": 30, "needs_text": False} in reasons[
        "dismissed"
    ]
    assert cleo.look("/runs")["items"][0]["written"] is None
    assert program("read").look("/runs")["items"][0]["written"] == {"create": 2, "hold": 1}


def test_the_record_is_read_in_its_order_and_still_whole(company: Company) -> None:
    office = program("admin", "write")
    office.ask("POST", f"/opportunities/{company['acme'].id}/steps", QUALIFY, match=1)
    told = office.look("/audit-log?subject=opportunity&limit=2")
    assert [entry["kind"] for entry in told["items"]] == ["create", "hold"] and told["total"] == 4
    rest = office.look(f"/audit-log?subject=opportunity&limit=2&cursor={told['next']}")
    assert [entry["kind"] for entry in rest["items"]] == ["create", "qualify"]
    assert rest["items"][1]["hash"] == verify().head


def test_tokens_are_made_shown_once_and_revoked(company: Company) -> None:
    from web.browser import Browser, member

    admin = Browser()
    admin.sign_in(member("admin"))
    token = admin.cookies["__Host-upcross-csrf"].value
    headers = {"X-CSRFToken": token, "Origin": "https://upcross.example", "Idempotency-Key": "one"}

    def make() -> object:
        body = json.dumps({"name": "export", "scopes": ["read"]})
        return admin.post(f"{BASE}/tokens", body, content_type="application/json", headers=headers)

    made = make()
    assert made.status_code == 201, made.content
    secret = made.json()["secret"]
    assert Program(token=secret).look("/me")["capabilities"] == ["read", "see_credit", "see_numbers"]
    again = make()
    assert (again.status_code, again.json()) == (201, {**made.json(), "secret": None})
    assert secret not in json.dumps(admin.get(f"{BASE}/tokens").json())
    key = made.json()["key"]
    assert admin.delete(f"{BASE}/tokens/{key}", headers=headers).status_code == 200
    assert admin.delete(f"{BASE}/tokens/{key}", headers=headers).status_code == 404
    assert Program(token=secret).ask("GET", "/me").status_code == 401
    assert ServiceToken.objects.count() == 1


def test_without_a_kept_run_it_is_said_what_to_do(company: Company) -> None:
    for path in ("/accounts/acme/verdicts", "/white-space", "/metrics"):
        answer = program("read").ask("GET", path)
        assert answer.status_code == 409 and "run `upcross load`" in answer.json()["error"]["message"]


def test_an_account_plan_is_written_with_the_version_that_was_read(company: Company) -> None:
    cleo = program("read", "write", "contacts", person_id="cleo")
    seen = cleo.ask("GET", "/accounts/acme/plan")
    assert seen["ETag"] == '"0"' and seen.json()["fields"][0]["text"] is None
    edits = {"edits": [
        {"part": "field", "texts": {"name": "next_step", "text": "Meet the CFO"}},
        {"part": "action", "texts": {"text": "Call", "owner": "cleo"}, "days": {"due_on": "2026-12-01"}},
    ]}  # fmt: skip
    done = cleo.ask("POST", "/accounts/acme/plan", edits, match=0)
    assert (done.status_code, done["ETag"]) == (200, '"2"')
    assert done.json() == {"account_id": "acme", "version": 2}  # no words: this answer is kept for a day
    assert cleo.look("/accounts/acme/plan")["actions"][0]["due_on"] == "2026-12-01"
    assert cleo.ask("POST", "/accounts/acme/plan", edits, match=0).status_code == 412
    wrong = {"edits": [{"part": "action", "texts": {"owner": "nobody"}, "id": "no-key"}]}
    assert [one["field"] for one in cleo.ask("POST", "/accounts/acme/plan", wrong, match=2).json()["error"]["faults"]] == [
        "edits.0.id", "edits.0.owner"
    ]  # fmt: skip
    assert cleo.ask("GET", "/accounts/coda/plan").status_code == 404


@pytest.fixture
def whole(sample_project: Path, ledger: Place, tmp_path: Path) -> Iterator[Path]:
    """The sample's stories of this test's own, served with a ledger that knows their accounts."""
    import shutil

    from django.test import override_settings

    from upcross.api.project import kept_run
    from upcross.kept_ledger import company_of
    from upcross.ledger.company import refresh_company

    shutil.copytree(sample_project, tmp_path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("ledger.sqlite3*"))
    with override_settings(UPCROSS_PROJECT=str(tmp_path), UPCROSS_PACE={"look": 100_000, "change": 100_000}):
        refresh_company(company_of(kept_run()))
        yield tmp_path


def test_an_account_is_explained_and_mapped_from_the_kept_run(whole: Path) -> None:
    before = sorted((whole / ".upcross" / "runs").rglob("*"))
    office = program("read", "contacts")
    name = Account.objects.order_by("account_id").first().account_id
    told = office.look(f"/accounts/{name}/verdicts")
    assert told["account_id"] == name and {row["status"] for row in told["plays"]} <= {
        "fired",
        "held",
        "unknown",
        "quiet",
    }
    held = office.look(f"/accounts/{name}/verdicts?status=held,unknown")
    assert held["plays"] == [row for row in told["plays"] if row["status"] in ("held", "unknown")]
    everything = office.look("/white-space?limit=200")
    own = office.look(f"/white-space?limit=200&account={name}")
    cells = [cell for cell in everything["cells"]["items"] if cell["account_id"] == name]
    assert own["cells"]["total"] == len(own["cells"]["items"]) >= len(cells)
    assert {cell["account_id"] for cell in own["cells"]["items"]} <= {name}
    assert date.fromisoformat(told["as_of"]) == date.fromisoformat(own["as_of"])
    assert sorted((whole / ".upcross" / "runs").rglob("*")) == before  # nothing was computed anew
    page = office.look("/white-space?limit=5")
    assert page["totals"]["upsell"]["products"] == everything["totals"]["upsell"]["products"]
    assert {use["account_id"] for use in page["consumption"]} <= {cell["account_id"] for cell in page["cells"]["items"]}
    after = office.look(f"/white-space?limit=5&cursor={page['cells']['next']}")
    assert [*page["cells"]["items"], *after["cells"]["items"]] == everything["cells"]["items"][:10]


def test_numbers_of_the_whole_base_are_for_those_who_see_all_of_it(whole: Path) -> None:
    told = program("read").look("/metrics")
    assert {"upsell", "cross_sell"} <= told["total"].keys()
    assert program("read", role="manager").ask("GET", "/metrics").status_code == 403
    assert program("read").ask("GET", "/metrics?from=soon").status_code == 422
    credit = program("read").look("/credit")
    assert (credit["from"], credit["to"]) == (told["from"], told["to"])
    person = credit["retention"][0]["person_id"]
    own = program("read", person_id=person).look("/credit")
    assert own["retention"] == credit["retention"][:1]  # hers, and nobody else's
    only_looks = program("read", role="viewer")
    assert told["csm_credit"] and only_looks.look("/metrics")["csm_credit"] == []
    assert program("read").ask("GET", "/metrics?by=csm").status_code == 200
    assert only_looks.ask("GET", "/metrics?by=csm").status_code == 403


def test_what_is_heard_is_judged_at_once_and_logged_once(whole: Path) -> None:
    from upcross.ledger.models import Entry, Heard
    from upcross.project import open_project

    name = Account.objects.order_by("account_id").first().account_id
    office = program("read", "log", "contacts")
    said = {"account": name, "quote": "We want to buy more seats now", "kind": "buying_request", "product": "crm"}
    wrong = office.ask("POST", "/heard", {**said, "product": "no such thing", "kind": "shouting"})
    assert wrong.status_code == 422
    assert {fault["field"] for fault in wrong.json()["error"]["faults"]} == {"kind", "product"}
    said["product"] = _product(open_project(whole))
    done = office.ask("POST", "/heard", said, key="one")
    assert done.status_code == 200, done.content
    again = office.ask("POST", "/heard", said, key="one")
    assert again.content == done.content and Heard.objects.count() == 1
    for one in done.json()["follows"]:
        assert office.look(f"/opportunities/{one['opportunity']}")["account_id"] == name
    [heard] = office.look(f"/heard?account={name}")["items"]
    assert heard["quote"] == said["quote"] and heard["statement_id"] == done.json()["statement_id"]
    assert Entry.objects.filter(subject="heard").count() == 1
    assert program("log", "contacts", role="csm").ask("POST", "/heard", said).status_code == 404  # not theirs to see
    assert verify().fault is None


def test_what_is_opened_by_hand_goes_through_the_gates_once(whole: Path) -> None:
    from upcross.ledger.models import Entry
    from upcross.project import open_project

    office = program("read", "write", "contacts")
    name = Account.objects.order_by("account_id").first().account_id
    wrong = office.ask("POST", "/opportunities", {"account": name, "product": "no such thing", "mechanism": "seats"})
    assert [fault["field"] for fault in wrong.json()["error"]["faults"]] == ["product"]
    asked = {"account": name, "product": _owned(open_project(whole), name), "mechanism": "seats", "text": "They asked"}
    done = office.ask("POST", "/opportunities", asked, key="one")
    assert done.status_code == 200, done.content
    told = office.look(f"/opportunities/{done.json()['opportunity']}")
    assert (told["account_id"], told["mechanism"]) == (name, "seats")
    assert told["held_by"] == done.json()["held_by"]
    assert office.ask("POST", "/opportunities", asked, key="one").content == done.content
    assert Entry.objects.filter(subject="run", kind="open").count() == 1


def _owned(project: object, account: str) -> str:
    from contextlib import closing

    with closing(project.store.connect()) as book:  # type: ignore[attr-defined]
        found = book.execute("SELECT product_id FROM book.subscriptions WHERE account_id = ? ORDER BY 1", [account])
        return str(found.fetchone()[0])


def _product(project: object) -> str:
    from contextlib import closing

    with closing(project.store.connect()) as book:  # type: ignore[attr-defined]
        return str(book.execute("SELECT product_id FROM book.products ORDER BY 1 LIMIT 1").fetchone()[0])
