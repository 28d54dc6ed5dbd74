"""The customer's people: a chart of who reports to whom, the same as an indented list, and which parts nobody plays.

Strength is computed and comes with its parts; role and stance are judged by our people and stand apart from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from upcross.access.personal import HIDDEN
from upcross.access.roles import Capability
from upcross.app.accounts.opened import Opened, head_facts
from upcross.app.accounts.typed import Typed, given_of
from upcross.ledger.account_plan import ROLES, STANCES, plan_version
from upcross.ledger.models import Stakeholder
from upcross.publishing.accounts_people import PARTS, missing_roles
from upcross.sheets import Sheet
from upcross.signals.model import Unit

BOX, HIGH, GAP_X, GAP_Y = 208, 84, 24, 34
INDENT, TEAM_GAP = 24, 14
"""Width and height of a person's box in the chart, and the room between boxes; how far a team stands to the right."""
_NARROW = 480
"""A chart that is no wider is drawn as large as it is, not stretched."""
_LEVELS = ("c_level", "vp", "director", "manager", "individual", "")
_LEVEL_WORDS = {"c_level": "board", "vp": "vice president", "director": "director", "manager": "manager",
                "individual": "no manager"}  # fmt: skip
STANCE_SHAPES = {"for": "▲", "neutral": "■", "against": "▼", "unknown": "?"}
_NAMELESS = {"contact_id": "", "contact_name": HIDDEN, "title": "", "department": "", "reports_to": "", "left_on": None,
             "do_not_contact": None}  # fmt: skip
"""What is told of a person to those who see no names: nothing by which they could be found."""
_ONE_ROW = 5
"""Boxes in one row of those whom nobody leads and who lead nobody; what is more begins another row."""


def people_facts(found: Opened, chosen: str = "", typed: Typed | None = None) -> dict[str, Any]:
    """What the page of people is told; ``chosen`` is whose form is open, with what was ``typed`` and not taken."""
    people = people_of(found)
    person = next((one for one in people if one["key"] == chosen), None) if chosen else None
    begins = {"name": "", "role": "", "product_id": "", "stance": "unknown", "reports_to": "",
              "priorities": (person or {}).get("priorities") or ""}  # fmt: skip
    tree = _tree(people)
    editable = found.viewer.sees_contacts and found.viewer.may(Capability.WORK)
    return {
        "head": head_facts(found, "people"),
        "people": tree,
        "chart": _chart(tree) if tree else None,
        "missing": [_words(role) for role in missing_roles(people)] if people else [],
        "missing_of": [{"product": _product(found, key), "roles": roles}
                       for key, roles in found.card.get("roles_missing_of", {}).items()],
        "single_threaded": found.card.get("single_threaded"),
        "hidden": not found.viewer.sees_contacts,
        "gone": sum(one["has_left"] for one in people),
        "parts": [{"name": name, "words": words, "most": most} for name, words, most in PARTS],
        "editing": {
            "may": editable, "version": plan_version(found.account_id) if editable else None,
            "roles": list(ROLES), "stances": list(STANCES),
            "products": [{"id": cell["product_id"], "name": cell["product"]} for cell in products_of(found)],
            "person": person, "refused": typed.facts() if typed else None,
            "given": given_of("stakeholder", begins, typed),
            "adding": chosen == "new", "path": f"{found.path}people/", "write": f"{found.path}plan/write/",
            "contacts": [{"id": one["contact_id"], "name": one["contact_name"]} for one in people if one["contact_id"]],
        },
    }  # fmt: skip


def people_sheets(found: Opened) -> Mapping[str, Callable[[], Sheet]]:
    """The customer's people as rows."""
    columns = {
        "account_id": Unit.TEXT, "name": Unit.TEXT, "title": Unit.TEXT, "department": Unit.TEXT,
        "reports_to": Unit.TEXT, "roles": Unit.TEXT, "strength": Unit.COUNT, "last_contact": Unit.DATE,
        "left_on": Unit.DATE, "do_not_contact": Unit.FLAG,
    }  # fmt: skip

    def make() -> Sheet:
        people = people_of(found)
        names = {one["key"]: one["contact_name"] for one in people}
        return Sheet(columns, tuple(
            (found.account_id, one["contact_name"], one["title"], one["department"],
             names.get(one["reports_to"], one["reports_to"] or ""),
             "; ".join(role["words"] for role in one["roles"]), one["strength"], _day(one["last_on"]),
             _day(one["left_on"]), one["do_not_contact"])
            for one in people
        ))  # fmt: skip

    return {"people": make}


def people_of(found: Opened) -> list[dict[str, Any]]:
    """Everybody known there: of the book, with what our people judged since, and those whom no system knows yet."""
    names = found.viewer.sees_contacts
    people = [{**one, "key": one["contact_id"] if names else str(number), "typed": False,
               "roles": [dict(role) for role in one["roles"]]}
              for number, one in enumerate(found.card.get("people", []), 1)]  # fmt: skip
    by_key = {one["key"]: one for one in people}
    strangers: dict[str, dict[str, Any]] = {}
    judged: Iterable[Stakeholder] = ()
    if names:
        judged = Stakeholder.objects.filter(account_id=found.account_id, removed_on=None).order_by("written_on", "pk")
    for row in judged:
        named = " ".join(row.name.casefold().split())
        known = by_key.get(row.contact_id) or strangers.get(named)
        if known is None:
            known = strangers[named] = _stranger(row)  # whoever is judged again is named again: one name, one person
            people.append(known)
        role = {"role": row.role, "stance": row.stance, "product_id": row.product_id,
                "product": _product(found, row.product_id), "confirmed_on": row.written_on.isoformat(), "fresh": True,
                "typed": str(row.pk), "by": found.called(row.author)}  # fmt: skip
        same = [one for one in known["roles"] if (one["role"], one["product_id"]) == (row.role, row.product_id)]
        for one in same:
            known["roles"].remove(one)
        known["roles"].append(role)
        known["reports_to"] = row.reports_to or known["reports_to"]
        known["priorities"] = row.priorities
    for one in people:
        for role in one["roles"]:
            role["words"] = _words(role["role"]) + (f" · {role['product']}" if role["product_id"] else "")
            role["shape"] = STANCE_SHAPES.get(role["stance"], "?")
        if not names:
            one |= _NAMELESS
    return people


def _stranger(row: Stakeholder) -> dict[str, Any]:
    """Somebody whom our people named and no system knows."""
    return {
        "key": str(row.pk), "contact_id": "", "contact_name": row.name, "title": "", "seniority": "", "department": "",
        "unit": "", "reports_to": row.reports_to, "do_not_contact": False, "has_left": False, "left_on": None,
        "strength": None, "strength_parts": None, "contacts_90d": None, "last_on": None, "last_kind": "",
        "last_by": "", "roles": [], "typed": True, "priorities": row.priorities,
    }  # fmt: skip


def _tree(people: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Everybody in the order of the indented list: each below whom they report to, with their depth."""
    known = {one["key"] for one in people}
    below: dict[str, list[dict[str, Any]]] = {}
    for one in people:
        above = one["reports_to"] if one["reports_to"] in known and one["reports_to"] != one["key"] else ""
        below.setdefault(above, []).append(one)
    for several in below.values():
        several.sort(key=lambda one: (_level(one), -(one["strength"] or 0), one["contact_name"]))
    ordered: list[dict[str, Any]] = []
    seen: set[str] = set()

    def walk(above: str, depth: int) -> None:
        several = [one for one in below.get(above, []) if one["key"] not in seen]
        for place, one in enumerate(several, 1):
            seen.add(one["key"])
            ordered.append({**one, "depth": depth, "above": above, "place": place, "of": len(several),
                            "level": _LEVEL_WORDS.get(one["seniority"], ""),
                            "leads": len(below.get(one["key"], []))})  # fmt: skip
            walk(one["key"], depth + 1)

    walk("", 1)
    for one in people:  # a circle of reports has nobody at its top: one of it is put there
        if one["key"] not in seen:
            below.setdefault("", []).append(one)
            walk("", 1)
    return ordered


def _chart(tree: list[dict[str, Any]]) -> dict[str, Any]:
    """Boxes and lines of the chart: everybody below whom they report to, with a line of their own from there.

    Those who lead nobody stand below each other, so that a team is a column; whoever leads somebody has a column of
    their own. Columns share no room, so no line of one manager meets that of another.
    """
    drawn = _Drawn({one["key"]: one for one in tree})
    for one in tree:
        drawn.below.setdefault(one["above"], []).append(one["key"])
    leading = [key for key in drawn.below[""] if key in drawn.below]
    alone = [key for key in drawn.below[""] if key not in drawn.below]
    width, floor = float(BOX), 2.0
    left = 2.0
    for key in leading:
        wide, down = drawn.put(key, left, 2.0)
        left, width, floor = left + wide + GAP_X, max(width, left + wide), max(floor, down + GAP_Y)
    for place, key in enumerate(alone):  # nobody is known above them, and nobody below
        row, column = divmod(place, _ONE_ROW)
        x = 2 + column * (BOX + GAP_X)
        drawn.box(key, x, floor + row * (HIGH + GAP_Y))
        width = max(width, x + BOX)
    height = max(one["y"] for one in drawn.boxes.values()) + HIGH + 2
    return {"width": width + 2, "height": height, "small": width < _NARROW, "boxes": list(drawn.boxes.values()),
            "lines": drawn.lines, "box": BOX, "high": HIGH}  # fmt: skip


class _Drawn:
    """A chart while it is drawn: from the top, each person with everybody below them."""

    def __init__(self, people: Mapping[str, dict[str, Any]]) -> None:
        self.people = people
        self.below: dict[str, list[str]] = {}
        self.boxes: dict[str, dict[str, Any]] = {}
        self.lines: list[dict[str, str]] = []

    def box(self, key: str, x: float, y: float) -> None:
        """One person's box."""
        self.boxes[key] = _box(self.people[key], round(x, 1), y)

    def put(self, key: str, x: float, y: float) -> tuple[float, float]:
        """Somebody with all below them, from x to the right and y down; how wide that is, and where it ends below."""
        under = self.below.get(key, [])
        leading = [one for one in under if one in self.below]
        team = [one for one in under if one not in self.below]
        left, start_y, floor = x, y + HIGH + GAP_Y, y + HIGH
        middles: dict[str, float] = {}
        for one in leading:
            wide, down = self.put(one, left, start_y)
            middles[one], left, floor = self.boxes[one]["x"] + BOX / 2, left + wide + GAP_X, max(floor, down)
        spine = left + INDENT / 2
        for place, one in enumerate(team):
            self.box(one, left + INDENT, start_y + place * (HIGH + TEAM_GAP))
            floor = max(floor, self.boxes[one]["y"] + HIGH)
        if team:
            left += INDENT + BOX + GAP_X
        wide = max(BOX, left - GAP_X - x)
        only_team = not leading
        own = x if only_team else x + (wide - BOX) / 2
        self.box(key, own, y)
        start, bar = own + BOX / 2, y + HIGH + GAP_Y / 2
        for one, middle in middles.items():
            self._line(key, one, f"M{start} {y + HIGH}V{bar}H{middle}V{start_y}")
        for one in team:
            box = self.boxes[one]
            path = f"M{spine} {y + HIGH}" if only_team else f"M{start} {y + HIGH}V{bar}H{spine}"
            self._line(key, one, f"{path}V{box['y'] + HIGH / 2}H{box['x']}")
        return wide, floor

    def _line(self, above: str, below: str, path: str) -> None:
        self.lines.append({"above": above, "below": below, "path": path})


def _box(one: Mapping[str, Any], x: float, y: float) -> dict[str, Any]:
    strongest = one["strength"]
    stance = next((role["stance"] for role in one["roles"] if role["stance"] != "unknown"), "unknown")
    return {
        "key": one["key"], "x": x, "y": y, "name": _cut(one["contact_name"], 25), "title": _cut(one["title"], 32),
        "roles": _cut(", ".join(dict.fromkeys(_words(role["role"]) for role in one["roles"])) or "no part known", 34),
        "stance": stance, "shape": STANCE_SHAPES[stance], "strength": strongest,
        "bar": None if strongest is None else round(strongest * (BOX - 24) / 100, 1), "has_left": one["has_left"],
        "href": f"#person-{one['key']}",
    }  # fmt: skip


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _level(one: Mapping[str, Any]) -> int:
    return _LEVELS.index(one["seniority"]) if one["seniority"] in _LEVELS else len(_LEVELS)


def _words(role: str) -> str:
    return role.replace("_", " ")


def products_of(found: Opened) -> list[Mapping[str, Any]]:
    """What we sell, as far as the account's white space names it, in order of names."""
    cells = {cell["product_id"]: cell for cell in found.card.get("white_space", [])}
    return sorted(cells.values(), key=lambda cell: cell["product"])


def _product(found: Opened, key: str) -> str:
    return next((cell["product"] for cell in found.card.get("white_space", []) if cell["product_id"] == key), key)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
