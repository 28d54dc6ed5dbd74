"""The application that a WSGI server calls; the environment variable UPCROSS_PROJECT names the project's folder."""

from __future__ import annotations

import atexit
import gc
import os

from django.core.handlers.wsgi import WSGIHandler
from django.urls import get_resolver

from upcross.project import open_project
from upcross.web.settings import use

PROJECT = "UPCROSS_PROJECT"


def application() -> WSGIHandler:
    """Make it: ``gunicorn 'upcross.web.wsgi:application()'``. The ledger must be up to date already."""
    use(open_project(os.environ.get(PROJECT, ".")), migrated=False)
    assert get_resolver().url_patterns  # every route is read now: a fault shows at the start, and nobody waits for it
    settle()
    return WSGIHandler()


def settle() -> None:
    """Leave what is loaded by now out of every later search for garbage, and search less often.

    What is kept while a process lives (code, results that pages read) is large and never garbage: looking through it
    would cost a page of fifty rows a fifth of its time.
    """
    gc.collect()
    gc.freeze()
    atexit.register(gc.unfreeze)  # so that what was frozen ends before the interpreter does
    gc.set_threshold(50_000, 20, 100)
