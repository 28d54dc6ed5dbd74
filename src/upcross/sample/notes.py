"""Notes of meetings, calls and mails, put together from what such notes are made of."""

from __future__ import annotations

from upcross.sample.chance import Chance
from upcross.sample.story import Row, talk

MEETINGS = (
    "Quarterly review with {person}.",
    "On site at {person}'s office, half an hour late because of the train.",
    "Video call with {person} and two colleagues whose names I did not catch.",
    "Met {person} at the trade fair, standing, with coffee.",
    "Joint session with {person}: a look back at the last months.",
    "{person} asked for this one.",
)
CALLS = (
    "Short call with {person}.",
    "{person} called back.",
    "Caught {person} between two meetings.",
    "Called {person} after last week's ticket.",
    "Check-in with {person}, fifteen minutes.",
    "Reached {person} at the third try.",
)
TOPICS = (
    "{people} people are in {product} every day now, fewer than that use the mobile app.",
    "They tidy up: fields nobody fills go away, two lists become one.",
    "New colleagues start at the beginning of the month and need a short introduction.",
    "Numbers first: {value}. That goes into the report to the management.",
    "Budget round is under way, nobody wants to promise anything before it is over.",
    "Compared notes on how others in {industry} set up their stages; sent two examples afterwards.",
    "The data protection officer has questions about where copies are kept; answered most of them.",
    "They moved offices last week, half the team works from home until the network is up.",
    "One wish: fewer clicks when a record is closed. Passed on to product management.",
    "Rights are a mess since the reorganisation; we went through them role by role.",
    "The import from their old list still has umlauts broken, they live with it.",
    "Two power users carry it, the rest follows. If one of them leaves they have a problem.",
    "Nothing new, high season.",
    "They like the new filter and have not found the saved views yet; showed them.",
    "Duplicate invoice came up again, finance promised to sort it out by Friday.",
    "Mood is good, they joke about how it was before.",
    "They ask themselves why the evening report takes so long. Took the details with me.",
    "Holiday cover is the topic: who may close what while somebody is away.",
)
NEXT_STEPS = (
    "Next: send the list of unused fields.",
    "Next: training for the late joiners, date to follow.",
    "Agreed to talk again in six weeks.",
    "They come back to me.",
    "Minutes sent the same day.",
    "Nothing to do on our side.",
    "I ask support for the state of the two open tickets.",
    "Follow-up in the calendar for after the holidays.",
    "To do for me: the example report, by Thursday.",
    "",
)
MAILS_IN = (
    "Hello, could you send us the current price list for additional users? No hurry. Regards, {person}",
    "Thanks for the quick help, the report works again. {person}",
    "We have {few} new colleagues starting on Monday, what do we need to do so that they can sign in? {person}",
    "Please note that I am on leave until the {late}th; ask for my deputy in the meantime. {person}",
    "Hi, the list from yesterday's call is attached, {few} questions are in red. Best, {person}",
    "Could we move our call to the {late}th, same time? {person}",
    "The new colleague in the office cannot see the shared view, is that a right or a bug? {person}",
)
MAILS_OUT = (
    "Dear {person}, attached the minutes of our meeting and the {few} open points. Best regards",
    "Dear {person}, as promised the link to the recording of the training. Best regards",
    "Dear {person}, next week's release brings the filter that you asked for. Best regards",
    "Dear {person}, shall we take the {late}th for the review? I would bring the usage figures. Best regards",
    "Dear {person}, here are the two examples from {industry} that I mentioned. Best regards",
)
HEARD = (
    "{opening} Then, word for word: “{quote}”. Did not follow up yet.",
    "{opening} Side remark at the end: “{quote}”. Interesting, but the topic of the day was another.",
    "{opening} Agenda done in half the time. Then {person}: “{quote}”. Asked for a written idea.",
    "{opening} {topic} By the way: “{quote}”",
)
PRODUCT_NAMES = {"crm": "the CRM", "desk": "Desk", "analytics": "Analytics", "cloud": "the API",
                 "planning": "Account Planning"}  # fmt: skip

KINDS = {"meeting": 22.0, "call": 34.0, "email in": 20.0, "email out": 24.0}


def everyday(chance: Chance, on: str, person: str, *, product: str, people: str, industry: str, value: str) -> Row:
    """A conversation about what one talks about when nothing happens."""
    words = {"person": person, "product": PRODUCT_NAMES.get(product, "the product"), "people": people,
             "industry": industry.lower(), "value": value, "few": chance.pick(("two", "three", "four", "five")),
             "late": str(chance.pick((*range(14, 21), *range(24, 30))))}  # fmt: skip
    kind = chance.weighted(KINDS)
    match kind:
        case "email in":
            return talk(on, chance.pick(MAILS_IN).format(**words), person, kind="email", direction="inbound")
        case "email out":
            return talk(on, chance.pick(MAILS_OUT).format(**words), person, kind="email", direction="outbound")
    parts = (chance.pick(MEETINGS if kind == "meeting" else CALLS), chance.pick(TOPICS), chance.pick(NEXT_STEPS))
    return talk(on, " ".join(part for part in parts if part).format(**words), person, kind=kind)


def heard(chance: Chance, on: str, person: str, quote: str) -> Row:
    """A conversation in which a sentence about something else was said."""
    kind = chance.pick(("meeting", "call"))
    opening = chance.pick(MEETINGS if kind == "meeting" else CALLS).format(person=person)
    topic = chance.pick([topic for topic in TOPICS if "{" not in topic])
    return talk(on, chance.pick(HEARD).format(opening=opening, topic=topic, person=person, quote=quote), person,
                kind=kind)  # fmt: skip
