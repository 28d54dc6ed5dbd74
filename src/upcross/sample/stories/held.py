"""Stories of accounts that would be asked, were it not for a reason not to: each gate alone, and several at once."""

from __future__ import annotations

from upcross.sample.story import Line, Person, Step, Story, holds, outcome, request, row, said, steady, ticket, trend

SEATS, USAGE, FEATURES, NEED = "seat-expansion", "usage-expansion", "feature-request-upgrade", "stated-need"

STORIES = (
    Story(
        "A21", "Rotmann Textil",
        "Pitching expansion to an unhealthy account: a red-health customer who gets an upsell email churns harder.",
        expected=(holds(SEATS, "crm", "health"),),
        industry="Manufacturing", employees=180, health=31, csm="aylin.demir",
        people=(Person("Hannes Rotmann", "Managing director", "Management", "c_level"),),
        lines=(Line("crm", "crm-standard", 50, "2024-07-01", active=steady(49),
                    usage={"automation_runs": steady(2_000), "turned_away": (1,)}),),
        rows=(
            said("sales", "2026-09-01", "If the reports stay this slow we will look around", "Hannes Rotmann",
                 kind="objection"),
            outcome("crm", "2025-12-10", "Sample requests no longer get lost", "Hannes Rotmann"),
        ),
    ),
    Story(
        "A22", "Abendrot Reisen",
        "Do not upsell a customer who is in an adoption dip: 90 people in August, 64 in September.",
        expected=(holds(FEATURES, "crm", "adoption-dip"),),
        industry="Hospitality", employees=240, health=74,
        people=(Person("Moritz Abend", "Head of groups"),
                Person("Lea Sommer", "Product manager", "Product", "manager")),
        lines=(Line("crm", "crm-standard", 100, "2024-05-01", active=(*steady(90, 14), 64)),),
        rows=(
            request("crm", "advanced-forecasting", "2026-07-30", "Can it tell us how many beds to hold?",
                    "Moritz Abend"),
            request("crm", "workflow-automation", "2026-08-12", "We send the same three mails by hand", "Lea Sommer"),
            outcome("crm", "2026-05-13", "Group offers go out in a day", "Moritz Abend"),
        ),
    ),
    Story(
        "A23", "Halbmast Werften",
        "No ask while adoption is below the floor: 21 of 100 seats are in use after two years.",
        expected=(holds(FEATURES, "crm", "adoption-floor"),),
        industry="Manufacturing", employees=1300, health=72,
        people=(Person("Fiete Mast", "Head of refit sales"), Person("Gesa Lund", "Project controller", "Finance")),
        lines=(Line("crm", "crm-professional", 100, "2024-06-15", active=steady(21)),),
        rows=(
            request("crm", "custom-objects", "2026-08-04", "A dock slot is not a deal", "Fiete Mast"),
            request("crm", "forecast-scenarios", "2026-09-15", "We bid in two variants, always", "Gesa Lund"),
            outcome("crm", "2026-04-22", "Refit enquiries are in one place", "Fiete Mast"),
        ),
    ),
    Story(
        "A24", "Frühstart Robotik",
        "A poorly timed upsell can feel like price gouging if the customer is not yet getting value.",
        expected=(holds(SEATS, "crm", "value-delivered"),),
        industry="Manufacturing", employees=60,
        people=(Person("Noah Früh", "Co-founder", "Management", "c_level"),),
        lines=(Line("crm", "crm-standard", 25, "2026-04-01", active=(14, 19, 23, 23, 24, 24), live_on="2026-04-20",
                    value_on=None),),
    ),
    Story(
        "A25", "Eskalin Pharma",
        "Do not upsell a customer who has open support escalations.",
        expected=(holds(SEATS, "crm", "escalation"),),
        industry="Life sciences", employees=500, csm="tom.becker",
        people=(Person("Dr. Petra Eskalin", "Head of field force"),),
        lines=(Line("crm", "crm-professional", 60, "2024-01-01", active=trend(52, 58)),),
        rows=(
            ticket("2026-09-09", "Visit reports vanish after sync", priority="urgent", escalated_on="2026-09-12"),
            outcome("crm", "2026-05-27", "Field force plans 6 visits a day instead of 5", "Dr. Petra Eskalin",
                    metric="visits a day", value="1"),
        ),
    ),
    Story(
        "A26", "Blackout Events",
        "Do not upsell a customer who just experienced an outage.",
        expected=(holds(USAGE, "cloud", "outage"), holds("hard-stop-ahead", "cloud", "outage")),
        industry="Media", employees=75,
        people=(Person("Kim Vossberg", "Chief technology officer", "Engineering", "c_level"),),
        lines=(Line("cloud", "cloud-commit", 1, "2024-01-01", usage={"credits": trend(70_000, 98_000)}),),
        rows=(
            # nine of twelve months are over: 810,000 of 850,000 credits are used
            row("commitments", commitment_id="CM-A26-2026", product_id="cloud", metric="credits", amount="850000",
                price="48000", currency="EUR", starts_on="2026-01-01", ends_on="2027-01-01", overage="hard_stop",
                booked_on="2025-12-09"),
            row("incidents", product_id="cloud", started_on="2026-09-18", ended_on="2026-09-19", severity="major",
                summary="Ticket scans failed for five hours during the autumn fair"),
            outcome("cloud", "2026-06-09", "Entry takes 3 seconds a guest", "Kim Vossberg", metric="seconds a guest",
                    value="3"),
        ),
    ),
    Story(
        "A27", "Streitberg Consulting",
        "Do not upsell a customer who just experienced a billing dispute.",
        expected=(holds(SEATS, "crm", "dispute"),),
        industry="Services", employees=90, csm="aylin.demir",
        people=(Person("Gunda Streitberg", "Partner", "Management", "vp"),),
        lines=(Line("crm", "crm-professional", 40, "2024-03-15", active=trend(35, 39)),),
        rows=(
            row("billing_disputes", opened_on="2026-09-04", amount="708", reason="Twelve seats billed twice in August"),
            outcome("crm", "2026-04-08", "Proposals leave the house two days earlier", "Gunda Streitberg"),
        ),
    ),
    Story(
        "A28", "Preisler Möbel",
        "Do not upsell right after a price increase that has not yet been absorbed.",
        expected=(holds(SEATS, "crm", "price-absorbed"),),
        industry="Retail", employees=330,
        people=(Person("Albrecht Preisler", "Head of contract sales"),),
        lines=(Line("crm", "crm-standard", 70, "2024-08-01", active=trend(60, 67), price="27.10",
                    steps=(Step("2026-09-01", 70, price="29"),)),),
        rows=(
            row("price_changes", product_id="crm", announced_on="2026-07-20", effective_on="2026-09-01", change="0.07"),
            outcome("crm", "2026-06-17", "Fitters get the right drawing the first time", "Albrecht Preisler"),
        ),
    ),
    Story(
        "A29", "Vorlaut Software",
        "Cross selling too early, before the first product has proven value, undermines both products.",
        expected=(holds(NEED, "content", "credibility"),),
        industry="Software", employees=85, csm="tom.becker",
        people=(Person("Ayla Vorlaut", "Head of sales"),),
        lines=(Line("crm", "crm-professional", 30, "2026-03-01", active=(17, 20, 22, 23, 24, 24, 24)),),
        rows=(said("content management", "2026-09-16", "Where do you keep the master of a document? We have five",
                   "Ayla Vorlaut"),),
    ),
    Story(
        "A30", "Baustelle Immobilien",
        "No cross-sell while another product is being implemented.",
        expected=(holds(NEED, "enablement", "implementation"),),
        industry="Real estate", employees=270,
        people=(Person("Ralf Steller", "Sales director"), Person("Nina Hof", "Service manager", "Support", "manager")),
        lines=(
            Line("crm", "crm-professional", 80, "2024-02-01", active=trend(58, 66)),
            Line("desk", "desk-suite", 20, "2026-08-15", active=(8, 12), live_on=None, value_on=None),
        ),
        rows=(
            outcome("crm", "2026-07-02", "Viewings are confirmed within the hour", "Ralf Steller",
                    metric="hours to confirm", value="1"),
            said("sales enablement", "2026-09-11", "Every broker has an exposé of his own making", "Ralf Steller"),
        ),
    ),
    Story(
        "A33", "Allerlei Versand",
        "Several reasons at once: red health, an open escalation and a billing dispute; all of them are named.",
        expected=(holds(SEATS, "crm", "health", "escalation", "dispute"),),
        industry="Retail", employees=210, health=24, csm="aylin.demir", unpaid_since="2026-08-01",
        people=(Person("Egon Allerlei", "Managing director", "Management", "c_level"),),
        lines=(Line("crm", "crm-professional", 45, "2024-08-15", active=steady(44)),),
        rows=(
            ticket("2026-08-26", "Orders are imported twice", priority="high", escalated_on="2026-09-01"),
            row("billing_disputes", opened_on="2026-08-31", amount="2655", reason="August was billed for Enterprise"),
            outcome("crm", "2026-01-29", "Returns are settled in one call", "Egon Allerlei"),
        ),
    ),
)  # fmt: skip
