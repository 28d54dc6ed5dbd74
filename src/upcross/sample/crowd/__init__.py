"""The accounts that nobody wrote a story for: some 350 customers, each drawn by chance from its own id."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from upcross.sample.company import AS_OF, FIRST_DAY
from upcross.sample.crowd.contracts import contracts
from upcross.sample.crowd.conversations import Talk, conversations
from upcross.sample.crowd.leadup import lead_ups
from upcross.sample.crowd.people import people
from upcross.sample.crowd.pipeline import Pipeline
from upcross.sample.crowd.profiles import Profile, profiles
from upcross.sample.crowd.service import service
from upcross.sample.deals import told
from upcross.sample.lines import before
from upcross.sample.story import Row, Story, row

HEALTH = {"growing": (62, 94), "steady": (52, 90), "fading": (34, 66), "leaving": (18, 52)}
PAYS_AFTER = {"growing": (9, 27), "steady": (12, 30), "fading": (20, 52), "leaving": (24, 70)}

LEFT_BEHIND = ("A130", "A244")
"""Accounts that nobody took over when Jonas Kuhn left."""
TAKEN_OVER = {"julia.wagner": ("jonas.kuhn", "2026-07-01"), "oliver.grant": ("tom.becker", "2026-04-01")}
"""Whose accounts were somebody else's until a day: a colleague who left, and a territory that moved."""


def crowd() -> Iterator[Story]:
    """Every account of the crowd, in the order of their ids."""
    for profile in profiles():
        yield _account(profile)


def _account(profile: Profile) -> Story:
    chance = profile.chance("account")
    bought = contracts(profile)
    everybody = people(profile, bought.lines)
    ends = [line.ends_on for line in bought.lines]
    gone = max(ends) if all(ends) and max(ends) <= AS_OF.isoformat() else ""
    until = date.fromisoformat(gone) - timedelta(days=1) if gone else AS_OF
    talk = Talk(profile, bought.lines, everybody, max(profile.since, FIRST_DAY), until)
    deals = list(Pipeline(talk).deals())
    rows = (
        *bought.rows,
        *conversations(talk),
        *service(profile, bought.lines, everybody, until),
        *told(profile.id, deals),
        *_assignments(profile),
        *lead_ups(talk, deals),
    )
    health = chance.whole(*HEALTH[profile.temper])
    return Story(
        profile.id, profile.name, lines=bought.lines, rows=rows, people=everybody, industry=profile.industry,
        employees=profile.employees, currency=profile.currency, region=profile.region, csm=_csm(profile),
        sellers=profile.sellers, health=None if chance.happens(0.03) else health,
        health_was=min(max(health + chance.whole(-6, 9), 20), 96) if profile.temper != "fading" else 74,
        pays_after=chance.whole(*PAYS_AFTER[profile.temper]),
        unpaid_since=before(AS_OF, chance.whole(35, 100)) if chance.happens(0.025) else "",
    )  # fmt: skip


def _csm(profile: Profile) -> str:
    return "jonas.kuhn" if profile.id in LEFT_BEHIND else profile.csm


def _assignments(profile: Profile) -> Iterator[Row]:
    """Who looked after the account before its CSM of today, where that was somebody else."""
    if profile.csm not in TAKEN_OVER or profile.id in LEFT_BEHIND:
        return
    former, day = TAKEN_OVER[profile.csm]
    first = max(profile.since, FIRST_DAY).isoformat()
    if first < day:
        yield row("account_assignments", role="csm", person_id=former, valid_from=first, valid_until=day)
    yield row("account_assignments", role="csm", person_id=profile.csm, valid_from=max(first, day))
