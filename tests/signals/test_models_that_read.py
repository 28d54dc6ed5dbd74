"""Which models have to be made anew where some tables changed."""

from small_book import registry
from upcross.signals.model import Scope


def test_models_read_tables_directly_or_through_others():
    found = registry().reading({"statements"})
    assert {"needs", "demand", "white_space_frame"} <= found
    assert "seat_use" not in found
    assert registry().reading(()) == frozenset()


def test_health_is_made_anew_where_a_signal_of_its_scorecard_is():
    """The small scorecard has adoption and escalations: tickets change it, statements do not."""
    assert "health" in registry().reading({"tickets"})
    assert "health" not in registry().reading({"statements"})
    assert "health" in registry(given_within=60).reading({"health_scores"})
    assert {m.name for m in registry().of(Scope.METER)}.isdisjoint(registry().reading({"statements"}))
