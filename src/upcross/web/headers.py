"""What every answer carries, and what is refused because another site sent it."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from upcross.access.arriving import has_token

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

Next = Callable[[HttpRequest], HttpResponse]


class HeadersMiddleware:
    """The headers for which Django has no setting; nothing but static files is kept by browsers or on the way."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Add them to whatever the answer is."""
        response = self.get_response(request)
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        if not (request.path.startswith(settings.STATIC_URL) and response.status_code in (200, 304)):
            response.headers["Cache-Control"] = "no-store"
        return response


class OtherSitesMiddleware:
    """Refuses what a browser sends on behalf of another site, wherever it would change something.

    Beside the token of every form and the check of its origin; browsers say it themselves in ``Sec-Fetch-Site``.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Let pass what is safe, what comes from our own pages, and what no browser sent."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> None:
        """Refuse before the view is called."""
        site = request.headers.get("Sec-Fetch-Site", "none")
        if request.method not in SAFE and site not in ("same-origin", "none") and not has_token(request):
            raise PermissionDenied("a page of another site sent this")
