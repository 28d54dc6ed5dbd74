"""The list of customers: in which segment of potential each is, with each motion's money apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from decimal import Decimal
from math import ceil
from typing import Any
from urllib.parse import urlencode

from upcross.access import scope
from upcross.access.viewer import Viewer
from upcross.app.accounts.opened import path_of
from upcross.app.accounts.worth import worth_since_the_run
from upcross.app.shell.paging import page_of
from upcross.app.shell.published import about, published
from upcross.money import quantise
from upcross.portfolio.segmentation import Segment
from upcross.sheets import Sheet
from upcross.signals.model import Unit

PATH = "/accounts/"
PER_PAGE = 50
RENEWALS = {"90": "renewal within 90 days", "180": "renewal within 180 days"}
HEALTH = ("green", "amber", "red", "unknown")
_SAID = {
    Segment.BOTH: "More of what they own, and something else",
    Segment.UPSELL_READY: "More of what they own",
    Segment.CROSS_SELL_READY: "Something they lack",
    Segment.FIX_FIRST: "Something has to be mended first",
    Segment.NURTURE: "Nothing crossed its threshold",
}


@dataclass(frozen=True)
class Asked:
    """Which customers, in which order, and which page of them: all that the address says."""

    potential: str = ""
    q: str = ""
    segment: str = ""
    csm: str = ""
    health: str = ""
    renewal: str = ""
    sort: str = "potential"
    page: int = 1

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Asked:
        """What a query asks; what is none of ours is left out."""
        given = {one.name: query.get(one.name, "").strip()[:200] for one in fields(cls) if one.name != "page"}
        given["sort"] = given["sort"] if given["sort"].removeprefix("-") in _SORTS else "potential"
        given["potential"] = given["potential"] if given["potential"] in set(Segment) else ""
        return cls(**given, page=page_of(query))

    def address(self, **changed: Any) -> str:
        """The page with something changed; the first page where anything but the page changes."""
        wanted = replace(self, **({"page": 1} | changed))
        default = Asked()
        said = {one.name: getattr(wanted, one.name) for one in fields(self)
                if getattr(wanted, one.name) != getattr(default, one.name)}  # fmt: skip
        return PATH + (f"?{urlencode(said)}" if said else "")


def list_facts(viewer: Viewer, asked: Asked, today: date) -> dict[str, Any]:
    """What the page of the list is told: segments with their sums, filters, and one page of rows."""
    now = worth_since_the_run(viewer)
    seen = _seen(viewer, now)
    within = [row for row in seen if _matches(row, asked, today)]
    found = _sorted([row for row in within if asked.potential in ("", row["potential_segment"])], asked.sort)
    pages = max(1, ceil(len(found) / PER_PAGE))
    page = min(asked.page, pages)
    here = found[(page - 1) * PER_PAGE : page * PER_PAGE]
    csms = {row["roles"]["csm"]["id"]: row["roles"]["csm"]["name"] for row in seen if "csm" in row["roles"]}
    return {
        "total": len(found),
        "of": len(seen),
        "published": published() is not None,
        "since_the_run": {"accounts": sum(row["account_id"] in now for row in seen), "as_of": about().get("as_of")},
        "shares": [_share(segment, within, asked) for segment in Segment],
        "all": {"href": asked.address(potential=""), "here": not asked.potential, "accounts": len(within)},
        "rows": [_row(row, today) for row in here],
        "asked": {one.name: getattr(asked, one.name) for one in fields(asked)},
        "sorts": {name: {"href": asked.address(sort=_turned(asked.sort, name)), "order": _order(asked.sort, name)}
                  for name in _SORTS},
        "choices": {
            "segment": sorted({row["segment"] for row in seen if row["segment"]}),
            "csm": [{"id": key, "name": name} for key, name in sorted(csms.items(), key=lambda one: one[1])],
            "health": list(HEALTH),
            "renewal": [{"id": key, "name": words} for key, words in RENEWALS.items()],
        },
        "chips": _chips(asked, csms),
        "clear": PATH,
        "pages": {
            "page": page, "of": pages, "first": (page - 1) * PER_PAGE + 1 if here else 0,
            "last": (page - 1) * PER_PAGE + len(here),
            "before": asked.address(page=page - 1) if page > 1 else "",
            "after": asked.address(page=page + 1) if page < pages else "",
        },
        "query": asked.address().partition("?")[2],
    }  # fmt: skip


def list_sheet(viewer: Viewer, asked: Asked, today: date) -> Sheet:
    """The customers of the filtered view, all pages of it, as rows."""
    rows = [
        row
        for row in _seen(viewer, worth_since_the_run(viewer))
        if _matches(row, asked, today) and asked.potential in ("", row["potential_segment"])
    ]
    columns = {
        "account_id": Unit.TEXT, "account": Unit.TEXT, "potential_segment": Unit.TEXT, "reason": Unit.TEXT,
        "segment": Unit.TEXT, "region": Unit.TEXT, "industry": Unit.TEXT, "csm": Unit.TEXT, "mrr": Unit.MONEY,
        "health_score": Unit.COUNT, "health_level": Unit.TEXT, "renewal_on": Unit.DATE, "notice_on": Unit.DATE,
        "upsell_ready_mrr": Unit.MONEY, "upsell_asks": Unit.COUNT, "cross_sell_ready_mrr": Unit.MONEY,
        "cross_sell_asks": Unit.COUNT, "upsell_held_mrr": Unit.MONEY, "cross_sell_held_mrr": Unit.MONEY,
    }  # fmt: skip
    return Sheet(columns, tuple(_cells(row) for row in _sorted(rows, asked.sort)))


def _cells(row: Mapping[str, Any]) -> tuple[Any, ...]:
    ready, held = row["ready"], row["held"]
    return (
        row["account_id"], row["name"], row["potential_segment"], row["reason"], row["segment"], row["region"],
        row["industry"], row["roles"].get("csm", {}).get("name", ""), _money(row["mrr"]), row["health"]["score"],
        row["health"]["level"], _day(row["renewal_on"]), _day(row["notice_on"]), _money(ready["upsell"]["expected"]),
        ready["upsell"]["asks"], _money(ready["cross_sell"]["expected"]), ready["cross_sell"]["asks"],
        _money(held["upsell"]["expected"]), _money(held["cross_sell"]["expected"]),
    )  # fmt: skip


def _seen(viewer: Viewer, now: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The customers of the run that the viewer sees, their money as it is now where somebody acted since."""
    publication = published()
    rows: list[dict[str, Any]] = (publication.kept("account_list") if publication else None) or []
    allowed = scope.account_ids(viewer)
    seen = rows if allowed is None else [row for row in rows if row["account_id"] in allowed]
    return [{**row, **now[row["account_id"]]} if row["account_id"] in now else row for row in seen]


def _matches(row: Mapping[str, Any], asked: Asked, today: date) -> bool:
    if asked.q and not all(
        word in f"{row['name']} {row['account_id']} {row['industry']}".casefold() for word in asked.q.casefold().split()
    ):
        return False
    if asked.segment and row["segment"] != asked.segment:
        return False
    if asked.csm and row["roles"].get("csm", {}).get("id") != asked.csm:
        return False
    if asked.health and (row["health"]["level"] or "unknown") != asked.health:
        return False
    if asked.renewal in RENEWALS:
        last = (today + timedelta(days=int(asked.renewal))).isoformat()
        return row["renewal_on"] is not None and row["renewal_on"] <= last
    return True


def _share(segment: Segment, rows: list[dict[str, Any]], asked: Asked) -> dict[str, Any]:
    mine = [row for row in rows if row["potential_segment"] == segment]
    kind = "held" if segment is Segment.FIX_FIRST else "ready"
    return {
        "segment": segment.value, "words": segment.words.capitalize(), "said": _SAID[segment], "accounts": len(mine),
        "mrr": _sum(row["mrr"] for row in mine),
        "mrr_unknown": sum(row["mrr"] is None for row in mine), "money_is": kind,
        "money": [
            {"motion": motion, "tone": tone,
             "expected": _sum(row[kind][motion]["expected"] for row in mine if row[kind][motion]["asks"])}
            for motion, tone in (("upsell", "deeper"), ("cross_sell", "wider"))
            if any(row[kind][motion]["asks"] for row in mine)
        ],
        "here": asked.potential == segment, "href": asked.address(potential=segment.value),
    }  # fmt: skip


def _sum(amounts: Iterable[str | None]) -> str | None:
    """What is known of them together; None where there are some and nothing is known of any."""
    several = list(amounts)
    known = [Decimal(one) for one in several if one is not None]
    return str(sum(known)) if known or not several else None


def _row(row: Mapping[str, Any], today: date) -> dict[str, Any]:
    left = (date.fromisoformat(row["renewal_on"]) - today).days if row["renewal_on"] else None
    return {
        **row, "href": path_of(row["account_id"]), "segment_words": Segment(row["potential_segment"]).words,
        "renewal_in": left, "csm": row["roles"].get("csm", {}).get("name", ""),
    }  # fmt: skip


def _chips(asked: Asked, csms: Mapping[str, str]) -> list[dict[str, str]]:
    told = {
        "q": f"“{asked.q}”", "potential": Segment(asked.potential).words if asked.potential else "",
        "segment": asked.segment, "csm": f"CSM {csms.get(asked.csm, asked.csm)}",
        "health": f"health {asked.health}", "renewal": RENEWALS.get(asked.renewal, ""),
    }  # fmt: skip
    return [{"words": words, "without": asked.address(**{name: ""})}
            for name, words in told.items() if getattr(asked, name) and words]  # fmt: skip


def _amount(value: str | None) -> Decimal:
    return Decimal(value) if value is not None else Decimal(-1)


_ORDER = {segment.value: place for place, segment in enumerate(Segment)}


def _potential(row: Mapping[str, Any]) -> Any:
    """By segment, best first; within one by the larger motion alone, as two motions are never added."""
    kind = "held" if row["potential_segment"] == Segment.FIX_FIRST else "ready"
    largest = max(_amount(row[kind][motion]["expected"]) for motion in ("upsell", "cross_sell"))
    return (-_ORDER[row["potential_segment"]], largest, row["name"].casefold())


_SORTS: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
    "potential": _potential,
    "name": lambda row: row["name"].casefold(),
    "mrr": lambda row: _amount(row["mrr"]),
    "health": lambda row: -1 if row["health"]["score"] is None else row["health"]["score"],
    "renewal": lambda row: row["renewal_on"] or "9999",
    "upsell": lambda row: _amount(row["ready"]["upsell"]["expected"]),
    "cross_sell": lambda row: _amount(row["ready"]["cross_sell"]["expected"]),
}
_RISING = ("name", "renewal", "health")
"""What is first looked at from its small end; everything else from its large one."""


def _sorted(rows: list[dict[str, Any]], sort: str) -> list[dict[str, Any]]:
    name = sort.removeprefix("-")
    return sorted(rows, key=_SORTS[name], reverse=(name not in _RISING) != sort.startswith("-"))


def _turned(sort: str, name: str) -> str:
    return f"-{name}" if sort == name else name


def _order(sort: str, name: str) -> str:
    """'ascending' or 'descending' for the column that the list is in order of, else ''."""
    if sort.removeprefix("-") != name:
        return ""
    return "ascending" if (name in _RISING) != sort.startswith("-") else "descending"


def _money(text: str | None) -> int | None:
    return None if text is None else quantise(text)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
