"""Django's settings for serving: the ledger's, and what it takes to sign in and to show pages."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django
import django_htmx
from csp.constants import NONE, SELF
from django.apps import apps
from django.conf import settings
from django.utils.text import slugify

from upcross.access.secret import secret_key
from upcross.deliveries.settings import EmailDestination
from upcross.errors import UsageError
from upcross.kept_ledger import ledger_of
from upcross.ledger.place import Place, bare_settings, connect
from upcross.project import Project
from upcross.serving import Provider, Serving

HERE = Path(__file__).parent
APP = HERE.parent / "app"
IDLE = timedelta(hours=12)
ABSOLUTE = timedelta(days=7)
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")

_ALIKE = {"user_attributes": ("email", "name")}
"""What of a user a password may not resemble."""

_APPS = (
    "upcross.ledger.apps.LedgerConfig",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "upcross.access.apps.AccessConfig",
    "upcross.web.apps.WebConfig",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "upcross.web.oidc",
    "csp",
    "django_htmx",
)
_MIDDLEWARE = (  # the first is the outermost: what it adds is on every answer, errors and files included
    "upcross.web.headers.HeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "upcross.web.sessions.SessionLimitsMiddleware",
    "upcross.web.headers.OtherSitesMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "upcross.web.rules.RulesMiddleware",
    "upcross.app.shell.refusing.RefusalsMiddleware",
)


def serving_settings(
    place: Place,
    *,
    key: str,
    serving: Serving | None = None,
    providers: Sequence[Provider] = (),
    mail: EmailDestination | None = None,
    folder: Path | None = None,
) -> dict[str, Any]:
    """All of Django's settings for a process that serves pages.

    ``folder`` is the project's. ``UsageError`` where the secret of a provider is
    missing.
    """
    serve = serving or Serving()
    public = urlsplit(serve.public_url or "")
    https = serve.is_https
    prefix = "__Host-upcross" if https else "upcross"
    hosts = [*serve.allowed_hosts, *([public.hostname] if public.hostname else []), *LOOPBACK]
    return {
        **bare_settings(place),
        "INSTALLED_APPS": list(_APPS),
        "MIDDLEWARE": list(_MIDDLEWARE),
        "ROOT_URLCONF": "upcross.web.urls",
        "DEBUG": False,
        "SECRET_KEY": key,
        "ALLOWED_HOSTS": hosts,
        "TEMPLATES": _templates(),
        "STATIC_URL": "/static/",
        "STATICFILES_DIRS": [*sorted(APP.glob("**/static")), ("django_htmx", _htmx())],
        "STATICFILES_FINDERS": ["django.contrib.staticfiles.finders.FileSystemFinder"],
        "WHITENOISE_USE_FINDERS": True,
        "WHITENOISE_AUTOREFRESH": False,
        "CACHES": {
            "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "access_attempt"},
        },
        "LOGGING": _logging(),
        **_sign_in(https),
        **_cookies(prefix, https),
        **_headers(https, serve, public.geturl(), providers),
        **_providers(providers),
        **_mail(mail, folder or Path()),
        "ALLAUTH_TRUSTED_PROXY_COUNT": serve.proxies,
    }


def _htmx() -> Path:
    """Where the installed package keeps the script."""
    return Path(django_htmx.__file__).parent / "static" / "django_htmx"


def use(project: Project, *, migrated: bool = True) -> Place:
    """Configure this process for serving a project, once, and connect it to the project's ledger."""
    place = ledger_of(project)
    if not settings.configured:
        written = project.settings
        mail = [way for way in project.deliveries.destinations if isinstance(way, EmailDestination)]
        settings.configure(
            **serving_settings(
                place,
                key=secret_key(project.folder / ".upcross"),
                serving=written.serve,
                providers=written.sign_in.oidc,
                mail=mail[0] if mail else None,
                folder=project.folder,
            ),
            UPCROSS_PROJECT=str(project.folder.resolve()),
        )
    if not apps.ready:
        django.setup()
    connect(place, migrated=migrated)
    return place


def _templates() -> list[dict[str, Any]]:
    processors = [
        "django.template.context_processors.request",
        "django.contrib.auth.context_processors.auth",
        "django.contrib.messages.context_processors.messages",
    ]
    return [
        {
            "BACKEND": "django.template.backends.jinja2.Jinja2",
            "DIRS": sorted(APP.glob("**/pages")),
            "APP_DIRS": False,
            "OPTIONS": {"environment": "upcross.app.shell.words.environment"},
        },
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "DIRS": [HERE / "templates"],
            "APP_DIRS": True,
            "OPTIONS": {"context_processors": processors},
        },
    ]


def _sign_in(https: bool) -> dict[str, Any]:
    validation = "django.contrib.auth.password_validation"
    return {
        "AUTH_USER_MODEL": "access.User",
        "AUTHENTICATION_BACKENDS": ["allauth.account.auth_backends.AuthenticationBackend"],
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.Argon2PasswordHasher"],
        "AUTH_PASSWORD_VALIDATORS": [
            {"NAME": f"{validation}.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
            {"NAME": f"{validation}.UserAttributeSimilarityValidator", "OPTIONS": _ALIKE},
            {"NAME": f"{validation}.CommonPasswordValidator"},
        ],
        "PASSWORD_RESET_TIMEOUT": int(timedelta(hours=2).total_seconds()),
        "LOGIN_URL": "account_login",
        "LOGIN_REDIRECT_URL": "/",
        "ACCOUNT_ADAPTER": "upcross.web.adapters.People",
        "ACCOUNT_LOGIN_METHODS": {"email"},
        "ACCOUNT_SIGNUP_FIELDS": ["email*", "password1*"],
        "ACCOUNT_USER_MODEL_USERNAME_FIELD": None,
        "ACCOUNT_USER_DISPLAY": str,
        "ACCOUNT_EMAIL_VERIFICATION": "none",  # whoever followed the link of an invitation has the address
        "ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS": False,
        "ACCOUNT_EMAIL_NOTIFICATIONS": False,
        "ACCOUNT_EMAIL_SUBJECT_PREFIX": "",
        "ACCOUNT_SESSION_REMEMBER": True,
        "ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE": True,
        "ACCOUNT_LOGOUT_REDIRECT_URL": "account_login",
        "ACCOUNT_DEFAULT_HTTP_PROTOCOL": "https" if https else "http",
        "ACCOUNT_RATE_LIMITS": {"login_failed": "10/5m/key,50/5m/ip", "reset_password": "20/m/ip,5/h/key"},
        "MFA_ADAPTER": "upcross.web.adapters.SecondFactor",
        "MFA_SUPPORTED_TYPES": ["totp", "recovery_codes"],
        "MFA_TOTP_ISSUER": "Upcross",
        "MFA_TOTP_TOLERANCE": 1,
        "SOCIALACCOUNT_ADAPTER": "upcross.web.adapters.Providers",
        "SOCIALACCOUNT_EMAIL_AUTHENTICATION": True,  # only of addresses that the provider says it has verified
        "SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT": True,
        "SOCIALACCOUNT_EMAIL_VERIFICATION": "none",
        "SOCIALACCOUNT_LOGIN_ON_GET": False,
        "SOCIALACCOUNT_STORE_TOKENS": False,
        "SOCIALACCOUNT_OPENID_CONNECT_URL_PREFIX": "oidc",
    }  # fmt: skip


def _cookies(prefix: str, https: bool) -> dict[str, Any]:
    return {
        "SESSION_ENGINE": "upcross.web.kept_sessions",
        "SESSION_COOKIE_NAME": f"{prefix}-session",
        "SESSION_COOKIE_AGE": int(ABSOLUTE.total_seconds()),
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SECURE": https,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "CSRF_COOKIE_NAME": f"{prefix}-csrf",
        "CSRF_COOKIE_HTTPONLY": True,
        "CSRF_COOKIE_SECURE": https,
        "CSRF_COOKIE_SAMESITE": "Lax",
        "CSRF_FAILURE_VIEW": "upcross.web.views.csrf_refused",
        "LANGUAGE_COOKIE_SAMESITE": "Lax",
        "MESSAGE_STORAGE": "django.contrib.messages.storage.session.SessionStorage",
    }


def _headers(https: bool, serve: Serving, public_url: str, providers: Sequence[Provider]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "SECURE_CONTENT_TYPE_NOSNIFF": True,
        "SECURE_REFERRER_POLICY": "same-origin",
        "SECURE_CROSS_ORIGIN_OPENER_POLICY": "same-origin",
        "SECURE_HSTS_SECONDS": int(timedelta(days=365).total_seconds()) if https else 0,
        "X_FRAME_OPTIONS": "DENY",
        "CONTENT_SECURITY_POLICY": {
            "DIRECTIVES": {
                "default-src": [NONE],
                "script-src": [SELF],
                "style-src": [SELF],
                "img-src": [SELF, "data:"],
                "font-src": [SELF],
                "connect-src": [SELF],
                # a form that starts signing in elsewhere is answered by a redirect to there
                "form-action": [SELF, *sorted({_origin(provider.issuer) for provider in providers})],
                "base-uri": [NONE],
                "frame-ancestors": [NONE],
            }
        },
    }
    if public_url:
        found["CSRF_TRUSTED_ORIGINS"] = [_origin(public_url)]
    if serve.proxies:
        found["SECURE_PROXY_SSL_HEADER"] = ("HTTP_X_FORWARDED_PROTO", "https")
    return found


def _providers(providers: Sequence[Provider]) -> dict[str, Any]:
    offered = [
        {
            "provider_id": slugify(provider.name),
            "name": provider.name,
            "client_id": provider.client_id,
            "secret": _secret_of(provider),
            "settings": {
                "server_url": provider.issuer,
                "oauth_pkce_enabled": True,
                "domains": [domain.lower() for domain in provider.domains],
                "role": provider.role or "",
            },
        }
        for provider in providers
    ]
    return {"SOCIALACCOUNT_PROVIDERS": {"openid_connect": {"APPS": offered}}}


def _secret_of(provider: Provider) -> str:
    value = os.environ.get(provider.client_secret_env, "")
    if not value:
        raise UsageError(
            f"the secret of the sign-in provider '{provider.name}' is expected in the environment variable"
            f" {provider.client_secret_env}, which is not set"
        )
    return value


def _mail(mail: EmailDestination | None, folder: Path) -> dict[str, Any]:
    """Django's settings of the company's mail server, which the project file names for deliveries."""
    backends = "django.core.mail.backends"
    if mail is None:
        return {"EMAIL_BACKEND": f"{backends}.dummy.EmailBackend"}
    if not mail.host:
        kind = "filebased" if mail.folder else "console"
        return {"EMAIL_BACKEND": f"{backends}.{kind}.EmailBackend", "EMAIL_FILE_PATH": str(folder / mail.folder),
                "DEFAULT_FROM_EMAIL": mail.sender}  # fmt: skip
    return {
        "EMAIL_BACKEND": f"{backends}.smtp.EmailBackend",
        "DEFAULT_FROM_EMAIL": mail.sender,
        "EMAIL_HOST": mail.host,
        "EMAIL_PORT": mail.port,
        "EMAIL_HOST_USER": mail.user,
        "EMAIL_HOST_PASSWORD": os.environ.get(mail.password_env, "") if mail.password_env else "",
        "EMAIL_USE_TLS": mail.security == "starttls",
        "EMAIL_USE_SSL": mail.security == "tls",
        "EMAIL_TIMEOUT": 10,
    }


def _logging() -> dict[str, Any]:
    """Faults to the error stream, and nothing of a request's body, headers or cookies."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": "upcross.web.logs.Line"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "loggers": {
            "django": {"handlers": ["stderr"], "level": "ERROR", "propagate": False},
            "upcross": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        },
    }


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
