"""A review of an account on paper: what may be shown to the customer, and what is ours alone only where it is chosen.

Health, gates, potentials, the strength of relationships and what we wrote for ourselves are internal.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import resources
from typing import Any

import typst

from upcross.api.project import served
from upcross.app.accounts.consumption import WIDTH, bar_facts, quantity
from upcross.app.accounts.opened import Opened, head_facts
from upcross.app.accounts.overview import lanes_of
from upcross.app.accounts.people import people_of
from upcross.app.shell.published import about
from upcross.app.shell.words import day, money
from upcross.ledger.account_plan import plan_facts
from upcross.ledger.stage import Stage

PAPERS = {"a4": "a4", "letter": "us-letter"}
"""The papers on which it can be printed, by what they are called in an address."""
_SHOWN = 8


def review_pdf(found: Opened, *, paper: str = "a4", internal: bool = False) -> bytes:
    """The review as PDF: tagged, with its fonts in it; ``internal`` adds what the customer must not see."""
    told = review_facts(found, internal=internal)
    told["paper"] = PAPERS.get(paper, PAPERS["a4"])
    template = resources.files("upcross.app.accounts").joinpath("review.typ").read_bytes()
    moment = datetime.combine(found.today, datetime.min.time(), UTC)
    made: bytes = typst.compile(
        template, sys_inputs={"told": json.dumps(told)}, pdf_standards=["ua-1"], timestamp=int(moment.timestamp())
    )
    return made


def review_facts(found: Opened, *, internal: bool) -> dict[str, Any]:
    """What stands in the review, as plain text."""
    card, head = found.card, head_facts(found, "")
    plan = plan_facts(found.account_id, found.today)
    told: dict[str, Any] = {
        "title": f"Review: {found.name}",
        "subtitle": f"{day(found.today)} · figures as of {day(about().get('as_of'))}",
        "company": served().settings.name,
        "footer": f"{found.name} · {day(found.today)}",
        "internal": internal,
        "team": head["roles"],
        "value": _value(card, plan),
        "objectives": _objectives(card, plan),
        "bars": [_bar(bar_facts(bar)) for bar in card.get("consumption", [])],
        "lines": [_line(line, found.currency) for line in card.get("lines", []) if not line["ahead"]],
        "actions": [
            {"text": one["text"], "who": found.called(one["owner"]),
             "due": "done" if one["done_on"] else day(one["due_on"])}
            for one in plan["actions"]
        ],
        "parts": _internal(found, head, plan) if internal else [],
    }  # fmt: skip
    return told


def _value(card: Mapping[str, Any], plan: Mapping[str, Any]) -> list[dict[str, str]]:
    said = [
        {"text": one["quote"] or f"{one['metric']}: {one['value']}",
         "more": " · ".join(part for part in (one["product"], day(one["day"])) if part)}
        for one in card.get("outcomes", [])
    ]  # fmt: skip
    said += [{"text": one["sentence"], "more": day(one["written_on"])} for one in plan["proof"]]
    return said[:_SHOWN]


def _objectives(card: Mapping[str, Any], plan: Mapping[str, Any]) -> list[dict[str, str]]:
    found = [{"text": one["quote"], "due": day(one["due_on"]), "status": one["status"]}
             for one in card.get("objectives", []) if one["status"] != "dropped"]  # fmt: skip
    found += [{"text": one["text"], "due": day(one["due_on"]), "status": one["status"]}
              for one in plan["goals"] if one["status"] != "dropped"]  # fmt: skip
    return found


def _bar(bar: Mapping[str, Any]) -> dict[str, Any]:
    """A bar of use without what it is worth to us."""
    drawn = bar["drawn"]
    track = None if drawn is None or drawn["limit"] is None else drawn["limit"]
    return {
        "product": bar["product"], "metric": bar["metric"], "used": bar["used_words"],
        "more": ". ".join([bar["crossing"], *bar["more"]]),
        "drawn": None if track is None or drawn is None else
        {"track": _share(track), "used": _share(min(drawn["at"], WIDTH))},
    }  # fmt: skip


def _share(length: float) -> float:
    """A length of a bar in per cent of its width."""
    return round(length / WIDTH * 100, 1)


def _line(line: Mapping[str, Any], currency: str) -> dict[str, str]:
    name = " ".join(part for part in (line["product"], line["plan"], line["unit"]) if part)
    return {
        "product": name, "quantity": quantity(line["quantity"]) if line["quantity"] is not None else "–",
        "mrr": money(line["mrr"], currency), "until": "rolling" if line["rolling"] else day(line["term_ends_on"]),
    }  # fmt: skip


def _stands(stage: str) -> str:
    """How far an ask has come, as people say it."""
    return "open" if stage == Stage.SURFACED else Stage(stage).words


def _internal(found: Opened, head: Mapping[str, Any], plan: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What is ours alone: health and gates, what there is to ask, people as judged, and what we wrote."""
    card, parts = found.card, list[dict[str, Any]]()
    health = head["health"]
    now = [["Health", f"{health['score']} ({health['level']})" if health["score"] is not None else "unknown"],
           ["Segment", head["segment_words"]]]  # fmt: skip
    now += [[gate["title"], {"1": "yes", "0": "no"}.get(gate["stood"][-1:], "not known")]
            for gate in card.get("gates", [])]  # fmt: skip
    parts.append(
        {"title": "Health and gates", "heads": ["What", "Today"], "figures": [False, False], "rows": now, "texts": []}
    )
    for lane in lanes_of(found):
        rows = [[row["title"], row["product"], "held" if row["held"] else _stands(row["stage"]),
                 money(row["potential"]["expected"], found.currency)]
                for row in (*lane["open"], *lane["held"])]  # fmt: skip
        if rows:
            heads = ["Ask", "Product", "Stands", "A month"]
            parts.append({"title": lane["name"], "heads": heads, "figures": [False, False, False, True], "rows": rows,
                          "texts": []})  # fmt: skip
    people = [[one["contact_name"], one["title"], ", ".join(role["words"] for role in one["roles"]) or "–",
               "unknown" if one["strength"] is None else f"{one['strength']} of 100"]
              for one in people_of(found) if not one["has_left"]]  # fmt: skip
    if people:
        parts.append({"title": "People", "heads": ["Who", "Title", "Part", "Strength"],
                      "figures": [False, False, False, True], "rows": people, "texts": []})  # fmt: skip
    written = [{"name": one["title"], "text": one["text"]} for one in plan["fields"] if one["text"]]
    if written:
        parts.append({"title": "What we wrote", "heads": [], "rows": [], "texts": written})
    return parts
