"""Accounts over a small company: what is told to whom, and forms that keep what was typed."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings

from api.programs import small_company
from upcross.app.portfolio.words import GLYPHS
from upcross.ledger.place import Place
from upcross.opportunities.totals import Total
from upcross.portfolio.cells import State
from upcross.publishing.accounts import worth
from upcross.publishing.publication import write
from web.browser import SITE, Browser, hidden, member

NOTHING = {"expected": "0", "asks": 0, "unknown": 0}
MONEY = {"upsell": NOTHING, "cross_sell": NOTHING}


@pytest.fixture
def company(tmp_path: Path, ledger: Place) -> Iterator[Path]:
    """Three accounts, with what is published of Acme, which is a part of Coda; see ``small_company``."""
    (tmp_path / "upcross.yaml").write_text("name: Test\nreporting_currency: EUR\ndata: .\n")
    with override_settings(UPCROSS_PROJECT=str(tmp_path)):
        small_company()
        publish(tmp_path)
        yield tmp_path


def publish(folder: Path, listed: Sequence[Any] = (), **more: Any) -> None:
    card = {
        "account_id": "acme", "parent": {"account_id": "coda", "name": "Coda"}, "white_space": [], "story_from": "2026-01-01",
        "health_series": [], "gates": [], "gate_days": [],
        "events": [{"kind": "escalation", "day": "2026-05-01", "until": None, "open": False, "text": "Support escalation",
                    "quote": "Dana shouts about Berlin"}],
        "people": [person("c-7", "Dana Fox", "Chief of Berlin"), person("c-8", "Rob Low", "Clerk", reports_to="c-7")],
    }  # fmt: skip
    facts = [("about", "", {"currency": "EUR"}), ("account", "acme", {**card, **more}), ("account_list", "", listed)]
    write(folder / ".upcross", "test", facts)


def person(key: str, name: str, title: str, reports_to: str = "") -> dict[str, Any]:
    return {
        "contact_id": key, "contact_name": name, "title": title, "seniority": "", "department": "Berlin office", "unit": "",
        "reports_to": reports_to, "do_not_contact": True, "has_left": True, "left_on": "2026-03-04", "strength": None,
        "strength_parts": None, "contacts_90d": None, "last_on": None, "last_kind": "", "last_by": "", "roles": [],
    }  # fmt: skip


def signed_in(role: str, person: str = "") -> Browser:
    browser = Browser()
    browser.sign_in(member(role, f"{person or role}@vendor.example", person_id=person, name=person.title()))
    return browser


def test_who_sees_no_contacts_reads_what_happened_and_not_in_the_customers_words(company: Path) -> None:
    viewer, cleo = signed_in("viewer"), signed_in("csm", "cleo")
    for query in ("", "?format=json", "?format=csv"):
        path = f"/accounts/acme/story/{query}"
        theirs, ours = viewer.get(path).content.decode(), cleo.get(path).content.decode()
        assert "Support escalation" in theirs and "Berlin" not in theirs
        assert "Dana shouts about Berlin" in ours


def test_who_sees_no_contacts_sees_how_many_people_there_are_and_nothing_to_find_them_by(company: Path) -> None:
    viewer, cleo = signed_in("viewer"), signed_in("csm", "cleo")
    for query in ("", "?format=json", "?format=csv"):
        path = f"/accounts/acme/people/{query}"
        theirs = viewer.get(path).content.decode()
        for known in ("Dana", "Berlin", "Clerk", "c-7", "c-8", "2026-03-04", "4 Mar 2026", "do not contact"):
            assert known not in theirs, (query, known)
        assert "Dana Fox" in cleo.get(path).content.decode()
    told = viewer.get("/accounts/acme/people/?format=json").json()
    assert len({one["key"] for one in told["people"]}) == 2 == told["gone"]


def test_a_parent_is_named_to_those_alone_who_see_it(company: Path) -> None:
    cleo, leader = signed_in("csm", "cleo"), signed_in("leader")
    assert cleo.get("/accounts/acme/?format=json").json()["head"]["parent"] is None
    assert "Coda" not in cleo.get("/accounts/acme/").content.decode()
    assert leader.get("/accounts/acme/?format=json").json()["head"]["parent"]["href"] == "/accounts/coda/"


def judge(browser: Browser, path: str, **fields: str) -> Any:
    return browser.send(browser.get(path), "/accounts/acme/plan/write/", **{"part": "stakeholder", **fields})


def test_somebody_in_no_system_who_is_judged_again_stays_one_person(company: Path) -> None:
    cleo, path = signed_in("csm", "cleo"), "/accounts/acme/people/"
    judge(cleo, f"{path}?person=new", name="Ute Neu", role="champion", stance="for")

    def strangers() -> list[Any]:
        return [one for one in cleo.get(f"{path}?format=json").json()["people"] if one["typed"]]

    [ute] = strangers()
    judge(cleo, f"{path}?person={ute['key']}", role="technical_lead", stance="against")
    [ute] = strangers()
    assert {(role["role"], role["stance"]) for role in ute["roles"]} == {
        ("champion", "for"),
        ("technical_lead", "against"),
    }


def test_what_was_typed_of_a_person_stays_when_somebody_else_wrote_in_between(company: Path) -> None:
    cleo, ann, path = signed_in("csm", "cleo"), signed_in("account_manager", "ann"), "/accounts/acme/people/?person=c-7"
    seen = cleo.get(path)
    assert judge(ann, path, role="champion", stance="for").status_code == 302
    typed = {"role": "economic_buyer", "stance": "against", "priorities": "Cost,\nabove all"}
    kept = cleo.send(seen, "/accounts/acme/plan/write/", **typed)
    page = kept.content.decode()
    assert kept.status_code == 412 and "Cost,\nabove all" in page and "Ann" in page
    assert '<option value="economic_buyer" selected>' in page and "<option selected>against" in page
    assert judge(cleo, path, version="soon", **typed).status_code == 422
    assert cleo.send(kept, "/accounts/acme/plan/write/", **typed).status_code == 302
    roles = cleo.get("/accounts/acme/people/?format=json").json()["people"][0]["roles"]
    assert {role["role"] for role in roles} == {"champion", "economic_buyer"}


def add(browser: Browser, part: str, **fields: str) -> Any:
    """Send one of the forms of the plan's page, which holds several."""
    token = hidden(browser.get("/accounts/acme/plan/").content.decode())["csrfmiddlewaretoken"]
    sent = {"csrfmiddlewaretoken": token, "part": part, **fields}
    return browser.post("/accounts/acme/plan/write/", sent, headers={"Origin": SITE, "Sec-Fetch-Site": "same-origin"})


def test_what_was_typed_in_a_plan_stays_when_it_is_refused(company: Path) -> None:
    cleo, path = signed_in("csm", "cleo"), "/accounts/acme/plan/"
    refused = add(cleo, "goal", text="Halve the waiting time", due_on="next May")
    page = refused.content.decode()
    assert refused.status_code == 422 and "Halve the waiting time" in page
    assert "Due on: is &#39;next May&#39;; expected a day such as" in page and page.count('role="alert"') == 1
    kept = add(cleo, "goal", text="Halve it", due_on="2026-12-01", next="//elsewhere.example/")
    assert (kept.status_code, kept["Location"]) == (302, path)
    assert "Halve it" in cleo.get(path).content.decode()


def test_a_field_of_several_lines_is_written_twice_without_a_conflict(company: Path) -> None:
    cleo, path = signed_in("csm", "cleo"), "/accounts/acme/plan/"
    for was, text in (("", "One\r\ntwo"), ("One\ntwo", "One\r\ntwo\r\nthree"), ("One\r\ntwo\r\nthree", "Four")):
        assert cleo.send(cleo.get(path), f"{path}field/", name="risks", was=was, text=text).status_code == 302
    assert cleo.send(cleo.get(path), f"{path}field/", name="risks", was="Three", text="Five").status_code == 409


def row(key: str, segment: str, mrr: str | None, asks: Total) -> dict[str, Any]:
    ready = {"upsell": worth(asks), "cross_sell": NOTHING}
    return {
        "account_id": key, "name": key.title(), "segment": "", "region": "", "industry": "", "roles": {}, "mrr": mrr,
        "health": {"score": None, "level": None}, "potential_segment": segment, "reason": "", "ready": ready, "held": MONEY,
        "renewal_on": None, "notice_on": None, "unknown_plays": 0,
    }  # fmt: skip


def test_what_nothing_is_known_of_is_unknown_and_not_nothing(company: Path) -> None:
    from upcross.ledger.models import Opportunity

    rows = [row("acme/1", "upsell_ready", None, Total(0, 2, 2)), row("beta", "both", "10", Total(70_000, 2, 1)),
            row("coda", "both", None, Total(0, 1, 1))]  # fmt: skip
    publish(company, rows, ready=rows[0]["ready"], held=MONEY, potential_segment="upsell_ready")
    leader = signed_in("leader")
    told = leader.get("/accounts/?format=json").json()
    both, upsell = (next(one for one in told["shares"] if one["segment"] == name) for name in ("both", "upsell_ready"))
    assert (upsell["mrr"], upsell["money"][0]["expected"]) == (None, None)
    assert (both["mrr"], both["mrr_unknown"], both["money"][0]["expected"]) == ("10", 1, "7")
    [sent] = [one for one in told["rows"] if one["account_id"] == "acme/1"]
    assert sent["href"] == "/accounts/acme%2F1/"
    assert leader.get("/accounts/").status_code == 200
    table = list(csv.DictReader(leader.get("/accounts/?format=csv").content.decode("utf-8-sig").splitlines()))
    assert {one["account_id"]: one["upsell_ready_mrr"] for one in table} == {"acme/1": "", "beta": "7", "coda": ""}
    Opportunity.objects.filter(account_id="acme").update(potential_expected=None)
    assert "unknown <small>1 ask" in leader.get("/accounts/acme/").content.decode()


def test_a_state_has_one_sign_on_every_page(company: Path) -> None:
    potential = {"floor": None, "expected": None, "ceiling": None}
    cells = [
        {"product_id": "pay", "product": "Pay", "unit": "", "state": state.value, "words": state.words, "why": "",
         "motion": None, "potential": potential, "sellable": False, "covered_by": "", "mrr": None}
        for state in State
    ]  # fmt: skip
    publish(company, white_space=cells)
    told = signed_in("leader").get("/accounts/acme/?format=json").json()
    shown = [*told["lacking"], *told["owned"], *told["not_eligible"]]
    assert {one["state"]: one["shape"] for one in shown} == {state.value: sign for state, sign in GLYPHS.items()}


def test_money_that_is_ready_goes_with_the_ask_and_waits_for_no_run(company: Path) -> None:
    ready = {"upsell": {"expected": "100", "asks": 1, "unknown": 0}, "cross_sell": NOTHING}
    row = {"account_id": "acme", "name": "Acme", "segment": "smb", "region": "", "industry": "", "roles": {}, "mrr": "900",
           "health": {"score": None, "level": None}, "potential_segment": "upsell_ready", "reason": "", "ready": ready,
           "held": MONEY, "renewal_on": None, "notice_on": None, "unknown_plays": 0}  # fmt: skip
    publish(company, [row], potential_segment="upsell_ready", ready=ready, held=MONEY)
    cleo = signed_in("csm", "cleo")

    def told() -> tuple[Any, Any, int]:
        page = cleo.get("/accounts/?format=json").json()
        head = cleo.get("/accounts/acme/movements/?format=json").json()["head"]
        return page["rows"][0]["ready"]["upsell"], head["ready"]["upsell"], page["since_the_run"]["accounts"]

    before, head, changed = told()
    assert before["expected"] == head["expected"] == "100" and (before["asks"], head["asks"], changed) == (1, 1, 0)
    [ask] = [one for lane in cleo.get("/?tab=open&format=json").json()["lanes"] for one in lane["rows"]]
    shown = cleo.get(f"/?tab=open&open={ask['id']}&do=dismiss")
    assert cleo.send(shown, f"/today/{ask['id']}/step/", step="dismiss", reason="not_ready").status_code == 302
    after, head, changed = told()
    assert (after["asks"], after["expected"]) == (head["asks"], head["expected"]) == (0, "0") and changed == 1
    assert "asks of 1 account changed since the run" in cleo.get("/accounts/").content.decode()
    sheet = list(csv.DictReader(cleo.get("/accounts/?format=csv").content.decode("utf-8-sig").splitlines()))
    assert sheet[0]["upsell_asks"] == "0"
