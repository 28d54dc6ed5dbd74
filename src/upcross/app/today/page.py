"""The page's facts, put together: head, tabs, lanes with their rows, filters, and the drawer where one is open."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from upcross.access import scope
from upcross.access.roles import Capability
from upcross.app.shell.published import about
from upcross.app.today.asking import SORT_WORDS, TAB_WORDS, Asked, Sort, Tab
from upcross.app.today.drawer import Typed, drawer_facts
from upcross.app.today.lanes import Listed, lanes_of, listed
from upcross.app.today.ours import Ours, ours
from upcross.app.today.record import recorded
from upcross.app.today.returned import returned
from upcross.app.today.rows import Shown, row_facts, shown
from upcross.app.today.since import since_yesterday
from upcross.app.today.unknown import unknown_count, unknown_facts
from upcross.ledger.head import Head
from upcross.ledger.head import head as last_entry
from upcross.ledger.models import Opportunity
from upcross.motions import Mechanism
from upcross.opportunities.outcomes import Outcome


def page_facts(asked: Asked, typed: Typed | None = None, known: Ours | None = None) -> dict[str, Any]:
    """Everything that the page shows, as plain values; ``known`` are our people where they were read already."""
    people, at = known or ours(asked.today), last_entry()
    found = listed(asked, people)
    lanes = lanes_of(found) if asked.tab is not Tab.UNKNOWN else []
    keys = [light.key for _, here in lanes for light in here]
    whole = asked.opened in {light.id for _, here in lanes for light in here}
    rows = shown(keys, asked.viewer, whole=whole) if keys else {}
    opened = row_of(asked, rows.get(asked.opened)) if asked.opened else None
    record = recorded(rows.values(), opened)
    people.call({entry.by for entry in (*record.history, *record.returns.values())} - {asked.viewer.id})
    back = returned(record.returns, people)
    told = {
        "tab": asked.tab.value, "head": head(asked, people, found), "tabs": _tabs(asked, found, at),
        "whose": list(asked.whose()),
        "lanes": [{**lane, "rows": [row_facts(rows[light.id], asked, people, back.get(light.id)) for light in here
                                    if light.id in rows]} for lane, here in lanes],
        "unknown": unknown_facts(asked.viewer) if asked.tab is Tab.UNKNOWN else None,
        "since": None if asked.is_filtered or asked.tab is not Tab.OPEN else since_yesterday(found, at),
        "filters": filters(asked, people), "chips": asked.chips(people.names), "cleared": asked.cleared,
        "at": asked.given.get("at") or asked.opened or None, "here": asked.href(),
        "query": asked.href().partition("?")[2], "may": {one.value: asked.viewer.may(one) for one in _MAY},
        "drawer": None, "bulk": bulk_facts(asked, people, found),
    }  # fmt: skip
    told["empty"] = _empty(asked, people) if not any(lane["count"] for lane, _ in lanes) else None
    if opened:
        told["drawer"] = drawer_facts(opened, asked, people, record, typed)
    return told


def bulk_facts(asked: Asked, people: Ours, found: Listed) -> dict[str, Any]:
    """What can be done with many at once, and with what: who can take them, until when, for which reasons."""
    reasons = people.house.outcomes[Outcome.DISMISSED].values()
    return {
        "total": len(found.of(asked.tab)), "people": people.choice(), "chosen": [], "faults": [], "step": "",
        "reasons": [{"value": one.id, "words": one.title} for one in reasons],
        "given": {"until": (asked.today + timedelta(days=14)).isoformat()},
        "least": (asked.today + timedelta(days=1)).isoformat(),
    }  # fmt: skip


_MAY = (Capability.WORK, Capability.LOG, Capability.REASSIGN)


def drawer_of(asked: Asked, people: Ours, typed: Typed | None = None) -> dict[str, Any]:
    """The drawer of the opportunity that the address names; ``NotFoundError`` where the viewer sees no such one."""
    found = row_of(asked)
    record = recorded((), found)
    people.call({entry.by for entry in record.history} - {asked.viewer.id})
    return drawer_facts(found, asked, people, record, typed)


def row_of(asked: Asked, known: Shown | Opportunity | None = None) -> Opportunity:
    """The opportunity that the address opens: the row that is shown already, or the one that the viewer sees by it."""
    if isinstance(known, Opportunity):
        return known
    found: Opportunity = scope.one(scope.opportunities(asked.viewer), "opportunity", id=asked.opened)
    return found


def head(asked: Asked, people: Ours, found: Listed) -> dict[str, Any]:
    """How many need somebody today: the very rows that are due, filtered by nothing."""
    everything = listed(asked, people, filtered=False) if asked.is_filtered else found
    needing = everything.needing()
    working = everything.of(Tab.OPEN)
    today = asked.today.isoformat()
    coming = min((row.due for row in working if row.due > today), default=None)
    first = asked.viewer.name.split(" ")[0].split("@")[0]
    return {
        "name": first, "needing": len(needing), "mine": asked.mine, "open": len(working),
        "answers": len(everything.of(Tab.ANSWER)), "answers_href": asked.href(tab="answer", **_NOTHING),
        "href": asked.href(tab=None, due="today", **{k: v for k, v in _NOTHING.items() if k != "due"}),
        "next_due": coming,
        "day": asked.today.isoformat(), "weekday": f"{asked.today:%A}",
    }  # fmt: skip


_NOTHING: dict[str, Any] = dict.fromkeys(("q", "due", "mechanism", "motion", "segment", "owner", "gate", "account"))


def filters(asked: Asked, people: Ours) -> dict[str, Any]:
    """The form of filters: what can be chosen, and what is."""
    return {
        "q": asked.given.get("q", ""), "tab": asked.given.get("tab", ""), "whose": asked.given.get("whose", ""),
        "motion": [_option("upsell", "Deeper", asked.given.get("motion")),
                   _option("cross_sell", "Wider", asked.given.get("motion"))],
        "mechanism": [_option(one.value, one.value.replace("_", " "), asked.given.get("mechanism"))
                      for one in Mechanism],
        "segment": [_option(one, one.replace("_", " "), asked.given.get("segment"))
                    for one in about().get("segments", ())],
        "owner": [] if asked.mine else [_option(one["id"], one["name"], asked.given.get("owner"))
                                        for one in people.choice()],
        "due": [_option("late", "Overdue", asked.given.get("due")),
                _option("today", "Today or before", asked.given.get("due")),
                _option("week", "Within a week", asked.given.get("due"))],
        "sort": [_option(one.value, SORT_WORDS[one], asked.sort.value) for one in Sort],
        "gate": asked.given.get("gate", ""), "account": asked.given.get("account", ""),
    }  # fmt: skip


def _option(value: str, words: str, chosen: str | None) -> dict[str, Any]:
    return {"value": value, "words": words, "chosen": value == chosen}


def _tabs(asked: Asked, found: Listed, at: Head) -> list[dict[str, Any]]:
    counted: dict[Tab, int] = {tab: len(found.of(tab)) for tab in Tab if tab is not Tab.UNKNOWN}
    counted[Tab.UNKNOWN] = unknown_count(asked.viewer, at)
    return [{"name": tab.value, "words": TAB_WORDS[tab], "count": counted[tab], "here": tab is asked.tab,
             "href": asked.href(tab=None if tab is Tab.OPEN else tab.value)} for tab in asked.tabs()]  # fmt: skip


_EMPTY = {
    Tab.OPEN: ("Nothing is open", "What plays find, and what is handed over, appears here."),
    Tab.ANSWER: ("Nobody waits for an answer", "Customers who ask to buy appear here the moment it is heard."),
    Tab.WAITING: ("Nothing waits for somebody else", "What is handed over stands here until it is accepted."),
    Tab.HELD: ("Nothing is held", "What a gate holds back waits here, with who can clear it."),
    Tab.SNOOZED: ("Nothing is put off", "What you snooze waits here and comes back by itself."),
    Tab.DONE: ("Nothing ended lately", "What was won, lost or dismissed in the last 30 days stands here."),
    Tab.UNOWNED: ("Everything has an owner", "What no person owns stands here until somebody takes it."),
}  # fmt: skip


def _empty(asked: Asked, people: Ours) -> dict[str, Any] | None:
    """What to say of an empty tab: with filters the one to drop, else what will appear and where to look meanwhile."""
    if asked.tab is Tab.UNKNOWN:
        return None
    if asked.filters:
        return _nothing_left(asked, people)
    title, said = _EMPTY[asked.tab]
    if asked.mine and asked.tab is Tab.OPEN:
        return {"title": f"{title} with you", "said": said, "href": asked.href(whose="all"),
                "action": "Look at all that you see"}  # fmt: skip
    return {"title": title, "said": said, "href": "", "action": ""}


def _nothing_left(asked: Asked, people: Ours) -> dict[str, Any]:
    """Which of the filters to take out, and how many there are then."""
    title = "Nothing is left by these filters"
    without = {name: len(listed(asked, people, without=name).of(asked.tab)) for name in asked.filters}
    best = max(without, key=lambda name: without[name])
    if not without[best]:
        return {"title": title, "said": "Taking out any one of them leaves nothing either.", "href": asked.cleared,
                "action": "Clear all"}  # fmt: skip
    said = f"Without “{asked.words_of(best, people.names)}” there are {without[best]:,}."
    return {"title": title, "said": said, "href": asked.href(**{best: None}), "action": "Take it out"}
