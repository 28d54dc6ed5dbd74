"""The white-space map: products by accounts."""

from __future__ import annotations

from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict

from upcross.access import scope
from upcross.api.refusal import invalid
from upcross.app.portfolio.cell import opened
from upcross.app.portfolio.grid import SORTS, WORKED, Chosen, Grid, Mark, Row, Tally, Wanted, grid_of
from upcross.app.portfolio.tables import sheets_of
from upcross.app.portfolio.words import GLYPHS, MEANING, SHORT, label
from upcross.app.portfolio.worked import worked_asks
from upcross.app.shell.answering import answer, part
from upcross.app.shell.frame import viewer_for
from upcross.app.shell.paging import page_of
from upcross.app.shell.published import published
from upcross.app.shell.views import default_query, saved_views
from upcross.motions import Motion
from upcross.opportunities.evidence import amount
from upcross.portfolio.cells import State
from upcross.publishing.white_space import SELLABLE

ROWS = 100
"""Rows on a page."""
_WORKED = "being worked"
_FILTERS = ("segment", "owner", "account", "unit", "product", "state", "motion")


def white_space(request: HttpRequest) -> HttpResponse:
    """The white-space map: products by accounts."""
    found = published()
    if found is None or not (grid := grid_of(found)).rows:
        return answer(request, "white_space.html", {"empty": True, "drawer": None}, title="White space")
    if not request.GET and (begin := default_query(request, "white_space", partial(_wanted, grid))):
        return HttpResponseRedirect(f"/white-space/?{begin}")
    viewer = viewer_for(request)
    seen = scope.account_ids(viewer)
    asked = request.GET
    wanted = _wanted(grid, asked)
    drawer = opened(found, viewer, seen, asked.get("open", ""), asked.get("of", ""), asked.get("in", ""))
    base = _query(wanted, asked.get("page", "")) or "sort=potential"
    if drawer is not None:
        drawer["close"] = f"?{base}"
    if request.headers.get("HX-Target") == "drawer" and not request.headers.get("HX-History-Restore-Request"):
        return part(request, "white_space_panel.html", {"drawer": drawer})
    worked = worked_asks(viewer)
    chosen = grid.choose(wanted, seen, worked)
    told = {
        "empty": False,
        **_filters(grid, wanted, seen, asked.get("page", "")),
        **_table(grid, chosen, wanted, page_of(asked), base),
        "kpis": _kpis(grid, chosen, wanted),
        "legend": _legend(chosen, wanted, grid.facts["coverage_known"]),
        "missing": grid.facts["missing"],
        "coverage_known": grid.facts["coverage_known"],
        "unnamed_deals": chosen.unnamed_deals,
        "drawer": drawer,
        "query": base,
        "views": saved_views(request, "white_space", f"/white-space/?{base}"),
    }
    return answer(
        request, "white_space.html", told, title="White space",
        sheets=sheets_of(found, grid, chosen, worked),
    )  # fmt: skip


def _wanted(grid: Grid, asked: QueryDict) -> Wanted:
    sort = asked.get("sort", "") or "potential"
    if sort not in SORTS:
        raise invalid("sort", f"'{sort}' is none of {', '.join(SORTS)}")
    known = {"state": {*(state.value for state in State), WORKED}, "motion": {motion.value for motion in Motion},
             "product": {product.id for product in grid.products}}  # fmt: skip
    for name, values in known.items():
        if asked.get(name) and asked[name] not in values:
            raise invalid(name, f"'{asked[name]}' is none of {', '.join(sorted(values))}")
    return Wanted(**{name: asked.get(name, "") for name in _FILTERS}, sort=sort)


def _query(wanted: Wanted, page: str = "", **other: str) -> str:
    """The address of this choice, with some of it chosen otherwise."""
    kept = {name: getattr(wanted, name) for name in _FILTERS} | {"sort": wanted.sort, "page": page} | other
    if kept["sort"] == "potential":
        kept["sort"] = ""
    return urlencode({name: value for name, value in kept.items() if value})


def _href(wanted: Wanted, page: str = "", **other: str) -> str:
    """The same as an address that is never bare: a bare one begins with the view that somebody chose for it."""
    return f"?{_query(wanted, page, **other) or 'sort=potential'}"


def _filters(grid: Grid, wanted: Wanted, seen: frozenset[str] | None, page: str) -> dict[str, Any]:
    rows = grid.seen(seen)
    names = {row.account_id: row.name for row in rows}
    products = {product.id: product.name for product in grid.products}
    owners = {row.owner: grid.people.get(row.owner, row.owner) for row in rows if row.owner}
    said = {
        "segment": ("Segment", wanted.segment), "owner": ("CSM", owners.get(wanted.owner, wanted.owner)),
        "account": ("Account", names.get(wanted.account, wanted.account)), "unit": ("Unit", wanted.unit),
        "product": ("Product", products.get(wanted.product, wanted.product)),
        "state": ("State", _WORKED if wanted.state == WORKED else State(wanted.state).words if wanted.state else ""),
        "motion": ("Motion", {"cross_sell": "Wider", "upsell": "Deeper"}.get(wanted.motion, "")),
    }  # fmt: skip
    choices = {
        "segment": [(value, value) for value in sorted({row.segment for row in rows if row.segment})],
        "owner": sorted(owners.items(), key=lambda one: one[1]),
        "unit": [(value, value) for value in sorted({row.unit for row in rows if row.unit})],
        "product": list(products.items()),
        "state": [*((state.value, state.words) for state in State), (WORKED, _WORKED)],
        "motion": [("cross_sell", "Wider (cross-sell)"), ("upsell", "Deeper (upsell)")],
    }
    labels = {"owner": "CSM"}
    return {
        "chips": [
            {"words": f"{what}: {value}", "without": _href(wanted, **{name: ''})}
            for name, (what, value) in said.items() if value
        ],
        "clear_all": _href(Wanted(sort=wanted.sort)),
        "selects": [
            {"name": name, "label": labels.get(name, name.capitalize()), "chosen": getattr(wanted, name),
             "options": [{"value": value, "words": words} for value, words in options]}
            for name, options in choices.items() if options
        ],
        "sorts": [{"value": value, "words": words, "chosen": value == wanted.sort} for value, words in SORTS.items()],
        "account_filter": wanted.account,
    }  # fmt: skip


def _table(grid: Grid, chosen: Chosen, wanted: Wanted, page: int, base: str) -> dict[str, Any]:
    last = max(1, -(-len(chosen.rows) // ROWS))
    here = min(page, last)
    shown = chosen.rows[(here - 1) * ROWS : here * ROWS]
    groups = []
    for motion in (Motion.CROSS_SELL, Motion.UPSELL):
        columns = [place for place in chosen.columns if grid.products[place].motion is motion]
        if columns:
            groups.append({
                "motion": motion.value,
                "columns": [_column(grid, chosen, place, wanted) for place in columns],
                "total": _tally(chosen.total[motion], grid),
            })  # fmt: skip
    prefix = f"?{base}&" if base else "?"
    return {
        "groups": groups,
        "rows": [_row(grid, chosen, row, prefix) for row in shown],
        "total": len(chosen.rows),
        "accounts": len({row.account_id for row in chosen.rows}),
        "page": here,
        "first": (here - 1) * ROWS + 1 if shown else 0,
        "last": (here - 1) * ROWS + len(shown),
        "pages": last,
        "before": _href(wanted, str(here - 1)) if here > 1 else None,
        "after": _href(wanted, str(here + 1)) if here < last else None,
    }


def _column(grid: Grid, chosen: Chosen, place: int, wanted: Wanted) -> dict[str, Any]:
    product = grid.products[place]
    return {
        "id": product.id, "name": product.name, "href": _href(wanted, product=product.id),
        "total": _tally(chosen.by_column[place], grid),
    }  # fmt: skip


def _row(grid: Grid, chosen: Chosen, row: Row, prefix: str) -> dict[str, Any]:
    own = chosen.of_row(row)
    where = {"open": row.account_id, **({"in": row.unit} if row.unit else {})}
    to = f"{prefix}{urlencode(where)}&of="
    return {
        "account_id": row.account_id, "name": row.name, "unit": row.unit, "segment": row.segment,
        "owner": grid.people.get(row.owner, row.owner), "href": f"/accounts/{quote(row.account_id, safe='')}/",
        "groups": [
            {"cells": [_cell(grid, chosen.mark(row, place), place, to) for place in chosen.columns
                       if grid.products[place].motion is motion],
             "total": _tally(own[motion], grid)}
            for motion in (Motion.CROSS_SELL, Motion.UPSELL)
            if any(grid.products[place].motion is motion for place in chosen.columns)
        ],
    }  # fmt: skip


def _cell(grid: Grid, mark: Mark | None, place: int, to: str) -> dict[str, Any] | None:
    if mark is None:
        return None
    state = mark.state
    return {
        "product_id": grid.products[place].id, "state": mark.value, "glyph": GLYPHS[state],
        "words": SHORT[state], "expected": amount(mark.expected),
        "heat": grid.heat(mark) if state is State.FITS else None,
        "label": label(mark.expected) if mark.flags & SELLABLE else "",
        "worked": mark.is_worked and state is not State.IN_PIPELINE, "href": to + grid.products[place].id,
    }  # fmt: skip


def _tally(tally: Tally, grid: Grid) -> dict[str, Any]:
    """A sum as it is told: per state in full, and what a head or an end of a row shows of it."""
    known = grid.facts["coverage_known"]
    return {
        "cells": tally.cells,
        "owned": tally.owned,
        "coverage": {
            "covered": tally.covered if known else None, "of": tally.sellable,
            "share": tally.covered / tally.sellable if known and tally.sellable else None,
        },
        "open": label(tally.known(State.FITS)) if tally.sized.get(State.FITS) else "–",
        "states": {
            state.value: {
                "cells": count, "unknown": tally.unknown.get(state, 0),
                **{part: amount(tally.known(state, part)) for part in ("floor", "expected", "ceiling")},
            }
            for state, count in tally.states.items()
        },
    }  # fmt: skip


def _kpis(grid: Grid, chosen: Chosen, wanted: Wanted) -> list[dict[str, Any]]:
    found = []
    for motion, words in ((Motion.CROSS_SELL, "Wider"), (Motion.UPSELL, "Deeper")):
        tally = chosen.total[motion]
        if not tally.cells:
            continue
        for state, what in ((State.FITS, "fits now"), (State.BLOCKED, "blocked")):
            count, sized = tally.states.get(state, 0), tally.sized.get(state, 0)
            found.append({
                "motion": motion.value, "label": f"{words}: {what}", "cells": count, "unsold": count - sized,
                "unknown": tally.unknown.get(state, 0),
                "expected": amount(tally.known(state)),
                "floor": amount(tally.known(state, "floor")), "ceiling": amount(tally.known(state, "ceiling")),
                "href": _href(wanted, motion=motion.value, state=state.value),
            })  # fmt: skip
        found.append({
            "motion": motion.value, "label": f"{words}: {_WORKED}", "share": _tally(tally, grid)["coverage"],
            "href": _href(wanted, motion=motion.value, state=WORKED),
        })  # fmt: skip
    return found


def _legend(chosen: Chosen, wanted: Wanted, coverage_known: bool) -> list[dict[str, Any]]:
    found = []
    for state in State:
        count = sum(tally.states.get(state, 0) for tally in chosen.total.values())
        if count:
            found.append({
                "state": state.value, "glyph": GLYPHS[state], "words": state.words, "meaning": MEANING[state],
                "cells": count, "href": _href(wanted, state='' if wanted.state == state.value else state.value),
                "chosen": wanted.state == state.value,
            })  # fmt: skip
    covered = sum(tally.covered for tally in chosen.total.values())
    if covered:
        found.append({
            "state": WORKED, "glyph": GLYPHS[State.IN_PIPELINE],
            "words": _WORKED if coverage_known else f"at least {_WORKED}",
            "meaning": "An open deal names it, a dated decision is ahead, or somebody took up an ask for it.",
            "cells": covered, "href": _href(wanted, state="" if wanted.state == WORKED else WORKED),
            "chosen": wanted.state == WORKED,
        })  # fmt: skip
    return found
