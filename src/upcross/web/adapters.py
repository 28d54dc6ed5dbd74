"""What allauth asks us: whether anybody may sign up, who a provider's people are, how secrets are kept."""

from __future__ import annotations

import logging
from functools import cache
from hmac import compare_digest
from threading import Thread
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from cryptography.fernet import Fernet
from django.conf import settings
from django.http import HttpRequest

from upcross.access import people
from upcross.access.models import User
from upcross.access.roles import Role
from upcross.access.secret import sealing
from upcross.web.oidc.provider import NONCE

log = logging.getLogger(__name__)


class People(DefaultAccountAdapter):
    """Signing in with a password; nobody makes an account of their own."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts are made by invitation."""
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a message without making the page wait: how long it takes would tell whether the address is known."""
        message = self.render_mail(template_prefix, email, {**context, "email": email})
        Thread(target=_send, args=(message,), daemon=True).start()


def _send(message: Any) -> None:
    try:
        message.send()
    except Exception as error:  # whatever it is, nobody waits for it: it is for whoever runs the server
        log.error("a message about a password could not be sent: %s", type(error).__name__)


class SecondFactor(DefaultMFAAdapter):
    """Second factors, whose secrets are kept encrypted under a key that is not in the database."""

    def encrypt(self, text: str) -> str:
        """A secret as it is kept."""
        return _seal(settings.SECRET_KEY).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The secret again."""
        return _seal(settings.SECRET_KEY).decrypt(encrypted_text.encode()).decode()


@cache
def _seal(key: str) -> Fernet:
    return sealing(key, "second factors")


class Providers(DefaultSocialAccountAdapter):
    """Signing in with a configured provider of identities."""

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Refuse an answer that is not to our question, and people who are not the company's.

        Checked at every sign-in, not only at the first: the provider must say that it has verified the address.
        """
        rules = self._rules(request, sociallogin)
        claims = sociallogin.account.extra_data
        token = claims.get("id_token") or {}
        asked = str(sociallogin.state.get(NONCE) or "")
        if not asked or not compare_digest(asked, str(token.get(NONCE) or "")):
            self._refuse(request, "the provider's answer is not to the question that was asked here; sign in again")
        if claims.get("userinfo") and claims["userinfo"].get("sub") != token.get("sub"):
            self._refuse(request, "the provider's answers are about two different people")
        verified = [address.email.lower() for address in sociallogin.email_addresses if address.verified]
        if not verified:
            self._refuse(request, "the provider does not say that it has verified your e-mail address")
        domains = rules.get("domains") or []
        if domains and verified[0].rpartition("@")[2] not in domains:
            self._refuse(request, "addresses of your domain may not sign in here with this provider")
        if not sociallogin.is_existing and not rules.get("role"):
            self._refuse(request, "you have no account here yet; ask an administrator to invite you")
        if sociallogin.is_existing and not sociallogin.user.is_active:
            self._refuse(request, "your account is disabled; ask an administrator")

    def on_authentication_error(self, request: HttpRequest, provider: Any, **told: Any) -> None:
        """Note for whoever runs the server what the person at the browser is not told."""
        log.warning("signing in with '%s' failed: %s", provider.name, told.get("exception") or told.get("error"))

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Whoever a provider may bring with a role of its own has an account from their first visit on."""
        return bool(self._rules(request, sociallogin).get("role"))

    def new_user(self, request: HttpRequest, sociallogin: Any) -> User:
        """A user to be; kept by ``save_user``."""
        return User()

    def populate_user(self, request: HttpRequest, sociallogin: Any, data: dict[str, Any]) -> User:
        """What the provider says of them."""
        user: User = sociallogin.user
        user.email, user.name = str(data.get("email") or "").lower(), str(data.get("name") or "")
        return user

    def save_user(self, request: HttpRequest, sociallogin: Any, form: Any = None) -> User:
        """The account of somebody who comes for the first time, with the provider's role."""
        rules, app = self._rules(request, sociallogin), sociallogin.provider.app
        user: User = sociallogin.user
        sociallogin.user = people.admit(user.email, name=user.name, role=Role(rules["role"]), provider=app.provider_id)
        sociallogin.save(request)
        return sociallogin.user

    def _rules(self, request: HttpRequest, sociallogin: Any) -> dict[str, Any]:
        found: dict[str, Any] = sociallogin.provider.app.settings
        return found

    def _refuse(self, request: HttpRequest, why: str) -> None:
        from upcross.web.views import refusal

        raise ImmediateHttpResponse(refusal(request, 403, why))
