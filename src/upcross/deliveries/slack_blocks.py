"""What Slack shows of a message. Names and texts of others stand in plain text only, which Slack does not interpret."""

from __future__ import annotations

from typing import Any

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    HeaderBlock,
    Option,
    PlainTextObject,
    SectionBlock,
    StaticSelectElement,
)

from upcross.deliveries.message import Message, one_line
from upcross.deliveries.wording import facts, heading, items, reasons
from upcross.opportunities.outcomes import SHIPPED, Outcome

MOST_TEXT = 2900
SNOOZES = {"7": "Snooze a week", "30": "Snooze a month", "90": "Snooze a quarter"}
"""Days for which something can be put off with one press."""

_ACCEPTED_FROM = frozenset({"handed_off", "qualified"})
_SNOOZED_FROM = frozenset({"surfaced", "qualified"})
_WORKED = frozenset({"surfaced", "qualified", "handed_off", "accepted"})


def escape(text: str) -> str:
    """A text of which Slack reads nothing as a mention, a link or a command, where it cannot be plain text."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def fallback(message: Message) -> str:
    """The line that notifications show."""
    text = message.data["text"] if message.type == "slack.reply" else heading(message)
    return escape(one_line(text, 500))


def blocks(message: Message, *, buttons: bool) -> list[dict[str, Any]]:
    """The message as blocks of Slack's Block Kit: at most 50, each within its length."""
    made = _digest(message) if "groups" in message.data else _one(message, buttons)
    return [block.to_dict() for block in made][:50]


def _one(message: Message, buttons: bool) -> list[Block]:
    told = message.data["opportunity"]
    made: list[Block] = [_header(heading(message)), _section("\n".join(facts(told)))]
    lines = reasons(message)
    if lines:
        made.append(_section("\n".join(f"• {line}" for line in lines)))
    actions = _actions(told, buttons)
    return [*made, ActionsBlock(elements=actions)] if actions else made


def _digest(message: Message) -> list[Block]:
    made: list[Block] = [_header(heading(message))]
    for title, lines in items(message):
        made.append(_section(title))
        made += [_section(line, _open(link) if link else None) for line, link in lines]
    link = message.data.get("link")
    return [*made, ActionsBlock(elements=[_open(link, "Open my list")])] if link else made


def _actions(told: Any, buttons: bool) -> list[Any]:
    made: list[Any] = []
    stage, link = told["stage"], told.get("link")
    value = f"{told['id']} {told['version']}"
    if buttons and stage in _ACCEPTED_FROM:
        made.append(ButtonElement(text="Accept", action_id="accept", value=value, style="primary"))
    if buttons and stage in _WORKED:
        made.append(_choice("dismiss", "Dismiss …", value, _dismissals()))
    if buttons and stage in _SNOOZED_FROM:
        made.append(_choice("snooze", "Snooze …", value, SNOOZES))
    if link:
        made.append(ButtonElement(text="Log what you heard", action_id="log", url=f"{link}#log"))
        made.append(_open(link))
    return made


def _dismissals() -> dict[str, str]:
    """The reasons that need no sentence."""
    return {name: reason.title for name, reason in SHIPPED[Outcome.DISMISSED].items() if not reason.needs_text}


def _choice(action: str, label: str, value: str, choices: dict[str, str]) -> StaticSelectElement:
    options = [Option(value=f"{value} {name}", text=PlainTextObject(text=words)) for name, words in choices.items()]
    return StaticSelectElement(placeholder=label, action_id=action, options=options)


def _open(link: str, label: str = "Open") -> ButtonElement:
    return ButtonElement(text=label, action_id="open", url=link)


def _header(text: str) -> HeaderBlock:
    return HeaderBlock(text=PlainTextObject(text=one_line(text, 150), emoji=False))


def _section(text: str, accessory: ButtonElement | None = None) -> SectionBlock:
    return SectionBlock(text=PlainTextObject(text=text[:MOST_TEXT], emoji=False), accessory=accessory)
