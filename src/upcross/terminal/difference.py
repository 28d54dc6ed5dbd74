"""A change of plays as text: what it would do to today's asks and each owner's work, and how it would have done."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from upcross.money import display
from upcross.motions import Motion
from upcross.replaying.difference import Difference, Moved
from upcross.replaying.played import PlayReplay
from upcross.replaying.sheet import days, share
from upcross.terminal.page import heading
from upcross.terminal.replay import CASES, led, work, write_rest


def write_difference(out: Console, found: Difference, most: int | None = CASES) -> None:
    """What a change of plays would do: today's asks, each owner's work, then the replay before and after."""
    if not found.changed:
        out.print("No running play is judged otherwise: nothing would change.")
        return
    out.print(Text(f"What would change on {found.as_of}", style="bold"))
    out.print(Padding(f"plays: {', '.join(found.changed)}", (0, 0, 0, 2)))
    for motion in Motion:
        old, new = found.before.fired.of(motion), found.after.fired.of(motion)
        line = (
            f"{motion.lane}: {old.asks} asks of {display(old.expected, found.currency)} a month → {new.asks} of "
            f"{display(new.expected, found.currency)}; held back {found.before.held.of(motion).asks} → "
            f"{found.after.held.of(motion).asks}"
        )
        out.print(Padding(line, (0, 0, 0, 2)))
    for kind in Moved:
        moves = [move for move in found.moves if move.kind is kind]
        if moves:
            heading(out, kind.value.capitalize(), f"{len(moves)}")
            for move in moves[:most]:
                identity = move.identity
                name = found.names.get(identity.account_id, identity.account_id)
                product = found.names.get(identity.product_id, identity.product_id)
                mechanism = identity.mechanism.value if identity.mechanism else identity.task
                known = move.expected is not None
                amount = f"{display(move.expected, found.currency)} a month" if known else "amount unknown"
                by = f", by {', '.join(move.gates)}" if move.gates else ""
                unit = f" / {identity.business_unit}" if identity.business_unit else ""
                out.print(
                    Padding(
                        f"{name}{unit} · {mechanism} · {product}: {amount}, {move.owner}{by}",
                        (0, 0, 0, 2),
                    )
                )
            write_rest(out, len(moves), most)
    if found.workload:
        heading(out, "Open asks by owner")
        for who, (before, after) in found.workload.items():
            out.print(Padding(f"{who}: {before} → {after}", (0, 0, 0, 2)))
    if found.replayed:
        heading(out, "On the history", "before → after")
        for name, *both in found.replayed:
            _write_pair(out, name, both)


def _write_pair(out: Console, name: str, both: Iterable[PlayReplay | None]) -> None:
    for when, item in zip(("before", "after"), both, strict=True):
        told = "not there" if item is None else (
            f"{share(item.score.flagged)} flagged, {days(item.score.lead)} days earlier; "
            f"{led(item.score)} led to one; a week {work(item.score)}"
        )  # fmt: skip
        out.print(Padding(f"{name} {when}: {told}", (0, 0, 0, 2)))
