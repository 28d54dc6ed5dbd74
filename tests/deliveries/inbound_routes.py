"""The routes of what comes from outside, as a server mounts them; a test says for which project."""

from __future__ import annotations

from django.urls import include, path

from upcross.deliveries.inbound import Inbound, inbound_urls

CURRENT: list[Inbound] = []

urlpatterns = [path("inbound/", include((inbound_urls(lambda: CURRENT[-1]), "inbound")))]
