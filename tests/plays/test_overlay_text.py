"""A value set in an overlay's text: that value changes, and nothing else of the file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upcross.errors import ProjectError
from upcross.plays.condition import Literal, read_literal
from upcross.plays.overlay_text import with_params
from upcross.yaml_values import read_values


def literal(text: str) -> Literal:
    found = read_literal(text)
    assert isinstance(found, Literal)
    return found


def changed(source: str, name: str = "fire_at", value: str = "85%") -> str:
    return with_params(source, "seat-expansion", {name: literal(value)}, "plays/overlay.yaml")


def test_a_value_that_is_there_changes_alone_and_every_comment_stays() -> None:
    source = (
        "# ours since spring\nplays:\n  seat-expansion:\n    params:\n      fire_at: 92%   # agreed with Lena\n"
        "      few_seats: 5\n  # not yet\n  tier-upgrade: {status: trial}\n"
    )
    assert changed(source) == source.replace("92%", "85%")


def test_a_parameter_more_stands_behind_the_last_one_of_its_play() -> None:
    source = (
        "plays:\n    seat-expansion:\n        params:\n            few_seats: 5 # small ones\n\n# gates\ngates: {}\n"
    )
    assert changed(source) == source.replace("ones\n", "ones\n            fire_at: 85%\n")


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("", "plays:\n  seat-expansion:\n    params:\n      fire_at: 85%\n"),
        ("plays:\n", "plays:\n  seat-expansion:\n    params:\n      fire_at: 85%\n"),
        ("plays: # none yet\ngates: {}\n", "plays: # none yet\n  seat-expansion:\n    params:\n      fire_at: 85%\ngates: {}\n"),
        ("plays: {}", "plays: {seat-expansion: {params: {fire_at: 85%}}}"),
        ("plays: {seat-expansion: {params: {few_seats: 5}}}", "plays: {seat-expansion: {params: {few_seats: 5, fire_at: 85%}}}"),
        ("plays:\n  tier-upgrade:\n    status: trial", "plays:\n  tier-upgrade:\n    status: trial\n  seat-expansion:\n    params:\n      fire_at: 85%\n"),
    ],
)  # fmt: skip
def test_what_is_not_there_yet_is_added_in_the_way_of_the_file(source: str, wanted: str) -> None:
    assert (
        changed(source).removeprefix("# Settings of this company, laid over the shipped plays and gates.\n") == wanted
    )


def test_a_file_that_says_something_else_there_is_refused_and_not_guessed_at() -> None:
    with pytest.raises(ProjectError, match="cannot be set in this file"):
        changed("plays:\n  - seat-expansion\n")


NAMES = st.sampled_from(["fire_at", "clear_at", "few_seats", "within"])
VALUES = st.sampled_from(["85%", "30d", "12", "0.5", "true"])
PLAYS = st.dictionaries(
    st.sampled_from(["seat-expansion", "tier-upgrade", "limit-hits"]),
    st.fixed_dictionaries({}, optional={"params": st.dictionaries(NAMES, VALUES, max_size=3), "status": st.just("trial")}),
    max_size=3,
)  # fmt: skip


@given(plays=PLAYS, name=NAMES, value=VALUES, flow=st.sampled_from([None, True, False]), indent=st.sampled_from([2, 4]))
def test_whatever_the_file_says_it_says_the_same_and_the_new_value(
    plays: dict[str, dict[str, object]], name: str, value: str, flow: bool | None, indent: int
) -> None:
    import yaml

    source = yaml.safe_dump({"plays": plays, "gates": {"health": {"params": {"min_health": 70}}}},
                            default_flow_style=flow, indent=indent)  # fmt: skip
    before, after = (read_values(text, "x")[0] for text in (source, changed(source, name, value)))
    params = after["plays"]["seat-expansion"]["params"]
    assert str(params.pop(name)).lower() == value
    assert after["gates"] == before["gates"]
    assert {k: v for k, v in after["plays"].items() if k != "seat-expansion"} == {
        k: v for k, v in before["plays"].items() if k != "seat-expansion"
    }
