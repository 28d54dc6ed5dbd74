"""The routes of `/api/v1`; include them there: `path("api/v1/", include("upcross.api.urls"))`."""

from __future__ import annotations

from django.urls import URLPattern, path, re_path

from upcross.api.document import docs, openapi
from upcross.api.guard import known, nothing, shaped
from upcross.api.interface import api

app_name = "api"


def _patterns() -> list[URLPattern]:
    found, *_ = api.urls
    served = [one for one in found if one.name != "api-root"]
    served.sort(key=lambda one: "<" in str(one.pattern))  # opportunities/steps is no opportunity with the id "steps"
    for one in served:
        one.callback = shaped(one.callback)
    return served


urlpatterns = [
    path("openapi.json", shaped(known(openapi)), name="openapi"),
    path("docs", shaped(known(docs)), name="docs"),
    *_patterns(),
    re_path("", shaped(nothing), name="nothing"),
]
