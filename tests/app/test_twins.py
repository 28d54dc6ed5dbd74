"""The twin of a page for programs tells what the page tells: its facts stand on the page, in the page's words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import unescape
from typing import Any
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Page

from app.conftest import Opened
from app.site import Site
from app.test_every_page import PAGES
from upcross.app.shell.words import count, day, exact, money, month, percent, short_money, words

How = Callable[[Any], str]

MONEY: How = lambda amount: money(amount, "EUR")  # noqa: E731
SHORT: How = lambda amount: short_money(amount, "EUR")  # noqa: E731
SIGNED: How = lambda points: f"{abs(points) * 100:.1f}"  # noqa: E731

HEAD: dict[str, How] = {
    "head.name": str, "head.segment_words": str, "head.roles.name": str, "head.mrr": MONEY, "head.health.score": str,
    "head.adoption": lambda share: percent(share, 0), "head.renewal.day": day,
}  # fmt: skip
"""What stands at the head of every page of an account."""

FACTS: dict[str, dict[str, How]] = {
    "today": {
        "head.open": count, "head.next_due": day, "lanes.words": str, "lanes.count": count, "lanes.expected.mrr": MONEY,
        "lanes.rows.account": str, "lanes.rows.product": str, "lanes.rows.mechanism": words, "lanes.rows.due": str,
        "lanes.rows.next_step": str, "lanes.rows.owner_name": str, "lanes.rows.potential.expected": MONEY,
        "lanes.rows.with_renewal_on": day, "since.changes.count": count, "since.changes.rows.words": str,
        "tabs.words": str, "tabs.count": count,
    },
    "accounts": {
        "total": count, "shares.words": str, "shares.accounts": count, "rows.name": str, "rows.industry": str,
        "rows.csm": str, "rows.mrr": MONEY, "rows.health.score": str, "rows.health.level": str,
        "rows.segment_words": str, "rows.reason": words, "rows.renewal_on": day,
    },
    "account": {
        **HEAD, "lines.product": str, "lines.plan": str, "lines.mrr": MONEY, "lines.term": day,
        "bars.product": str, "bars.used_words": str, "bars.crossing": str, "lacking.product": str,
    },
    "account, story": {**HEAD, "told.text": str, "told.day": day, "gates_now.title": str, "gates_now.reason": str},
    "account, people": {
        **HEAD, "people.contact_name": str, "people.title": str, "people.last_on": day, "people.last_by": str,
        "people.roles.words": str, "missing": str, "missing_of.product": str,
    },
    "account, plan": {**HEAD, "fields.title": str},
    "account, plan as it is read": {
        **HEAD, "fields.title": str, "outcomes.product": str, "outcomes.quote": str, "outcomes.day": day,
        "outcomes.who": str, "outcomes.metric": str,
    },
    "account, movements": {
        **HEAD, "rows.month": month, "rows.product": str, "rows.words": str, "rows.amount": MONEY, "sums.words": str,
    },
    "account, why": {
        **HEAD, "plays.title": str, "plays.words": str, "plays.failed.label": str, "plays.where": str,
        "counts.words": str, "counts.count": count,
    },
    "white space": {
        "groups.columns.name": str, "groups.columns.total.owned": str, "groups.columns.total.open": str,
        "groups.total.open": str, "rows.name": str, "rows.groups.cells.words": str, "rows.groups.cells.label": str,
        "kpis.label": str, "kpis.expected": SHORT, "legend.words": str, "legend.cells": count,
    },
    "unlock": {
        "held.deeper.mrr": MONEY, "held.wider.mrr": MONEY, "held.deeper.asks": count, "total": count,
        "blockers.account": str, "blockers.words": str, "blockers.sentence": str, "blockers.person": str,
        "blockers.action": str, "blockers.look_again_on": day, "blockers.lanes.deeper.alone.asks": count,
    },
    "numbers": {
        "period_words": str, "kpis.label": str, "kpis.lines.words": str, "why.nrr": percent, "why.before.nrr": percent,
        "why.before_words": str, "why.start": MONEY, "why.end": MONEY, "why.losses.words": str,
        "why.losses.points": SIGNED, "why.losses.largest.name": str, "why.gains.words": str,
        "why.gains.largest.name": str, "why.shifts.words": str, "bridge.steps.words": str, "bridge.steps.amount": exact,
        "bridge.steps.accounts": count, "why.sides.words": str, "why.sides.causes.words": str,
        "why.sides.causes.amount": money,
    },
    "plays": {
        "total": count, "lanes.words": str, "lanes.plays.title": str, "lanes.plays.thresholds": str,
        "lanes.plays.today.asked.count": count, "lanes.plays.today.held.count": count,
    },
    "play": {
        "title": str, "summary": str, "example": str, "when.words": str, "keep_open_while.words": str,
        "gates.title": str, "gates.must.words": str, "params.value": str, "next_step": str, "guide": str,
        "assumptions": str, "today.asked.count": count, "today.held.count": count, "unknown.missing.sentence": str,
        "marks.account": str,
    },
    "change of a play": {"title": str, "params.now": str, "params.value": str, "params.decides": str},
    "runs": {"runs.as_of": day, "runs.by": str, "runs.written.create": count, "runs.written.hold": count},
    "data quality": {
        "total": count, "findings.message": str, "findings.hint": str, "findings.costs": str, "findings.mended_by": str,
        "findings.examples": str, "feeds.table": str, "feeds.through": day, "feeds.rows": count, "feeds.without": str,
    },
    "admin": {"people.name": str, "people.email": str, "people.role": words, "people.state": str},
    "roles": {"roles": words, "capabilities.meaning": str},
    "connections": {
        "book.kind": str, "book.loaded_at": day, "book.rows": count, "troubled.table": words, "troubled.through": day,
        "troubled.mended_by": str, "fresh.table": words, "fresh.sources": str, "missing.table": words,
        "missing.without": str,
    },
    "teams": {
        "total": count, "teams.manager": str, "teams.members.name": str, "teams.members.role": words,
        "teams.members.accounts": count, "teams.members.comes_in": str,
    },
    "tokens": {"scopes.name": str, "scopes.may": words},
    "work": {"people.name": str, "people.open": count, "people.held": count, "team.name": str, "segments": str},
    "record": {
        "total": count, "entries.seq": str, "entries.kind": words, "entries.about": str, "entries.by": str,
        "opened.hash": str, "opened.previous": str, "opened.about": str,
    },
    "find": {"q": str},
}  # fmt: skip
"""By page: which facts of its twin stand on it, and in what words."""

READ_AS_WELL = {"account, plan as it is read": ("csm", "/accounts/A01/plan/")}
NO_TWIN = {"sign in", "password", "second factor"}


def test_every_page_with_facts_is_held_to_its_twin() -> None:
    assert FACTS.keys() == (PAGES.keys() | READ_AS_WELL.keys()) - NO_TWIN


@pytest.mark.parametrize("who", ["admin", "csm", "leader", "manager", "revops"])
def test_no_tab_or_place_leads_nowhere(who: str, site: Site, opened: Opened) -> None:
    page = opened(site, who, "/find/")
    ways: set[str] = set()
    for reader, path in PAGES.values():
        if reader == who:
            found = re.findall(r'<nav class="(?:tabs|places)".*?</nav>', page.request.get(path).text(), re.DOTALL)
            ways |= {urljoin(path, unescape(way)) for part in found for way in re.findall(r'href="([^"]+)"', part)}
    assert len(ways) > 5
    assert {way: status for way in ways if (status := page.request.get(way).status) >= 400} == {}


@pytest.mark.parametrize("who", sorted({who for who, _ in PAGES.values() if who}))
def test_the_facts_of_a_twin_stand_on_its_page(who: str, site: Site, opened: Opened) -> None:
    page = opened(site, who, "/find/")
    absent, told_nothing = [], []
    for name, (reader, path) in (PAGES | READ_AS_WELL).items():
        if reader != who or name in NO_TWIN:
            continue
        shown, twin = _shown(page, path), _twin(page, path)
        for fact, how in FACTS[name].items():
            values = [value for value in _at(twin, fact.split(".")) if value not in (None, "")]
            absent += [f"{name}: {fact} {how(value)!r}" for value in values if _plain(how(value)) not in shown]
            if not values:
                told_nothing.append(f"{name}: {fact}")
    assert absent == []
    assert told_nothing == []  # a fact that the twin never tells proves nothing


def _twin(page: Page, path: str) -> Any:
    answer = page.request.get(path + ("&" if "?" in path else "?") + "format=json")
    assert answer.status == 200, path
    return answer.json()


def _shown(page: Page, path: str) -> str:
    """All that can be read on a page, its fields and pictures' words too, in small letters."""
    body = page.request.get(path).text().partition("<main")[2]
    body = re.sub(r'<input[^>]* value="([^"]*)"[^>]*>', r" \1 ", body)
    return _plain(unescape(re.sub(r"</?(b|q|small|span|a|i|em|code)\b[^>]*>|<(?=[!/a-z])[^>]*>", _gap, body)))


def _gap(tag: re.Match[str]) -> str:
    return "" if tag[1] else " "


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _at(told: Any, names: list[str]) -> Iterator[Any]:
    if isinstance(told, list):
        for one in told:
            yield from _at(one, names)
    elif not names:
        yield told
    elif isinstance(told, dict) and names[0] in told:
        yield from _at(told[names[0]], names[1:])
