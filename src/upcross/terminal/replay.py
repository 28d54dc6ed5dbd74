"""A replay as text: what it is and how true, then each motion's plays, then one play case by case, or a sweep."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from rich.console import Console
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from upcross.measure.scoring import STANDINGS, Fate, Foreseen, Score, Standing
from upcross.money import display
from upcross.motions import Motion
from upcross.plays.play import PlayKind
from upcross.replaying.fidelity import Known
from upcross.replaying.judged import Gates
from upcross.replaying.played import PlayReplay
from upcross.replaying.replay import Replay
from upcross.replaying.sheet import days, share
from upcross.terminal.page import heading

CASES = 12
"""Lines of each list that are printed."""


def write_replay(out: Console, replay: Replay, most: int | None = CASES) -> None:
    """The whole replay; of a single play also its cases, the first ``most`` of each list."""
    period = replay.period
    out.print(Text(f"Replay from {period.first} to {period.last}, every {period.step.value}", style="bold"))
    told = (
        f"Each play as it would have been judged at the end of each of {len(period.days)} days, with its gates, its "
        f"cooldown and the limits on asks. An alert counts as right where the customer decided on such an expansion "
        f"within {replay.window} days. What happened is known through {replay.through}."
    )
    out.print(Padding(Text(told, style="dim"), (0, 0, 0, 2)))
    if replay.gates is not Gates.ALL:
        out.print(Padding(Text(f"What if: {replay.gates.meaning}.", style="yellow"), (0, 0, 0, 2)))
    _write_fidelity(out, replay)
    _write_what_gates_do(out, replay)
    for motion in Motion:
        plays = [item for item in replay.plays if item.play.motion is motion]
        if plays:
            heading(out, f"{motion.lane.capitalize()} ({motion.value.replace('_', '-')})")
            _write_plays(out, plays)
            if motion in replay.together:
                _write_together(out, replay.together[motion])
    work = [item for item in replay.plays if item.play.kind is PlayKind.ADOPTION]
    if work:
        heading(out, "Adoption work", "sells nothing, so that there is no expansion to hold it against")
        for item in work:
            out.print(Padding(f"{item.play.id}: {len(item.score.followed)} alerts", (0, 0, 0, 2)))
    if replay.sweep:
        _write_sweep(out, replay)
    if len(replay.plays) == 1 and not replay.sweep:
        _write_cases(out, replay, replay.plays[0], most)
    elif not replay.sweep:
        out.print()
        out.print(
            Text("Read the cases: upcross replay --play PLAY, or all of them: upcross replay --html FILE", style="dim")
        )


def _write_fidelity(out: Console, replay: Replay) -> None:
    tables = replay.fidelity.tables
    by_known = {known: [name for name, how in tables.items() if how is known] for known in Known}
    for known, names in by_known.items():
        if names:
            shown = ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
            line = Text(f"{known.value}: ", style="bold").append(f"{shown} - {known.meaning}", style="dim")
            out.print(Padding(line, (0, 0, 0, 2)))
    if replay.fidelity.offer:
        line = Text("our offer and team: ", style="bold").append("as they are today", style="dim")
        out.print(Padding(line, (0, 0, 0, 2)))


def _write_what_gates_do(out: Console, replay: Replay) -> None:
    """Where gates leave nearly nothing to look at, the way to see what is behind them."""
    alerts = sum(len(item.score.followed) for item in replay.plays)
    held = sum(len(item.score.held) for item in replay.plays)
    if replay.gates is Gates.ALL and held > 4 * alerts:
        told = (
            f"Gates held {held} asks back and let {alerts} by: --gates known replays as if those whose data is missing "
            "were attested, --gates none the triggers alone."
        )
        out.print(Padding(Text(told, style="yellow"), (0, 0, 0, 2)))


def _write_plays(out: Console, plays: Sequence[PlayReplay]) -> None:
    silent = [item.play.id for item in plays if not item.score.followed and not item.score.held] if plays[1:] else []
    grid = Grid(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("play", "expansions flagged", "days earlier", "alerts that led", "too young", "then shrank",
                 "against chance", "a week"):  # fmt: skip
        grid.add_column(name, header_style="dim", no_wrap=name == "play", min_width=9 if "ed" in name else None)
    for item in plays:
        if item.play.id in silent:
            continue
        score = item.score
        shrank = str(score.shrank.hits) if score.shrank.of else "–"
        grid.add_row(item.play.id, share(score.flagged), days(score.lead), led(score), _young(score), shrank,
                     _chance(item), work(score))  # fmt: skip
    if grid.row_count:
        out.print(Padding(grid, (0, 0, 0, 2)))
    if silent:
        out.print(Padding(Text(f"neither asked nor held on any day: {', '.join(silent)}", style="dim"), (0, 0, 0, 2)))
    for thin in dict.fromkeys(
        t for item in plays for t in (item.score.flagged.thin,) if t and item.play.id not in silent
    ):
        out.print(Padding(Text(thin, style="dim"), (0, 0, 0, 2)))


def led(score: Score) -> str:
    """How many alerts led to an expansion, of those old enough to tell."""
    return share(score.led) if score.led.of else "–" if score.followed else "no alerts"


def _young(score: Score) -> str:
    young = sum(not item.mature for item in score.followed)
    return str(young) if young else "–"


def _chance(item: PlayReplay) -> str:
    chance = item.score.chance
    return f"{chance.lift:.1f}× as often" if item.beats_chance and chance and chance.lift else item.against_chance


def work(score: Score) -> str:
    """New alerts a week, in all, and the most that one owner had in one."""
    load = score.workload
    return f"{load.alerts / load.weeks:.1f}; {load.busiest} at most" if load.alerts else "–"


def _write_together(out: Console, score: Score) -> None:
    if not score.followed and not score.flagged.of:
        return
    told = (
        f"all together, within the limits on asks: {share(score.flagged)} flagged, {days(score.lead)} days earlier; "
        f"alerts that led to one: {led(score)}; a week {work(score)} for one owner"
    )
    out.print(Padding(Text(told), (0, 0, 0, 2)))


def _write_sweep(out: Console, replay: Replay) -> None:
    assert replay.sweep is not None
    heading(out, f"{replay.plays[0].play.id}: {replay.sweep.param}", "the value that it has is marked ►")
    grid = Grid(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in (
        "",
        replay.sweep.param,
        "expansions flagged",
        "days earlier",
        "alerts that led to one",
        "alerts a week",
    ):
        grid.add_column(name, header_style="dim")
    for point in replay.sweep.points:
        score = point.replayed.score
        grid.add_row("►" if point.chosen else "", point.value, share(score.flagged), days(score.lead), led(score),
                     _young(score), work(score))  # fmt: skip
    out.print(Padding(grid, (0, 0, 0, 2)))


def _write_cases(out: Console, replay: Replay, item: PlayReplay, most: int | None) -> None:
    score, currency = item.score, replay.currency
    if item.baselines:
        heading(out, "Beside rules that anybody could follow")
        grid = Grid(box=None, pad_edge=False, padding=(0, 2, 0, 0))
        for name in ("rule", "alerts", "expansions flagged", "alerts that led to one", ""):
            grid.add_column(name, header_style="dim")
        rows = [(item.play.id, len(score.followed), score.flagged.value, score.led.value, item.play.title)]
        rows += [(b.name, b.alerts, b.flagged, b.led, b.meaning) for b in item.baselines]
        for name, alerts, flagged, led, meaning in rows:
            grid.add_row(name, f"{alerts:,}", _percent(flagged), _percent(led), Text(meaning, style="dim"))
        out.print(Padding(grid, (0, 0, 0, 2)))
    load = score.workload
    if load.per_owner_and_week is not None:
        told = f"{load.per_owner_and_week:.2f} new alerts per owner and week, {load.busiest} at most"
        out.print(Padding(Text(f"work: {told}", style="dim"), (0, 0, 0, 2)))
    today = replay.fidelity.plays.get(item.play.id, {})
    if today:
        told = "; ".join(f"{name} ({', '.join(tables)})" for name, tables in today.items())
        out.print(Padding(Text(f"the trigger reads today's values on past days: {told}", style="dim"), (0, 0, 0, 2)))
    money = score.money
    heading(out, "Expansions that happened", f"{display(money.flagged, currency)} a month flagged, "
            f"{display(money.held)} held, {display(money.missed)} missed")  # fmt: skip
    for case in score.foreseen[:most]:
        out.print(Padding(_case(case, replay), (0, 0, 0, 2)))
    write_rest(out, len(score.foreseen), most)
    gates = Counter(gate for case in score.foreseen if case.standing is Standing.HELD for gate in case.gates)
    if gates:
        told = ", ".join(f"{gate} {count}" for gate, count in gates.most_common())
        out.print(Padding(Text(f"what held it before an expansion: {told}", style="dim"), (0, 0, 0, 2)))
    heading(out, "Alerts", f"{len(score.followed)}, of which {score.backlog} stood when the replay began")
    for followed in score.followed[:most]:
        alert = followed.alert
        what = _FATES[followed.fate]
        if followed.expansion and followed.fate is not Fate.TOO_YOUNG:
            what = f"led to {display(followed.expansion.mrr, currency)} decided on {followed.expansion.decided_on}"
        line = f"{alert.opened_on}  {_of(replay, alert.identity.account_id, alert.identity.business_unit)} · "
        line += f"{replay.names.get(alert.identity.product_id, alert.identity.product_id)}: {what}"
        out.print(Padding(line, (0, 0, 0, 2)))
    write_rest(out, len(score.followed), most)
    out.print()
    example = next((c.expansion for c in score.foreseen if c.standing is not Standing.FLAGGED), None)
    if example:
        before = example.decided_on - timedelta(days=1)
        command = f"upcross explain {example.account_id} --play {item.play.id} --as-of {before}"
        out.print(Text(f"Why it did not ask: {command}", style="dim"))


_FATES = {
    Fate.LED: "led to an expansion",
    Fate.SHRANK: "the customer shrank or left",
    Fate.NOTHING: "nothing followed",
    Fate.TOO_YOUNG: "too young to tell",
}


def _case(case: Foreseen, replay: Replay) -> Text:
    expansion = case.expansion
    line = Text(f"{expansion.decided_on}  {_of(replay, expansion.account_id, expansion.business_unit)} · ")
    line.append(
        f"{replay.names.get(expansion.product_id, expansion.product_id)} +{display(expansion.mrr, replay.currency)}: "
    )
    match case.standing:
        case Standing.FLAGGED:
            line.append(f"flagged {'at least ' if case.at_least else ''}{case.lead} days before", style="green")
        case Standing.HELD:
            line.append(f"held by {', '.join(case.gates)}", style="yellow")
        case _:
            line.append(STANDINGS[case.standing], style="dim")
    return line


def _of(replay: Replay, account: str, unit: str) -> str:
    return replay.names.get(account, account) + (f" / {unit}" if unit else "")


def write_rest(out: Console, count: int, most: int | None) -> None:
    """How many more there are than were printed."""
    if most is not None and count > most:
        out.print(Padding(Text(f"and {count - most} more: --most 0", style="dim"), (0, 0, 0, 2)))


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.0%}"
