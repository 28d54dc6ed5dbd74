"""The inbox over a small company: whose is what, what is due when the clock moves on, and forms without any script."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.test import override_settings

from api.programs import small_company
from opportunities.opportunity_builders import AS_OF
from upcross.ledger.place import Place
from web.browser import Browser, member

if TYPE_CHECKING:
    from upcross.ledger.models import Opportunity


@pytest.fixture
def company(tmp_path: Path, ledger: Place) -> Iterator[dict[str, Opportunity]]:
    """Three accounts and those who serve them: see ``small_company``."""
    (tmp_path / "upcross.yaml").write_text("name: Test\nreporting_currency: EUR\ndata: .\n")
    with override_settings(UPCROSS_PROJECT=str(tmp_path)):
        yield small_company()


def signed_in(role: str, person: str = "") -> Browser:
    browser = Browser()
    browser.sign_in(
        member(role, f"{person or role}@vendor.example", person_id=person, name=person.title() or role.title())
    )
    return browser


def told(browser: Browser, query: str = "tab=open") -> Any:
    answer = browser.get(f"/?{query}&format=json")
    assert answer.status_code == 200, answer.content
    return answer.json()


def counts(browser: Browser) -> dict[str, int]:
    return {tab["name"]: tab["count"] for tab in told(browser)["tabs"]}


def rows(browser: Browser, query: str = "tab=open") -> list[Any]:
    return [row for lane in told(browser, query)["lanes"] for row in lane["rows"]]


def take(browser: Browser, row: Any, step: str, **fields: str) -> Any:
    """Send the form of a step as the drawer holds it."""
    path = f"/?tab=open&open={row['id']}&do={step}"
    shown = browser.get(path)
    return browser.send(shown, f"/today/{row['id']}/step/", step=step, **fields)


def test_what_needs_me_is_what_is_due_with_me(company: dict[str, Opportunity], monkeypatch: pytest.MonkeyPatch) -> None:
    due = company["acme"].due_on
    assert due is not None
    monkeypatch.setenv("UPCROSS_TODAY", AS_OF.isoformat())
    cleo, ann = signed_in("csm", "cleo"), signed_in("account_manager", "ann")
    assert told(cleo)["head"]["needing"] == 0
    monkeypatch.setenv("UPCROSS_TODAY", due.isoformat())
    head = told(cleo)["head"]
    assert head["needing"] == 1 == len(rows(cleo, head["href"].partition("?")[2]))
    assert told(ann)["head"]["needing"] == 0  # she sees it and does not have it
    assert [row["account"] for row in rows(ann, "whose=all")] == ["Acme"]
    assert told(cleo, "q=nothing")["head"]["needing"] == 1  # a filter hides nothing that needs one


def test_what_is_handed_over_waits_with_who_has_it_until_they_answer(company: dict[str, Opportunity]) -> None:
    cleo, ann = signed_in("csm", "cleo"), signed_in("account_manager", "ann")
    [row] = rows(cleo)
    context = {"need": "seats", "goal": "unknown", "buyer": "unknown", "budget_owner": "unknown"}
    answer = take(cleo, row, "hand_off", to="ann", **context)
    assert answer.status_code == 302
    assert rows(cleo) == [] and counts(cleo)["waiting"] == 1
    [handed] = rows(ann)
    assert handed["main"]["step"] == "accept" and handed["waits_for"] == "you"
    assert take(ann, handed, "accept").status_code == 302
    assert [one["stage"] for one in rows(ann)] == ["accepted"] and counts(cleo)["waiting"] == 0


def test_what_comes_back_says_by_whom_and_why_until_it_is_handed_over_again(company: dict[str, Opportunity]) -> None:
    cleo, ann = signed_in("csm", "cleo"), signed_in("account_manager", "ann")
    context = {"need": "seats", "goal": "unknown", "buyer": "unknown", "budget_owner": "unknown"}
    take(cleo, rows(cleo)[0], "hand_off", to="ann", **context)
    assert take(ann, rows(ann)[0], "return", reason="no_need", text="Sold by a partner").status_code == 302
    [row] = rows(cleo)
    assert row["returned"] == "returned by Ann: the customer has no such need"
    assert "returned by Ann: the customer has no such need" in cleo.get(f"/?tab=open&open={row['id']}").content.decode()
    take(cleo, row, "hand_off", to="ann", **context)
    assert rows(ann)[0]["returned"] is None


def test_a_form_that_is_refused_keeps_what_was_typed_and_says_what_is_missing(company: dict[str, Opportunity]) -> None:
    cleo = signed_in("csm", "cleo")
    [row] = rows(cleo)
    answer = take(cleo, row, "dismiss", text="They <told> me")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "They &lt;told&gt; me</textarea>" in page and "is missing: choose one" in page
    assert counts(cleo)["open"] == 1
    answer = take(cleo, row, "snooze", until="2020-01-01")
    assert "2020-01-01 has come already" in html.unescape(answer.content.decode())
    answer = take(cleo, row, "snooze", until="soon")
    assert 'value="soon"' in answer.content.decode() and counts(cleo)["snoozed"] == 0


def test_who_acts_on_an_old_sight_is_told_who_did_what(company: dict[str, Opportunity]) -> None:
    cleo, manager = signed_in("csm", "cleo"), signed_in("revops")
    [row] = rows(cleo)
    old = cleo.get(f"/?tab=open&open={row['id']}&do=dismiss")
    assert take(manager, row, "reassign", to="ann").status_code == 302
    answer = cleo.send(old, f"/today/{row['id']}/step/", step="dismiss", reason="not_ready", text="typed for long")
    page = html.unescape(answer.content.decode())
    assert answer.status_code == 412
    assert "Revops took the step 'reassign'" in page and "typed for long" in page


def test_many_are_taken_at_once_each_with_its_own_entry_and_taken_back_together(
    company: dict[str, Opportunity],
) -> None:
    from upcross.ledger.models import Entry

    revops = signed_in("revops")
    shown = revops.get("/?tab=open")
    items = [f"{row['id']}.{row['version']}" for row in rows(revops)]
    assert len(items) == 2
    refused = revops.send(shown, "/today/steps/", step="dismiss", item=items, text="kept words")  # type: ignore[arg-type]
    assert refused.status_code == 422 and refused.content.decode().count(" checked") == 2
    assert "kept words" in refused.content.decode()
    before = Entry.objects.count()
    revops.send(shown, "/today/steps/", step="dismiss", item=items, reason="not_a_fit", next="/?tab=open")  # type: ignore[arg-type]
    assert Entry.objects.count() == before + 2 and counts(revops)["open"] == 0
    toast = revops.get("/?tab=open").content.decode()
    undo = re.search(r'action="/today/undo/">.*?name="of" value="([^"]*)"', toast)
    assert undo and "Dismissed: 2 of 2" in toast
    shown, half = (
        revops.get("/?tab=done"),
        undo.group(1).replace(str(company["coda"].pk), str(company["beta"].pk)[::-1]),
    )
    assert revops.send(shown, "/today/undo/", of=half).status_code == 404  # one that is none, and nothing is undone
    assert Entry.objects.count() == before + 2
    revops.send(shown, "/today/undo/", of=undo.group(1))
    assert counts(revops)["open"] == 2 and Entry.objects.count() == before + 4
    shown = revops.get("/?tab=open&motion=cross_sell")
    revops.send(shown, "/today/steps/", step="reassign", to="cleo", all="yes", next="/?tab=open&motion=cross_sell")
    assert {row["account"]: row["owner"] for row in rows(revops)}["Coda"] == "cleo"


def test_what_nobody_owns_stands_in_the_queue_of_revenue_operations(company: dict[str, Opportunity]) -> None:
    from upcross.ledger.models import Person

    revops = signed_in("revops")
    assert counts(revops)["unowned"] == 0
    Person.objects.filter(person_id="cleo").update(left_on="2020-01-01")
    assert {row["account"] for row in rows(revops, "tab=unowned")} == {"Acme", "Beta"}
    [first, _] = rows(revops, "tab=unowned")
    take(revops, first, "reassign", to="ann")
    assert counts(revops)["unowned"] == 1
    assert "unowned" not in counts(signed_in("csm", "cara"))


def test_nobody_goes_to_another_site_and_nobody_sees_what_is_not_theirs(company: dict[str, Opportunity]) -> None:
    cleo, cara = signed_in("csm", "cleo"), signed_in("csm", "cara")
    [row] = rows(cleo)
    assert cara.get(f"/?tab=open&open={row['id']}").status_code == 404
    assert take(cara, row, "comment", text="hello").status_code in (403, 404)
    for elsewhere in ("https://evil.example/", "//evil.example/", "/\\evil.example"):
        answer = take(cleo, {**row, "version": 0}, "comment", text="hello", next=elsewhere)
        assert answer.status_code == 302 and answer.headers["Location"] == "/"
    assert cleo.get("/?tab=nowhere").status_code == 422
    assert cleo.get("/?motion=sideways").status_code == 422


def test_who_only_looks_sees_no_words_of_customers_and_no_step(company: dict[str, Opportunity]) -> None:
    from upcross.ledger.models import Opportunity as Row

    row = Row.objects.get(pk=company["acme"].pk)
    row.candidate = {**(row.candidate or {}), "heard": ["“We need more” - Ada Byron"], "next_step": "Call Ada"}
    row.save(update_fields=["candidate"])
    seen = rows(signed_in("csm", "cleo"))[0]
    assert "Ada Byron" in seen["heard"] and "dismiss" in seen["steps"]
    looks = signed_in("viewer")
    page = looks.get(f"/?tab=open&open={row.pk}").content.decode()
    assert "Ada Byron" not in page and "Acme" in page
    assert 'name="step"' not in page and 'name="item"' not in page
    answer = looks.send(looks.get("/?tab=open"), f"/today/{row.pk}/step/", step="comment", text="hello", version="1")
    assert answer.status_code == 403 and "role" in answer.content.decode()


def test_who_only_looks_sees_nothing_of_what_was_handed_over(company: dict[str, Opportunity]) -> None:
    cleo = signed_in("csm", "cleo")
    [row] = rows(cleo)
    said = {"need": "Ada wants seats", "goal": "Ada needs twenty by May", "buyer": "Ada B", "budget_owner": "Ada C"}
    assert take(cleo, row, "qualify", **said).status_code == 302
    path = f"/?tab=open&whose=all&open={row['id']}"
    assert all(words in cleo.get(path).content.decode() for words in said.values())
    page = signed_in("viewer").get(path).content.decode()
    assert "Acme" in page and "Ada" not in page


def test_a_step_that_has_no_form_is_refused_in_words(company: dict[str, Opportunity]) -> None:
    cleo = signed_in("csm", "cleo")
    [row] = rows(cleo)
    for step in ("undo", "create", "refresh", "erase", "open", "escalate", "fly", ""):
        answer = take(cleo, row, step)
        assert answer.status_code == 422 and "expected one of accept" in answer.content.decode(), step


def test_a_refused_step_tells_its_own_fault_wherever_it_was_sent_from(company: dict[str, Opportunity]) -> None:
    cleo = signed_in("csm", "cleo")
    [row] = rows(cleo)
    for back in ("/accounts/acme/?tab=plan", "/?tab=bogus", "/?motion=sideways"):
        answer = take(cleo, row, "dismiss", text="typed", next=back)
        page = answer.content.decode()
        assert answer.status_code == 422 and "is missing: choose one" in page and "typed</textarea>" in page, back


def test_what_nobody_knows_the_worth_of_is_said_to_be_unknown_and_never_nothing(
    company: dict[str, Opportunity], monkeypatch: pytest.MonkeyPatch
) -> None:
    from upcross.ledger.models import Opportunity as Row

    monkeypatch.setenv("UPCROSS_TODAY", AS_OF.isoformat())
    Row.objects.update(potential_floor=None, potential_expected=None, potential_ceiling=None)
    cleo, ann = signed_in("csm", "cleo"), signed_in("account_manager", "ann")
    for path in ("/?tab=open", "/?tab=held", "/unlock/", "/unlock/?tab=gates"):
        page = cleo.get(path).content.decode()
        assert "unknown" in page and not re.search(r'class="num">€0<', page), path
    assert [lane["expected"] for lane in told(cleo)["lanes"] if lane["count"]] == [
        {"asks": 1, "mrr": None, "unknown": 1}
    ]
    [row] = rows(cleo)
    assert take(cleo, row, "hand_off", to="ann", need="a", goal="b", buyer="c", budget_owner="d").status_code == 302
    take(ann, rows(ann)[0], "accept")
    Row.objects.filter(pk=row["id"]).update(potential_expected=1_000_000)
    assert take(ann, rows(ann)[0], "win", on=AS_OF.isoformat()).status_code == 302
    page = ann.get("/?tab=done&whose=all").content.decode()
    assert "unknown</span><small>won a month" in page and "€100<" not in page
    assert [lane["won"]["mrr"] for lane in told(ann, "tab=done&whose=all")["lanes"]] == [None, "0"]


def test_the_address_that_a_message_names_opens_it_where_it_stands(company: dict[str, Opportunity]) -> None:
    cleo, ann, cara = signed_in("csm", "cleo"), signed_in("account_manager", "ann"), signed_in("csm", "cara")
    address = f"/opportunities/{company['beta'].pk}"
    assert cleo.get(address).headers["Location"] == f"/?tab=held&whose=mine&open={company['beta'].pk}"
    found = ann.get(address).headers["Location"]
    page = ann.get(found).content.decode()
    assert 'data-row="' in page and 'class="drawer opportunity"' in page
    assert cara.get(address).status_code == 404


def test_a_view_that_cannot_be_read_any_more_does_not_shut_the_page_that_begins_with_it(
    company: dict[str, Opportunity],
) -> None:
    from upcross.access.models import SavedView

    cleo = signed_in("csm", "cleo")
    for page, path, good, stale in (
        ("today", "/", "tab=held", "mechanism=sold-no-more"), ("today", "/", "tab=held", "tab=gone"),
        ("unlock", "/unlock/", "tab=gates", "tab=gone"),
    ):  # fmt: skip
        saved = cleo.send(cleo.get(f"{path}?{good}"), "/views/save/", name="mine", default="yes", next=f"{path}?{good}")
        assert saved.status_code == 302 and cleo.get(path).headers["Location"] == f"{path}?{good}"
        SavedView.objects.filter(page=page).update(query=stale)
        answer = cleo.get(path)
        assert answer.status_code == 200 and "mine" in answer.content.decode()
        assert cleo.get(f"{path}?{stale}").status_code == 422  # who types it is still told


def test_no_state_of_the_inbox_asks_the_database_more_than_a_dozen_times(company: dict[str, Opportunity]) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    cleo, ann, boss = signed_in("csm", "cleo"), signed_in("account_manager", "ann"), signed_in("manager", "max")
    context = {"need": "seats", "goal": "unknown", "buyer": "unknown", "budget_owner": "unknown"}
    take(cleo, rows(cleo)[0], "hand_off", to="ann", **context)
    take(ann, rows(ann)[0], "return", reason="no_need", text="Sold by a partner")
    [row] = rows(cleo)
    for browser, whose in ((cleo, "mine"), (cleo, "all"), (boss, "all")):
        with CaptureQueriesContext(connection) as asked:
            page = browser.get(f"/?tab=open&whose={whose}&open={row['id']}&do=dismiss").content.decode()
        assert "returned by Ann" in page
        assert "Sold by a partner" in page
        assert re.search(
            "Since (yesterday|Friday)", page
        )  # on a Monday, and on the weekend, since the last working day
        reads = [one["sql"] for one in asked if one["sql"].startswith("SELECT")]  # what was told once is put away
        assert len(reads) <= 12, "\n".join(reads)


def test_what_is_news_since_yesterday_follows_the_record_as_it_grows_and_when_another_is_restored(
    company: dict[str, Opportunity], monkeypatch: pytest.MonkeyPatch
) -> None:
    from upcross.ledger.models import ChainHead, Entry

    def news(browser: Browser) -> dict[str, list[str]]:
        changes = (told(browser, "tab=open&whose=mine")["since"] or {})["changes"]
        return {change["kind"]: [row["words"] for row in change["rows"]] for change in changes}

    cleo, ann = signed_in("csm", "cleo"), signed_in("account_manager", "ann")
    monkeypatch.setenv("UPCROSS_TODAY", Entry.objects.order_by("-seq")[0].at.date().isoformat())
    first = news(cleo)
    context = {"need": "seats", "goal": "unknown", "buyer": "unknown", "budget_owner": "unknown"}
    take(cleo, rows(cleo)[0], "hand_off", to="ann", **context)
    handed = rows(ann)[0]
    assert [words.split(":")[0] for words in news(ann)["handed"]] == ["Acme"]
    assert "handed" not in news(cleo)  # one's own acts are no news to oneself
    take(ann, handed, "return", reason="no_need", text="Sold by a partner")
    assert "back" in news(cleo) and "back" not in first
    last = Entry.objects.order_by("-seq")[0]
    Entry.objects.filter(seq=last.seq).update(kind="comment", hash="another ledger")
    ChainHead.objects.update(hash="another ledger")
    assert "back" not in news(cleo)


def test_the_drawer_tells_how_the_play_did_on_the_history_or_which_command_would_tell(
    company: dict[str, Opportunity], tmp_path: Path
) -> None:
    import json

    revops, cleo = signed_in("revops"), signed_in("csm", "cleo")
    [row] = rows(cleo)

    def drawer(browser: Browser) -> Any:
        return told(browser, f"tab=open&whose=all&open={row['id']}")["drawer"]["reasons"][0]

    reason = drawer(revops)
    assert reason["proven"]["said"] is None and reason["proven"]["command"] == f"upcross replay --play {reason['play']}"
    assert f"upcross replay --play {reason['play']}" in revops.get(f"/?tab=open&open={row['id']}").content.decode()
    home = tmp_path / ".upcross" / "replays"
    home.mkdir(parents=True)
    figures = {
        "from": "2025-03-31", "to": "2026-03-31", "window_days": 180, "version": "older",
        "alerts": {"new": 75, "backlog": 2}, "too_young_to_tell": 19, "against_chance_told": "more often than chance",
        "alerts_that_led": {"value": 0.32, "hits": 18, "of": 56, "low": 0.206, "high": 0.463, "reason": "", "thin": ""},
        "lead_days": {"value": 99.0, "low": 52, "high": 120, "of": 28, "at_least": False},
    }  # fmt: skip
    (home / f"{reason['play']}.json").write_text(json.dumps(figures))
    said = drawer(revops)["proven"]
    assert said["said"] == (
        "From 31 Mar 2025 to 31 Mar 2026 it flagged 77; of 56 old enough to tell, 18 expanded within 180 days,"
        " at the median 99 days later."
    )
    assert "32% of them, with 95% confidence 21% to 46%." in said["caveats"]
    assert "Found with version older of the play, not with the one that speaks here." in said["caveats"]
    assert drawer(cleo)["proven"]["said"] is None and "which accounts" in drawer(cleo)["proven"]["hidden"]

    cases = {  # coda is not hers
        "alerts": [("acme", False, "led"), ("acme", True, "nothing"), ("beta", False, "too_young"), ("coda", False, "led")],
        "leads": [("acme", 40, False), ("coda", 90, False)], "expansions": {"acme": 2, "coda": 7},
    }  # fmt: skip
    (home / f"{reason['play']}.cases.json").write_text(json.dumps({**figures, **cases}))
    own = drawer(cleo)["proven"]
    assert own["said"] == (
        "At the accounts that you see, from 31 Mar 2025 to 31 Mar 2026 it flagged 3; of 2 old enough to tell,"
        " 1 expanded within 180 days, at the median 40 days later."
    )
    assert own["command"] is None and "1 more is too young to tell." in own["caveats"]
    assert drawer(revops)["proven"]["said"] == said["said"]
