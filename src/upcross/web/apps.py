"""The pages as an application of Django."""

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in


class WebConfig(AppConfig):
    """Pages and sign-in; no tables of its own."""

    name = "upcross.web"
    label = "web"

    def ready(self) -> None:
        """A session's time begins when its user signs in."""
        from upcross.web.sessions import begin

        user_logged_in.connect(begin, dispatch_uid="upcross.web.sessions.begin")
