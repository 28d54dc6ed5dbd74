"""Admin: the first of its pages that somebody may use."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from upcross.app.admin.tabs import tabs
from upcross.app.shell.frame import viewer_for


def admin(request: HttpRequest) -> HttpResponse:
    """People for administrators, roles for revenue operations."""
    query = request.GET.urlencode()
    first = tabs(viewer_for(request), "")[0]["href"]
    return HttpResponseRedirect(f"{first}?{query}" if query else first)
