"""Accounts told as rows: every story and every account of the crowd becomes cells of the contract's tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta

from upcross.contract import TABLES
from upcross.periods import months_until
from upcross.sample.chance import Chance
from upcross.sample.company import AS_OF, FIRST_DAY, RATES, SELLERS, TEAM, Cells, segment, targets
from upcross.sample.crowd.service import INCIDENTS, PRICE_RISES
from upcross.sample.lines import before, invoices, roll_out, seats, usage, versions
from upcross.sample.notes import everyday
from upcross.sample.sentences import ROUTINE_TICKETS
from upcross.sample.story import MONTHS, Story, there
from upcross.sample.untidy import UNTIDY

Rows = dict[str, list[Cells]]

SCORED = [end - timedelta(days=4) for _, end in months_until(AS_OF, MONTHS)]
"""Days of the health scores: shortly before the end of each month."""


def tell(accounts: Iterable[Story]) -> Rows:
    """All rows of the sample by table: the company's own, every account's, and the untidy ones."""
    rows: Rows = defaultdict(list)
    rows["team"] = [dict(member) for member in TEAM]
    rows["exchange_rates"] = [dict(rate) for rate in RATES]
    rows["targets"] = targets()
    rows["incidents"] = [dict(incident) for incident in INCIDENTS]
    rows["price_changes"] = [dict(rise) for rise in PRICE_RISES]
    for index, story in enumerate(accounts):
        _account(story, *(story.sellers or SELLERS[index % 2]), rows)
        _people(story, rows)
        _health(story, rows)
        lines = []
        for number, line in enumerate(story.lines, start=1):
            if not line.shared:
                lines += versions(story, line, f"L-{story.id}-{number}")
                rows["implementations"].append(roll_out(story, line))
            rows["seats"] += seats(story, line)
            rows["usage"] += usage(story, line)
        rows["subscriptions"] += lines
        rows["invoices"] += invoices(story, lines)
        _events(story, rows)
        if story.sentence and not (story.ends_on and story.ends_on <= AS_OF.isoformat()):
            _routine(story, index, rows)
    for table, cells in UNTIDY:
        rows[table].append(dict(cells))
    return rows


def _account(story: Story, account_manager: str, ae: str, rows: Rows) -> None:
    rows["accounts"].append({
        "account_id": story.id, "name": story.name, "parent_account_id": story.parent,
        "segment": segment(story.employees), "region": story.region, "industry": story.industry,
        "employees": str(story.employees), "currency": story.currency, "csm": story.csm,
        "account_manager": account_manager, "ae": ae, "renewals_manager": "renewals",
    })  # fmt: skip


def _people(story: Story, rows: Rows) -> None:
    contacts = _contacts(story)
    for person in story.people:
        contact = contacts[person.name]
        rows["contacts"].append({
            "contact_id": contact, "account_id": story.id, "business_unit": person.unit,
            "name": person.name, "title": person.title, "seniority": person.seniority,
            "department": person.department, "reports_to": contacts.get(person.reports_to, ""),
            "do_not_contact": str(person.do_not_contact).lower(), "joined_on": person.joined_on,
            "left_on": person.left_on,
        })  # fmt: skip
        rows["contact_roles"] += [
            {"contact_id": contact, "product_id": part.product, "role": part.role, "stance": part.stance,
             "confirmed_on": part.confirmed_on}
            for part in person.roles
        ]  # fmt: skip


def _health(story: Story, rows: Rows) -> None:
    """A straight line from two years ago, a point up or down by the month; the last three scores are today's."""
    if story.health is None:
        return
    was = story.health if story.health_was is None else story.health_was
    began = min((line.since for line in story.lines), default="")
    for number, day in enumerate(SCORED):
        score = was + (story.health - was) * number // (len(SCORED) - 3) + (number * 5 + len(story.name)) % 3 - 1
        if number >= len(SCORED) - 3:
            score = story.health
        if began < day.isoformat() and not (story.ends_on and story.ends_on <= day.isoformat()):
            rows["health_scores"].append({"account_id": story.id, "measured_on": day.isoformat(),
                                          "score": str(min(max(score, 0), 100))})  # fmt: skip


def _contacts(story: Story) -> dict[str, str]:
    return {person.name: f"{story.id}-C{number}" for number, person in enumerate(story.people, start=1)}


def _events(story: Story, rows: Rows) -> None:
    """The account's own rows, with the account, an id where the table has one, and people by their contact ids."""
    contacts = _contacts(story)
    for number, event in enumerate(story.rows, start=1):
        table = TABLES[event.table]
        cells = {"account_id": story.id, **event.cells} if "account_id" in table.names else dict(event.cells)
        if table.key[0] not in cells:
            cells[table.key[0]] = f"{event.table[:2].upper()}-{story.id}-{number}"
        if cells.get("contact_id"):
            cells["contact_id"] = contacts[cells["contact_id"]]
        if event.table == "activities":
            cells.setdefault("person_id", story.csm)
        rows[event.table].append(cells)


def _routine(story: Story, index: int, rows: Rows) -> None:
    """What means nothing: one to three everyday tickets of the last months, all closed, and a talk every few weeks."""
    chance = Chance(story.id, "talks")
    contacts = _contacts(story)
    used = next((str(line.active[-1]) for line in story.lines if line.active), "most")
    day = max(date.fromisoformat(story.lines[0].since), FIRST_DAY) + timedelta(days=chance.whole(20, 60))
    for number in range(1, 99):
        if day > AS_OF - timedelta(days=4):
            break
        person = chance.pick(story.people)
        if person.there(day.isoformat()):
            note = everyday(chance, day.isoformat(), person.name, product=story.lines[0].product, people=used,
                            industry=story.industry, value="no number of theirs yet")  # fmt: skip
            rows["activities"].append({
                **note.cells, "activity_id": f"N-{story.id}-{number}", "account_id": story.id,
                "contact_id": contacts[person.name], "person_id": story.csm,
            })  # fmt: skip
        day += timedelta(days=chance.whole(25, 70))
    for number in range(1 + index % 3):
        subject, kind, priority = ROUTINE_TICKETS[(index + number) % len(ROUTINE_TICKETS)]
        opened = AS_OF - timedelta(days=12 + index % 40 + 41 * number)
        rows["tickets"].append({
            "ticket_id": f"T-{story.id}-{number + 1}", "account_id": story.id, "product_id": story.lines[0].product,
            "contact_id": contacts[there(story.people, opened.isoformat())[0].name],
            "opened_on": opened.isoformat(), "closed_on": before(opened, -2),
            "priority": priority, "kind": kind, "subject": subject,
        })  # fmt: skip
