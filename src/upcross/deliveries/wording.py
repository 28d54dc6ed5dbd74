"""What people read of a message: one heading and plain lines, the same in Slack and in e-mail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from upcross.deliveries.message import Message, one_line

Told = Mapping[str, Any]

_HEADINGS = {
    "create": "New: {what}",
    "open": "Opened: {what}",
    "release": "Can be asked now: {what}",
    "hand_off": "Handed to {handed_to}: {what}",
    "accept": "Accepted by {owner}: {what}",
    "return": "Returned to {owner}: {what}",
    "reassign": "Given to {owner}: {what}",
    "claim": "Taken by {owner}: {what}",
    "escalate": "Overdue, waits for {waits_for}: {what}",
    "override": "Asked anyway, against a gate: {what}",
    "wake": "Back from snooze: {what}",
    "win": "Won: {what}",
    "lose": "Lost: {what}",
}

MOST_REASONS = 5


def heading(message: Message) -> str:
    """What happened, in one line."""
    if "groups" in message.data:
        reader = one_line(message.data["reader_name"] or message.to, 80)
        return f"{message.data['day']}, {reader}: {_counts(message.data)}"
    told = message.data["opportunity"]
    step = message.type.rpartition(".")[2]
    asks = step in ("create", "release") and told.get("kind") == "answer"
    template = "A customer asks to buy: {what}" if asks else _HEADINGS.get(step, "{what}")
    people = {role: "you" if told.get(role) == message.to else _name(told, role) for role in ("owner", "handed_to")}
    waits_for = people["handed_to" if told.get("handed_to") else "owner"]
    return one_line(template.format(what=what(told), waits_for=waits_for, **people), 140)


def what(told: Told) -> str:
    """What is asked of whom: "Acme Corp: Insights (cross-sell, module)"."""
    unit = f", {told['business_unit']}" if told.get("business_unit") else ""
    how = ", ".join(str(told[part]).replace("_", "-") for part in ("motion", "mechanism") if told.get(part))
    asked = told.get("product") or told.get("product_id") or told.get("title") or ""
    return one_line(f"{told.get('account') or told.get('account_id')}{unit}: {asked}{f' ({how})' if how else ''}", 200)


def facts(told: Told) -> list[str]:
    """Stage, money, owner and day, a line each; a line is left out where it would be empty."""
    lines = [f"Stage: {str(told['stage']).replace('_', ' ')}", f"Worth: {money(told)}"]
    lines.append(f"Owner: {_name(told, 'owner')}")
    if told.get("closer"):
        lines.append(f"Closes: {_name(told, 'closer')}")
    if told.get("due_on"):
        lines.append(f"Due: {told['due_on']}")
    return [one_line(line) for line in lines]


def reasons(message: Message) -> list[str]:
    """Why it was opened, and what was given with the step."""
    told, entry = message.data["opportunity"], message.data.get("entry", {})
    lines = [one_line(line) for line in told.get("why", ())[:MOST_REASONS]]
    if entry.get("reason"):
        lines.append(one_line(f"Reason given: {str(entry['reason']).replace('_', ' ')}"))
    words = message.data.get("words", {})
    lines += [one_line(f"{name.replace('_', ' ').capitalize()}: {text}", 500) for name, text in words.items()]
    return lines


def money(told: Told) -> str:
    """The expected money of a month with its range; "not known" where there is no basis."""
    potential = told["potential"]
    if all(potential.get(part) is None for part in ("floor", "expected", "ceiling")):
        return "not known"
    floor, expected, ceiling = (potential.get(part) for part in ("floor", "expected", "ceiling"))
    currency = told["currency"]
    if expected is None:
        return f"{_amount(floor)} to {_amount(ceiling)} {currency} a month"
    span = f" ({_amount(floor)} to {_amount(ceiling)})" if floor is not None and ceiling not in (None, floor) else ""
    return f"{_amount(expected)} {currency} a month{span}"


def items(message: Message) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """A digest's groups: each title, and its lines with the link of each ('' where pages have no address)."""
    for group in message.data["groups"]:
        lines = [(_item(told), str(told.get("link") or "")) for told in group["items"]]
        more = group["count"] - len(lines)
        yield f"{group['title']} ({group['count']})", [*lines, *([(f"and {more} more", "")] if more > 0 else [])]


def _item(told: Told) -> str:
    due = f", due {told['due_on']}" if told.get("due_on") else ""
    return f"{what(told)}: {money(told)}{due}"


def _counts(data: Told) -> str:
    return ", ".join(f"{group['count']} {group['title'].lower()}" for group in data["groups"])


def _name(told: Told, role: str) -> str:
    return one_line(told.get(f"{role}_name") or told.get(role) or "nobody", 80)


def _amount(value: object) -> str:
    return "?" if value is None else f"{Decimal(str(value)).quantize(Decimal(1)):,}"
