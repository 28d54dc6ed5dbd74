"""The pages as an application of Django."""

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in, user_login_failed


class WebConfig(AppConfig):
    """Pages and sign-in; no tables of its own."""

    name = "upcross.web"
    label = "web"

    def ready(self) -> None:
        """A session's time begins when its user signs in; failed attempts are noted, without whose they were."""
        from upcross.web.sessions import begin, note_failure

        user_login_failed.connect(note_failure, dispatch_uid="upcross.web.sessions.note_failure")
        user_logged_in.connect(begin, dispatch_uid="upcross.web.sessions.begin")
