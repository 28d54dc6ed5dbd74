"""Signing in with a company's provider of identities, against a real one that runs beside the tests."""

from __future__ import annotations

import http.cookiejar
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.test import override_settings

from upcross.access import people
from upcross.access.models import User
from upcross.ledger.actor import operator
from upcross.ledger.models import Entry
from upcross.ledger.place import Place
from upcross.serving import Provider
from upcross.web.settings import serving_settings
from web.browser import Browser, member

pytestmark = pytest.mark.usefixtures("ledger")

BACK = "https://upcross.example/oidc/company/login/callback/"
START = "/oidc/company/login/"


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a provider with two people: one of the company, one of elsewhere."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address, folder = f"http://127.0.0.1:{port}", tmp_path_factory.mktemp("provider")
    client = {"client_id": "upcross", "client_secret": "a secret of theirs", "redirect_uris": [BACK]}
    (folder / "settings.yaml").write_text(yaml.safe_dump({
        "config_version": 1,
        "server": {"host": "127.0.0.1", "port": port, "rate_limit_token_endpoint": "1000/minute"},
        "oauth": {"issuer": address, "audience": "upcross", "require_pkce": True, "clients": [client]},
    }))  # fmt: skip
    (folder / "users.yaml").write_text(yaml.safe_dump({
        "config_version": 1,
        "users": {
            "lena": {"password": "lena", "email": "Lena@vendor.example"},
            "eve": {"password": "eve", "email": "eve@elsewhere.example"},
        },
    }))  # fmt: skip
    command = [
        sys.executable,
        "-m",
        "nanoidp",
        "--config",
        str(folder),
        "--port",
        str(port),
        "--profile",
        "stricter-dev",
    ]
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(1200):
            try:
                urllib.request.urlopen(f"{address}/.well-known/openid-configuration", timeout=5)
                break
            except (urllib.error.URLError, ConnectionError):
                assert process.poll() is None
                time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait()


@pytest.fixture
def newcomers_are(issuer: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Configure the provider for a role of newcomers, as the project file would."""
    monkeypatch.setenv("COMPANY_SECRET", "a secret of theirs")
    on: list[override_settings] = []

    def configure(role: str | None, domains: tuple[str, ...] = ("vendor.example",)) -> None:
        provider = Provider.model_validate({
            "name": "Company", "issuer": issuer, "client_id": "upcross", "client_secret_env": "COMPANY_SECRET",
            "domains": domains, "role": role,
        })  # fmt: skip
        given = serving_settings(Place(Path("x")), key="k" * 32, providers=[provider])
        chosen = {name: given[name] for name in ("SOCIALACCOUNT_PROVIDERS", "CONTENT_SECURITY_POLICY")}
        on.append(override_settings(**chosen))
        on[-1].enable()

    yield configure
    for setting in reversed(on):
        setting.disable()


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def at_the_provider(address: str, user: str) -> str:
    """Sign in at the provider, and say where it sends the browser back to."""
    cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    opener = urllib.request.build_opener(cookies, _NoRedirect)
    page = opener.open(address, timeout=10).read().decode()
    fields = {
        match.group(1): unescape(match.group(2))
        for match in re.finditer(r'<input[^>]*type="hidden"[^>]*name="([^"]*)"[^>]*value="([^"]*)"', page)
    }
    sent = urllib.parse.urlencode({**fields, "username": user, "password": user}).encode()
    try:
        answer = opener.open(address, sent, timeout=10)
    except urllib.error.HTTPError as redirect:
        if redirect.code in (302, 303):
            return str(redirect.headers["Location"])
        raise
    raise AssertionError(answer.read().decode()[:2000])


def start(browser: Browser) -> str:
    """Where the browser is sent when somebody chooses the provider on our page."""
    assert "Company" in browser.get("/sign-in/").content.decode()
    answer = browser.submit(START)
    assert answer.status_code == 302
    return str(answer.headers["Location"])


def back(browser: Browser, address: str) -> Any:
    assert address.startswith(BACK)
    return browser.get(address.removeprefix("https://upcross.example"))


def changed(address: str, **fields: str) -> str:
    """An address with other values in its query; an empty one takes the field away."""
    parts = urllib.parse.urlsplit(address)
    query = {**dict(urllib.parse.parse_qsl(parts.query)), **fields}
    return parts._replace(query=urllib.parse.urlencode({k: v for k, v in query.items() if v})).geturl()


def test_a_newcomer_of_the_company_comes_in_with_the_provider_s_role(newcomers_are: Any, issuer: str) -> None:
    newcomers_are("viewer")
    browser = Browser()
    asked = start(browser)
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(asked).query))
    assert asked.startswith(issuer) and query["code_challenge_method"] == "S256" and query["redirect_uri"] == BACK
    assert len(query["nonce"]) >= 32 and len(query["state"]) >= 16
    assert set(query["scope"].split()) == {"openid", "profile", "email"}
    assert back(browser, at_the_provider(asked, "lena")).headers["Location"] == "/"
    assert browser.is_in
    user = User.objects.get()
    assert (user.email, user.role, user.has_usable_password()) == ("lena@vendor.example", "viewer", False)
    assert Entry.objects.get(subject="access").kind == "join"

    again = Browser()
    back(again, at_the_provider(start(again), "lena"))
    assert again.is_in and User.objects.count() == 1


def test_who_has_an_account_comes_in_with_the_role_they_have(newcomers_are: Any) -> None:
    newcomers_are(None)
    lena = member("manager", "lena@vendor.example")
    browser = Browser()
    back(browser, at_the_provider(start(browser), "lena"))
    assert browser.is_in and User.objects.get() == lena


@pytest.mark.parametrize(
    ("user", "role", "domains", "why"),
    [
        ("eve", "viewer", ("vendor.example",), "addresses of your domain may not sign in here"),
        ("lena", None, ("vendor.example",), "you have no account here yet"),
        ("eve", None, (), "you have no account here yet"),
    ],
)
def test_others_do_not_come_in_and_are_told_why(
    newcomers_are: Any, user: str, role: str | None, domains: tuple[str, ...], why: str
) -> None:
    newcomers_are(role, domains)
    browser = Browser()
    answer = back(browser, at_the_provider(start(browser), user))
    assert answer.status_code == 403 and why in answer.content.decode()
    assert not browser.is_in and not User.objects.exists()


def test_who_comes_without_a_verified_address_stays_out(newcomers_are: Any) -> None:
    newcomers_are("viewer")
    browser = Browser()
    answer = back(browser, at_the_provider(changed(start(browser), scope="openid profile"), "lena"))
    assert answer.status_code == 403 and "does not say that it has verified" in answer.content.decode()


def test_a_disabled_account_stays_out(newcomers_are: Any) -> None:
    newcomers_are("viewer")
    people.disable(operator("ann"), member("csm", "lena@vendor.example"))
    browser = Browser()
    assert back(browser, at_the_provider(start(browser), "lena")).status_code == 403
    assert not browser.is_in


def test_an_answer_to_no_question_of_this_browser_is_refused(newcomers_are: Any) -> None:
    newcomers_are("viewer")
    one, other = Browser(), Browser()
    address = at_the_provider(start(one), "lena")
    for answer in (
        back(other, address),
        back(one, changed(address, state="made-up")),
        back(one, changed(address, state="")),
    ):
        assert "Signing in failed" in answer.content.decode()
    back(one, address)
    assert one.is_in
    late = Browser()
    late.cookies = one.cookies
    late.submit("/sign-out/")
    assert "Signing in failed" in back(late, address).content.decode()  # a state answers once
    assert not other.is_in and not late.is_in


def test_an_answer_with_another_nonce_is_refused(newcomers_are: Any) -> None:
    newcomers_are("viewer")
    for nonce in ("of somebody else", ""):
        browser = Browser()
        answer = back(browser, at_the_provider(changed(start(browser), nonce=nonce), "lena"))
        assert answer.status_code == 403 and "not to the question" in answer.content.decode()
        assert not browser.is_in and not User.objects.exists()


def test_a_code_for_another_challenge_is_refused(newcomers_are: Any) -> None:
    newcomers_are("viewer")
    browser = Browser()
    stolen = changed(start(browser), code_challenge="E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
    assert "Signing in failed" in back(browser, at_the_provider(stolen, "lena")).content.decode()
    assert not browser.is_in and not User.objects.exists()


def test_nothing_of_the_address_that_starts_it_reaches_the_provider(newcomers_are: Any) -> None:
    newcomers_are("viewer")
    browser = Browser()
    page = browser.get(START)
    asked = browser.send(page, f"{START}?scope=admin&auth_params=prompt%3Dnone%26nonce%3Dmine&process=connect").headers[
        "Location"
    ]
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(asked).query))
    assert "admin" not in query["scope"] and "prompt" not in query and query["nonce"] != "mine"


def test_forms_may_lead_to_the_provider_and_nowhere_else(newcomers_are: Any, issuer: str) -> None:
    newcomers_are("viewer")
    assert f"form-action 'self' {issuer};" in Browser().get("/sign-in/").headers["Content-Security-Policy"] + ";"
