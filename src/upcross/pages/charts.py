"""The charts of a replay as SVG for a page: drawn without a script, each mark a link to the row that it stands for.

Colours are the page's own (CSS variables), so that a chart follows it into the dark and onto paper; shapes say the same
as colours. Widths suit a phone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import altair as alt
import vl_convert
from markupsafe import Markup, escape

from upcross.measure.statistics import Middle, Proportion
from upcross.pages.anchors import Anchors
from upcross.pages.words import days, percent
from upcross.replaying.played import PlayReplay
from upcross.replaying.sweep import Sweep

WIDTH, HEIGHT = 320, 230
TALLEST = (0.1, 0.25, 0.5, 1.0)
"""Where a scale of shares may end."""
COLUMNS = (7, 14, 30, 60, 90, 180, 365)
"""Days that one column of the days of lead may span."""
MOST_COLUMNS = 24
DOT = 13
"""Pixels from one dot to the next."""
_LETTER, _LINE = 6.2, 13
"""Width and height of text in pixels, by which labels keep clear of each other."""
_Box = tuple[float, float, float, float]
_PLACES = (
    ("left", 10, 0), ("right", -10, 0), ("center", 0, -15), ("center", 0, 15),
    ("left", 8, -14), ("right", -8, -14), ("left", 8, 14), ("right", -8, 14),
    ("center", 0, -29), ("left", 8, -28), ("right", -8, -28), ("left", 8, -42), ("right", -8, -42),
)  # fmt: skip
"""Where a label may stand beside its point: how it is aligned and how far it is moved, the best place first."""


def beside_rules(replayed: PlayReplay, anchors: Anchors, title: str) -> Markup | None:
    """Share of expansions flagged against share of alerts that led, of a play and of simple rules beside it.

    None where no share is known of any of them.
    """
    score = replayed.score
    spots = [("this play", score.flagged.value, score.led.value, anchors.rule(0))]
    spots += [(b.name, b.flagged, b.led, anchors.rule(n)) for n, b in enumerate(replayed.baselines, 1)]
    known = [(name, x, y, to) for name, x, y, to in spots if x is not None and y is not None]
    if not known:
        return None
    top = next(end for end in TALLEST if end >= max(y for _, _, y, _ in known))
    marks = [
        {"name": name, "flagged": x, "led": y, "href": f"#{to}", "shape": _shape(name),
         "told": f"{name}: {percent(x)} of expansions flagged, {percent(y)} of alerts led to one"}
        for name, x, y, to in known
    ]  # fmt: skip
    x_axis = alt.X("flagged:Q", title="share of expansions flagged", scale=alt.Scale(domain=[0, 1]), axis=_shares())
    y_axis = alt.Y("led:Q", title="share of alerts that led to one", scale=alt.Scale(domain=[0, top]), axis=_shares())
    points = _chart(marks).mark_point(filled=True, size=110, opacity=1, stroke="var(--page)", strokeWidth=1)
    colour = alt.condition("datum.name == 'this play'", alt.value("var(--own)"), alt.value("var(--other)"))
    lines: list[_Box] = []
    layers: list[alt.Chart] = []
    if known[0][0] == "this play":
        lines, layers = _across(score.flagged, score.led, top), _intervals(score.flagged, score.led, top)
    layers.append(points.encode(x_axis, y_axis, href="href:N", description="told:N", color=colour,
                                shape=alt.Shape("shape:N", scale=None)))  # fmt: skip
    labels = _labels([(name, x, y) for name, x, y, _ in known], top, lines)
    for align in ("left", "center", "right"):
        if aligned := [label for label in labels if label["align"] == align]:
            weight = {"expr": "datum.name == 'this play' ? 'bold' : 'normal'"}
            text = _chart(aligned).mark_text(align=align, baseline="middle", fontWeight=weight, aria=False)
            layers.append(text.encode(alt.X("x:Q"), alt.Y("y:Q"), text="name:N"))
    return _svg(alt.layer(*layers).properties(width=WIDTH, height=HEIGHT), title)


def lead_days(cases: Sequence[tuple[int, bool, str, str]], middle: Middle, title: str) -> Markup | None:
    """The days of lead of expansions that were flagged, a dot for each, in columns of some days.

    ``cases`` are (days, whether at least so many, the id of its row, what it is). None where there is none.
    """
    if not cases:
        return None
    longest = max(lead for lead, _, _, _ in cases)
    column = next((days for days in COLUMNS if longest < days * MOST_COLUMNS), longest // MOST_COLUMNS + 1)
    stacked: Counter[int] = Counter()
    marks = []
    for lead, at_least, to, what in sorted(cases, key=lambda case: case[:2]):
        place = lead // column
        stacked[place] += 1
        marks.append(
            {"days": (place + 0.5) * column, "row": stacked[place] - 0.5, "href": f"#{to}",
             "known": "at least so many" if at_least else "exactly",
             "told": f"{what}: flagged {'at least ' if at_least else ''}{lead} days before"}
        )  # fmt: skip
    tallest = max(stacked.values())
    dot = min(DOT, max(3, HEIGHT / tallest))
    end = (max(stacked) + 1) * column
    x_axis = alt.X("days:Q", title="days from alert to decision", scale=alt.Scale(domain=[0, end], nice=False),
                   axis=alt.Axis(tickMinStep=1, grid=False, tickCount=6))  # fmt: skip
    y_axis = alt.Y("row:Q", axis=None, scale=alt.Scale(domain=[0, tallest + 1]))
    size = min(dot, WIDTH / (max(stacked) + 1)) ** 2 * 0.6
    names = ["exactly", "at least so many"]
    shape = alt.Shape("known:N", title=None, scale=alt.Scale(domain=names, range=["circle", "triangle-right"]))
    colour = alt.Color("known:N", title=None, scale=alt.Scale(domain=names, range=["var(--own)", "var(--warm)"]))
    layers = [
        _chart(marks)
        .mark_point(filled=True, size=size, opacity=1)
        .encode(x_axis, y_axis, colour, shape, href="href:N", description="told:N")
    ]
    if middle.value is not None:
        told = [{"days": middle.value, "row": tallest + 1, "text": f"median {days(middle.value, middle.at_least)}"}]
        late = middle.value > end / 2
        layers.append(_chart(told).mark_rule(strokeDash=[4, 3], color="currentColor", aria=False).encode(x_axis))
        layers.append(
            _chart(told)
            .mark_text(align="right" if late else "left", dx=-5 if late else 5, baseline="top", aria=False)
            .encode(x_axis, y_axis, text="text:N")
        )
    height = max(round(dot * (tallest + 1)), 60)
    return _svg(alt.layer(*layers).properties(width=WIDTH, height=height), title)


def swept(sweep: Sweep, anchors: Anchors, title: str) -> Markup:
    """Share of expansions flagged, share of alerts that led, and new alerts, over the values of a parameter."""
    order = [point.value for point in sweep.points]
    marks: list[dict[str, Any]] = []
    bars: list[dict[str, Any]] = []
    for row, point in enumerate(sweep.points, 1):
        score, to = point.replayed.score, f"#{anchors.value(row)}"
        for what, share in (("expansions flagged", score.flagged.value), ("alerts that led to one", score.led.value)):
            if share is not None:
                told = f"{sweep.param} {point.value}: {what} {percent(share)}"
                marks.append({"value": point.value, "share": share, "what": what, "href": to, "told": told})
        alerts = score.workload.alerts
        told = f"{sweep.param} {point.value}: {alerts} new alerts"
        bars.append({"value": point.value, "alerts": alerts, "href": to, "told": told})
    names = ["expansions flagged", "alerts that led to one"]
    scale = alt.Scale(domain=order, paddingOuter=0.3)
    x_axis = alt.X("value:O", sort=order, scale=scale, title=None, axis=alt.Axis(labels=False, ticks=False))
    y_axis = alt.Y("share:Q", title="share", scale=alt.Scale(domain=[0, 1]), axis=_shares())
    colour = alt.Color("what:N", title=None, scale=alt.Scale(domain=names, range=["var(--own)", "var(--warm)"]))
    dash = alt.StrokeDash("what:N", title=None, scale=alt.Scale(domain=names, range=[[1, 0], [5, 3]]))
    lines = _chart(marks).mark_line(aria=False).encode(x_axis, y_axis, colour, dash)
    shape = alt.Shape("what:N", title=None, scale=alt.Scale(domain=names, range=["circle", "square"]))
    points = _chart(marks).mark_point(filled=True, size=80, opacity=1)
    upper = [lines, points.encode(x_axis, y_axis, colour, shape, href="href:N", description="told:N")]
    now = [{"value": point.value, "text": "set now", "share": 1} for point in sweep.points if point.chosen]
    if now:
        upper.insert(0, _chart(now).mark_rule(color="currentColor", strokeDash=[2, 2], aria=False).encode(x_axis))
        text = _chart(now).mark_text(baseline="bottom", dy=-4, fontWeight="bold", aria=False)
        upper.append(text.encode(x_axis, y_axis, text="text:N"))
    below = alt.X("value:O", sort=order, scale=scale, title=sweep.param, axis=alt.Axis(labelAngle=0, labelOverlap=True))
    lower = _chart(bars).mark_bar(color="var(--other)", width={"band": 0.6})
    count = alt.Y("alerts:Q", title="new alerts", axis=alt.Axis(tickCount=3, tickMinStep=1))
    drawn = alt.vconcat(
        alt.layer(*upper).properties(width=WIDTH, height=180),
        lower.encode(below, count, href="href:N", description="told:N").properties(width=WIDTH, height=70),
        spacing=12,
    )
    return _svg(drawn, title)


def _shape(name: str) -> str:
    known = {"this play": "circle", "everyone": "square", "at random": "diamond", "renewal near": "triangle-up"}
    return known.get(name, "triangle-down")


def _intervals(flagged: Proportion, led: Proportion, top: float) -> list[alt.Chart]:
    """The play's 95% intervals as thin lines through its point."""
    rule: dict[str, Any] = {"stroke": "var(--own)", "strokeWidth": 1.5, "opacity": 0.6, "aria": False}
    x, y = alt.X("x:Q"), alt.Y("y:Q")
    lines = []
    if flagged.low is not None:
        mark = [{"x": flagged.low, "to": flagged.high, "y": led.value}]
        lines.append(_chart(mark).mark_rule(**rule).encode(x, y, x2="to:Q"))
    if led.low is not None and led.high is not None:
        mark = [{"x": flagged.value, "y": led.low, "to": min(led.high, top)}]
        lines.append(_chart(mark).mark_rule(**rule).encode(x, y, y2="to:Q"))
    return lines


def _across(flagged: Proportion, led: Proportion, top: float) -> list[_Box]:
    """Where the lines of the intervals run, in pixels from the upper left, for labels to keep clear of."""
    x, y = (flagged.value or 0) * WIDTH, (1 - (led.value or 0) / top) * HEIGHT
    left, right = (flagged.low or 0) * WIDTH, (flagged.high or 0) * WIDTH
    upper, lower = (1 - min(led.high or 0, top) / top) * HEIGHT, (1 - (led.low or 0) / top) * HEIGHT
    return [(left, y - 2, right, y + 2), (x - 2, upper, x + 2, lower)]


def _labels(spots: Sequence[tuple[str, float, float]], top: float, lines: Iterable[_Box]) -> list[dict[str, Any]]:
    """A label for each point (name and place), where it keeps clear of the points, the lines and the other labels."""
    at = [(x * WIDTH, (1 - y / top) * HEIGHT) for _, x, y in spots]
    taken = [*lines, *((x - 7, y - 7, x + 7, y + 7) for x, y in at)]
    found = []
    for (name, _, _), (x, y) in zip(spots, at, strict=True):
        boxes = {place: _box(name, x, y, place) for place in _PLACES}
        free = [place for place, box in boxes.items() if _inside(box) and not any(_meet(box, one) for one in taken)]
        chosen = free[0] if free else _PLACES[0]
        taken.append(boxes[chosen])
        align, right, down = chosen
        found.append(
            {"name": name, "align": align, "x": (x + right) / WIDTH, "y": (1 - (y + down) / HEIGHT) * top}
        )  # fmt: skip
    return found


def _inside(box: _Box) -> bool:
    return box[0] >= 2 and box[1] >= -6 and box[2] <= WIDTH + 4 and box[3] <= HEIGHT + 7


def _box(name: str, x: float, y: float, place: tuple[str, int, int]) -> _Box:
    align, right, down = place
    width = len(name) * _LETTER
    left = x + right - {"left": 0, "center": width / 2, "right": width}[align]
    return left, y + down - _LINE / 2, left + width, y + down + _LINE / 2


def _meet(one: _Box, other: _Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _shares() -> alt.Axis:
    return alt.Axis(format="%", tickCount=5)


def _chart(marks: Iterable[dict[str, Any]]) -> alt.Chart:
    return alt.Chart(alt.InlineData(values=list(marks)))


_LINK = re.compile(r'<a xlink:href="[^"#]*(#[^"]*)"[^>]*>(<path aria-label="([^"]*)")')
_OPENING = re.compile(r"<svg [^>]*?(width=\"\d+\" height=\"\d+\" viewBox=\"[^\"]*\")[^>]*>")


def _svg(chart: alt.LayerChart | alt.VConcatChart | alt.FacetChart, title: str) -> Markup:
    """A chart as SVG to stand in a page.

    The drawing tool makes links absolute; here they lead into the page again, and each says what it stands for.
    """
    text = "currentColor"
    made = (
        chart.configure(font="system-ui, sans-serif", background="transparent")
        .configure_view(stroke=None)
        .configure_axis(labelColor=text, titleColor=text, gridColor="var(--line)", domainColor="var(--other)",
                        tickColor="var(--other)", titleFontWeight="normal", labelFontSize=11, titleFontSize=12)
        .configure_text(color=text, fontSize=12)
        .configure_legend(labelColor=text, labelFontSize=12, orient="top", labelLimit=0, columnPadding=50)
    )  # fmt: skip
    version = ".".join(alt.SCHEMA_VERSION.split(".")[:2])
    drawn = vl_convert.vegalite_to_svg(made.to_dict(validate=False), vl_version=version)
    linked = _LINK.sub(r'<a href="\1"><title>\3</title>\2', drawn)
    name = escape(title)
    opening = f'class="chart" role="group" aria-label="{name}"><title>{name}</title>'
    return Markup(_OPENING.sub(lambda found: f"<svg {found[1]} {opening}", linked, count=1))
