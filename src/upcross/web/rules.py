"""Who may use each route: one table, and nothing is served that is not in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import resolve_url

from upcross.access.arriving import viewer_of_request
from upcross.access.roles import Capability
from upcross.app.routes import ROUTES


class Open(StrEnum):
    """Routes that ask for no capability: for anybody, for whoever has signed in, or with a check of their own."""

    TO_ANYBODY = "anybody"
    TO_USERS = "signed in"
    BY_ITS_OWN_CHECK = "its own check"


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may use a route, and with which methods."""

    needs: Open | Capability
    methods: frozenset[str] = frozenset({"GET", "HEAD"})


_FORM = frozenset({"GET", "HEAD", "POST"})

CLOSED = frozenset({
    "account_signup", "account_email", "account_email_verification_sent", "account_set_password",
    "socialaccount_connections", "socialaccount_signup",
})  # fmt: skip
"""Routes that allauth names and that are closed here: they answer that there is nothing."""

RULES: dict[str, Rule] = {
    **{route.name: Rule(route.needs or Open.TO_USERS, route.methods) for route in ROUTES},
    "invitation": Rule(Open.TO_ANYBODY, _FORM),
    "sign_out_everywhere": Rule(Open.TO_USERS, frozenset({"POST"})),
    "account_login": Rule(Open.TO_ANYBODY, _FORM),
    "account_logout": Rule(Open.TO_ANYBODY, _FORM),
    "account_inactive": Rule(Open.TO_ANYBODY),
    "account_reauthenticate": Rule(Open.TO_USERS, _FORM),
    "account_change_password": Rule(Open.TO_USERS, _FORM),
    "account_reset_password": Rule(Open.TO_ANYBODY, _FORM),
    "account_reset_password_done": Rule(Open.TO_ANYBODY),
    "account_reset_password_from_key": Rule(Open.TO_ANYBODY, _FORM),
    "account_reset_password_from_key_done": Rule(Open.TO_ANYBODY),
    "mfa_authenticate": Rule(Open.TO_ANYBODY, _FORM),
    "mfa_reauthenticate": Rule(Open.TO_USERS, _FORM),
    "mfa_index": Rule(Open.TO_USERS),
    "mfa_activate_totp": Rule(Open.TO_USERS, _FORM),
    "mfa_deactivate_totp": Rule(Open.TO_USERS, _FORM),
    "mfa_view_recovery_codes": Rule(Open.TO_USERS),
    "mfa_generate_recovery_codes": Rule(Open.TO_USERS, _FORM),
    "mfa_download_recovery_codes": Rule(Open.TO_USERS),
    "openid_connect_login": Rule(Open.TO_ANYBODY, _FORM),
    "openid_connect_callback": Rule(Open.TO_ANYBODY),
    "socialaccount_login_cancelled": Rule(Open.TO_ANYBODY),
    "socialaccount_login_error": Rule(Open.TO_ANYBODY),
    **dict.fromkeys(CLOSED, Rule(Open.TO_ANYBODY, _FORM)),
}
"""The table, by the names of the routes."""

OWN_RULES = frozenset({"api", "inbound"})
"""Namespaces whose routes hold every request to a rule of their own: by what a role may do, or by a signature."""


def rule_of(name: str) -> Rule | None:
    """The rule of a route by its name; None where nobody may use it."""
    space, _, local = name.partition(":")
    return Rule(Open.BY_ITS_OWN_CHECK) if local and space in OWN_RULES else RULES.get(name)


class RulesMiddleware:
    """Holds every request to the table; a route that is not in it is refused to everybody."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Nothing to do before the route is known."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> HttpResponse | None:
        """Refuse before the view is called."""
        rule = rule_of(request.resolver_match.view_name)
        if rule is None:
            raise PermissionDenied("this route has no rule")
        if rule.needs is Open.BY_ITS_OWN_CHECK:
            return None
        if request.method not in rule.methods:
            return HttpResponseNotAllowed(sorted(rule.methods))
        if rule.needs is Open.TO_ANYBODY:
            return None
        if not request.user.is_authenticated:
            if request.method in ("GET", "HEAD"):
                return redirect_to_login(request.get_full_path(), resolve_url("account_login"))
            raise PermissionDenied("you are not signed in")
        viewer = viewer_of_request(request)
        if isinstance(rule.needs, Capability) and (viewer is None or not viewer.may(rule.needs)):
            raise PermissionDenied("your role does not allow this")
        return None
