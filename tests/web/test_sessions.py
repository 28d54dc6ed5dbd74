"""How long somebody is in: until they leave, are shown out, or their time is up; and never with a session made for them."""

from __future__ import annotations

import time

import pytest
from django.contrib.sessions.models import Session

from upcross.access import people
from upcross.ledger.actor import operator
from upcross.web.kept_sessions import SessionStore
from upcross.web.sessions import BEGAN, SEEN
from web.browser import PASSWORD, Browser, member

pytestmark = pytest.mark.usefixtures("ledger")
HOUR = 3600


def signed_in() -> Browser:
    browser = Browser()
    browser.sign_in(member())
    assert browser.is_in
    return browser


def age(browser: Browser, **seconds: float) -> None:
    """Make a session older: what the server keeps of it moves back in time."""
    store = SessionStore(browser.session_cookie.value)
    for name, by in seconds.items():
        store[{"began": BEGAN, "seen": SEEN}[name]] = time.time() - by
    store.save()


def test_a_session_planted_before_signing_in_is_not_the_one_after() -> None:
    planted = SessionStore()
    planted["planted"] = True
    planted.save()
    browser = Browser()
    browser.cookies["__Host-upcross-session"] = planted.session_key
    browser.sign_in(member())
    assert browser.is_in and browser.session_cookie.value != planted.session_key
    thief = Browser()
    thief.cookies["__Host-upcross-session"] = planted.session_key
    assert not thief.is_in


def test_a_new_id_at_every_sign_in_long_enough_not_to_be_guessed() -> None:
    user = member()
    ids = []
    for _ in range(3):
        browser = Browser()
        browser.sign_in(user)
        ids.append(browser.session_cookie.value)
    assert len(set(ids)) == 3
    assert all(len(value) >= 26 and value.isalnum() for value in ids)  # 26 of 36 signs: more than 128 bits


def test_signing_out_ends_the_session_on_the_server() -> None:
    browser = signed_in()
    kept = browser.session_cookie.value
    assert browser.submit("/sign-out/").status_code == 302
    thief = Browser()
    thief.cookies["__Host-upcross-session"] = kept
    assert not thief.is_in and not SessionStore().exists(kept)


@pytest.mark.parametrize(
    ("began", "seen", "stays"),
    [
        (11 * HOUR, 11.9 * HOUR, True),
        (11 * HOUR, 12 * HOUR, False),
        (6.9 * 24 * HOUR, 60, True),
        (7 * 24 * HOUR, 60, False),
    ],
)
def test_a_session_lasts_twelve_hours_unused_and_seven_days_at_most(began: float, seen: float, stays: bool) -> None:
    browser = signed_in()
    age(browser, began=began, seen=seen)
    assert browser.is_in is stays
    assert browser.is_in is stays  # and it does not come back


def test_a_copy_of_the_database_opens_no_session() -> None:
    browser = signed_in()
    assert Session.objects.count() == 1
    for row in Session.objects.values_list("session_key", "session_data"):
        assert browser.session_cookie.value not in row
        thief = Browser()
        thief.cookies["__Host-upcross-session"] = row[0]
        assert not thief.is_in


def test_using_a_session_keeps_it() -> None:
    browser = signed_in()
    for _ in range(3):
        age(browser, seen=11 * HOUR)
        assert browser.is_in


def test_a_session_without_a_beginning_is_over() -> None:
    browser = signed_in()
    store = SessionStore(browser.session_cookie.value)
    del store[BEGAN]
    store.save()
    assert not browser.is_in


def test_disabling_somebody_shows_them_out_and_enabling_does_not_bring_the_session_back() -> None:
    browser, by = signed_in(), operator("ann")
    user = people.user_with("csm@vendor.example")
    people.disable(by, user)
    assert not browser.is_in
    people.enable(by, user)
    assert not browser.is_in
    browser.sign_in(user)
    assert browser.is_in


def test_signing_out_everywhere_ends_every_session() -> None:
    here = signed_in()
    there = Browser()
    there.sign_in(people.user_with("csm@vendor.example"))
    assert there.is_in
    assert here.submit("/", headers=None).status_code == 405  # the start page takes no form
    token = here.get("/").content.decode().split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    done = here.post(
        "/sign-out/everywhere/", {"csrfmiddlewaretoken": token}, headers={"Origin": "https://upcross.example"}
    )
    assert done.status_code == 302
    assert not here.is_in and not there.is_in


def test_another_password_ends_the_sessions_that_were_open() -> None:
    here = signed_in()
    there = Browser()
    there.sign_in(people.user_with("csm@vendor.example"))
    new = "staple battery horse"
    here.submit("/password/", oldpassword=PASSWORD, password1=new, password2=new)
    assert not there.is_in and not here.is_in
    here.sign_in(people.user_with("csm@vendor.example"), new)
    assert here.is_in


def test_cookies_are_for_this_host_over_https_and_for_no_script() -> None:
    browser = signed_in()
    for cookie in (browser.session_cookie, browser.cookies["__Host-upcross-csrf"]):
        assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "Lax")
        assert (cookie["path"], cookie["domain"]) == ("/", "")
