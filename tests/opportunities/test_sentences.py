from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opportunity_builders import candidate, hold

from upcross.opportunities import Evidence, HoldReason, Missing, Truth, sentences
from upcross.opportunities.sentences import compare, fill, show
from upcross.signals.model import Unit


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (48 / 50, Unit.RATIO, "96%"),
        (2 / 3, Unit.RATIO, "67%"),
        (1.2, Unit.RATIO, "120%"),
        (12_500_000, Unit.MONEY, "1,250 EUR"),
        (-4_000, Unit.MONEY, "0 EUR"),
        (30, Unit.DAYS, "30 days"),
        (1, Unit.DAYS, "1 day"),
        (1048, Unit.COUNT, "1,048"),
        (Decimal("1234.5678"), Unit.AMOUNT, "1,234.57"),
        (Decimal("9000.0000"), Unit.AMOUNT, "9,000"),
        (date(2026, 3, 31), Unit.DATE, "2026-03-31"),
        (True, Unit.FLAG, "yes"),
        (False, Unit.FLAG, "no"),
        ("per_unit", Unit.LEVEL, "per unit"),
        ("uses_this: daily", Unit.TEXT, "uses_this: daily"),
        (None, Unit.RATIO, "unknown"),
        (None, Unit.MONEY, "unknown"),
        (float("nan"), Unit.RATIO, "unknown"),
    ],
)
def test_values_by_unit(value, unit, text):
    assert show(value, unit, "EUR") == text


@pytest.mark.parametrize(
    ("value", "threshold", "unit", "text"),
    [
        (0.9, 0.9, Unit.RATIO, "90%"),
        (0.8996, 0.9, Unit.RATIO, "89.96%"),
        (0.904, 0.9, Unit.RATIO, "90.4%"),
        (0.8949, 0.8945, Unit.RATIO, "89.5%"),  # 89% would look like a miss
        (0.96, Decimal("0.9"), Unit.RATIO, "96%"),
        (9_999_900, 10_000_000, Unit.MONEY, "999.99"),
        (Decimal("99.9996"), 100, Unit.AMOUNT, "99.9996"),
    ],
)
def test_a_value_is_never_rounded_onto_or_across_its_threshold(value, threshold, unit, text):
    assert show(value, unit, beside=threshold) == text


@given(st.floats(0, 2), st.integers(0, 2000))
def test_what_is_shown_stands_on_the_same_side_of_the_threshold(value, thousandths):
    threshold = Decimal(thousandths) / 1000
    shown = Decimal(show(value, Unit.RATIO, beside=threshold).rstrip("%").replace(",", ""))
    exact = Decimal(repr(value))
    assert (shown > threshold * 100) == (exact > threshold)
    assert (shown == threshold * 100) == (exact == threshold)


def evidence(value, operator="", threshold=None, unit=Unit.RATIO, **more):
    return Evidence(
        "the_signal", "seat utilization, lowest of the last 30 days", value, unit, operator, threshold, **more
    )


@pytest.mark.parametrize(
    ("given_evidence", "ending"),
    [
        (evidence(0.96, ">=", 0.9), "96% (threshold 90%)"),
        (evidence(0.8996, ">=", 0.9), "89.96% (threshold 90%)"),
        (evidence(2, "<=", 5, Unit.COUNT), "2 (threshold at most 5)"),
        (evidence(30, ">", 60, Unit.DAYS), "30 days (threshold above 60 days)"),
        (evidence(2, "=", 0, Unit.COUNT), "2 (must be 0)"),
        (evidence("per_unit", "=", "per_unit", Unit.LEVEL), "per unit"),
        (evidence("flat", "in", ("per_unit", "tiered"), Unit.LEVEL), "flat (must be one of per unit, tiered)"),
        (evidence(None, ">=", 0.9), "unknown (threshold 90%)"),
        (evidence(0.96), "96%"),
        (evidence(0.326, ">=", 0.334, against="seat assignment"), "33% (threshold 33.4%, seat assignment)"),
    ],
)
def test_a_comparison_is_one_sentence(given_evidence, ending):
    assert compare(given_evidence) == f"seat utilization, lowest of the last 30 days: {ending}"


def test_the_meter_is_named_and_a_signal_without_words_falls_back_to_its_name():
    used = Evidence("allowance_used", "", 0.95, Unit.RATIO, ">=", 0.9, metric="api_calls")
    assert compare(used) == "allowance used, api calls: 95% (threshold 90%)"


def test_placeholders_are_filled_by_unit_and_what_has_no_value_reads_unknown():
    known = (
        Evidence("seats_active", "active", 48, Unit.COUNT),
        Evidence("seats_potential_expected", "potential", 12_500_000, Unit.MONEY),
    )
    template = "{seats_active} people at {account}; worth {seats_potential_expected} by {renewal_on}"
    assert fill(template, known, "EUR", account="Acme") == "48 people at Acme; worth 1,250 EUR by unknown"


def test_what_a_customer_said_is_never_read_as_a_template():
    said = (Evidence("latest_need", "need", "we need {seats_active} {0.__class__}", Unit.TEXT),)
    assert fill("“{latest_need}”", said) == "“we need {seats_active} {0.__class__}”"


def test_a_noun_counted_in_a_template_is_written_out():
    def told(teams, voices):
        counts = (Evidence("teams", "", teams, Unit.COUNT), Evidence("voices", "", voices, Unit.COUNT))
        return fill("{teams} new team(s), {voices} voice(s) (all)", counts)

    assert told(1, 0) == "1 new team, 0 voices (all)"
    assert told(2, 1) == "2 new teams, 1 voice (all)"
    assert told(None, 1) == "unknown new teams, 1 voice (all)"


def test_what_clears_a_gate_is_told_with_the_facts_that_hold_it():
    open_ = Evidence("escalations_open", "escalations", 1, Unit.COUNT, "=", 0)
    action = "Settle {escalations_open} escalation(s) with the customer"
    held = HoldReason("escalation", Truth.FALSE, "", action=action, evidence=(open_,))
    assert sentences.clearing(held) == "Settle 1 escalation with the customer"


def test_next_step_and_guide_come_from_the_leading_reason():
    free = Evidence("seats_free", "free seats", 2, Unit.COUNT)
    one = candidate(evidence=(free,), next_step="Tell {account}: {seats_free} left", guide=("Thank them", "{product}"))
    assert sentences.next_step(one) == "Tell Acme: 2 left"
    assert sentences.guide(one) == ("Thank them", "CRM")


def test_the_conversation_starts_with_value_or_says_that_only_use_is_measured():
    line = ("They have reached: {value_delivered}",)
    rate = Evidence("seat_utilization_min_30d", "seat utilization", 0.96, Unit.RATIO, ">=", 0.9)
    outcome = Evidence("value_delivered", "latest outcome", "12 hours saved a week", Unit.TEXT)
    unrecorded = Evidence("value_delivered", "latest outcome", None, Unit.TEXT)

    def told(*evidence):
        return sentences.guide(candidate(evidence=evidence, guide=line))[0]

    assert told(rate, outcome) == "They have reached: 12 hours saved a week"
    assert told(rate, unrecorded) == ("They have reached: no outcome is recorded; measured use: seat utilization: 96%")
    assert told(unrecorded) == "They have reached: no outcome is recorded"


def test_a_hold_speaks_of_facts_or_of_what_is_missing():
    open_ = Evidence("escalations_open", "escalations", 2, Unit.COUNT, "=", 0)
    failed = HoldReason("escalation", Truth.FALSE, "{escalations_open} support escalation(s) open", evidence=(open_,))
    assert sentences.hold(failed) == "2 support escalations open"

    absent = hold(
        "escalation",
        Truth.UNKNOWN,
        missing=(Missing("tickets"), Missing("invoices", "paid_on"), Missing("seats", since=date(2026, 2, 1))),
    )
    assert sentences.hold(absent) == (
        "not known: No escalation (missing: table tickets; column invoices.paid_on; table seats from 2026-02-01)"
    )
