"""Stories of asks that would come at the wrong moment for a reason of contract, pipeline or people."""

from __future__ import annotations

from upcross.sample.deals import Deal, told
from upcross.sample.story import Line, Person, Role, Step, Story, fires, holds, outcome, row, said, talk, trend

SEATS, NEED = "seat-expansion", "stated-need"

STORIES = (
    Story(
        "A47", "Abschied Verlag",
        "47 of 50 seats are in use, and notice was given in August: nobody is asked to buy more of what they leave.",
        expected=(holds(SEATS, "crm", "notice-given"),),
        industry="Media", employees=110, health=66, csm="julia.wagner",
        people=(Person("Ottilie Abschied", "Publisher", "Management", "c_level"),),
        lines=(Line("crm", "crm-standard", 50, "2023-12-01", active=trend(45, 47), ends_on="2026-12-01",
                    notice_on="2026-08-28", cancelled_on="2026-08-28"),),
        rows=(
            talk("2026-08-28", "Ottilie called before the letter came: the group they joined has its own system. No"
                 " complaint about us, “we would have stayed”.", "Ottilie Abschied", direction="inbound"),
            outcome("crm", "2026-02-17", "Advertising sold out for the anniversary issue", "Ottilie Abschied"),
        ),
    ),
    Story(
        "A48", "Wackelstein Bau",
        "Its renewal in November stands at risk in the pipeline: the renewal comes first, more seats after it.",
        expected=(holds(SEATS, "crm", "renewal-at-risk"),),
        industry="Real estate", employees=420, health=63, csm="carla.mendes",
        people=(Person("Egbert Wackel", "Head of project sales"),
                Person("Corinna Stein", "Head of purchasing", "Finance")),
        lines=(Line("crm", "crm-professional", 65, "2023-11-10", active=trend(56, 62)),),
        rows=(
            *told("A48", (
                Deal(1, "Wackelstein Bau – renewal 2026", "renewal", "petra.vogel", "2026-07-13", "At risk",
                     "2026-09-14", "At risk", 3835, "EUR", product="crm", plan="crm-professional",
                     expected_close_on="2026-11-10"),
            )),
            talk("2026-09-14", "Corinna wants three offers before they renew, that is the rule since August. Egbert is"
                 " on our side but does not decide.", "Corinna Stein"),
            outcome("crm", "2026-06-24", "Tenders are answered two days before the deadline", "Egbert Wackel"),
        ),
    ),
    Story(
        "A49", "Doppelgänger Optik",
        "A seller has worked on more seats for three weeks: one conversation at a time, and it is hers.",
        expected=(holds(SEATS, "crm", "already-in-pipeline"),),
        industry="Retail", employees=280, csm="paul.schreiber",
        people=(Person("Nadine Doppel", "Head of partner sales"),),
        lines=(Line("crm", "crm-professional", 70, "2024-03-01", active=trend(58, 67)),),
        rows=(
            *told("A49", (
                Deal(1, "Doppelgänger Optik – 15 more seats", "expansion", "petra.vogel", "2026-09-08", "Proposal",
                     "2026-09-21", "Best case", 885, "EUR", product="crm", plan="crm-professional", mechanism="seats",
                     quantity=15, expected_close_on="2026-10-20"),
            )),
            outcome("crm", "2026-05-19", "Partners order on the day of the visit", "Nadine Doppel"),
        ),
    ),
    Story(
        "A50", "Zweierlei Fernsprech",
        "Their own telephone system is connected to the desk; Desk Voice would replace it, so it is not offered.",
        industry="Telecommunications", employees=360, csm="julia.wagner",
        people=(Person("Gitta Zweier", "Head of hotline", "Support"),),
        lines=(Line("desk", "desk-suite", 90, "2024-02-01", active=trend(66, 71)),
               Line("voice-connect", "voice-connect", 1, "2024-09-01")),
        rows=(
            said("telephony", "2026-09-02", "Transfers between the teams still take two calls", "Gitta Zweier"),
            outcome("desk", "2026-04-30", "Customers wait 40 seconds, not four minutes", "Gitta Zweier",
                    metric="seconds to answer", value="-200"),
        ),
    ),
    Story(
        "A51", "Entweder Versorger",
        "They want telephony in the desk: two add-ons do it, each excludes the other, and their money is not added.",
        expected=(fires(NEED, "voice"), fires(NEED, "voice-connect")),
        industry="Energy", employees=510, csm="carla.mendes",
        people=(Person("Lasse Entweder", "Head of customer centre", "Support"),),
        lines=(Line("desk", "desk-suite", 110, "2024-05-01", active=trend(84, 90)),),
        rows=(
            said("telephony", "2026-09-09", "Our telephone contract ends in March and calls should be in the case",
                 "Lasse Entweder", kind="need"),
            outcome("desk", "2026-06-08", "Complaints to the regulator are down by half", "Lasse Entweder",
                    metric="complaints", value="-31"),
        ),
    ),
    Story(
        "A52", "Stillschweigen Notare",
        "The only people we know there asked not to be contacted: there is nobody to speak to.",
        expected=(holds(SEATS, "crm", "do-not-contact"),),
        industry="Services", employees=45, csm="paul.schreiber",
        people=(Person("Dr. Konstanze Still", "Managing partner", "Management", "c_level", do_not_contact=True),
                Person("Armin Schweig", "Office manager", "Operations", "manager", do_not_contact=True)),
        lines=(Line("crm", "crm-standard", 20, "2024-01-15", active=trend(16, 19)),),
        rows=(outcome("crm", "2026-03-26", "No deadline was missed this year", "Dr. Konstanze Still"),),
    ),
    Story(
        "A53", "Wegzug Spedition",
        "The sponsor who bought it left in September; whoever follows does not know what it has done for them.",
        expected=(fires(SEATS, "crm"), holds(NEED, "analytics", "sponsor-left")),
        industry="Logistics", employees=300, csm="julia.wagner",
        people=(Person("Hauke Wegzug", "Chief commercial officer", "Management", "c_level", left_on="2026-09-11",
                       roles=(Role("executive_sponsor", "crm", "for", "2026-03-02"),)),
                Person("Femke Roer", "Head of freight sales", reports_to="Hauke Wegzug",
                       roles=(Role("user_lead", "crm", "neutral", "2026-04-14"),))),
        lines=(Line("crm", "crm-professional", 75, "2023-10-01", active=trend(64, 72)),),
        rows=(
            said("analytics", "2026-08-27", "I would like to see margin per lane next to the deal", "Femke Roer"),
            talk("2026-09-11", "Farewell call with Hauke. He starts at a shipper in October. Successor not named yet;"
                 " Femke keeps the topic meanwhile.", "Hauke Wegzug"),
            outcome("crm", "2026-07-01", "Spot quotes go out in ten minutes", "Hauke Wegzug", metric="minutes",
                    value="-35"),
        ),
    ),
    Story(
        "A54", "Altlast Holding",
        "It was bought by A55 and merged into it: its money moved, it was neither lost nor won.",
        industry="Manufacturing", employees=230, csm="carla.mendes",
        people=(Person("Ferdinand Altlast", "Commercial director", "Management", "vp", left_on="2026-01-31"),),
        lines=(Line("crm", "crm-professional", 40, "2023-06-01", active=(*trend(28, 31, 4), 31),
                    ends_on="2026-02-01", cancelled_on="2026-01-12"),),
        rows=(row("account_transfers", from_account_id="A54", to_account_id="A55", kind="merge",
                  effective_on="2026-02-01"),),
    ),
    Story(
        "A55", "Neugrund Gruppe",
        "It took over the 40 seats of A54 in February: more seats on its contract, no more than before in sum.",
        industry="Manufacturing", employees=980, csm="carla.mendes",
        people=(Person("Annegret Neugrund", "Chief commercial officer", seniority="c_level"),),
        lines=(Line("crm", "crm-professional", 120, "2022-05-01", active=(*trend(84, 88, 7), *trend(117, 122, 8)),
                    steps=(Step("2026-02-01", 160, "transfer"),)),),
        rows=(outcome("crm", "2026-06-05", "Both houses sell from one price list since April", "Annegret Neugrund"),),
    ),
    Story(
        "A56", "Zellteilung Gruppe",
        "It spun off its service business in April, which took 30 of 90 seats with it.",
        industry="Life sciences", employees=640, csm="paul.schreiber",
        people=(Person("Dr. Ruth Zellner", "Head of sales"),),
        lines=(Line("crm", "crm-professional", 90, "2023-09-01", active=(*trend(66, 70, 9), *trend(44, 47, 6)),
                    steps=(Step("2026-04-01", 60, "transfer"),)),),
        rows=(
            row("account_transfers", from_account_id="A56", to_account_id="A57", kind="split",
                effective_on="2026-04-01"),
            outcome("crm", "2026-05-07", "Tenders of hospitals are answered in a week", "Dr. Ruth Zellner"),
        ),
    ),
    Story(
        "A57", "Zellteilung Service",
        "The spin-off: a customer by name since April, and with A56 one customer for retention.",
        industry="Services", employees=150, csm="paul.schreiber",
        people=(Person("Jorma Teil", "Managing director", "Management", "c_level"),),
        lines=(Line("crm", "crm-professional", 30, "2026-04-01", active=(21, 22, 22, 23, 23, 24), origin="transfer"),),
        rows=(outcome("crm", "2026-08-20", "Maintenance visits are planned a month ahead", "Jorma Teil"),),
    ),
)  # fmt: skip
