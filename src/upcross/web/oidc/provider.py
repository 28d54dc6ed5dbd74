"""A provider of identities as allauth knows them, with what it leaves out: a nonce, and signatures always checked."""

from __future__ import annotations

import secrets
from typing import Any

from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import HttpRequest, HttpResponse

NONCE = "nonce"
_SIGNED_BY_KEY_PAIR = ("RS", "PS", "ES", "Ed")


class Exchange(OpenIDConnectOAuth2Adapter):
    """What is said to the provider, and how its answer is read."""

    @property
    def openid_config(self) -> Any:
        """What the provider says about itself; it must be the one that was configured."""
        found = super().openid_config
        configured = self.get_provider().app.settings["server_url"]
        if str(found.get("issuer", "")).rstrip("/") != configured.rstrip("/"):
            raise OAuth2Error("the provider names another issuer than the one that is configured")
        return found

    @property
    def basic_auth(self) -> bool:
        """How our own secret is shown: in the header, as the standard has it, unless the provider says no."""
        return "client_secret_basic" in self.openid_config.get(
            "token_endpoint_auth_methods_supported", ["client_secret_basic"]
        )

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> Any:
        """Who signed in; an answer without an identity token is none."""
        if not kwargs["response"].get("id_token"):
            raise OAuth2Error("the provider sent no identity token")
        return super().complete_login(request, app, token, **kwargs)

    def _decode_id_token(self, app: Any, id_token: str) -> Any:
        """The token's claims, once its signature, issuer, audience and age have been checked."""
        algorithm = str(jwtkit.jwt.get_unverified_header(id_token).get("alg"))
        if not algorithm.startswith(_SIGNED_BY_KEY_PAIR):
            raise OAuth2Error("the identity token is not signed with the provider's key pair")
        return jwtkit.verify_and_decode(
            credential=id_token, keys_url=self.openid_config["jwks_uri"], issuer=self.openid_config["issuer"],
            audience=app.client_id, lookup_kid=jwtkit.lookup_kid_jwk,
        )  # fmt: skip


class Provider(OpenIDConnectProvider):
    """One configured provider."""

    oauth2_adapter_class = Exchange
    pkce_enabled_default = True

    def redirect(
        self, request: HttpRequest, process: str, next_url: Any = None, data: Any = None, **kwargs: Any
    ) -> HttpResponse:
        """Send the browser to the provider with a nonce that the identity token must bring back.

        Nothing of the request's query goes along: neither scopes nor parameters.
        """
        nonce = secrets.token_urlsafe(32)
        kwargs |= {"auth_params": {NONCE: nonce}, "scope": self.get_scope(), NONCE: nonce}
        return super().redirect(request, process, next_url=next_url, data=data, **kwargs)


provider_classes = [Provider]
