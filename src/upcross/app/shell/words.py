"""How values are shown: filters of templates, which format and never compute."""

from __future__ import annotations

import re
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from django.middleware.csrf import get_token
from django.templatetags.static import static
from django.urls import reverse
from jinja2 import Environment, pass_context
from markupsafe import Markup

from upcross.app.shell.telling import said

_MARKS = {"EUR": "€", "USD": "$", "GBP": "£"}
_SPELLED = {"csm": "CSM", "ae": "AE", "revops": "RevOps", "cross_sell": "cross-sell", "add_on": "add-on",
            "surfaced": "open"}  # fmt: skip
"""Names that people write in a way of their own."""
_MONTH, _DAY = re.compile(r"\d{4}-(0[1-9]|1[0-2])"), re.compile(r"\b\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])\b")
UNKNOWN = "unknown"


class OurEnvironment(Environment):
    """Templates that look into a mapping for its own keys first: ``page.items`` is what a view calls so."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        """What a template means by a name after a dot."""
        if type(obj) is dict:
            try:
                return obj[attribute]
            except KeyError:
                pass
        return super().getattr(obj, attribute)


def environment(**options: Any) -> Environment:
    """What our templates know beside what a view gives them."""
    made = OurEnvironment(**options)
    made.trim_blocks = made.lstrip_blocks = True
    made.globals.update(static=static, url=address, csrf_field=csrf_field, icon=icon, told_now=said)
    made.filters.update(
        money=money,
        short_money=short_money,
        exact=exact,
        day=day,
        month=month,
        signed=signed,
        words=words,
        count=count,
        percent=percent,
        plural=plural,
    )
    return made


def address(name: str, **keys: Any) -> str:
    """The path of a route, with its keys."""
    return str(reverse(name, kwargs=keys or None))


@pass_context
def csrf_field(context: Any) -> Markup:
    """The hidden field that every form of ours carries."""
    return Markup('<input type="hidden" name="csrfmiddlewaretoken" value="{}">').format(get_token(context["request"]))


def money(amount: Any, currency: str = "") -> str:
    """An amount in currency units, rounded to whole ones for the eye; 'unknown' where it is, which is not zero."""
    if amount is None or amount == "":
        return UNKNOWN
    whole = Decimal(str(amount)).quantize(Decimal(1), ROUND_HALF_EVEN)
    mark = _MARKS.get(currency, f"{currency} " if currency else "")
    return f"{'−' if whole < 0 else ''}{mark}{abs(whole):,}"


def short_money(amount: Any, currency: str = "") -> str:
    """The same in thousands or millions, for a figure in large type or on a narrow mark."""
    if amount is None or amount == "":
        return UNKNOWN
    found = Decimal(str(amount))
    size = abs(found)
    mark = _MARKS.get(currency, f"{currency} " if currency else "")
    sign = "−" if found < 0 else ""
    if size >= 999_500:
        return f"{sign}{mark}{size / 1_000_000:.2f}M"
    if size >= 9_999.5:
        return f"{sign}{mark}{size / 1_000:.0f}k"
    if size >= 999.5:
        return f"{sign}{mark}{size / 1_000:.1f}k"
    return money(amount, currency)


def exact(amount: Any, currency: str = "") -> str:
    """An amount to the cent, and beyond it where there is more: rows that are added up show all that they add."""
    if amount is None or amount == "":
        return UNKNOWN
    found = Decimal(str(amount))
    mark = _MARKS.get(currency, f"{currency} " if currency else "")
    text = f"{abs(found).normalize():,f}"
    whole, _, rest = text.partition(".")
    return f"{'−' if found < 0 else ''}{mark}{whole}.{rest:0<2}"


def day(value: Any) -> str:
    """A day as people write it: 30 Sep 2026; a dash where there is none."""
    if not value:
        return "–"
    found = value if isinstance(value, date) else date.fromisoformat(str(value)[:10])
    return f"{found.day} {found:%b %Y}"


def signed(value: Any) -> str:
    """A number with a true minus, as one prints it."""
    return str(value).replace("-", "−") if str(value)[:1] == "-" else str(value)


def month(value: Any) -> str:
    """A month as people write it: 2026-09 is Sep 2026; what is no month stays as it is."""
    return f"{date.fromisoformat(f'{value}-01'):%b %Y}" if _MONTH.fullmatch(str(value)) else str(value)


def with_days(text: str) -> str:
    """A sentence in which days are written as people write them."""
    return _DAY.sub(lambda found: day(found[0]), text)


def words(value: Any) -> str:
    """A name of ours as words: handed_over is 'handed over', csm is 'CSM'."""
    text = str(value or "")
    return _SPELLED.get(text) or text.replace("_", " ").replace("-", " ")


def count(value: Any) -> str:
    """A whole number with its thousands apart; 'unknown' where it is."""
    return UNKNOWN if value is None else f"{value:,}".replace("-", "−")


def percent(value: Any, digits: int = 1) -> str:
    """A share as per cent; 'unknown' where it is."""
    return UNKNOWN if value is None else f"{float(value) * 100:.{digits}f}%".replace("-", "−")


def plural(number: int, one: str, many: str = "") -> str:
    """'1 account', '2 accounts'."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


_ICONS = {
    "inbox": '<path d="M4 13l2-8h12l2 8v6H4zM4 13h5a3 3 0 0 0 6 0h5"/>',
    "building": '<path d="M5 21V4h9v17M14 9h5v12M3 21h18M8 8h3M8 12h3M8 16h3"/>',
    "grid": '<path d="M4 4h16v16H4zM4 9.3h16M4 14.6h16M9.3 4v16M14.6 4v16"/>',
    "lock": '<path d="M6 11h12v9H6zM9 11V8a3 3 0 0 1 6-.6"/>',
    "chart": '<path d="M4 20V4M4 20h16M8 16v-4M12 16V8M16 16v-6"/>',
    "branch": '<path d="M6 4v10a4 4 0 0 0 4 4h8M14 14l4 4-4 4M6 8h8a4 4 0 0 0 4-4"/>',
    "clock": '<path d="M12 4a8 8 0 1 1-8 8M12 8v4l3 2M4 4v4h4"/>',
    "gear": '<circle cx="12" cy="12" r="3"/><path d="M12 3v3M12 18v3M3 12h3M18 12h3M5.6 5.6l2.1 2.1M16 16l2 2"/>',
    "search": '<circle cx="11" cy="11" r="6"/><path d="M20 20l-4.5-4.5"/>',
    "download": '<path d="M12 4v10M8 11l4 4 4-4M4 20h16"/>',
    "check": '<path d="M5 12l5 5 9-10"/>',
    "close": '<path d="M6 6l12 12M18 6L6 18"/>',
    "star": '<path d="M12 4l2.5 5 5.5.8-4 3.9.9 5.5L12 16.6 7.1 19.2l.9-5.5-4-3.9 5.5-.8z"/>',
    "deeper": '<path d="M12 4v14M6 12l6 6 6-6"/>',
    "wider": '<path d="M4 12h16M8 8l-4 4 4 4M16 8l4 4-4 4"/>',
    "ear": '<path d="M7 10a5 5 0 0 1 10 0c0 4-4 4-4 8a2.5 2.5 0 0 1-5 0M10 11a2 2 0 0 1 4 0"/>',
    "print": '<path d="M7 9V4h10v5M7 17H4v-7h16v7h-3M7 14h10v6H7z"/>',
}  # fmt: skip


def icon(name: str) -> Markup:
    """A small drawing of ours, hidden from readers: the words beside it say the same."""
    return Markup(
        '<svg class="icon" viewBox="0 0 24 24" width="20" height="20" fill="none" stroke="currentColor"'
        ' stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">'
        f"{_ICONS[name]}</svg>"
    )
