"""The few pages of the shell: the start page, accepting an invitation, and what is said when something is refused."""

from __future__ import annotations

import logging
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from upcross.access import people
from upcross.access.arriving import viewer_of_request
from upcross.access.models import User
from upcross.api.refusal import Refusal, id_of
from upcross.app.shell.frame import frame_of
from upcross.ledger.refusals import LedgerError, NotFoundError

log = logging.getLogger("upcross.web")

_NOBODY = {"viewer": None}
"""The frame of pages that show nothing of a company: they are drawn whoever looks, and whatever has failed."""

_WITHIN = (403, 404)
"""What is refused to somebody who may go on elsewhere; whatever has failed is told without a frame."""

_SAID = {
    400: ("This cannot be read", "The request is not one that a page here sends."),
    403: ("Not allowed", "Your role does not allow this, or the page was open for too long: load it again."),
    404: ("Nothing here", "There is no such page, or it is not for you to see."),
    500: ("Something went wrong here", "Nothing was changed. The fault was noted where the server runs."),
}


class Invited(forms.Form):
    """What somebody who is invited says of themselves."""

    name = forms.CharField(max_length=200, required=False, widget=forms.TextInput({"autocomplete": "name"}))
    password = forms.CharField(
        max_length=512, strip=False, widget=forms.PasswordInput({"autocomplete": "new-password"})
    )
    again = forms.CharField(
        max_length=512, strip=False, label="The same password again",
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )  # fmt: skip

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean(self) -> dict[str, Any]:
        """Two equal passwords that hold; every fault of them is told."""
        given = super().clean() or {}
        password = given.get("password")
        if password and given.get("again") and password != given["again"]:
            self.add_error("again", "This is not the same password.")
        if password:
            try:
                validate_password(password, User(email=self.email, name=given.get("name", "")))
            except ValidationError as error:
                self.add_error("password", error)
        return given


def invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """Make one's account; the link is good once."""
    try:
        invited = people.open_invitation(secret)
        form = Invited(request.POST or None, email=invited.email, initial={"name": invited.name})
        if request.method == "POST" and form.is_valid():
            people.accept(secret, password=form.cleaned_data["password"], name=form.cleaned_data["name"])
            logout(request)  # whoever was signed in here before is not who was invited
            messages.success(request, "Your account is ready: sign in.")
            return redirect("account_login")
    except NotFoundError as error:
        return refusal(request, 404, str(error))
    except LedgerError as error:
        return refusal(request, 400, str(error))
    return render(
        request, "invitation.html", {"frame": _NOBODY, "title": "Your account", "form": form, "email": invited.email}
    )


def sign_out_everywhere(request: HttpRequest) -> HttpResponse:
    """End all my sessions, this one included."""
    viewer = viewer_of_request(request)
    assert isinstance(request.user, User) and viewer is not None  # the rule of this route
    people.end_sessions(viewer.actor, request.user)
    logout(request)
    messages.success(request, "You are signed out everywhere.")
    return redirect("account_login")


def closed(request: HttpRequest) -> HttpResponse:
    """A page of allauth's that is not offered here."""
    raise Http404


def refusal(request: HttpRequest, status: int, why: str = "") -> HttpResponse:
    """One page for everything that is refused; what programs ask for is answered to programs."""
    title, said = _SAID[status]
    if request.path.startswith("/api/"):
        code = title.lower().replace(" ", "-")
        return Refusal(status, code, why or said).answer(id_of(request))
    frame = _frame_of(request) if status in _WITHIN else _NOBODY
    return render(request, "error.html", {"frame": frame, "title": title, "said": why or said}, status=status)


def _frame_of(request: HttpRequest) -> dict[str, Any]:
    """The frame of whoever is signed in, so that they can go on from here; nobody's where that cannot be told."""
    try:
        return frame_of(request)
    except Exception:
        log.exception("request %s: no frame around what is refused", id_of(request))
        return _NOBODY


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """What cannot be read."""
    return refusal(request, 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """What a role does not allow."""
    return refusal(request, 403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """What is not there."""
    return refusal(request, 404)


def failed(request: HttpRequest) -> HttpResponse:
    """What went wrong here, under the id by which the log has it."""
    log.error("request %s failed", id_of(request))
    return refusal(request, 500, f"{_SAID[500][1]} Name {id_of(request)} if you ask somebody about it.")


def csrf_refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without its token."""
    return refusal(request, 403)
