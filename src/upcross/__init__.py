"""Upcross: the expansion-revenue engine for B2B software companies.

import upcross

project = upcross.open("demo")
upcross.load(project)
plan = upcross.plan(project)
plan.changes                     # the change plan: immutable, with reasons
plan.run.signals("subscription") # Arrow; .to_pandas() for pandas
plan.run.verdicts()              # Arrow
plan.run.sql("subscription", "postgres")
numbers = upcross.metrics(project)     # retention, the bridge, each motion's metrics
upcross.movements(project, month="2026-06").told    # the lines behind them
"""

from upcross.explanation import explain
from upcross.numbers.drilldown import movements
from upcross.numbers.report import metrics
from upcross.pipeline.audit import audit
from upcross.portfolio.segmentation import segments
from upcross.portfolio.white_space import white_space
from upcross.project import open_project as open
from upcross.replaying.difference import diff
from upcross.replaying.replay import replay
from upcross.verbs import check, load, plan

__all__ = [
    "audit",
    "check",
    "diff",
    "explain",
    "load",
    "metrics",
    "movements",
    "open",
    "plan",
    "replay",
    "segments",
    "white_space",
]
