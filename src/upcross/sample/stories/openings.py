"""Stories of changes that open a door to a second product: competitors, new teams, areas and units, a retired one."""

from __future__ import annotations

from upcross.sample.story import Line, Person, Role, Story, fires, outcome, row, said, talk, trend

NEED = "stated-need"

STORIES = (
    Story(
        "A58", "Konkurrenz Kaffee",
        "The customer is using a competing point solution you could replace, and its contract ends in January.",
        expected=(fires("competitor-replacement", "desk"), fires("competitor-renewal", "desk")),
        industry="Retail", employees=370, csm="carla.mendes",
        people=(Person("Bruno Kaffee", "Head of shop service", "Support"), Person("Wilma Bohn", "Head of sales")),
        lines=(Line("crm", "crm-professional", 60, "2024-02-01", active=trend(44, 48)),),
        rows=(
            row("competitor_products", competitor="Ticketwald", seen_on="2026-05-27", ends_on="2027-01-15",
                source="call", quote="Ticketwald runs until January and nobody here defends it"),
            outcome("crm", "2026-04-29", "Machine leases are renewed before they end", "Wilma Bohn"),
        ),
    ),
    Story(
        "A59", "Neugier Kosmetik",
        "A new team starts asking the CSM questions outside the current scope: the trainers, since August.",
        expected=(fires("new-team", "enablement"), fires("question-out-of-scope", "enablement")),
        industry="Retail", employees=450, csm="julia.wagner",
        people=(Person("Selma Neugier", "Head of studio sales"),
                Person("Robin Fragner", "Head of training", "Training", joined_on="2026-08-10",
                       reports_to="Selma Neugier")),
        lines=(Line("crm", "crm-professional", 85, "2023-08-01", active=trend(62, 67)),),
        rows=(
            row("org_changes", kind="new_team", domain="sales enablement", happened_on="2026-08-03",
                source="LinkedIn", quote="Neugier Kosmetik builds a team that trains its studios"),
            *(said("sales enablement", day, quote, "Robin Fragner", kind="question", source="e-mail", explicit="false")
              for day, quote in (
                  ("2026-08-18", "Can a consultant open a training film from the customer's record?"),
                  ("2026-09-01", "Who can see which training somebody has finished?"),
                  ("2026-09-22", "How do others keep old price lists out of the studios?"))),
            *(talk(day, body, "Robin Fragner", kind="email", direction="inbound")
              for day, body in (
                  ("2026-08-18", "Hello, I run the new training team. Can a consultant open a training film from the"
                   " customer's record? Best, Robin"),
                  ("2026-09-01", "Thanks for the quick answer. And who can see which training somebody has finished?"),
                  ("2026-09-22", "One more: how do others keep old price lists out of the studios?"))),
            outcome("crm", "2026-07-07", "Studios reorder before the shelf is empty", "Selma Neugier",
                    metric="days out of stock", value="-3"),
        ),
    ),
    Story(
        "A60", "Landgang Kreuzfahrt",
        "The customer expands into a new business area that another product serves: a web shop for shore trips.",
        expected=(fires("new-business-area", "cloud"),),
        industry="Hospitality", employees=720, csm="carla.mendes",
        people=(Person("Silvio Landgang", "Chief commercial officer", "Management", "c_level"),
                Person("Henny Mole", "Head of digital sales", "IT")),
        lines=(Line("crm", "crm-professional", 140, "2023-05-01", active=trend(104, 112)),),
        rows=(
            row("org_changes", kind="new_business_area", domain="integration", happened_on="2026-08-24",
                source="press release", quote="From spring on guests book shore trips in a shop of our own"),
            outcome("crm", "2026-05-18", "Travel agencies get an answer in an hour", "Silvio Landgang",
                    metric="hours to answer", value="-5"),
        ),
    ),
    Story(
        "A61", "Zweigwerk Kühltechnik",
        "A second business unit wants the same product: a new buyer and a new budget, worked the cross-sell way.",
        expected=(fires("second-unit", "crm", unit="ventilation"), fires(NEED, "crm", unit="ventilation")),
        industry="Manufacturing", employees=1250, csm="paul.schreiber",
        people=(Person("Margit Zweig", "Head of sales refrigeration", unit="refrigeration",
                       roles=(Role("champion", "crm", "for", "2026-05-20"),)),
                Person("Udo Werk", "Head of sales ventilation", unit="ventilation")),
        lines=(Line("crm", "crm-professional", 110, "2023-02-01", active=trend(82, 88), unit="refrigeration"),),
        rows=(
            row("business_units", business_unit="refrigeration", name="Refrigeration", employees="700",
                potential_users="160"),
            row("business_units", business_unit="ventilation", name="Ventilation", employees="420",
                potential_users="90"),
            said("sales", "2026-09-15", "Refrigeration knows its pipeline, we count index cards. I want what they have",
                 "Udo Werk", kind="need", unit="ventilation"),
            outcome("crm", "2026-06-22", "One order in three comes from a follow-up that used to be forgotten",
                    "Margit Zweig", unit="refrigeration", metric="orders from follow-up", value="12"),
        ),
    ),
    Story(
        "A62", "Formular Amt Nord",
        "It has Forms, which is no longer sold; Content does what Forms did, and nobody has spoken to them yet.",
        industry="Services", employees=330, csm="julia.wagner",
        people=(Person("Gernot Amt", "Head of citizen service", "Support"),),
        lines=(Line("crm", "crm-standard", 45, "2022-10-01", active=trend(30, 33)),
               Line("forms", "forms-team", 1, "2023-03-01", contract="-2")),
        rows=(outcome("crm", "2026-02-26", "Every request has an owner by noon", "Gernot Amt"),),
    ),
    Story(
        "A63", "Zielgerade Leasing",
        "A goal that nothing of ours serves yet: a living plan for each of forty key accounts, due in spring.",
        expected=(fires("objective-gap", "planning"),),
        industry="Financial services", employees=560, csm="carla.mendes",
        people=(Person("Rosalie Ziel", "Head of key accounts", "Key accounts"),),
        lines=(Line("crm", "crm-enterprise", 90, "2023-04-01", active=trend(66, 71)),),
        rows=(
            row("objectives", domain="account planning", set_on="2026-07-27", due_on="2027-03-31",
                sentence="A living plan for each of our forty key accounts by spring", contact_id="Rosalie Ziel"),
            outcome("crm", "2026-06-10", "Fleet customers stay a year longer", "Rosalie Ziel"),
        ),
    ),
    Story(
        "A64", "Gratisprobe Apps",
        "A free plan is used by ten people: a user, no customer yet, and nobody is churned when it stays so.",
        industry="Software", employees=35, csm="tom.becker", region="Benelux",
        people=(Person("Joris Gratis", "Founder", "Management", "c_level"),),
        lines=(Line("cloud", "cloud-developer", 1, "2026-03-01", term_months=0, origin="self_serve",
                    usage={"credits": (1_400, 1_900, 2_300, 2_600, 2_500, 3_100, 3_400), "calls_refused": (1,)}),),
    ),
    Story(
        "A65", "Rückkehr Buchhandel",
        "It left in 2025 and came back a year later: reactivated, which is neither new nor expansion.",
        industry="Retail", employees=95, csm="paul.schreiber",
        people=(Person("Lore Rück", "Managing director", "Management", "c_level"),),
        lines=(
            Line("crm", "crm-standard", 18, "2022-04-01", active=(), ends_on="2025-04-01", cancelled_on="2025-01-20"),
            Line("crm", "crm-standard", 22, "2026-04-01", active=(12, 15, 16, 17, 17, 17), contract="-2"),
        ),
        rows=(outcome("crm", "2026-08-31", "Schools order for the new year in one go", "Lore Rück"),),
    ),
)  # fmt: skip
