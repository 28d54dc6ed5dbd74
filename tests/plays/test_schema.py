"""The schemas that editors use: they accept every shipped file and refuse what the reader refuses."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
import yaml

from upcross.plays.gate import GateText
from upcross.plays.library import NOT_PLAYS, SHIPPED, load_library
from upcross.plays.play import PlayText
from upcross.plays.schema import DRAFT, FILES, MEANINGS
from upcross.signals.registry import shipped

jsonschema = pytest.importorskip("jsonschema", reason="pip install 'upcross[dev]'")
LIBRARY = load_library(shipped(), None)
SCHEMAS = {name: make(LIBRARY) for name, make in FILES.items()}
PLAYS = sorted(path for path in SHIPPED.glob("*.yaml") if path.name not in NOT_PLAYS and ".test." not in path.name)


def faults(kind: str, data: Any) -> list[str]:
    checker = jsonschema.Draft202012Validator(SCHEMAS[kind], format_checker=jsonschema.FormatChecker())
    return [error.message for error in checker.iter_errors(data)]


def read(text: str) -> Any:
    """YAML as an editor sees it: days and dates are text."""
    return yaml.load(text, Loader=_Plain)


class _Plain(yaml.SafeLoader):
    pass


_Plain.yaml_implicit_resolvers = {
    key: [(tag, found) for tag, found in listed if not tag.endswith("timestamp")]
    for key, listed in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@pytest.mark.parametrize("kind", FILES)
def test_each_schema_is_one(kind):
    assert SCHEMAS[kind]["$schema"] == DRAFT
    jsonschema.Draft202012Validator.check_schema(SCHEMAS[kind])


@pytest.mark.parametrize("path", PLAYS, ids=lambda path: path.stem)
def test_every_shipped_play_fits(path):
    assert faults("play", read(path.read_text("utf-8"))) == []


def test_shipped_gates_and_scorecard_fit():
    assert faults("gates", read((SHIPPED / "gates.yaml").read_text("utf-8"))) == []
    assert faults("scorecard", read((SHIPPED / "scorecard.yaml").read_text("utf-8"))) == []


PLAY = read((SHIPPED / "seat-expansion.yaml").read_text("utf-8"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"titel": "x"}, "'titel' was unexpected"),
        ({"respond_within": "5 days"}, "'5 days' does not match"),
        ({"status": "live"}, "'live' is not one of"),
        ({"potential": "seat_potential"}, "'seat_potential' is not one of"),
        ({"owner": {"surface": ["cms"], "close": ["ae"]}}, "'cms' is not one of"),
        ({"when": {"all": ["seat_utilisation >= 90%"]}}, "not valid under any"),
        ({"when": {"every": ["seats_free <= 3"]}}, "not valid under any"),
        ({"gates": {"tighten": {"helth": {}}}}, "'helth' was unexpected"),
        ({"gates": {"tighten": {"health": {"min_helth": 80}}}}, "'min_helth' was unexpected"),
        ({"show": ["seats"]}, "'seats' is not one of"),
    ],
)
def test_a_mistake_in_a_play_is_seen_while_typing(change, said):
    assert any(said in fault for fault in faults("play", {**deepcopy(PLAY), **change}))


def test_what_is_left_out_is_seen_too():
    assert any(
        "'guide' is a required property" in fault
        for fault in faults("play", {k: v for k, v in PLAY.items() if k != "guide"})
    )


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("overlay", "plays: {seat-expansion: {params: {fire_at: 95%}, status: trial}}\ngates: {health: {holds: [upsell]}}",
         "plays: {seat-expansion: {params: {fires_at: 95%}}}"),
        ("overlay", "plays: {}", "plays: {seat-expansio: {status: trial}}"),
        ("attestations", "- {gate: dispute, scope: {account: A1}, by: Lena, why: paid, from: 2026-01-01, until: 2026-03-01}",
         "- {gate: health, scope: book, by: Lena, why: fine, from: 2026-01-01, until: 2026-03-01}"),
        ("attestations", "attestations: [{gate: dispute, scope: book, by: L, why: w, from: 2026-01-01, until: 2026-03-01}]",
         "- {gate: dispute, scope: all, by: Lena, why: fine, from: 2026-01-01, until: 2026-03-01}"),
        ("gates", "[]", "- {id: mine}"),
    ],
)  # fmt: skip
def test_other_files(kind, good, bad):
    assert faults(kind, read(good)) == []
    assert faults(kind, read(bad))


def test_every_field_says_what_it_is():
    for model in (PlayText, GateText):
        assert set(model.model_fields) <= set(MEANINGS), "add the field to MEANINGS"
