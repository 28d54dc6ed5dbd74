"""Values, evidence and reasons as sentences that a person reads.

A value is rounded for the eye but never across its threshold: 89.96% against 90% reads 89.96%, not 90%.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

from upcross.money import to_decimal
from upcross.opportunities.candidate import Candidate
from upcross.opportunities.evidence import Evidence, HoldReason, Missing, Truth, Value
from upcross.signals.model import Unit

UNKNOWN = "unknown"

MEASURED_USE = ("adoption", "seat_utilization", "seats_active", "allowance_used", "usage_30d", "plan_limit_used")
"""How the names of the signals begin that tell how much of what they own a customer uses."""

_PLACEHOLDER = re.compile(r"\{([A-Za-z_]\w*)\}(?:([^{}()]*)\(s\))?", re.ASCII)
_BOUND = {
    ">=": "threshold {}",
    "<=": "threshold at most {}",
    ">": "threshold above {}",
    "<": "threshold below {}",
    "=": "must be {}",
    "!=": "must not be {}",
    "in": "must be one of {}",
}


def show(value: Value, unit: Unit, currency: str = "", *, beside: Value = None) -> str:
    """A value as people read it: 96%, 1,250 EUR, 30 days, 2026-03-31, yes; None is "unknown".

    Rounded to whole percents, currency units and counts (amounts: two decimals), half-even; where ``beside`` is
    given, with as many decimals more as it takes to stand on the right side of it.
    """
    number = _number(value, unit)
    if number is None:
        return _word(value, unit)
    other = _number(beside, unit)
    return _dressed(_rounded(number, other, 2 if unit is Unit.AMOUNT else 0), unit, currency)


def compare(evidence: Evidence, currency: str = "") -> str:
    """Evidence as one sentence: "seat utilization, lowest of the last 30 days: 96% (threshold 90%)"."""
    name = evidence.text or evidence.signal.replace("_", " ")
    if evidence.metric:
        name = f"{name}, {evidence.metric.replace('_', ' ')}"
    if isinstance(evidence.threshold, tuple):
        limits = ", ".join(_threshold(limit, evidence, currency) for limit in evidence.threshold)
        value = show(evidence.value, evidence.unit, currency)
    else:
        limits = _threshold(evidence.threshold, evidence, currency)
        value = show(evidence.value, evidence.unit, currency, beside=evidence.threshold)
    met_exactly = evidence.operator == "=" and value == limits
    if not evidence.operator or met_exactly:
        return f"{name}: {value}"
    bound = _BOUND.get(evidence.operator, f"{evidence.operator} {{}}").format(limits)
    return f"{name}: {value} ({bound})"


def fill(template: str, evidence: Iterable[Evidence], currency: str = "", **words: str) -> str:
    """A template with each ``{signal}`` replaced by its value, and each other word by the one given.

    What has no value reads "unknown". What is put in is never read as a template again. A noun's ``(s)`` after a
    number is written out: "1 outage", "2 outages".
    """
    values: Mapping[str, Evidence] = {item.signal: item for item in evidence}

    def value(name: str) -> str:
        if name in words:
            return words[name]
        found = values.get(name)
        beside = None if found is None or isinstance(found.threshold, tuple) else found.threshold
        return UNKNOWN if found is None else show(found.value, found.unit, currency, beside=beside)

    def put(match: re.Match[str]) -> str:
        told, counted = value(match.group(1)), match.group(2)
        return told if counted is None else f"{told}{counted}{'' if told == '1' else 's'}"

    return _PLACEHOLDER.sub(put, template)


def why(candidate: Candidate, currency: str = "") -> tuple[str, ...]:
    """The comparisons that speak for an ask, and the facts shown beside them, one sentence each.

    Comparisons of levels and flags only say of which kind the row is, and quotes are told apart (``heard``).
    """
    told = [
        item
        for item in candidate.evidence
        if (item.operator or item.shown) and item.unit not in _KINDS and item.signal not in _HEARD
    ]
    return tuple(dict.fromkeys(compare(item, currency) for item in told if item.value is not None))


_KINDS = frozenset({Unit.LEVEL, Unit.FLAG})
_QUOTES = (
    ("latest_request_to_buy", "latest_request_to_buy_by", "", "days_since_request_to_buy"),
    ("latest_request_for_more", "latest_request_for_more_by", "", "days_since_request_for_more"),
    ("latest_need", "latest_need_by", "latest_need_domain", "days_since_need"),
)
"""Signals that hold a quote, who said it, on which domain, and how many days ago."""
_HEARD = frozenset(name for quote in _QUOTES for name in quote)


def heard(candidate: Candidate) -> tuple[str, ...]:
    """What was said, by whom, when and on what: the quotes behind a request or a stated need; none where none is."""
    facts = {item.signal: item.value for item in candidate.evidence}
    told = []
    for names in _QUOTES:
        quote, by, domain, days = (facts.get(name) for name in names)
        if quote:
            about = f", on {domain}" if domain else ""
            ago = "" if days is None else f", {days} day{'' if days == 1 else 's'} ago"
            told.append(f"“{quote}” - {by or 'not recorded'}{about}{ago}")
    return tuple(told)


def next_step(candidate: Candidate, currency: str = "") -> str:
    """What to do next, from the reason that leads."""
    return _told(candidate.lead.next_step, candidate, currency)


def guide(candidate: Candidate, currency: str = "") -> tuple[str, ...]:
    """The conversation, from the value already delivered to the next logical step; the product last."""
    return tuple(_told(line, candidate, currency) for line in candidate.lead.guide)


def counted_with(candidate: Candidate, products: Mapping[str, str]) -> str:
    """Why an alternative has no money of its own beside the ask that speaks for it; '' for that one itself.

    ``products`` are names by id.
    """
    speaker = candidate.alternative_of
    if speaker is None:
        return ""
    if speaker.product_id != candidate.identity.product_id:
        name = products.get(speaker.product_id, speaker.product_id)
        return f"{name} or this, they can have only one of them: counted once, there"
    if speaker.business_unit != candidate.identity.business_unit:
        return f"said of the whole account and not of this unit: counted once, with {speaker.business_unit}"
    return f"another way of the same ask, {speaker.mechanism or speaker.task}: counted once, there"


def hold(reason: HoldReason, currency: str = "") -> str:
    """Why a gate holds, as one sentence; for an unknown gate, what may stand in the way, or what is missing."""
    if reason.truth is Truth.FALSE:
        return fill(reason.sentence, reason.evidence, currency)
    if reason.maybe:
        return fill(reason.maybe, reason.evidence, currency)
    lacks = "; ".join(missing(item) for item in reason.missing)
    return f"not known: {reason.title or reason.gate}" + (f" (missing: {lacks})" if lacks else "")


def clearing(reason: HoldReason, currency: str = "") -> str:
    """What clears a gate that holds, as one sentence with the evidence behind the hold put in."""
    return fill(reason.action, reason.evidence, currency)


def missing(item: Missing) -> str:
    """What is missing, as a phrase: "table tickets", "column invoices.paid_on", "seats from 2026-02-01"."""
    if item.why:
        return item.why
    name = f"column {item.table}.{item.column}" if item.column else f"table {item.table}"
    if item.since:
        name += f" from {item.since.isoformat()}"
    if item.until:
        name += f" to {item.until.isoformat()}"
    return name


def _told(template: str, candidate: Candidate, currency: str) -> str:
    evidence = candidate.lead.evidence
    words = {
        "account": candidate.account_name,
        "product": candidate.product_name,
        "business_unit": candidate.identity.business_unit or "the whole account",
        "metric": candidate.lead.metric.replace("_", " "),
    }
    if not any(item.signal == "value_delivered" and item.value for item in evidence):
        words["value_delivered"] = _use(evidence, currency)
    return fill(template, evidence, currency, **words)


def _use(evidence: Iterable[Evidence], currency: str) -> str:
    """What stands in for an outcome that nobody recorded: measured use, and that it is only that."""
    used = [item for item in evidence if item.value is not None and item.signal.startswith(MEASURED_USE)]
    told = "; ".join(compare(replace(item, operator=""), currency) for item in used[:1])
    return f"no outcome is recorded; measured use: {told}" if told else "no outcome is recorded"


def _threshold(limit: Value, evidence: Evidence, currency: str) -> str:
    number = _number(limit, evidence.unit)
    if number is None:
        shown = _word(limit, evidence.unit)
    elif evidence.against:
        # The other signal is rounded too: beside the value as it is shown, so that the two never read the same.
        value = _number(evidence.value, evidence.unit)
        start = 2 if evidence.unit is Unit.AMOUNT else 0
        beside = None if value is None else _rounded(value, number, start)
        shown = _dressed(_rounded(number, beside, start), evidence.unit, currency)
    else:
        shown = _dressed(number, evidence.unit, currency)
    return f"{shown}, {evidence.against}" if evidence.against else shown


def _number(value: Value, unit: Unit) -> Decimal | None:
    """The exact number that is shown (percents, currency units); None for what is not a number."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal) or not math.isfinite(value):
        return None
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if unit is Unit.MONEY:
        return to_decimal(int(exact))
    return exact.scaleb(2) if unit is Unit.RATIO else exact


def _rounded(number: Decimal, other: Decimal | None, places: int) -> Decimal:
    """The number with as few decimals as leave it on the same side of the other."""
    exponent = number.as_tuple().exponent
    finest = -exponent if isinstance(exponent, int) else 0
    for decimals in range(places, finest):
        rounded = number.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_EVEN)
        if other is None or rounded.compare(other) == number.compare(other):
            return rounded
    return number


def _dressed(number: Decimal, unit: Unit, currency: str) -> str:
    text = f"{number:,f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    if text == "-0":
        text = "0"
    match unit:
        case Unit.RATIO:
            return f"{text}%"
        case Unit.DAYS:
            return f"{text} day" if text in ("1", "-1") else f"{text} days"
        case Unit.MONEY:
            return f"{text} {currency}" if currency else text
        case _:
            return text


def _word(value: Value, unit: Unit) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str) and value:
        # Levels are names such as per_unit; any other text is quoted as it stands.
        return value.replace("_", " ") if unit is Unit.LEVEL else value
    return UNKNOWN
