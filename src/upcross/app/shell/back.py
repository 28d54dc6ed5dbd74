"""Where one goes when a form was taken: back to where it was sent from, never to another site."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme


def back_to(request: HttpRequest, otherwise: str = "/") -> str:
    """The address of ours that a form names as ``next``, or another one."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    is_ours = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if is_ours else otherwise


def gone(request: HttpRequest, back: str) -> HttpResponse:
    """Go there; a script is told where to, so that it does not put one page into another."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": back})
    return HttpResponseRedirect(back)
