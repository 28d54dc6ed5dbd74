"""A replay as rows, one for each play, and as plain values with every case behind them."""

from __future__ import annotations

from typing import Any

from upcross.measure.alerts import Alert
from upcross.measure.scoring import Followed, Foreseen, Score
from upcross.measure.statistics import Middle, Proportion
from upcross.opportunities.evidence import amount
from upcross.replaying.difference import Difference
from upcross.replaying.played import PlayReplay
from upcross.replaying.replay import Replay
from upcross.sheets import Sheet, Value
from upcross.signals.model import Unit

COLUMNS = {
    "play": Unit.TEXT, "motion": Unit.LEVEL, "mechanism": Unit.LEVEL, "kind": Unit.LEVEL, "expansions": Unit.COUNT,
    "flagged": Unit.COUNT, "flagged_share": Unit.RATIO, "flagged_low": Unit.RATIO, "flagged_high": Unit.RATIO,
    "lead_days": Unit.AMOUNT, "lead_low": Unit.AMOUNT, "lead_high": Unit.AMOUNT, "lead_at_least": Unit.FLAG,
    "alerts": Unit.COUNT, "backlog": Unit.COUNT, "alerts_old_enough": Unit.COUNT, "led": Unit.COUNT,
    "led_share": Unit.RATIO, "led_low": Unit.RATIO, "led_high": Unit.RATIO, "shrank": Unit.COUNT,
    "per_owner_and_week": Unit.RATIO, "busiest_week": Unit.COUNT, "by_chance": Unit.RATIO, "lift": Unit.RATIO,
    "beats_chance": Unit.FLAG, "mrr_flagged": Unit.MONEY, "mrr_held": Unit.MONEY, "mrr_missed": Unit.MONEY,
    "thin": Unit.TEXT,
}  # fmt: skip
SHORT = ("play", "motion", "expansions", "flagged", "lead_days", "alerts_old_enough", "led", "shrank", "beats_chance")


def replay_sheet(replay: Replay) -> Sheet:
    """One row for each play, or, where a parameter was swept, one for each of its values."""
    swept = [(p.value, p.replayed) for p in replay.sweep.points] if replay.sweep else []
    columns = ({replay.sweep.param: Unit.TEXT} if replay.sweep else {}) | COLUMNS
    rows = [(value, *_row(item)) for value, item in swept] or [_row(item) for item in replay.plays]
    return Sheet(columns, tuple(rows))


def _row(item: PlayReplay) -> tuple[Value, ...]:
    play, score = item.play, item.score
    flagged, led, lead, chance, money = score.flagged, score.led, score.lead, score.chance, score.money
    return (
        play.id.partition("@")[0], play.motion.value if play.motion else None,
        ", ".join(mechanism.value for mechanism in play.mechanism) or None, play.kind.value, flagged.of, flagged.hits,
        flagged.value, flagged.low, flagged.high, lead.value, lead.low, lead.high, lead.at_least,
        score.workload.alerts, score.backlog, led.of, led.hits, led.value, led.low, led.high, score.shrank.hits,
        score.workload.per_owner_and_week, score.workload.busiest,
        chance.expected / led.of if chance and led.of else None, chance.lift if chance else None, item.beats_chance,
        money.flagged, money.held, money.missed, "; ".join(t for t in (flagged.thin, led.thin) if t) or None,
    )  # fmt: skip


def replay_facts(replay: Replay) -> dict[str, Any]:
    """The replay as plain values, for JSON: shares of 1, amounts in currency units, every expansion and alert."""
    period = replay.period
    return {
        "from": period.first.isoformat(),
        "to": period.last.isoformat(),
        "step": period.step.value,
        "days_replayed": len(period.days),
        "window_days": replay.window,
        "known_through": replay.through.isoformat(),
        "currency": replay.currency,
        "gates": replay.gates.value,
        "plays": [_play(item) for item in replay.plays],
        "together": {motion.value: _score(found) for motion, found in replay.together.items()},
        "sweep": {
            "param": replay.sweep.param,
            "points": [{"value": p.value, "chosen": p.chosen, **_score(p.replayed.score)} for p in replay.sweep.points],
        }
        if replay.sweep
        else None,
        "fidelity": replay.fidelity.to_dict(),
    }


def _play(item: PlayReplay, *, cases: bool = True) -> dict[str, Any]:
    play, score = item.play, item.score
    facts = {
        "play": play.id,
        "version": play.version,
        "kind": play.kind.value,
        "motion": play.motion.value if play.motion else None,
        "mechanisms": [mechanism.value for mechanism in play.mechanism],
        **_score(score),
        "beats_chance": item.beats_chance,
        "against_chance_told": item.against_chance,
        "baselines": [baseline.to_dict() for baseline in item.baselines],
    }
    if cases:
        facts["cases"] = {
            "expansions": [_foreseen(case) for case in score.foreseen],
            "alerts": [_followed(case) for case in score.followed],
        }
    return facts


def _score(score: Score) -> dict[str, Any]:
    load, money, chance = score.workload, score.money, score.chance
    return {
        "expansions_flagged": score.flagged.to_dict(),
        "lead_days": score.lead.to_dict(),
        "alerts": {"new": load.alerts, "backlog": score.backlog, "weeks": load.weeks, "by_owner": dict(load.by_owner),
                   "per_owner_and_week": load.per_owner_and_week, "busiest_week_of_one_owner": load.busiest},
        "alerts_that_led": score.led.to_dict(),
        "alerts_then_shrank": score.shrank.to_dict(),
        "too_young_to_tell": sum(not item.mature for item in score.followed),
        "against_chance": chance.to_dict() if chance else None,
        "mrr": {"flagged": amount(money.flagged), "held": amount(money.held), "missed": amount(money.missed),
                "potential_of_alerts": amount(money.potential), "alerts_of_unknown_amount": money.unknown},
    }  # fmt: skip


def _foreseen(case: Foreseen) -> dict[str, Any]:
    expansion = case.expansion
    return {
        **expansion.to_dict(), "mrr": amount(expansion.mrr), "standing": case.standing.value, "lead_days": case.lead,
        "at_least": case.at_least, "gates": list(case.gates),
        "alert_opened_on": case.alert.opened_on.isoformat() if case.alert else None,
    }  # fmt: skip


def _followed(case: Followed) -> dict[str, Any]:
    return {
        **_alert(case.alert),
        "what_followed": case.fate.value,
        "expansion_on": case.expansion.decided_on.isoformat() if case.expansion else None,
        "shrank_on": case.shrinkage.on.isoformat() if case.shrinkage else None,
        "by_chance": float(case.chance) if case.chance is not None else None,
    }


def _alert(alert: Alert) -> dict[str, Any]:
    return {
        **alert.identity.to_dict(), "opened_on": alert.opened_on.isoformat(), "backlog": alert.backlog,
        "closed_on": alert.closed_on.isoformat() if alert.closed_on else None, "why_closed": alert.why_closed or None,
        "owner": alert.owner, "expected": amount(alert.expected),
    }  # fmt: skip


def difference_facts(found: Difference) -> dict[str, Any]:
    """What a change of plays would do, as plain values for JSON."""
    return {
        "as_of": found.as_of.isoformat(),
        "currency": found.currency,
        "changed_plays": list(found.changed),
        "totals": {"before": found.before.to_dict(), "after": found.after.to_dict()},
        "changes": [
            {**change.identity.to_dict(), "account": found.names.get(change.identity.account_id),
             "change": change.kind.value, "expected": amount(change.expected), "owner": change.owner,
             "gates": list(change.gates)}
            for change in found.moves
        ],
        "workload": {who: {"before": before, "after": after} for who, (before, after) in found.workload.items()},
        "replay": [
            {"play": name, "before": _play(before, cases=False) if before else None,
             "after": _play(after, cases=False) if after else None}
            for name, before, after in found.replayed
        ],
    }  # fmt: skip


def share(found: Proportion) -> str:
    """A share with its interval as people read it: "79 of 184 (34–52%)"; its reason where there is nothing to share."""
    if found.value is None:
        return found.reason or "–"
    interval = "" if found.low is None or found.high is None else f" ({100 * found.low:.0f}–{found.high:.0%})"
    return f"{found.hits} of {found.of}{interval}"


def days(found: Middle) -> str:
    """A median of days as people read it: "99 (88–110)", "≥ 102" where lower bounds decide it."""
    if found.value is None:
        return "–"
    low = "" if found.low is None else f"{found.low:.0f}"
    high = "" if found.high is None else f"{found.high:.0f}"
    interval = f" ({low}–{high})" if low and high else f" (from {low})" if low else ""
    return f"{'≥ ' if found.at_least else ''}{found.value:.0f}{interval}"
