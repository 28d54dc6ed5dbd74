"""Health by a published scorecard: parts, weights and points that anybody can recompute by hand.

Each part turns one account signal into 0–100 points by steps; the score is the sum of weight × points ÷ 100, whole
points. A part whose signal is unknown keeps its weight at zero points; the confidence is the share of the weight that
is present, and below the scorecard's minimum the score is unknown. Where a company brings ``health_scores``, its own
score is used and nothing is computed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from pydantic import BaseModel, ConfigDict, Field, field_validator

from upcross.documents import Document, validate
from upcross.errors import Report, Severity, issue_code, suggest
from upcross.signals.model import Scope, Signal, Unit
from upcross.signals.registry import DESCRIBED, Model

SCORECARD = issue_code("scorecard", Severity.ERROR, "The scorecard's parts, weights or points do not fit together.")

HEALTH_SIGNALS = (
    Signal("health_score", Scope.ACCOUNT, Unit.COUNT, "Health in points, 0 (worst) to 100: the company's own, or by the"
           " scorecard.", "the company's own score is missing or stale, or too few parts of the scorecard are known",
           "health"),
    Signal("health_level", Scope.ACCOUNT, Unit.LEVEL, "Red, amber or green: the company's own, or by the scorecard's"
           " limits.", "the score is unknown", "health", levels=("red", "amber", "green")),
    Signal("health_confidence", Scope.ACCOUNT, Unit.RATIO, "Share of the scorecard's weight whose signals are known; 1"
           " for a company's own score.", "the company's own score is missing", "health"),
    Signal("health_source", Scope.ACCOUNT, Unit.TEXT, "Whether health was given by the company or computed by the"
           " scorecard.", "never", "health"),
)  # fmt: skip


class Step(BaseModel):
    """From which value on a part earns how many points."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    start: str = Field(alias="from")
    points: int = Field(ge=0, le=100)

    @field_validator("start", mode="before")
    @classmethod
    def _as_text(cls, value: object) -> str:
        text = str(value).strip()
        try:
            finite = Decimal(text.removesuffix("%")).is_finite()
        except InvalidOperation:
            finite = False
        if not finite:
            raise ValueError("must be a number or a percentage, such as 60% or 3")
        return text

    @property
    def value(self) -> Decimal:
        """The step's start as a plain number: 60% is 0.6."""
        if self.start.endswith("%"):
            return Decimal(self.start[:-1]) / 100
        return Decimal(self.start)


class Part(BaseModel):
    """One part of health: a signal, its weight, and its points by steps."""

    model_config = ConfigDict(extra="forbid")
    name: str
    signal: str
    weight: int = Field(gt=0, le=100)
    points: list[Step] = Field(min_length=1)

    def points_for(self, value: float | int | Decimal | None) -> int | None:
        """The points that a value earns; None for an unknown value, 0 below the first step."""
        if value is None:
            return None
        earned = 0
        for step in self.points:
            if float(value) >= float(step.value):
                earned = step.points
        return earned


class Levels(BaseModel):
    """Below which points health is red, and below which it is amber."""

    model_config = ConfigDict(extra="forbid")
    red_below: int = Field(ge=0, le=100)
    amber_below: int = Field(ge=0, le=100)


class Scorecard(BaseModel):
    """How health is computed; a project replaces it whole."""

    model_config = ConfigDict(extra="forbid")
    minimum_confidence: str = "60%"

    @field_validator("minimum_confidence", mode="before")
    @classmethod
    def _is_share(cls, value: object) -> str:
        text = str(value).strip()
        if not re.fullmatch(r"(100|[0-9]{1,2})%", text):
            raise ValueError("must be a whole percentage from 0% to 100%")
        return text

    levels: Levels
    parts: list[Part] = Field(min_length=1)

    @property
    def minimum_weight(self) -> int:
        """The least weight that must be present, out of 100."""
        return int(Decimal(self.minimum_confidence.removesuffix("%")))


def parse_scorecard(document: Document, signals: Mapping[str, Signal], report: Report) -> Scorecard | None:
    """The scorecard in a document; faults go into the report with their places."""
    scorecard = validate(document, Scorecard, report)
    if scorecard is None:
        return None
    usable = [s.name for s in signals.values() if s.scope is Scope.ACCOUNT and s.unit not in (Unit.TEXT, Unit.LEVEL)]
    for index, part in enumerate(scorecard.parts):
        if part.signal not in usable:
            report.add(SCORECARD.at(document.place("parts", index, "signal"),
                                    f"'{part.signal}' is not a numeric signal of the account scope",
                                    hint=suggest(part.signal, usable) or "`upcross signals` lists them"))  # fmt: skip
        _check_steps(document, index, part, signals, report)
        starts = [step.value for step in part.points]
        if starts != sorted(set(starts)):
            report.add(SCORECARD.at(document.place("parts", index, "points"), "the steps do not rise",
                                    hint="order them by 'from', each once"))  # fmt: skip
    total = sum(part.weight for part in scorecard.parts)
    if total != 100:
        report.add(SCORECARD.at(document.place("parts"), f"the weights sum to {total}", expected="100",
                                hint="change a weight so that they do"))  # fmt: skip
    if scorecard.levels.red_below > scorecard.levels.amber_below:
        report.add(SCORECARD.at(document.place("levels"), "red_below lies above amber_below"))
    return scorecard


def _check_steps(document: Document, index: int, part: Part, signals: Mapping[str, Signal], report: Report) -> None:
    """A ratio is stepped in percentages, anything else in plain numbers: 25 for 25% would never be reached."""
    signal = signals.get(part.signal)
    for number, step in enumerate(part.points):
        place = document.place("parts", index, "points", number, "from")
        percent = step.start.endswith("%")
        if signal is not None and signal.unit is Unit.RATIO and not percent and step.value != 0:
            report.add(SCORECARD.at(place, f"'{part.signal}' is a ratio, and {step.start} is a plain number",
                                    expected="a percentage", hint=f"write {step.start}%"))  # fmt: skip
        if signal is not None and signal.unit is not Unit.RATIO and percent:
            report.add(SCORECARD.at(place, f"'{part.signal}' is a {signal.unit.value}, not a ratio",
                                    hint=f"write {step.start.removesuffix('%')}"))  # fmt: skip


def health_model(scorecard: Scorecard, signals: Mapping[str, Signal], given_within: int | None) -> Model:
    """The SQL model of health: of the company's own scores (given at most that many days ago), or by the scorecard."""
    sql = _given_sql(scorecard, given_within) if given_within is not None else _computed_sql(scorecard)
    reads = ("accounts", "health_scores") if given_within is not None else (DESCRIBED,)
    needs = ("health_scores",) if given_within is not None else ()
    why = (
        f"the company's own score is missing or older than {given_within} days"
        if given_within is not None
        else f"less than {scorecard.minimum_confidence} of the scorecard's weight is known"
    )
    own = tuple(
        Signal(s.name, s.scope, s.unit, s.meaning, why, s.model, needs=needs, levels=s.levels) for s in HEALTH_SIGNALS
    )
    return Model("health", "scorecard.yaml", sql, 1, Scope.ACCOUNT, "Health of the account.", reads, own)


def _level(score: str, scorecard: Scorecard) -> str:
    levels = scorecard.levels
    return (
        f"CASE WHEN {score} < {levels.red_below} THEN 'red' WHEN {score} < {levels.amber_below} THEN 'amber' "
        f"WHEN {score} >= {levels.amber_below} THEN 'green' END"
    )


def _given_sql(scorecard: Scorecard, within: int) -> str:
    return f"""
WITH dated AS (
  SELECT account_id, score, level, ROW_NUMBER() OVER (PARTITION BY account_id ORDER BY measured_on DESC) AS place
  FROM health_scores
  WHERE measured_on >= @days_before({within})
)
SELECT
  a.account_id,
  d.score AS health_score,
  COALESCE(d.level, {_level("d.score", scorecard)}) AS health_level,
  CASE WHEN d.score IS NOT NULL THEN CAST(1 AS DOUBLE) END AS health_confidence,
  'given' AS health_source
FROM accounts AS a
LEFT JOIN dated AS d ON d.account_id = a.account_id AND d.place = 1
"""


def _computed_sql(scorecard: Scorecard) -> str:
    points = []
    for index, part in enumerate(scorecard.parts):
        steps = " ".join(
            f"WHEN {part.signal} >= CAST({step.value} AS DOUBLE) THEN {step.points}" for step in reversed(part.points)
        )
        points.append(f"CASE WHEN {part.signal} IS NULL THEN NULL {steps} ELSE 0 END AS points_{index}")
    earned = " + ".join(f"COALESCE(points_{i}, 0) * {part.weight}" for i, part in enumerate(scorecard.parts))
    present = " + ".join(
        f"CASE WHEN points_{i} IS NULL THEN 0 ELSE {part.weight} END" for i, part in enumerate(scorecard.parts)
    )
    return f"""
WITH pointed AS (
  SELECT account_id, {", ".join(points)}
  FROM {DESCRIBED}
), weighed AS (
  SELECT account_id, ({earned}) // 100 AS earned, {present} AS present
  FROM pointed
), scored AS (
  SELECT account_id, present, CASE WHEN present >= {scorecard.minimum_weight} THEN earned END AS score
  FROM weighed
)
SELECT
  account_id,
  score AS health_score,
  {_level("score", scorecard)} AS health_level,
  CAST(present AS DOUBLE) / 100 AS health_confidence,
  'computed' AS health_source
FROM scored
"""
