"""One result in every format that a page has: HTML, the same facts as JSON, and its tables as CSV or XLSX.

What a template gets is what the JSON twin tells: nothing is computed in between. ``?format=json`` asks for the twin,
``?format=csv&sheet=NAME`` and ``?format=xlsx`` for the tables behind the view, with its filters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.text import slugify

from upcross.api.refusal import invalid
from upcross.app.shell.frame import frame_of
from upcross.app.shell.workbook import workbook
from upcross.sheets import Sheet

Sheets = Mapping[str, Callable[[], Sheet]]
"""The tables behind a page by name; each is made when it is asked for."""

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def answer(
    request: HttpRequest,
    template: str,
    told: dict[str, Any],
    *,
    title: str,
    sheets: Sheets | None = None,
    about: str = "",
    status: int = 200,
) -> HttpResponse:
    """A page of facts: ``told`` is plain values, as JSON takes them, and all that the template is given as ``page``.

    A file of its tables is called after what they are ``about`` (an account), the table and the day of the data.
    """
    tables = sheets or {}
    match request.GET.get("format", ""):
        case "json":
            return JsonResponse(told, status=status, json_dumps_params={"ensure_ascii": False})
        case "csv":
            name = request.GET.get("sheet") or next(iter(tables), "")
            if name not in tables:
                raise invalid("sheet", f"'{name}' is no table of this page; it has {', '.join(tables) or 'none'}")
            body = tables[name]().csv().encode("utf-8-sig")
            return _file(body, "text/csv; charset=utf-8", f"{_name(request, about, name)}.csv")
        case "xlsx" if tables:
            made = {name: make() for name, make in tables.items()}
            body = workbook(made, title=title, source=frame_of(request), address=_address(request))
            return _file(body, XLSX, f"{_name(request, about, next(iter(tables)))}.xlsx")
        case "":
            return render(request, template, whole(request, told, title=title, sheets=tables), status=status)
        case other:
            raise invalid("format", f"'{other}' is none of json{', csv, xlsx' if tables else ''}")


def part(request: HttpRequest, template: str, told: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """A part of a page, for a script that puts it in the place of the old one; the same facts, no frame around them."""
    return render(request, template, {"page": told, "frame": frame_of(request)}, status=status)


def whole(request: HttpRequest, told: dict[str, Any], *, title: str, sheets: Sheets | None = None) -> dict[str, Any]:
    """What a template of a whole page is given."""
    return {"page": told, "frame": frame_of(request), "title": title, "downloads": list(sheets or {})}


def _name(request: HttpRequest, about: str, table: str) -> str:
    told = (about, table.replace("_", "-"), frame_of(request).get("as_of"))
    return "-".join(part for part in (slugify(one or "") for one in told) if part)


def _file(body: bytes, kind: str, name: str) -> HttpResponse:
    return HttpResponse(body, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _address(request: HttpRequest) -> str:
    """The page's address with its filters, without the format."""
    query = request.GET.copy()
    for name in ("format", "sheet"):
        query.pop(name, None)
    found = query.urlencode()
    return request.build_absolute_uri(request.path) + (f"?{found}" if found else "")
