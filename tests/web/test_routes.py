"""Every route of the server, taken from its own table: who may use it, what every answer carries, what is refused."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings
from django.urls import URLPattern, get_resolver

from upcross.access.roles import Capability, Role, capabilities
from upcross.app.routes import ROUTES
from upcross.app.shell import answering
from upcross.app.shell.paging import page_of
from upcross.web.rules import OWN_RULES, Open, rule_of
from web.browser import SITE, Browser, member

pytestmark = pytest.mark.usefixtures("ledger")

USED = {
    "secret": "made-up", "uidb36": "1", "key": "made-up", "id": "made-up", "play_id": "made-up", "run_id": "made-up",
    "provider_id": "nobody", "seq": "1", "user_id": "6f1c0f0e-6f5b-5b0e-9d0f-3a5c2b1e7a10",
}  # fmt: skip
"""What stands in routes in the place of what they take."""

CHANGING = ("POST", "PUT", "PATCH", "DELETE")


def routes(patterns: Any = None, before: str = "/", space: str = "") -> Iterator[tuple[str, str]]:
    """Name and path of every route, except those that look after themselves and have tests of their own."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        path = before + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield f"{space}{pattern.name}", filled(pattern, before)
        elif pattern.namespace not in OWN_RULES:
            yield from routes(pattern.url_patterns, path, f"{pattern.namespace}:" if pattern.namespace else "")


def filled(pattern: URLPattern, before: str) -> str:
    from django.urls import reverse

    names = getattr(pattern.pattern, "regex").groupindex  # noqa: B009 - typed for no kind of pattern in particular
    return str(reverse(pattern.name, kwargs={name: USED[name] for name in names}))


ALL = dict(routes())

FOR_ANYBODY = {
    "invitation", "account_login", "account_logout", "account_inactive", "account_reset_password",
    "account_reset_password_done", "account_reset_password_from_key", "account_reset_password_from_key_done",
    "mfa_authenticate", "openid_connect_login", "openid_connect_callback", "socialaccount_login_cancelled",
    "socialaccount_login_error",
    # closed here: allauth wants their names to exist
    "account_signup", "account_email", "account_email_verification_sent", "account_set_password",
    "socialaccount_signup", "socialaccount_connections",
}  # fmt: skip
FOR_USERS = {
    *(route.name for route in ROUTES), "sign_out_everywhere", "account_reauthenticate", "account_change_password", "mfa_reauthenticate", "mfa_index",
    "mfa_activate_totp", "mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_generate_recovery_codes",
    "mfa_download_recovery_codes",
}  # fmt: skip

HEADERS = {
    "Content-Security-Policy": (
        "base-uri 'none'; connect-src 'self'; default-src 'none'; font-src 'self'; form-action 'self';"
        " frame-ancestors 'none'; img-src 'self' data:; script-src 'self'; style-src 'self'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@pytest.fixture(autouse=True)
def quietly(sample_project: Path) -> Iterator[None]:
    logging.disable(logging.ERROR)
    with override_settings(UPCROSS_PROJECT=str(sample_project)):
        yield
    logging.disable(logging.NOTSET)


def signed_in(role: str) -> Browser:
    browser = Browser()
    browser.sign_in(member(role))
    return browser


def test_every_route_has_a_rule_and_every_rule_is_said_here() -> None:
    assert {name for name in ALL if rule_of(name) is None} == set()
    assert set(ALL) == FOR_ANYBODY | FOR_USERS


def test_a_route_without_a_rule_is_refused_to_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    from upcross.web import rules

    browser = signed_in("admin")
    monkeypatch.delitem(rules.RULES, "today")
    assert browser.get("/").status_code == 403


def test_strangers_are_sent_to_sign_in_by_all_but_the_open_routes() -> None:
    browser = Browser()
    for name, path in ALL.items():
        answer = browser.get(path)
        to_sign_in = answer.status_code == 302 and answer.headers["Location"].startswith("/sign-in/?next=")
        if name in FOR_USERS:
            assert to_sign_in or answer.status_code == 405, f"{name}: {answer.status_code}"
        else:
            assert not to_sign_in and answer.status_code < 500, f"{name}: {answer.status_code}"


ODD = ("0", "-1", "²", "٣", "1e3", "9" * 30, "9" * 5_000, "")
"""What stands in addresses for a number and is none."""


def test_an_address_with_an_odd_number_opens_the_first_page() -> None:
    browser = signed_in("admin")
    for path in ("/admin/record/", "/admin/deliveries/", "/runs/", "/accounts/", "/white-space/", "/unlock/"):
        first = browser.get(path).content.count(b"<tr")
        for odd in ODD:
            answer = browser.get(path, {"page": odd})
            assert (answer.status_code, answer.content.count(b"<tr")) == (200, first), f"{path}?page={odd[:9]}"
    for odd in ODD:
        assert browser.get("/admin/record/", {"seq": odd}).status_code == 200, odd[:9]
        assert browser.get("/", {"tab": "open", "deeper": odd}).status_code == 200, odd[:9]
    assert browser.get(f"/runs/{'9' * 30}/").status_code == 404
    assert [page_of({"page": odd}) for odd in (*ODD, "7")] == [*(1 for _ in ODD), 7]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SERVICE])
def test_each_role_opens_each_route_that_is_for_users_and_meets_no_fault(role: Role) -> None:
    browser = signed_in(role.value)
    for name in sorted(FOR_USERS - {"sign_out_everywhere"}):
        rule, answer = rule_of(name), browser.get(ALL[name])
        assert rule is not None
        if "GET" not in rule.methods:
            assert answer.status_code == 405, f"{name}: {answer.status_code}"
            continue
        if isinstance(rule.needs, Capability) and rule.needs not in capabilities(role):
            assert answer.status_code == 403, f"{name}: {answer.status_code}"
            continue
        assert answer.status_code in (200, 302, 404), f"{name}: {answer.status_code}"
        assert not answer.headers.get("Location", "").startswith("/sign-in/"), name
    for name in sorted(FOR_ANYBODY - {"account_logout"}):
        assert browser.get(ALL[name]).status_code < 500, name


def test_every_route_takes_its_methods_and_no_others() -> None:
    browser = signed_in("admin")
    own = {"Origin": SITE, "Sec-Fetch-Site": "same-origin"}
    token = browser.get("/second-factor/").content.decode().split('csrfmiddlewaretoken" value="')[1].split('"')[0]
    for name, path in ALL.items():
        rule = rule_of(name)
        assert rule is not None
        for method in {"GET", *CHANGING} - rule.methods:
            answer = browser.generic(method, path, headers={**own, "X-CSRFToken": token})
            assert answer.status_code == 405, f"{method} {name}: {answer.status_code}"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": SITE, "Sec-Fetch-Site": "same-origin"},
        {"Origin": SITE, "Sec-Fetch-Site": "same-origin", "X-CSRFToken": "x" * 64},
        {"Origin": "https://evil.example", "X-CSRFToken": "right"},
        {"Origin": SITE, "Sec-Fetch-Site": "cross-site", "X-CSRFToken": "right"},
        {"Origin": SITE, "Sec-Fetch-Site": "same-site", "X-CSRFToken": "right"},
        {"Origin": "null", "X-CSRFToken": "right"},
    ],
    ids=["no token", "wrong token", "other origin", "cross-site", "same-site", "no origin"],
)
@pytest.mark.parametrize(
    "content", ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x"]
)
def test_what_another_site_sends_changes_nothing(headers: dict[str, str], content: str) -> None:
    browser = signed_in("csm")
    token = browser.get("/second-factor/").content.decode().split('csrfmiddlewaretoken" value="')[1].split('"')[0]
    sent = {name: token if value == "right" else value for name, value in headers.items()}
    takes_forms = [path for name, path in ALL.items() if "POST" in rule_of(name).methods]  # type: ignore[union-attr]
    assert len(takes_forms) > 10
    for path in takes_forms:
        assert browser.post(path, b"", content_type=content, headers=sent).status_code == 403, path
    assert browser.is_in


def test_the_password_of_a_proxy_is_no_token() -> None:
    browser = signed_in("csm")
    proxy = {"Authorization": "Basic YW5uOnNlY3JldA=="}
    assert browser.get("/", headers=proxy).status_code == 200
    sent = browser.post("/sign-out/", headers={**proxy, "Origin": SITE, "Sec-Fetch-Site": "cross-site"})
    assert sent.status_code == 403 and browser.is_in


def test_every_answer_carries_the_same_headers_errors_and_files_included(monkeypatch: pytest.MonkeyPatch) -> None:

    browser = signed_in("csm")
    answers = {name: browser.get(path) for name, path in ALL.items() if name != "account_logout"}
    answers["nothing there"] = browser.get("/nothing/there/")
    answers["refused"] = browser.post("/sign-in/")
    answers["file"] = browser.get("/static/upcross.css")
    answers["no file"] = browser.get("/static/nothing.css")
    answers["up and out"] = browser.get("/static/../settings.py")
    answers["other host"] = Browser().get("/", headers={"host": "evil.example"})
    monkeypatch.setattr(answering, "whole", lambda *_, **__: 1 / 0)
    answers["fault"] = browser.get("/")
    assert {name: answers[name].status_code for name in ("nothing there", "refused", "file", "no file", "other host", "fault")} == {
        "nothing there": 404, "refused": 403, "file": 200, "no file": 404, "other host": 400, "fault": 500,
    }  # fmt: skip
    for name, answer in answers.items():
        told = {header: answer.headers.get(header) for header in HEADERS}
        told["Content-Security-Policy"] = "; ".join(sorted(str(told["Content-Security-Policy"]).split("; ")))
        assert told == HEADERS, name
        assert answer.headers["Cache-Control"] == ("max-age=60, public" if name == "file" else "no-store"), name
        assert "Server" not in answer.headers and "X-Powered-By" not in answer.headers


def test_a_fault_says_nothing_of_what_is_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    browser = signed_in("csm")

    def fail(*_: Any) -> None:
        raise RuntimeError("the secret of the house")

    monkeypatch.setattr(answering, "whole", fail)
    page = browser.get("/").content.decode()
    assert "Something went wrong here" in page and "secret" not in page and "Traceback" not in page


def test_only_what_is_declared_open_is_open() -> None:
    for name in ALL:
        rule = rule_of(name)
        assert rule is not None
        assert (rule.needs is Open.TO_ANYBODY) == (name in FOR_ANYBODY), name
