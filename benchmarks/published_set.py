"""The benchmark's own signals and plays: 25 signals as models, and 20 families of plays told in several settings.

The models stand in ``published/signals``, the gates in ``published/plays/gates.yaml``, the families in
``published/families.yaml``. They are read by the project's own readers, as a company's would be. Five settings of each
family are the 100 plays of the benchmark; twenty-five are 500.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from pathlib import Path
from typing import Any

import yaml

from upcross.book.snapshot import Snapshot
from upcross.book.store import Manifest
from upcross.errors import ProjectError
from upcross.plays.library import Library, load_library
from upcross.runs import Evaluation
from upcross.signals.frame import Frame
from upcross.signals.registry import Registry, build, project_files

PUBLISHED = Path(__file__).resolve().parent / "published"
SETTINGS = 5
"""Settings of each family: twenty families are 100 plays."""


@dataclass(frozen=True)
class Variant:
    """One play: its family in one setting, with the values of its parameters as plain numbers."""

    id: str
    family: str
    scope: str
    params: Mapping[str, str]
    """As the play's file has them: 90%, 30d, 5."""

    def number(self, name: str) -> Decimal:
        """A parameter as the number that its signal is compared with: 90% is 0.9, 30d is 30."""
        text = self.params[name]
        return Decimal(text[:-1]).scaleb(-2) if text.endswith("%") else Decimal(text.removesuffix("d"))


def families() -> list[dict[str, Any]]:
    """The families as written."""
    return list(yaml.safe_load((PUBLISHED / "families.yaml").read_text(encoding="utf-8")))


def variants(settings: int = SETTINGS) -> list[Variant]:
    """Every play of that many settings, in the order of ids."""
    told = [
        Variant(
            f"{family['id']}-{number:02}", family["id"], family["scope"],
            {name: _moved(str(p["from"]), str(p["by"]), number) for name, p in family["params"].items()},
        )
        for family in families()
        for number in range(settings)
    ]  # fmt: skip
    return sorted(told, key=lambda variant: variant.id)


def _moved(first: str, step: str, number: int) -> str:
    """A parameter in a setting: percentages move by fractions, everything else stays whole."""
    mark = "".join(re.findall(r"[%d]$", first))
    value = Decimal(first.removesuffix(mark)) + Decimal(step.removesuffix(mark)) * number
    return f"{value if mark == '%' else value.to_integral_value(ROUND_FLOOR)}{mark}"


def registry() -> Registry:
    """The benchmark's signals alone, without what is shipped."""
    return build(project_files(PUBLISHED / "signals"))


def library(settings: int = SETTINGS, known: Registry | None = None) -> Library:
    """The plays of that many settings, read from files like any others; raises where one is at fault."""
    by_family = {family["id"]: family for family in families()}
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        (folder / "gates.yaml").write_bytes((PUBLISHED / "plays" / "gates.yaml").read_bytes())
        for variant in variants(settings):
            text = yaml.safe_dump(_play(by_family[variant.family], variant), sort_keys=False)
            (folder / f"{variant.id}.yaml").write_text(text, encoding="utf-8")
        read = load_library((known or registry()).signals, shipped=folder, tests=False)
    if read.left_out:
        raise ProjectError(next(iter(read.left_out.values())))
    return read


def _play(family: Mapping[str, Any], variant: Variant) -> dict[str, Any]:
    adoption = family.get("kind") == "adoption"
    sells = {} if adoption else {"mechanism": family["mechanism"]}
    return {
        "id": variant.id, "title": family["id"].replace("-", " "), "kind": family.get("kind", "ask"), **sells,
        "scope": variant.scope, "status": "stable", "summary": f"{family['id']}, setting {variant.id[-2:]}.",
        "params": dict(variant.params), "when": {"all": family["when"]}, "keep_open_while": {"all": family["keep"]},
        "touch": "csm_note", "owner": {"surface": ["csm"]} | ({} if adoption else {"close": ["ae"]}),
        "respond_within": "5d", "cooldown": "90d", "next_step": "Speak with {account}",
        "guide": ["Start with what was reached: {value_delivered}"],
    }  # fmt: skip


def evaluation(manifest: Manifest, settings: int = SETTINGS, only: int | None = None) -> Evaluation:
    """The benchmark's signals and plays over a book, on its newest day; with ``only``, the first so many plays."""
    known = registry()
    read = library(settings, known)
    if only is not None:
        plays = dict(list(read.plays.items())[:only])
        read = Library(plays, read.gates, read.signals, read.tests, read.gate_tests, read.report, read.left_out)
    day = manifest.newest_day()
    assert day is not None
    return Evaluation(Frame(known, Snapshot(manifest, day, day)), read, ())
