"""The routes by which Slack and other systems come in, for the project that is served; each checks who sends."""

from __future__ import annotations

from upcross.api.project import house, served, today
from upcross.deliveries.inbound import Inbound, inbound_urls

app_name = "inbound"
urlpatterns = inbound_urls(lambda: Inbound(served().deliveries, house, today))
