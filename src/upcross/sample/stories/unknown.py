"""Stories of accounts about which something is not known: the answer is unknown, which is neither yes nor no."""

from __future__ import annotations

from upcross.sample.story import Expected, Line, Person, Story, fires, holds, outcome, steady, trend

SEATS = "seat-expansion"

STORIES = (
    Story(
        "A31", "Lückenlos Pflege",
        "Seats are counted since September only, so nobody can see a dip; its CSM answers for that by name.",
        expected=(fires(SEATS, "crm", attested=("adoption-dip",)),),
        industry="Health care", employees=140, csm="aylin.demir",
        people=(Person("Maren Loos", "Head of admissions", "Admissions"),),
        lines=(Line("crm", "crm-standard", 30, "2024-09-15", active=(29,)),),
        rows=(outcome("crm", "2026-06-24", "Free beds are filled two days sooner", "Maren Loos",
                      metric="days to fill a bed", value="-2"),),
    ),
    Story(
        "A32", "Neuland Agrar",
        "The same gap without anybody's word: held, because a gate whose data is missing does not pass.",
        expected=(holds(SEATS, "crm", unknown=("adoption-dip",)),),
        industry="Agriculture", employees=120, csm="tom.becker",
        people=(Person("Thies Neuland", "Head of sales"),),
        lines=(Line("crm", "crm-standard", 40, "2024-12-01", active=(39,)),),
        rows=(outcome("crm", "2026-05-19", "Seed orders close a week earlier", "Thies Neuland"),),
    ),
    Story(
        "A34", "Dunkelfeld Security",
        "The seats feed of this account is missing: its seats are unknown, not zero.",
        expected=(
            *(Expected(play, "crm", "unknown", unknown_gates=("adoption-dip", "adoption-floor"))
              for play in (SEATS, "seat-runway")),
            # asks for nothing, so no gate holds it
            Expected("seat-reclaim", "crm", "unknown"),
        ),
        industry="Services", employees=400,
        people=(Person("Xenia Feld", "Regional director"),),
        lines=(Line("crm", "crm-professional", 75, "2024-01-15"),),
        rows=(outcome("crm", "2026-03-04", "Guards report from the site, not from memory", "Xenia Feld"),),
    ),
    Story(
        "A35", "Alte Apotheke Union",
        "A plan that is no longer sold and a line without a price: the ask stands, its money is unknown.",
        expected=(fires(SEATS, "crm"),),
        industry="Retail", employees=55, csm="tom.becker",
        people=(Person("Friedrun Alt", "Chair", "Management", "c_level"),),
        lines=(Line("crm", "crm-legacy", 20, "2021-02-01", active=trend(15, 19), priced=False),),
        rows=(outcome("crm", "2026-04-16", "Members reorder on their own", "Friedrun Alt"),),
    ),
    Story(
        "A36", "Gleichmut Immobilien",
        "A healthy, quiet account with an untidy contract record: nothing to ask, something to check.",
        industry="Real estate", employees=100,
        people=(Person("Tilda Gleich", "Managing director", "Management", "c_level"),),
        lines=(
            Line("crm", "crm-professional", 40, "2024-05-15", active=steady(30), mrr="2300"),
            # recorded with its two days swapped
            Line("enablement", "enablement-seat", 10, "2025-03-01", ends_on="2025-02-01", term_months=0,
                 live_on="2025-03-15", value_on=None),
        ),
        rows=(outcome("crm", "2026-02-11", "Owners get their statement on the first", "Tilda Gleich"),),
    ),
)  # fmt: skip
