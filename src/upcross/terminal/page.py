"""What every page on a terminal is made of: the console, headings, reports of faults, and amounts."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from upcross.errors import Issue, Report, Severity
from upcross.money import display
from upcross.opportunities import Potential

STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.NOTE: "dim"}
"""How issues of a severity look."""


def console(*, error: bool = False) -> Console:
    """A console that wraps at the terminal's width and colours only where somebody looks."""
    return Console(stderr=error, highlight=False, soft_wrap=False)


def heading(out: Console, title: str, told: str = "") -> None:
    """A section's title, and what it amounts to."""
    out.print()
    out.print(Text(title, style="bold") + Text(f"  {told}" if told else "", style="dim"))


def write_report(out: Console, report: Iterable[Issue], *, most: int | None = None) -> None:
    """Issues, errors first; with ``most``, only so many, and how many more there are."""
    order = list(Severity)
    issues = sorted(report, key=lambda issue: order.index(issue.severity))
    for issue in issues[:most]:
        line = Text(f"{issue.severity.value:<8}", style=STYLES[issue.severity])
        where = f"{issue.place}: " if issue.place and str(issue.place) else ""
        line.append(f"{where}{issue.message}", style="default")
        if issue.examples:
            line.append(f" (for example {'; '.join(issue.examples)})", style="default")
        if issue.expected:
            line.append(f"; expected {issue.expected}", style="default")
        line.append(f" [{issue.code}]", style="dim")
        out.print(Padding(line, (0, 0, 0, 2)))
        if issue.costs:
            out.print(Padding(Text(f"costs: {issue.costs}", style="dim"), (0, 0, 0, 12)))
        if issue.hint:
            out.print(Padding(Text(f"→ {issue.hint}", style="dim"), (0, 0, 0, 12)))
    if most is not None and len(issues) > most:
        out.print(Padding(Text(f"and {len(issues) - most} more: upcross check", style="dim"), (0, 0, 0, 10)))


def counted(report: Report) -> str:
    """How many errors, warnings and notes a report holds."""
    parts = []
    for severity in Severity:
        count = len(report.of(severity))
        if count:
            parts.append(f"{count} {severity.value}{'' if count == 1 else 's'}")
    return ", ".join(parts) or "nothing to report"


def potential(amount: Potential, currency: str) -> str:
    """An expected amount with its range: "+1,250 EUR a month (900 to 2,400)"."""
    if amount.expected is None:
        return "amount unknown"
    text = f"+{display(amount.expected, currency)} a month"
    low, high = display(amount.floor), display(amount.ceiling)
    if amount.floor == amount.expected == amount.ceiling:
        return text
    return f"{text} ({low} to {high})"
