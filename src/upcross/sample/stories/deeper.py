"""Stories of accounts that go deeper: more seats, a higher tier, more usage; and seats that look full and are not."""

from __future__ import annotations

from upcross.sample.story import (
    Line,
    Person,
    Step,
    Story,
    fires,
    outcome,
    request,
    row,
    said,
    steady,
    ticket,
    trend,
)

SEATS, TIER, USAGE, FEATURES = "seat-expansion", "tier-upgrade", "usage-expansion", "feature-request-upgrade"

STORIES = (
    Story(
        "A01", "Holländer Zeitarbeit",
        "Slack customer on 200 seats grows to 350 seats as the company hires. Same product, more units.",
        expected=(fires(SEATS, "crm"),),
        industry="Staffing", employees=350,
        people=(Person("Ruth Holländer", "Managing director", "Management", "c_level"),
                Person("Timo Kessler", "Head of branch sales")),
        lines=(Line("crm", "crm-professional", 150, "2023-12-01", active=trend(128, 198),
                    steps=(Step("2025-12-01", 200, "renewal", "2025-11-12"),)),),
        rows=(
            outcome("crm", "2026-05-20", "We fill an open position in 9 days instead of 14", "Timo Kessler",
                    metric="days to fill a position", value="-5"),
            row("org_changes", kind="new_site", happened_on="2026-08-03", source="press release",
                quote="Holländer opens branches in Leipzig and Erfurt and hires 150 consultants"),
        ),
    ),
    Story(
        "A02", "Weberknecht Logistik",
        "A company on a 50 seat plan that has onboarded 48 active users is a clear upsell candidate for more seats.",
        expected=(fires(SEATS, "crm"),),
        industry="Logistics", employees=420, health=88,
        people=(Person("Paula Weberknecht", "Chief commercial officer", seniority="c_level"),),
        lines=(Line("crm", "crm-standard", 50, "2025-02-01", active=trend(41, 48), price="28.15",
                    steps=(Step("2026-05-01", 50, price="29"),)),),
        rows=(
            # a price rise that was absorbed: in force for five months, paid, no complaint, use is up
            row("price_changes", product_id="crm", announced_on="2026-03-02", effective_on="2026-05-01", change="0.03"),
            outcome("crm", "2026-06-11", "Our dispatchers quote a freight in one call instead of three",
                    "Paula Weberknecht", metric="calls per quote", value="-2"),
        ),
    ),
    Story(
        "A03", "Tannenberg Marketing",
        "A team on HubSpot Sales Hub Professional moves to Enterprise to unlock custom objects and forecasting.",
        expected=(fires(FEATURES, "crm"),),
        industry="Media", employees=160,
        people=(Person("Miriam Tannenberg", "Managing partner", "Management", "c_level"),
                Person("Jost Reimers", "Revenue operations lead", "Operations", "manager"),
                Person("Elif Arslan", "Head of key accounts")),
        lines=(Line("crm", "crm-professional", 80, "2024-09-01", active=trend(58, 64)),),
        rows=(
            request("crm", "custom-objects", "2026-07-21", "We track campaigns in a spreadsheet because the CRM has no"
                    " object for them", "Jost Reimers"),
            request("crm", "forecast-scenarios", "2026-08-18", "I need a best and a worst case next to the commit",
                    "Elif Arslan"),
            request("crm", "custom-objects", "2026-09-09", "Media bookings belong next to the deal", "Elif Arslan"),
            outcome("crm", "2026-04-30", "Our forecast was 4 % off last quarter; it used to be 15 %", "Jost Reimers",
                    metric="forecast error", value="-11"),
        ),
    ),
    Story(
        "A04", "Frostbyte Games",
        "A Snowflake-style consumption account crosses its committed credit band and buys a larger annual commit.",
        expected=(fires(USAGE, "cloud"),),
        industry="Software", employees=95, currency="USD", region="North America", csm="tom.becker",
        people=(Person("Dana Whitfield", "VP engineering", "Engineering", "vp"),),
        lines=(Line("cloud", "cloud-commit", 1, "2023-12-01",
                    # 10 of 12 months of the commitment are over: 1,092,500 of 1,200,000 credits are used
                    usage={"credits": (70_000, 72_000, 74_000, 76_000, 78_000, 85_000, 90_000, 95_000, 100_000,
                                       105_000, 110_000, 118_000, 124_000, 130_000, 135_500)}),),
        rows=(
            row("commitments", commitment_id="CM-A04-2025", product_id="cloud", metric="credits", amount="1200000",
                price="52800", currency="USD", starts_on="2025-12-01", ends_on="2026-12-01", overage="rate",
                overage_rate="0.06", booked_on="2025-11-18"),
            outcome("cloud", "2026-06-25", "Match statistics reach players in 4 seconds, half of last year",
                    "Dana Whitfield", metric="seconds to publish", value="-4"),
        ),
    ),
    Story(
        "A05", "Krämer Maschinenbau",
        "A manufacturer using a basic CRM edition that now needs advanced forecasting should upgrade to the next"
        " license tier.",
        expected=(fires(FEATURES, "crm"),),
        industry="Manufacturing", employees=640,
        people=(Person("Georg Krämer", "Head of sales"), Person("Silke Ahrens", "Controller", "Finance", "manager")),
        lines=(Line("crm", "crm-standard", 60, "2024-04-01", active=trend(40, 46)),),
        rows=(
            request("crm", "advanced-forecasting", "2026-08-05", "The works plans capacity by our forecast; a gut"
                    " feeling no longer does", "Georg Krämer"),
            request("crm", "advanced-forecasting", "2026-09-02", "I need the forecast per machine type for the budget",
                    "Silke Ahrens"),
            outcome("crm", "2026-03-19", "No quotation was forgotten this winter", "Georg Krämer",
                    metric="forgotten quotations", value="0"),
        ),
    ),
    Story(
        "A06", "Querwelt Media",
        "A customer on a mid-tier analytics package who keeps hitting query limits should move to enterprise.",
        expected=(fires(TIER, "analytics"), fires(USAGE, "analytics"), fires("limit-hits", "analytics"),
                  fires("hard-stop-ahead", "analytics")),
        industry="Media", employees=210, currency="GBP", region="UK", csm="tom.becker",
        people=(Person("Oliver Hartnell", "Director of insights", "Data"),),
        lines=(Line("analytics", "analytics-growth", 1, "2024-06-01", active=trend(15, 18),
                    usage={"queries": (*trend(72_000, 96_000, 12), 99_400, 100_000, 100_000),
                           "queries_refused": (14, 31, 38)}),),
        rows=(
            ticket("2026-08-27", "Queries refused since yesterday: limit reached again", closed_on="2026-08-28"),
            ticket("2026-09-24", "Limit reached on the 24th, month-end reports are blocked", closed_on="2026-09-25"),
            outcome("analytics", "2026-05-06", "Editors see what is read by noon, not the next day", "Oliver Hartnell",
                    metric="hours to insight", value="-18"),
        ),
    ),
    Story(
        "A07", "Neunfach Design",
        "A percentage alone misleads: 9 of 10 seats is 90 %, and one seat is left.",
        expected=(fires(SEATS, "crm"),),
        industry="Media", employees=14,
        people=(Person("Vera Neun", "Owner", "Management", "c_level"),),
        # from month to month: no renewal date to fold the ask into
        lines=(Line("crm", "crm-standard", 10, "2025-03-01", active=trend(7, 9), term_months=0),),
        rows=(outcome("crm", "2026-07-15", "Every enquiry gets an answer the same day", "Vera Neun",
                      metric="hours to answer", value="-20"),),
    ),
    Story(
        "A08", "Grossmann Handelskontor",
        "A percentage alone misleads: 900 of 1,000 seats is 90 %, and 100 seats are left.",
        industry="Retail", employees=4200, csm="aylin.demir",
        people=(Person("Henrike Grossmann", "Chief sales officer", seniority="c_level"),),
        lines=(Line("crm", "crm-enterprise", 1000, "2022-07-01", active=steady(900)),),
    ),
    Story(
        "A09", "Sturmvogel Energie",
        "900 of 1,000 seats again, but 40 more people a month: full before the quarter is over. Owned by Grossmann.",
        expected=(fires(SEATS, "crm"),),
        industry="Energy", employees=3800, parent="A08", csm="aylin.demir",
        people=(Person("Ansgar Thiele", "Head of distribution sales"),),
        lines=(Line("crm", "crm-professional", 1000, "2023-05-01", active=trend(382, 942)),),
        rows=(outcome("crm", "2026-08-12", "Contract changes take 2 days instead of 6", "Ansgar Thiele",
                      metric="days per change", value="-4"),),
    ),
    Story(
        "A10", "Pünktlich Personal",
        "Exactly 90 %: 45 of 50 seats is on the threshold, and on the threshold fires. Its CSM has left.",
        expected=(fires(SEATS, "crm"),),
        industry="Staffing", employees=70, csm="jonas.kuhn",
        people=(Person("Birte Pünktlich", "Head of sales"),),
        lines=(Line("crm", "crm-standard", 50, "2024-11-01", active=(*trend(36, 45, 12), 45, 45, 45)),),
        rows=(outcome("crm", "2026-02-24", "We place one temp more per recruiter and month", "Birte Pünktlich",
                      metric="placements per recruiter", value="1"),),
    ),
    Story(
        "A11", "Vorsorge Direkt",
        "95 of 100 seats, but 50 more are contracted from November: contracted seats are headroom.",
        industry="Insurance", employees=520,
        people=(Person("Konrad Vogt", "Head of direct sales"),),
        lines=(Line("crm", "crm-professional", 100, "2024-02-01", active=trend(88, 95),
                    steps=(Step("2026-11-01", 150, "contracted_ramp", "2026-02-01"),)),),
    ),
    Story(
        "A12", "Leerstuhl Akademie",
        "All 100 seats are assigned, 55 people are active: seats to reclaim, not seats to sell.",
        expected=(fires("seat-reclaim", "crm"),),
        industry="Education", employees=260, csm="aylin.demir",
        people=(Person("Doris Leerstuhl", "Head of admissions", "Admissions"),),
        lines=(Line("crm", "crm-standard", 100, "2024-06-01", active=steady(55), assigned=steady(100)),),
        rows=(
            # its CSM left in June; who took it over has it in writing
            row("account_assignments", role="csm", person_id="jonas.kuhn", valid_from="2024-10-01",
                valid_until="2026-07-01"),
            row("account_assignments", role="csm", person_id="aylin.demir", valid_from="2026-07-01"),
        ),
    ),
    Story(
        "A13", "Kupferkanne Gastro",
        "A customer mid-renewal who has simply reached a date is no candidate: a contract date never asks alone.",
        industry="Hospitality", employees=130,
        people=(Person("Lutz Kanne", "Operations manager", "Operations", "manager"),),
        lines=(
            Line("crm", "crm-standard", 40, "2024-10-20", active=trend(22, 25)),
            Line("enablement", "enablement-seat", 5, "2026-09-14", active=(5,), status="trial", term_months=0,
                 live_on="2026-09-14", value_on=None),
        ),
        rows=(
            said("compliance", "2026-08-20", "Do you have anything for our hygiene audits?", "Lutz Kanne",
                 kind="need"),
            outcome("crm", "2026-05-05", "Event bookings are up by a fifth", "Lutz Kanne", metric="bookings",
                    value="20"),
        ),
    ),
)  # fmt: skip
