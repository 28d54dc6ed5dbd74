"""What every request passes: who sends it, what they may, how it is written; every route, taken from the router itself."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings

from api.programs import BASE, QUALIFY, Program, program
from upcross.access.roles import Capability, Role, capabilities
from upcross.api.document import document
from upcross.api.interface import api
from upcross.api.routes import RULES, Rule
from upcross.ledger.models import Opportunity
from upcross.ledger.place import Place
from web.browser import SITE, Browser, member

Company = dict[str, Opportunity]


@pytest.fixture(autouse=True)
def quietly() -> Iterator[None]:
    logging.disable(logging.ERROR)
    yield
    logging.disable(logging.NOTSET)


def routes() -> list[tuple[str, str, Any]]:
    """Method, path and view of every route of the interface."""
    return [
        (method, path, operation.view_func)
        for router in api._get_bound_routers()
        for path, view in router.path_operations.items()
        for operation in view.operations
        for method in operation.methods
    ]


NEED_A_BOOK = {"show_white_space", "read_metrics", "explain_account", "read_credit"}
BODIES: dict[str, Any] = {
    "take_step": QUALIFY,
    "take_steps": {"step": "comment", "text": "x", "items": [{"id": "none", "version": 1}]},
    "reassign_work": {"from": "cleo", "to": "cara"},
    "make_token": {"name": "x", "scopes": ["read"]},
    "write_plan": {"edits": [{"part": "field", "texts": {"name": "summary", "text": "x"}}]},
    "log_statement": {"account": "acme", "kind": "need", "quote": "We need it"},
    "open_opportunity": {"account": "acme", "product": "crm", "mechanism": "seats"},
}


def filled(path: str, company: Company) -> str:
    opportunity = str(company["acme"].id)
    return (
        path.replace("/opportunities/{id}", f"/opportunities/{opportunity}")
        .replace("{id}", "acme")
        .replace("{key}", "none")
    )


def test_every_route_has_a_rule_and_every_rule_a_route() -> None:
    views = [view for _, _, view in routes()]
    assert [view.__name__ for view in views if view not in RULES] == []
    assert (
        len(views)
        == len(RULES)
        == len({document()["paths"][BASE + p][m.lower()]["operationId"] for m, p, _ in routes()})
    )


def test_a_route_without_a_rule_is_served_to_nobody(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    view = next(view for _, path, view in routes() if path == "/me")
    monkeypatch.delitem(RULES, view)
    assert program("read", "admin").ask("GET", "/me").status_code == 403


def _may(rule: Rule, role: Role) -> bool:
    return rule.needs is None or rule.needs in capabilities(role)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SERVICE])
def test_each_role_may_use_each_route_or_not(company: Company, role: Role) -> None:
    browser = Browser()
    browser.sign_in(member(role.value, person_id={"csm": "cleo", "manager": "max"}.get(role.value, "")))
    own = {"X-CSRFToken": browser.cookies["__Host-upcross-csrf"].value, "Origin": SITE, "If-Match": '"1"'}
    for number, (method, path, view) in enumerate(routes()):
        if view.__name__ in NEED_A_BOOK:
            continue  # they need a loaded book; see test_reading
        body = json.dumps(BODIES.get(view.__name__, {}))
        answer = browser.generic(
            method, BASE + filled(path, company), body, content_type="application/json",
            headers={**own, "Idempotency-Key": f"key {number}"},
        )  # fmt: skip
        refused = answer.status_code == 403 and "capability" in answer.json()["error"]["message"]
        assert refused == (not _may(RULES[view], role)), (role, method, path, answer.content)


def test_nobody_is_told_to_come_in_with_a_token(company: Company) -> None:
    for method, path, _ in [*routes(), ("GET", "/openapi.json", None), ("GET", "/docs", None)]:
        for caller in (Program(), Program(token="upx_made_up"), Program(token="")):
            answer = caller.ask(method, filled(path, company), BODIES.get("take_step"), match=1)
            assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Bearer realm="upcross"'), path
            assert answer.json()["error"]["code"] == "not-signed-in"


def test_a_page_that_writes_sends_its_token_and_another_site_cannot(company: Company) -> None:
    browser = Browser()
    browser.sign_in(member("csm", person_id="cleo"))
    path = f"{BASE}/opportunities/{company['acme'].id}/steps"

    def send(**headers: str) -> Any:
        given = {"If-Match": '"1"', "Idempotency-Key": "one", "Origin": SITE, **headers}
        return browser.post(path, json.dumps(QUALIFY), content_type="application/json", headers=given)

    assert (send().status_code, send().json()["error"]["code"]) == (403, "csrf")
    assert send(**{"X-CSRFToken": "wrong"}).status_code == 403
    token = browser.cookies["__Host-upcross-csrf"].value
    assert send(**{"X-CSRFToken": token, "Origin": "https://elsewhere.example"}).status_code == 403
    elsewhere = send(**{"X-CSRFToken": token, "Sec-Fetch-Site": "cross-site"})
    assert elsewhere.status_code == 403 and elsewhere.json()["error"]["id"]
    assert send(**{"X-CSRFToken": token, "Authorization": "Bearer upx_made_up"}).status_code == 401
    assert Opportunity.objects.get(account_id="acme").version == 1
    assert send(**{"X-CSRFToken": token}).status_code == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("{", 400), ("", 415), ("nonsense", 400), ('{"step": "comment", "step": "win"}', 400), ('{"mrr": NaN}', 400),
        ("[" * 100_000, 400), (b"\xff\xfe", 400), ('{"step": "comment", "text": "a\\u0000b"}', 422),
        ('{"step": "comment", "text": "\\ud800"}', 422), ("[]", 422), ("null", 422), ('"text"', 422),
        ('{"step": "comment", "text": 7}', 422), ('{"step": "snooze", "until": 20260101}', 422),
        ('{"step": "snooze", "until_changed": "true"}', 422), ('{"step": "win", "mrr": 99.5}', 422),
        ('{"step": "win", "mrr": "-1"}', 422), ('{"step": "create"}', 422), ('{"step": "erase"}', 422),
        ('{"step": "comment", "text": "' + "x" * 1_000_000 + '"}', 413),
    ],
)  # fmt: skip
def test_bodies_that_mean_nothing_are_refused(company: Company, body: str | bytes, status: int) -> None:
    path = f"/opportunities/{company['acme'].id}/steps"
    answer = program("write").ask("POST", path, body, match=1)
    assert answer.status_code == status, answer.content
    error = answer.json()["error"]
    assert error["message"] and error["id"] == answer["X-Request-Id"]
    assert Opportunity.objects.get(account_id="acme").version == 1


def test_what_is_no_json_is_refused(company: Company) -> None:
    client = program("write")
    path = f"{BASE}/opportunities/{company['acme'].id}/steps"
    headers = {"Authorization": f"Bearer {client.token}", "If-Match": '"1"', "Idempotency-Key": "one"}
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        answer = client.generic("POST", path, json.dumps(QUALIFY), content_type=kind, secure=True, headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (415, "not-json")


def test_other_methods_and_other_paths_have_the_same_shape(company: Company) -> None:
    client = program("read", "write")
    answer = client.ask("PUT", "/opportunities", {})
    assert (answer.status_code, answer["Allow"], answer.json()["error"]["code"]) == (405, "GET, POST", "no-such-method")
    for path in ("/nothing", "/opportunities/", "/", "/opportunities/a/b/c"):
        answer = client.ask("GET", path)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not-found"), path


def test_a_fault_of_ours_is_noted_under_the_id_that_is_told(
    company: Company, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    logging.disable(logging.NOTSET)
    from upcross.api import company as module

    def fail() -> None:
        raise KeyError("a secret of ours")

    monkeypatch.setattr(module, "today", fail)
    with caplog.at_level("ERROR", logger="upcross.api"):
        logging.getLogger("upcross").propagate = True
        answer = program("read").ask("GET", "/me")
        logging.getLogger("upcross").propagate = False
    assert answer.status_code == 500
    assert answer.json()["error"]["id"] in caplog.text
    assert "secret" not in answer.content.decode()


def test_asking_too_fast_is_held_up_for_that_caller_alone(company: Company) -> None:
    with override_settings(UPCROSS_PACE={"look": 3, "change": 1}):
        hasty, calm = program("read", "write"), program("read")
        left = [hasty.ask("GET", "/me")["RateLimit-Remaining"] for _ in range(3)]
        assert left == ["2", "1", "0"]
        over = hasty.ask("GET", "/me")
        assert (over.status_code, over.json()["error"]["code"]) == (429, "too-fast")
        assert 0 < int(over["Retry-After"]) <= 60 and over["RateLimit-Limit"] == "3"
        assert calm.ask("GET", "/me").status_code == 200
        path = f"/opportunities/{company['acme'].id}/steps"
        assert hasty.ask("POST", path, {"step": "comment", "text": "x"}, match=1).status_code == 200
        assert hasty.ask("POST", path, {"step": "comment", "text": "x"}, match=2).status_code == 429


def test_the_pace_is_counted_over_all_workers_and_begins_anew_each_minute(tmp_path: Path) -> None:
    import subprocess
    import sys

    from upcross.api.pace import LOOK, counted

    file = tmp_path / "pace.sqlite3"
    code = f"from pathlib import Path; from upcross.api.pace import *; counted(Path({str(file)!r}), 'user:1', LOOK, now=60.0)"
    for _ in range(2):
        subprocess.run([sys.executable, "-c", code], check=True)
    assert counted(file, "user:1", LOOK, limit=10, now=119.0).left == 7
    assert counted(file, "user:1", LOOK, limit=10, now=119.0).seconds == 1
    assert counted(file, "user:1", LOOK, limit=10, now=120.0).left == 9
    assert (
        counted(tmp_path / "pace.sqlite3" / "no" / "folder", "user:1", LOOK, limit=10).left == 10
    )  # nobody is held up


def test_who_only_looks_reads_no_names_and_nothing_that_was_said(company: Company) -> None:
    office = program("write", "contacts")
    path = f"/opportunities/{company['acme'].id}"
    need = {"need": "Zoe Quill wants it", "goal": "unknown", "buyer": "Zoe Quill", "budget_owner": "unknown"}
    office.ask("POST", f"{path}/steps", {"step": "qualify", "context": need, "text": "zoe@customer.example"}, match=1)
    browser = Browser()
    browser.sign_in(member("viewer"))
    shown = "".join(
        browser.get(f"{BASE}{one}").content.decode()
        for one in (path, f"{path}/history", "/opportunities", "/accounts/acme", "/people", "/unlock", "/me")
    )
    assert "Zoe" not in shown and "zoe@" not in shown and "@us.example" not in shown
    assert "(hidden)" in shown and "qualify" in shown
    assert "Zoe Quill" in office.ask("GET", f"{path}/history").content.decode()
    assert browser.get(f"{BASE}/accounts/acme/plan").status_code == 403


def test_reading_writes_nothing(company: Company, ledger: Place) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = program("read", "contacts", "admin")
    client.look("/me")  # notes that the token was used, at most once a minute
    with CaptureQueriesContext(connection) as asked:
        for method, path, view in routes():
            if method == "GET" and view.__name__ not in {*NEED_A_BOOK, "list_tokens"}:
                client.look(filled(path, company))
    assert [query["sql"] for query in asked if not query["sql"].startswith("SELECT")] == []


def test_the_page_of_the_docs_needs_no_script_and_nothing_from_elsewhere(company: Company) -> None:
    page = program("read").ask("GET", "/docs").content.decode()
    assert "<script" not in page and "style=" not in page and "http://" not in page and "https://" not in page
    for method, path, _ in routes():
        assert f"{method} {BASE}{path}" in page
    assert f"<code>{Capability.MANAGE_TOKENS.value}</code>" in page or "manage_tokens" in page
