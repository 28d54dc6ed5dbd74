"""Stories of what is coming: seats that will not last, a plan that ends soon, a result that asks for the next step."""

from __future__ import annotations

from upcross.sample.deals import Deal, told
from upcross.sample.story import Line, Person, Story, fires, holds, outcome, row, steady, talk, trend

RUNWAY, APPROACH, RESULT = "seat-runway", "plan-limit-approach", "outcome-led-upgrade"

STORIES = (
    Story(
        "A68", "Anlauf Fertigung",
        "101 of 120 seats are in use, 23 more than in June: not full, and full before the year ends.",
        expected=(fires(RUNWAY, "crm"),),
        industry="Manufacturing", employees=540, csm="lena.hoffmann",
        people=(Person("Ludger Anlauf", "Head of plant sales"),
                Person("Britta Kern", "Sales operations manager", "Sales", "manager", reports_to="Ludger Anlauf")),
        lines=(Line("crm", "crm-professional", 120, "2023-06-01", active=(*trend(70, 78, 12), 85, 93, 101)),),
        rows=(
            row("org_changes", kind="new_site", happened_on="2026-07-06", source="local newspaper",
                quote="Anlauf opens its third plant and hires 60 people for sales and planning"),
            outcome("crm", "2026-06-18", "Quotes leave the house on the day of the enquiry", "Ludger Anlauf",
                    metric="days per quote", value="-3"),
        ),
    ),
    Story(
        "A69", "Zulaufstrecke Klinikbedarf",
        "The same growth on 60 seats, and last quarter's invoice is disputed: first the invoice, then the seats.",
        expected=(holds(RUNWAY, "crm", "dispute"),),
        industry="Health care", employees=230, csm="lena.hoffmann",
        people=(Person("Mathilde Zulauf", "Managing director", "Management", "c_level"),),
        lines=(Line("crm", "crm-standard", 60, "2024-02-01", active=(*trend(32, 39, 12), 43, 47, 50)),),
        rows=(
            row("billing_disputes", opened_on="2026-09-15", amount="319",
                reason="Eleven seats billed from June that were ordered from July"),
            outcome("crm", "2026-05-28", "Hospitals get their sample within two days", "Mathilde Zulauf"),
        ),
    ),
    Story(
        "A70", "Vorlauf Verlagshaus",
        "84 % of the plan's queries are in use and the trend crosses the limit in November: there is time to talk.",
        expected=(fires(APPROACH, "analytics"), fires("usage-expansion", "analytics")),
        industry="Media", employees=270, csm="julia.wagner",
        people=(Person("Cosima Vorlauf", "Head of controlling", "Controlling"),),
        lines=(Line("analytics", "analytics-growth", 1, "2024-03-01", active=trend(13, 15),
                    usage={"queries": (*trend(48_000, 57_000, 12), 64_000, 73_000, 84_000)}),),
        rows=(outcome("analytics", "2026-04-21", "Print runs are 6 % closer to what is sold", "Cosima Vorlauf",
                      metric="returned copies", value="-6"),),
    ),
    Story(
        "A71", "Wolkenbruch Wetterdienst",
        "20 of the plan's 25 users, nine more than in June, and an outage last week: nobody speaks of a larger plan.",
        expected=(holds(APPROACH, "analytics", "outage"),),
        industry="Services", employees=95, csm="lena.hoffmann",
        people=(Person("Hagen Wolkenbruch", "Head of forecasting", "Data"),),
        lines=(Line("analytics", "analytics-growth", 1, "2024-05-01", active=(*trend(9, 11, 12), 14, 17, 20),
                    usage={"queries": trend(41_000, 48_000)}),),
        rows=(
            row("incidents", product_id="analytics", started_on="2026-09-22", ended_on="2026-09-23", severity="major",
                summary="Their dashboards showed no data for 26 hours after a failed migration"),
            outcome("analytics", "2026-06-03", "Storm warnings leave eleven minutes sooner", "Hagen Wolkenbruch",
                    metric="minutes to warning", value="-11"),
        ),
    ),
    Story(
        "A72", "Nachklang Konzertdirektion",
        "A measurable result a month ago, and people who use what they have: the one moment to speak of a bigger"
        " commitment.",
        expected=(fires(RESULT, "analytics"),),
        industry="Media", employees=60, csm="lena.hoffmann",
        people=(Person("Amadea Nachklang", "Managing director", "Management", "c_level"),
                Person("Justus Pohl", "Head of ticketing", reports_to="Amadea Nachklang")),
        lines=(Line("analytics", "analytics-starter", 1, "2024-10-01", active=steady(8),
                    usage={"queries": steady(13_000)}),),
        rows=(
            outcome("analytics", "2026-08-27", "Empty seats in the autumn series are down by a third", "Justus Pohl",
                    metric="empty seats", value="-33"),
            talk("2026-08-27", "Justus showed the autumn numbers: a third fewer empty seats since prices follow demand."
                 " Amadea wants it for the open-air season as well.", "Justus Pohl"),
        ),
    ),
    Story(
        "A73", "Gegenwind Segel",
        "The same result, and its renewal stands at risk all the same: a new owner looks at every contract.",
        expected=(holds(RESULT, "analytics", "renewal-at-risk"),),
        industry="Retail", employees=75, csm="lena.hoffmann",
        people=(Person("Enno Gegenwind", "Founder", "Management", "c_level"),),
        lines=(Line("analytics", "analytics-starter", 1, "2023-12-01", active=steady(8),
                    usage={"queries": steady(12_000)}),),
        rows=(
            *told("A73", (
                Deal(1, "Gegenwind Segel – renewal 2026", "renewal", "marc.lehmann", "2026-08-03", "At risk",
                     "2026-09-10", "At risk", 490, "EUR", product="analytics", plan="analytics-starter",
                     expected_close_on="2026-12-01"),
            )),
            outcome("analytics", "2026-08-13", "Half the stock of last season's sails was sold by July",
                    "Enno Gegenwind", metric="stock", value="-50"),
        ),
    ),
    Story(
        "A74", "Rollenspiel Beratung",
        "19 of its 20 editor seats are taken and 25 of 60 viewer seats: 44 of 80 hides that editors run out.",
        expected=(fires("seat-expansion", "planning"),),
        industry="Services", employees=310, csm="julia.wagner",
        people=(Person("Viola Rolle", "Head of key accounts", "Key accounts"),),
        lines=(Line("planning", "planning-seat", 20, "2024-05-01", active=trend(15, 19), usage={"turned_away": (1,)}),
               Line("planning", "planning-viewer", 60, "2024-09-01", active=steady(25), contract="-2")),
        rows=(outcome("planning", "2026-06-30", "Every one of forty account plans was read this quarter", "Viola Rolle",
                      metric="plans read", value="40"),),
    ),
)  # fmt: skip
