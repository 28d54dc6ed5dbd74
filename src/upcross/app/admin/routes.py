"""The routes of Admin."""

from __future__ import annotations

from upcross.access.roles import Capability
from upcross.app.admin import connections, people, programs, record, teams, views, work
from upcross.app.shell.route import Route, only_forms

_PEOPLE, _TOKENS = Capability.MANAGE_PEOPLE, Capability.MANAGE_TOKENS
_DELIVERIES = Capability.MANAGE_DELIVERIES

ROUTES: tuple[Route, ...] = (
    Route("admin/", views.admin, "admin", Capability.SEE_AUDIT),
    Route("admin/people/", people.list_people, "admin.people", _PEOPLE, takes_forms=True),
    only_forms("admin/people/<uuid:user_id>/role/", people.change_role, "admin.role", _PEOPLE),
    only_forms("admin/people/<uuid:user_id>/disable/", people.disable, "admin.disable", _PEOPLE),
    only_forms("admin/people/<uuid:user_id>/enable/", people.enable, "admin.enable", _PEOPLE),
    only_forms("admin/people/<uuid:user_id>/reset/", people.reset, "admin.reset", _PEOPLE),
    Route("admin/roles/", people.roles, "admin.roles", Capability.SEE_AUDIT),
    Route("admin/tokens/", programs.list_tokens, "admin.tokens", _TOKENS, takes_forms=True),
    only_forms("admin/tokens/<str:key>/revoke/", programs.revoke_token, "admin.revoke", _TOKENS),
    Route("admin/connections/", connections.connections, "admin.connections", _DELIVERIES),
    Route("admin/deliveries/", programs.list_deliveries, "admin.deliveries", _DELIVERIES),
    only_forms("admin/deliveries/retry/", programs.retry_delivery, "admin.retry", _DELIVERIES),
    Route("admin/teams/", teams.teams, "admin.teams", Capability.SEE_AUDIT),
    Route("admin/whose-work/", work.work, "admin.work", Capability.REASSIGN, takes_forms=True),
    Route("admin/record/", record.record, "admin.record", Capability.SEE_AUDIT, takes_forms=True),
)
