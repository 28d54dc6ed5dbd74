"""Signing in: with a password and a second factor; and what a stranger learns by trying, which is nothing."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from argon2 import PasswordHasher
from django.contrib.auth.hashers import make_password
from django.core import mail

from upcross.access import people
from upcross.access.models import Attempt, Invitation, User
from upcross.ledger.actor import operator
from upcross.ledger.writer import now
from web.browser import PASSWORD, Browser, member

pytestmark = pytest.mark.usefixtures("ledger")


@pytest.fixture(autouse=True)
def no_mail_yet() -> None:
    mail.outbox.clear()


def text(answer: Any) -> str:
    return str(answer.content.decode())


def without_tokens(page: str, address: str) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", page).replace(address, "ADDRESS")


def test_passwords_are_kept_under_argon2id() -> None:
    kept = make_password(PASSWORD)
    assert kept.startswith("argon2$argon2id$")
    assert PasswordHasher().verify(kept.removeprefix("argon2"), PASSWORD)


def test_a_wrong_password_and_an_unknown_address_are_answered_alike_after_the_same_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from django.contrib.auth.hashers import Argon2PasswordHasher

    user, work = member(), []
    hashed, verified = Argon2PasswordHasher.encode, Argon2PasswordHasher.verify
    monkeypatch.setattr(Argon2PasswordHasher, "encode", lambda *given: (work.append("hash"), hashed(*given))[1])
    monkeypatch.setattr(Argon2PasswordHasher, "verify", lambda *given: (work.append("hash"), verified(*given))[1])

    def tried(address: str) -> tuple[int, str, list[str]]:
        work.clear()
        answer = Browser().submit("/sign-in/", login=address, password="wrong horse battery")
        return answer.status_code, without_tokens(text(answer), address), list(work)

    known = tried(user.email)
    assert known[0] == 200 and len(known[2]) == 1 and "not correct" in known[1]
    assert tried("nobody@vendor.example") == known
    people.disable(operator("ann"), user)
    assert tried(user.email) == known


def test_a_forgotten_password_is_answered_alike_for_known_and_unknown_addresses() -> None:
    user = member()
    answers = []
    for address in (user.email, "nobody@vendor.example"):
        answer = Browser().submit("/password/forgotten/", email=address)
        answers.append((answer.status_code, answer.headers["Location"]))
    assert answers[0] == answers[1] == (302, "/password/forgotten/sent/")
    waited(1)
    assert [message.to for message in mail.outbox] == [[user.email]]


def waited(messages: int) -> None:
    """Messages go out beside the answer: give them a moment."""
    deadline = time.monotonic() + 10
    while len(mail.outbox) < messages and time.monotonic() < deadline:
        time.sleep(0.02)


def test_ten_wrong_passwords_bring_a_delay_even_for_the_right_one() -> None:
    user = member()
    for _ in range(10):
        assert "not correct" in text(Browser().submit("/sign-in/", login=user.email, password="wrong horse battery"))
    browser = Browser()
    assert "Too many failed" in text(browser.sign_in(user)) and not browser.is_in
    assert "Too many failed" in text(Browser().submit("/sign-in/", login=user.email.upper(), password=PASSWORD))
    Attempt.objects.update(expires=now() - timedelta(seconds=1))  # some minutes later
    browser.sign_in(user)
    assert browser.is_in


def code_for(user: User, later: int = 0) -> str:
    """What the authenticator app of a user shows, or will show some periods later."""
    kept = Authenticator.objects.get(user=user, type="totp").wrap()
    from allauth.mfa.utils import decrypt

    counter = next(iter(yield_hotp_counters_from_time())) + later
    return str(format_hotp_value(hotp_value(decrypt(kept.instance.data["secret"]), counter)))


def with_second_factor(browser: Browser, user: User) -> str:
    """Set an authenticator app up, as a person would; returns the secret that the app was told."""
    browser.sign_in(user)
    asked = browser.get("/second-factor/app/").headers["Location"]  # who changes this says again who they are
    assert browser.submit(asked, password=PASSWORD).headers["Location"] == "/second-factor/app/"
    page = browser.get("/second-factor/app/")
    found = re.search(r'value="([A-Z2-7]{32})"', text(page))
    assert found
    counter = next(iter(yield_hotp_counters_from_time()))
    code = format_hotp_value(hotp_value(found.group(1), counter))
    assert browser.send(page, "/second-factor/app/", code=str(code)).status_code == 302
    browser.submit("/sign-out/")
    return found.group(1)


def test_with_a_second_factor_a_password_alone_opens_nothing() -> None:
    user, browser = member(), Browser()
    secret = with_second_factor(browser, user)
    answer = browser.sign_in(user)
    assert answer.headers["Location"].startswith("/sign-in/second-factor/") and not browser.is_in
    assert "Incorrect code" in text(browser.submit("/sign-in/second-factor/", code="000000")) and not browser.is_in
    browser.submit("/sign-in/second-factor/", code=code_for(user, 1))
    assert browser.is_in
    kept = Authenticator.objects.get(user=user, type="totp").data
    assert secret not in str(kept)  # encrypted under a key that is not in the database


def test_ten_wrong_codes_bring_a_delay_even_for_the_right_one() -> None:
    user, browser = member(), Browser()
    with_second_factor(browser, user)
    browser.sign_in(user)
    for _ in range(10):
        assert "Incorrect code" in text(browser.submit("/sign-in/second-factor/", code="000000"))
    assert "Too many failed" in text(browser.submit("/sign-in/second-factor/", code=code_for(user, 1)))
    assert not browser.is_in


def test_a_code_opens_once() -> None:
    user, browser = member(), Browser()
    with_second_factor(browser, user)
    code = code_for(user, 1)
    browser.sign_in(user)
    browser.submit("/sign-in/second-factor/", code=code)
    assert browser.is_in
    other = Browser()
    other.sign_in(user)
    other.submit("/sign-in/second-factor/", code=code)
    assert not other.is_in


def test_a_recovery_code_opens_once_where_the_app_is_lost() -> None:
    user, browser = member(), Browser()
    with_second_factor(browser, user)
    codes = Authenticator.objects.get(user=user, type="recovery_codes").wrap().get_unused_codes()
    for expected in (True, False):
        other = Browser()
        other.sign_in(user)
        other.submit("/sign-in/second-factor/", code=codes[0])
        assert other.is_in is expected


def test_an_invited_person_makes_an_account_and_signs_in() -> None:
    secret = people.invite(operator("ann"), "lena@vendor.example", "csm")
    path, browser = f"/invitation/{secret}/", Browser()
    assert "lena@vendor.example" in text(browser.get(path))
    short = text(browser.submit(path, name="Lena", password="short", again="other"))
    assert "at least 12 characters" in short and "not the same" in short and not User.objects.exists()
    done = browser.submit(path, name="Lena", password=PASSWORD, again=PASSWORD)
    assert done.headers["Location"] == "/sign-in/"
    assert browser.get(path).status_code == 404
    browser.sign_in(User.objects.get())
    assert "Lena" in text(browser.get("/"))


def test_an_invitation_that_is_over_looks_like_one_that_never_was() -> None:
    secret = people.invite(operator("ann"), "lena@vendor.example", "csm")
    Invitation.objects.update(expires_at=now() - timedelta(seconds=1))
    over, never = Browser().get(f"/invitation/{secret}/"), Browser().get("/invitation/never/")
    assert (over.status_code, over.content) == (never.status_code, never.content)
    assert over.status_code == 404 and "ask who invited you" in text(over)


def test_logs_name_no_address_and_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    from upcross.web.logs import Line

    user, secret = member(), people.invite(operator("ann"), "lena@vendor.example", "csm")
    browser = Browser()
    browser.submit("/sign-in/", login=user.email, password="wrong horse battery")
    browser.sign_in(user)
    Browser().post(f"/invitation/{secret}/")
    Browser().get("/", headers={"Authorization": "Bearer upx_0123456789ab_aSecret"})
    told = "\n".join(Line().format(record) for record in caplog.records)
    assert "signing in failed, from 127.0.0.1" in told
    for canary in ("@", secret, "battery", "aSecret", browser.session_cookie.value):
        assert canary not in told


def test_a_line_of_the_log_is_one_event_without_secrets() -> None:
    import logging

    from upcross.web.logs import Line

    said = "GET /invitation/s3cret/?token=s3cret&x=1 by ann@vendor.example with upx_0123456789ab_s3cret-s3cret\n2026 ERROR forged"
    lines = Line().format(logging.LogRecord("upcross", logging.ERROR, "", 0, said, None, None)).splitlines()
    assert len([line for line in lines if not line.startswith("    ")]) == 1
    assert "s3cret" not in "".join(lines) and "ann@" not in "".join(lines) and "/invitation/…" in lines[0]


def test_nobody_signs_up_by_themselves() -> None:
    browser = Browser()
    for method in (browser.get, browser.post):
        assert method("/closed/account_signup/").status_code in (403, 404)
    assert not User.objects.exists()


def test_a_link_from_the_mail_sets_another_password_once() -> None:
    user, new = member(), "staple battery horse"
    Browser().submit("/password/forgotten/", email=user.email)
    waited(1)
    found = re.search(r"https://upcross\.example(/password/new/\S+)", str(mail.outbox[0].body))
    assert found
    browser = Browser()
    form = browser.get(found.group(1)).headers["Location"]
    assert browser.submit(form, password1=new, password2=new).status_code == 302
    browser.sign_in(user, new)
    assert browser.is_in
    assert not Browser().sign_in(user).headers.get("Location")
    again = Browser().get(found.group(1), follow=True)
    assert "password1" not in text(again)


def test_whoever_signed_in_is_not_told_so_on_a_later_page() -> None:
    browser = Browser()
    browser.sign_in(member())
    assert browser.is_in and "Successfully" not in text(browser.get("/second-factor/"))


def test_signing_in_leads_nowhere_outside() -> None:
    user = member()
    for outside in ("https://evil.example/", "//evil.example", "https:/evil.example", "javascript:alert(1)"):
        answer = Browser().submit("/sign-in/", login=user.email, password=PASSWORD, next=outside)
        assert answer.headers["Location"] == "/"
