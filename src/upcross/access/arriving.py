"""Who a request comes from: a person who signed in, or a program with a token; never both."""

from __future__ import annotations

from django.http import HttpRequest

from upcross.access.models import User
from upcross.access.tokens import token_of
from upcross.access.viewer import Viewer, viewer_of, viewer_of_token

_KEPT = "_upcross_viewer"
_BEARER = "bearer "


def viewer_of_request(request: HttpRequest) -> Viewer | None:
    """Who is looking; None for nobody that is known. Looked up once a request.

    A request that brings a token is that token's alone: a wrong one is not made good by a session beside it.
    """
    if not hasattr(request, _KEPT):
        setattr(request, _KEPT, _find(request))
    found: Viewer | None = getattr(request, _KEPT)
    return found


def has_token(request: HttpRequest) -> bool:
    """Whether a request claims to come from a program; such a request is sent by no page of another site.

    Only a bearer's header says so: a browser sends the password of a proxy before us (``Basic``) by itself.
    """
    return request.headers.get("Authorization", "").lower().startswith(_BEARER)


def _find(request: HttpRequest) -> Viewer | None:
    if has_token(request):
        token = token_of(request.headers["Authorization"][len(_BEARER) :].strip())
        return viewer_of_token(token) if token else None
    user = getattr(request, "user", None)
    return viewer_of(user) if isinstance(user, User) else None
