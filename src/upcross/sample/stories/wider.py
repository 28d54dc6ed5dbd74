"""Stories of accounts that go wider: a need was said aloud, and an owned product has proven its value."""

from __future__ import annotations

from upcross.sample.story import Line, Person, Story, fires, outcome, row, said, steady, trend

NEED = "stated-need"

STORIES = (
    Story(
        "A14", "Bergmann Solar",
        "A Salesforce Sales Cloud customer adds Service Cloud. Different product, new buying center (support, not"
        " sales).",
        expected=(fires(NEED, "desk"),),
        industry="Energy", employees=310,
        people=(Person("Ines Bergmann", "Managing director", "Management", "c_level"),
                Person("Rafael Monteiro", "Head of customer service", "Support")),
        lines=(Line("crm", "crm-professional", 70, "2024-03-01", active=trend(50, 55)),),
        rows=(
            outcome("crm", "2026-06-30", "We sign a roof in 19 days, down from 27", "Ines Bergmann",
                    metric="days to signature", value="-8"),
            said("customer support", "2026-09-03", "My team answers warranty cases from a shared mailbox and nobody"
                 " sees which ones are late", "Rafael Monteiro", source="quarterly review"),
            row("org_changes", kind="new_leader", domain="customer support", happened_on="2026-06-15",
                source="LinkedIn", quote="Rafael Monteiro joins Bergmann Solar as head of customer service"),
        ),
    ),
    Story(
        "A15", "Helferlein Telekom",
        "A Zendesk Support customer adds the WFM or QA add-on. Different SKU, often a different budget owner.",
        expected=(fires(NEED, "wfm"), fires(NEED, "qa")),
        industry="Telecommunications", employees=900, csm="tom.becker",
        people=(Person("Anke Helferlein", "VP customer care", "Support", "vp"),
                Person("Mato Perić", "Shift planner", "Operations", "manager"),
                Person("Sina Wolter", "Quality lead", "Support", "manager")),
        lines=(Line("desk", "desk-suite", 180, "2024-05-01", active=trend(140, 149)),),
        rows=(
            outcome("desk", "2026-04-14", "First answers go out in 2 hours instead of 9", "Anke Helferlein",
                    metric="hours to first answer", value="-7"),
            said("workforce planning", "2026-08-11", "I plan 140 shifts in a spreadsheet every Friday, and it is wrong"
                 " by Monday", "Mato Perić"),
            said("conversation quality", "2026-09-17", "We review 1 % of conversations, by hand, and argue about the"
                 " sample", "Sina Wolter", source="e-mail"),
        ),
    ),
    Story(
        "A16", "Vertriebswerk Süd",
        "A company that bought a CRM and now adds a sales enablement platform is cross selling.",
        expected=(fires(NEED, "enablement"), fires("competitor-replacement", "enablement"),
                  fires("competitor-renewal", "enablement")),
        industry="Retail", employees=280,
        people=(Person("Harald Specht", "Sales director"), Person("Jana Roth", "Sales trainer", "Sales", "manager")),
        lines=(Line("crm", "crm-professional", 120, "2023-10-01", active=trend(88, 96)),),
        rows=(
            outcome("crm", "2026-07-08", "Win rate went from 21 to 26 %", "Harald Specht", metric="win rate",
                    value="5"),
            said("sales enablement", "2026-07-29", "New people need five months until their first deal because nobody"
                 " finds the right deck", "Jana Roth"),
            row("competitor_products", competitor="Folienfuchs", seen_on="2026-06-18", ends_on="2027-01-31",
                source="call", quote="We pay for Folienfuchs and half of the team does not open it"),
        ),
    ),
    Story(
        "A17", "Planaria Biotech",
        "A customer using account planning software who adds a content management product is a cross sell.",
        expected=(fires(NEED, "content"),),
        industry="Life sciences", employees=150, csm="aylin.demir",
        people=(Person("Dr. Clara Winter", "Chief commercial officer", seniority="c_level"),
                Person("Ole Brandt", "Documentation lead", "Regulatory", "manager")),
        lines=(Line("planning", "planning-seat", 25, "2024-08-01", active=trend(17, 19)),),
        rows=(
            row("outcomes", product_id="planning", measured_on="2026-05-28", kind="reference",
                contact_id="Dr. Clara Winter", sentence="Happy to tell others how we doubled the plans that get used"),
            said("content management", "2026-09-10", "We mail datasheets around and the hospital gets last year's"
                 " version", "Ole Brandt"),
        ),
    ),
    Story(
        "A18", "Hansa Sparbank",
        "A financial services firm that licenses a core platform and then adds a compliance module from the same vendor"
        " has been cross sold.",
        expected=(fires(NEED, "compliance"),),
        industry="Financial services", employees=1100, csm="aylin.demir",
        people=(Person("Johanna Petersen", "Head of private banking sales"),
                Person("Nils Carstens", "Compliance officer", "Compliance")),
        lines=(Line("crm", "crm-enterprise", 300, "2023-03-01", active=trend(228, 240)),),
        rows=(
            row("objectives", product_id="crm", set_on="2025-11-10", due_on="2026-06-30", met_on="2026-06-18",
                sentence="Every advisor prepares client meetings in the CRM by summer", contact_id="Johanna Petersen"),
            said("compliance", "2026-08-25", "Before the audit in spring we must prove who saw which client file; today"
                 " we cannot", "Nils Carstens", source="quarterly review"),
        ),
    ),
    Story(
        "A19", "Ostermann Versicherung",
        "White space is mapped per business unit: claims bought the CRM after sales did, and now needs a service desk.",
        expected=(fires(NEED, "desk", unit="claims"),),
        industry="Insurance", employees=1500, csm="tom.becker",
        people=(Person("Beate Ostermann", "Head of sales", unit="sales"),
                Person("Yusuf Kaya", "Head of claims", "Claims", unit="claims")),
        lines=(
            Line("crm", "crm-professional", 220, "2023-01-01", active=trend(165, 172), unit="sales"),
            Line("crm", "crm-professional", 60, "2025-02-01", active=trend(38, 47), unit="claims"),
        ),
        rows=(
            row("business_units", business_unit="sales", name="Sales", employees="420", potential_users="300"),
            row("business_units", business_unit="claims", name="Claims", employees="260", potential_users="200"),
            outcome("crm", "2026-06-03", "A claim is acknowledged within the hour", "Yusuf Kaya", unit="claims",
                    metric="minutes to acknowledgement", value="-90"),
            outcome("crm", "2026-03-25", "Agents see every policy of a household", "Beate Ostermann", unit="sales"),
            said("customer support", "2026-09-08", "Callbacks get lost between my team and the hotline", "Yusuf Kaya",
                 unit="claims"),
        ),
    ),
    Story(
        "A20", "Stillwasser Reederei",
        "White space alone is no trigger: its peers own more, nobody here has said a word, so nobody is asked.",
        industry="Logistics", employees=380, csm="tom.becker",
        people=(Person("Inga Stillwasser", "Chartering director"),),
        lines=(
            Line("crm", "crm-professional", 60, "2022-11-01", active=steady(48),
                 usage={"automation_runs": steady(9_600), "runs_stopped": (2, 3)}),
            Line("analytics", "analytics-starter", 1, "2024-01-01", active=steady(6),
                 usage={"queries": trend(9_000, 11_000)}),
            Line("premium-support", "premium-support", 1, "2022-11-01", live_on="2022-11-01", value_on="2022-12-01"),
        ),
        rows=(
            outcome("crm", "2026-01-22", "Every charter enquiry is answered within four hours", "Inga Stillwasser",
                    metric="hours to answer", value="4"),
            said("sales", "2026-08-06", "The mobile app is really good now", "Inga Stillwasser", kind="praise"),
        ),
    ),
)  # fmt: skip
