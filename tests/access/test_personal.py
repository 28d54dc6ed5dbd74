"""Those who see no contacts see no name, address or quote of one, wherever in a result it stands."""

from __future__ import annotations

import json

from upcross.access.models import User
from upcross.access.personal import for_eyes_of
from upcross.access.viewer import viewer_of

RESULT = {
    "account_name": "Nordwind",
    "title": "Seats are nearly full",
    "heard": ["“We need 20 seats” - Mia Berg, on sales, 3 days ago"],
    "next_step": "Ask Mia Berg (mia.berg@nordwind.example) about the Miami office",
    "reasons": [
        {
            "evidence": [
                {"signal": "latest_need_by", "unit": "text", "value": "Mia Berg", "source": "statements 4"},
                {"signal": "a_signal_of_their_own", "unit": "text", "value": "We need 20 seats"},
                {"signal": "plan", "unit": "text", "value": "Standard"},
                {"signal": "seats_active", "unit": "count", "value": 48},
            ]
        }
    ],
    "contacts": [{"name": "Mia Berg", "strength": 80}],
}


def test_a_viewer_sees_facts_and_no_person() -> None:
    told = for_eyes_of(viewer_of(User(email="v@vendor.example", role="viewer")), RESULT)
    text = json.dumps(told)
    assert "Berg" not in text and "@" not in text and "20 seats" not in text
    assert told["next_step"] == "Ask (hidden) ((hidden)) about the Miami office"
    assert told["account_name"] == "Nordwind" and told["title"] == "Seats are nearly full"
    assert [item["value"] for item in told["reasons"][0]["evidence"]] == ["(hidden)", "(hidden)", "Standard", 48]
    assert told["contacts"] == [{"name": "(hidden)", "strength": 80}]


def test_a_word_that_somebody_typed_hides_no_key_that_happens_to_be_the_same() -> None:
    viewer = viewer_of(User(email="v@vendor.example", role="viewer"))
    told = for_eyes_of(viewer, {"motion": "upsell", "comment": "upsell", "said": "they said: upsell now"})
    assert told == {"motion": "upsell", "comment": "(hidden)", "said": "they said: (hidden) now"}


def test_whoever_works_with_customers_sees_the_result_as_it_is() -> None:
    assert for_eyes_of(viewer_of(User(email="l@vendor.example", role="csm", person_id="lena")), RESULT) == RESULT
