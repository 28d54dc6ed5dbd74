"""What the project file says about serving: where people reach the server, and how they sign in beside a password."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from upcross.deliveries.settings import TimeOfDay


def _issuer(value: str) -> str:
    if not re.fullmatch(r"https://[^\s/?#]+(/[^\s?#]*)?|http://(localhost|127\.0\.0\.1)(:\d+)?(/[^\s?#]*)?", value):
        raise ValueError("must be the provider's address beginning with https://, as its own documents give it")
    return value.rstrip("/")


def _public_url(value: str) -> str:
    if not re.fullmatch(r"https?://[a-z0-9.\-\[\]:]+/?", value):
        raise ValueError("must be the address that people type, such as https://upcross.company.example")
    return value.rstrip("/")


def _domain(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9\-]+(\.[A-Za-z0-9\-]+)+", value):
        raise ValueError("must be the part of an e-mail address after the @, such as company.example")
    return value.lower()


_UNITS = {"s": "seconds", "m": "minutes", "h": "hours"}


def pause(value: object) -> timedelta:
    """A pause written as 30s, 5m or 1h; ``ValueError`` where it is not."""
    found = re.fullmatch(r"([1-9]\d{0,4})\s?([smh])", str(value).strip())
    if not found:
        raise ValueError("must be a time such as 30s, 5m or 1h")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


class Provider(BaseModel):
    """A provider of identities (OpenID Connect) with which people sign in.

    Only addresses of ``domains`` may; where there are none, only those of people who have an account already. ``role``
    is that of newcomers; without one, everybody needs an invitation first.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]*$")
    issuer: Annotated[str, AfterValidator(_issuer)]
    client_id: str = Field(min_length=1)
    client_secret_env: str = Field(pattern="^[A-Z_][A-Z0-9_]*$")
    domains: tuple[Annotated[str, AfterValidator(_domain)], ...] = ()
    role: Literal["csm", "account_manager", "ae", "specialist", "manager", "revops", "leader", "viewer"] | None = None

    @model_validator(mode="after")
    def _newcomers_are_the_company_s(self) -> Provider:
        if self.role and not self.domains:
            raise ValueError("role needs domains: without them, whoever has an account with the provider could come in")
        return self


class SignIn(BaseModel):
    """How people sign in beside a password."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    oidc: tuple[Provider, ...] = ()


class Serving(BaseModel):
    """Where people reach the server, and how many proxies stand before it.

    An address with https has one, which holds the certificate, unless another number is said.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    public_url: Annotated[str, AfterValidator(_public_url)] | None = None
    allowed_hosts: tuple[str, ...] = ()
    trusted_proxies: int | None = Field(default=None, ge=0, le=8)
    schedule: tuple[TimeOfDay, ...] = ()
    """When the worker loads and applies, in the time zone of ``deliveries: digest:``."""
    watch: Annotated[timedelta, BeforeValidator(pause)] | None = None
    """How often the worker looks whether data landed, to load and apply at once; None: it does not look."""

    @property
    def is_https(self) -> bool:
        """Whether people come over https."""
        return (self.public_url or "").startswith("https://")

    @property
    def proxies(self) -> int:
        """How many proxies' word about who is visiting counts."""
        return int(self.is_https) if self.trusted_proxies is None else self.trusted_proxies
