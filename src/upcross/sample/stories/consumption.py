"""Stories of how something is bought and used: pools, pauses, idle seats, people turned away, overage, support."""

from __future__ import annotations

from upcross.sample.story import (
    Line,
    Person,
    Role,
    Step,
    Story,
    fires,
    holds,
    outcome,
    row,
    said,
    steady,
    talk,
    ticket,
    trend,
)

SEATS = "seat-expansion"

_POOL = {"pool_id": "P-KLINIKBUND", "holder_account_id": "A37", "product_id": "desk", "valid_from": "2025-01-01"}
_ADMISSIONS = ("A37", "A38", "A39")

STORIES = (
    Story(
        "A37", "Klinikbund Nordheide",
        "Three hospitals share 300 seats: 117, 96 and 78 people use them. The pool is asked once, at its holder.",
        expected=(fires(SEATS, "desk"),),
        industry="Health care", employees=3100, csm="aylin.demir",
        people=(Person("Prof. Almut Nordheide", "Chief operating officer", "Management", "c_level"),
                Person("Sven Rademacher", "Head of patient service", "Support", reports_to="Prof. Almut Nordheide",
                       roles=(Role("champion", "desk", "for", "2026-06-11"),))),
        lines=(Line("desk", "desk-suite", 300, "2025-01-01", active=trend(92, 117)),),
        rows=(
            *(row("entitlement_pools", consumer_account_id=account, **_POOL) for account in _ADMISSIONS),
            outcome("desk", "2026-05-12", "Patients get an answer on the same day in all three houses",
                    "Sven Rademacher", metric="hours to answer", value="-26"),
        ),
    ),
    Story(
        "A38", "Krankenhaus Heidekamp",
        "It uses seats of its group's pool and holds no contract of its own: nobody asks it for more.",
        industry="Health care", employees=840, parent="A37", csm="aylin.demir",
        people=(Person("Merle Kamp", "Team lead patient service", "Support", "manager"),),
        lines=(Line("desk", "desk-suite", 0, "2025-01-01", active=trend(74, 96), assigned=trend(80, 100),
                    shared=True),),
    ),
    Story(
        "A39", "Klinik am Weiher",
        "The third house of the pool, with its own people and no seats to sell to.",
        industry="Health care", employees=610, parent="A37", csm="aylin.demir",
        people=(Person("Torben Weiher", "Head of admissions", "Admissions"),),
        lines=(Line("desk", "desk-suite", 0, "2025-01-01", active=trend(61, 78), assigned=trend(66, 82),
                    shared=True),),
    ),
    Story(
        "A40", "Winterruhe Skilifte",
        "The subscription is paused from May to November: there is nothing to judge, and nothing is unknown.",
        industry="Hospitality", employees=160, csm="carla.mendes",
        people=(Person("Vroni Winter", "Head of group sales"),),
        lines=(Line("crm", "crm-professional", 30, "2023-11-01", active=(*steady(26, 10), 0, 0, 0, 0, 0),
                    steps=(Step("2026-05-01", status="paused"), Step("2026-11-01", status="active",
                                                                    booked_on="2026-04-20"))),),
        rows=(outcome("crm", "2026-03-20", "Ski schools book their groups in a day", "Vroni Winter"),),
    ),
    Story(
        "A41", "Blattgold Druckerei",
        "All 60 seats are assigned and 31 people used them: 29 seats are money spent on nobody.",
        expected=(fires("seat-reclaim", "crm"),),
        industry="Manufacturing", employees=190, csm="julia.wagner",
        people=(Person("Leopold Blatt", "Commercial director", "Management", "vp"),),
        lines=(Line("crm", "crm-professional", 60, "2024-04-01", active=steady(31), assigned=steady(60)),),
        rows=(outcome("crm", "2026-04-23", "Quotes for special colours take an hour", "Leopold Blatt"),),
    ),
    Story(
        "A42", "Zulauf Onlineshop",
        "All 80 seats are taken and people are turned away every week: they hit the wall, and nobody told them before.",
        expected=(fires(SEATS, "desk"), fires("blocked-people", "desk")),
        industry="Retail", employees=340, csm="paul.schreiber",
        people=(Person("Sarah Zulauf", "Head of customer service", "Support"),
                Person("Jannis Pohl", "Team lead chat", "Support", "manager", reports_to="Sarah Zulauf")),
        lines=(Line("desk", "desk-suite", 80, "2024-10-01", active=(*trend(64, 79, 12), 80, 80, 80),
                    usage={"turned_away": (2, 4, 7)}),),
        rows=(
            ticket("2026-09-07", "Two new agents cannot sign in: no seat left", product_id="desk",
                   contact_id="Jannis Pohl", closed_on="2026-09-08"),
            ticket("2026-09-21", "Please free a seat, our trainee shares a login", kind="request",
                   product_id="desk", contact_id="Jannis Pohl", closed_on="2026-09-22"),
            outcome("desk", "2026-07-30", "Nine of ten customers get their answer in the first chat", "Sarah Zulauf",
                    metric="solved at first contact", value="0.9"),
        ),
    ),
    Story(
        "A43", "Datenfluss Telematik",
        "It used up its yearly commitment in July and pays by the piece since: more than a larger commitment costs.",
        expected=(fires("overage-to-commitment", "cloud"), fires("usage-expansion", "cloud")),
        industry="Logistics", employees=130, csm="tom.becker",
        people=(Person("Ruben Fliess", "Head of platform", "IT"),),
        lines=(Line("cloud", "cloud-commit", 1, "2023-11-01", price="2400",
                    usage={"credits": (*steady(46_000, 4), 58_000, 62_000, 66_000, 70_000, 74_000, 76_000, 78_000,
                                       80_000, 82_000, 84_000, 86_000)}),),
        rows=(
            # 564,000 of 576,000 credits were used by the end of June, 640,000 and more since
            row("commitments", commitment_id="CM-A43-2025", product_id="cloud", metric="credits", amount="576000",
                price="28800", currency="EUR", starts_on="2025-11-01", ends_on="2026-11-01", overage="rate",
                overage_rate="0.08", booked_on="2025-10-12"),
            outcome("cloud", "2026-08-19", "Positions of all vehicles are ten seconds old at most", "Ruben Fliess",
                    metric="seconds", value="-50"),
        ),
    ),
    Story(
        "A44", "Mittelweg Analytik",
        "What it pays beyond its plan is more than the next plan costs: the cheaper way is the higher tier.",
        expected=(fires("tier-upgrade", "analytics"), fires("usage-expansion", "analytics"),
                  fires("cheaper-tier", "analytics")),
        industry="Services", employees=85, csm="carla.mendes",
        people=(Person("Karla Mittel", "Head of reporting", "Controlling"),),
        lines=(
            Line("analytics", "analytics-starter", 1, "2024-11-01", active=trend(7, 8),
                 usage={"queries": trend(17_000, 41_000)}),
        ),
        rows=(
            talk("2026-08-24", "Karla has every invoice since spring on the table and the overage marked in yellow. “It"
                 " is our hobby by now.”", "Karla Mittel"),
            outcome("analytics", "2026-06-02", "Project margins are known on Friday evening", "Karla Mittel"),
        ),
    ),
    Story(
        "A45", "Dauerton Rundfunk",
        "Support load that a premium tier would serve: 27 tickets in 90 days where its peers have three.",
        expected=(fires("premium-support", "premium-support"),),
        industry="Media", employees=260, csm="julia.wagner",
        people=(Person("Inka Dauer", "Head of audience service", "Support"),
                Person("Malte Ton", "System administrator", "IT", "individual")),
        lines=(Line("desk", "desk-suite", 60, "2024-02-01", active=trend(44, 48)),),
        rows=(
            *(ticket(f"2026-{7 + day // 28:02}-{1 + day % 28:02}", f"Playout of mailbox {1 + day % 5} stops after the"
                     " night import", closed_on=f"2026-{7 + day // 28:02}-{min(4 + day % 28, 30):02}",
                     product_id="desk", contact_id="Malte Ton")
              for day in range(2, 80, 3)),
            said("support response", "2026-09-10", "Listeners wait while we wait for you: we need an answer within the"
                 " hour when we are on air", "Inka Dauer"),
            outcome("desk", "2026-05-29", "Every letter to the programme is answered within three days", "Inka Dauer"),
        ),
    ),
    Story(
        "A46", "Gutschrift Leasing",
        "Two people asked for more of it in writing; a customer who asks to buy is answered the same day.",
        expected=(fires("answer-more-of-it", "crm"),),
        industry="Financial services", employees=240, csm="paul.schreiber",
        people=(Person("Dietmar Gut", "Head of broker sales"), Person("Alina Schrift", "Sales operations", "Sales",
                                                                      "manager", reports_to="Dietmar Gut")),
        lines=(Line("crm", "crm-professional", 55, "2024-06-01", active=trend(40, 44)),),
        rows=(
            said("sales", "2026-09-24", "Please send us an offer for twenty more seats from November", "Dietmar Gut",
                 kind="buying_request", source="e-mail", product_id="crm"),
            outcome("crm", "2026-06-16", "Brokers get a binding rate while they are on the phone", "Dietmar Gut"),
        ),
    ),
    Story(
        "A66", "Speicherstadt Archiv",
        "440 of 500 GB, sixteen more a month: an upsell, once the rise announced for November is absorbed.",
        expected=(holds("storage-limit", "content", "price-absorbed"),),
        industry="Services", employees=120, csm="carla.mendes",
        people=(Person("Mina Speicher", "Head of records", "Operations"),),
        lines=(Line("content", "content-team", 1, "2024-05-01", active=trend(15, 17),
                    usage={"storage_gb": trend(216, 440), "uploads_refused": (1,)}),),
        rows=(outcome("content", "2026-07-09", "A file is found in one search instead of three calls", "Mina Speicher",
                      metric="calls per file", value="-3"),),
    ),
    Story(
        "A67", "Vorsprung Mobilität",
        "A usage account trending toward its committed cap: a third of the year is over and 57 % of it is used.",
        expected=(fires("commitment-early-exhaustion", "cloud"),),
        industry="Logistics", employees=210, csm="tom.becker",
        people=(Person("Jette Sprung", "Head of platform", "IT"),),
        lines=(Line("cloud", "cloud-commit", 1, "2024-06-01", price="4800",
                    usage={"credits": (*trend(88_000, 99_000, 11), 150_000, 168_000, 178_000, 188_000)}),),
        rows=(
            row("commitments", commitment_id="CM-A67-2026", product_id="cloud", metric="credits", amount="1200000",
                price="57600", currency="EUR", starts_on="2026-06-01", ends_on="2027-06-01", overage="rate",
                overage_rate="0.06", booked_on="2026-05-11"),
            outcome("cloud", "2026-07-22", "Cars are back on the road the same evening", "Jette Sprung"),
        ),
    ),
)  # fmt: skip
