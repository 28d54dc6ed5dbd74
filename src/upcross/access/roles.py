"""The one table of who may do what: a capability is given to the roles listed beside it, and to nobody else."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What somebody is to the company; it decides what they may do and which accounts they see."""

    CSM = "csm"
    ACCOUNT_MANAGER = "account_manager"
    AE = "ae"
    SPECIALIST = "specialist"
    MANAGER = "manager"
    REVOPS = "revops"
    LEADER = "leader"
    ADMIN = "admin"
    VIEWER = "viewer"
    SERVICE = "service"


class Capability(StrEnum):
    """One kind of thing that can be done; every route and command asks for one of them."""

    READ = "read"
    WORK = "work"
    LOG = "log"
    REASSIGN = "reassign"
    OVERRIDE = "override"
    SEE_CONTACTS = "see_contacts"
    SEE_NUMBERS = "see_numbers"
    SEE_CREDIT = "see_credit"
    SEE_AUDIT = "see_audit"
    APPLY = "apply"
    CHANGE_PLAYS = "change_plays"
    MANAGE_DELIVERIES = "manage_deliveries"
    MANAGE_PEOPLE = "manage_people"
    MANAGE_TOKENS = "manage_tokens"
    ERASE = "erase"


class TokenScope(StrEnum):
    """What a service token is made for; each brings its capabilities."""

    READ = "read"
    CONTACTS = "contacts"
    WRITE = "write"
    LOG = "log"
    ADMIN = "admin"


_SELLERS = frozenset({Role.CSM, Role.ACCOUNT_MANAGER, Role.AE, Role.SPECIALIST})
_OFFICE = frozenset({Role.REVOPS, Role.ADMIN})
_PEOPLE = frozenset(Role) - {Role.SERVICE}

MEANING: dict[Capability, str] = {
    Capability.READ: "see accounts and opportunities in one's scope",
    Capability.WORK: "qualify, hand off, accept, win, lose, dismiss, snooze, comment; open one by hand",
    Capability.LOG: "log what a customer said",
    Capability.REASSIGN: "give the work of other people to somebody else",
    Capability.OVERRIDE: "ask although a gate holds, with a reason",
    Capability.SEE_CONTACTS: "see who at the customer said what: names, e-mail addresses, quotes",
    Capability.SEE_NUMBERS: "see the numbers of the whole base",
    Capability.SEE_CREDIT: "see what each of our people is credited with; one's own is seen by everybody",
    Capability.SEE_AUDIT: "read and verify the record of everything that happened",
    Capability.APPLY: "make a plan the ledger's",
    Capability.CHANGE_PLAYS: "change the thresholds of plays, having seen what moves",
    Capability.MANAGE_DELIVERIES: "say where messages go, and send again what failed",
    Capability.MANAGE_PEOPLE: "invite, change roles, disable",
    Capability.MANAGE_TOKENS: "make and revoke tokens",
    Capability.ERASE: "erase what was typed about a person",
}
"""Each capability in words."""

ROLES_WITH: dict[Capability, frozenset[Role]] = {
    Capability.READ: _PEOPLE,
    Capability.WORK: _PEOPLE - {Role.VIEWER},
    Capability.LOG: _PEOPLE - {Role.VIEWER},
    Capability.REASSIGN: frozenset({Role.MANAGER, Role.LEADER}) | _OFFICE,
    Capability.OVERRIDE: frozenset({Role.MANAGER, Role.REVOPS, Role.LEADER}),
    Capability.SEE_CONTACTS: _PEOPLE - {Role.VIEWER},
    Capability.SEE_NUMBERS: frozenset({Role.LEADER, Role.VIEWER}) | _OFFICE,
    Capability.SEE_CREDIT: frozenset({Role.LEADER}) | _OFFICE,
    Capability.SEE_AUDIT: _OFFICE,
    Capability.APPLY: _OFFICE,
    Capability.CHANGE_PLAYS: _OFFICE,
    Capability.MANAGE_DELIVERIES: _OFFICE,
    Capability.MANAGE_PEOPLE: frozenset({Role.ADMIN}),
    Capability.MANAGE_TOKENS: frozenset({Role.ADMIN}),
    Capability.ERASE: frozenset({Role.ADMIN}),
}
"""The table. Numbers of the whole base are for those who see every account: a sum tells about each of its parts."""

SEES_ALL = frozenset({Role.LEADER, Role.VIEWER}) | _OFFICE
"""Roles that see every account; the others see those that they, or the people below them, have to do with."""

HAS_A_TEAM = frozenset({Role.MANAGER})
"""Roles that also see and look after what the people below them have to do with."""

_BY_SCOPE: dict[TokenScope, frozenset[Capability]] = {
    TokenScope.READ: frozenset({Capability.READ, Capability.SEE_NUMBERS, Capability.SEE_CREDIT}),
    TokenScope.CONTACTS: frozenset({Capability.READ, Capability.SEE_CONTACTS}),
    TokenScope.WRITE: frozenset({Capability.READ, Capability.WORK, Capability.REASSIGN}),
    TokenScope.LOG: frozenset({Capability.LOG}),
    TokenScope.ADMIN: frozenset(
        {Capability.READ, Capability.SEE_AUDIT, Capability.APPLY, Capability.MANAGE_DELIVERIES}
    ),
}

assert ROLES_WITH.keys() == MEANING.keys() == set(Capability)


def capabilities(role: Role) -> frozenset[Capability]:
    """All that a person's role may do."""
    return frozenset(capability for capability, roles in ROLES_WITH.items() if role in roles)


def token_capabilities(scopes: frozenset[TokenScope], role: Role | None) -> frozenset[Capability]:
    """All that a token may do: what its scopes bring, and where it acts in a role, no more than that role may.

    No token asks against a gate, changes plays, manages people or tokens, or erases: a person answers for those.
    """
    brought = frozenset().union(*(_BY_SCOPE[scope] for scope in scopes))
    return brought & capabilities(role) if role else brought
