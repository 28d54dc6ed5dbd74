"""What people say and write in the sample: tickets, results, needs, wishes, complaints and notes of conversations."""

from __future__ import annotations

ROUTINE_TICKETS = (
    ("How do I export a filtered list?", "question", "low"),
    ("New colleague cannot sign in", "problem", "normal"),
    ("Please raise our import limit for one day", "request", "normal"),
    ("A report shows last week's figures", "problem", "normal"),
    ("Which roles may edit a template?", "question", "low"),
)
"""What support hears all day: subject, kind, priority."""

TICKETS = (
    *ROUTINE_TICKETS,
    ("Calendar sync shows meetings twice", "problem", "normal"),
    ("Can we restore a contact that was deleted by mistake?", "question", "normal"),
    ("Search is slow in the afternoon", "problem", "high"),
    ("Password mail ends up in spam", "problem", "low"),
    ("How do we move a team to another manager?", "question", "low"),
    ("Mobile app signs me out every day", "problem", "normal"),
    ("Please change our billing address", "request", "low"),
    ("Dashboard does not load in one browser", "problem", "normal"),
    ("Import stops at row 3,000", "problem", "high"),
    ("Is there a French version of the help pages?", "question", "low"),
    ("We were told a fix for Tuesday and have heard nothing", "complaint", "high"),
)

ESCALATIONS = (
    "Records of one team are gone after the merge of duplicates",
    "Sign-in has failed for a whole office since Monday",
    "Webhooks arrive hours late and orders are shipped twice",
    "The export for our auditors is incomplete",
    "Nobody answers our urgent ticket from last week",
)

DISPUTES = (
    "Seats that were cancelled in spring are still billed",
    "The discount agreed in the offer is not on the invoice",
    "Two invoices for the same month",
    "The purchase order number is missing and we cannot pay",
)

PRICE_COMPLAINTS = (
    "Nobody here understands why the same thing costs more from this month on",
    "The new price is above what we have in the budget",
)

OUTCOMES: dict[str, tuple[tuple[str, str, str], ...]] = {
    "crm": (
        ("Offers leave the house a day earlier than last year", "days to offer", "-1"),
        ("Our forecast was off by 6 %, it used to be 18 %", "forecast error", "-12"),
        ("Nobody asks any more who last spoke to a customer", "open questions", "-9"),
        ("We win one tender in three instead of one in four", "win rate", "8"),
        ("New sales people are productive after 8 weeks, not 14", "weeks to first deal", "-6"),
        ("The quarterly pipeline review takes one hour instead of a morning", "hours", "-3"),
    ),
    "desk": (
        ("First answers go out in 3 hours instead of 11", "hours to first answer", "-8"),
        ("We closed the backlog of 400 cases by Easter", "open cases", "-400"),
        ("Customers rate us 4.6, it was 3.9", "rating", "0.7"),
    ),
    "analytics": (
        ("The monthly report is ready on the 2nd, not on the 9th", "days", "-7"),
        ("Store managers see yesterday's sales before they open", "hours to insight", "-12"),
    ),
    "cloud": (
        ("Stock levels reach the shop in a minute", "minutes", "-59"),
        ("We retired three home-made interfaces", "interfaces", "-3"),
    ),
    "enablement": (("Two thirds of our people now use the current deck", "share", "66"),),
    "planning": (("Every key account has a plan that was touched this quarter", "plans", "40"),),
    "content": (("Field staff find the right data sheet in one search", "searches", "-4"),),
    "compliance": (("The audit took two days instead of two weeks", "days", "-8"),),
    "wfm": (("Overtime is down by a tenth since we plan shifts with it", "share", "-10"),),
    "qa": (("We review every fifth conversation and the arguments stopped", "share", "19"),),
    "voice": (("Abandoned calls fell from 14 to 6 %", "share", "-8"),),
}
"""What customers reached with a product: their sentence, the metric, by how much."""

NEEDS: dict[str, tuple[tuple[str, str], ...]] = {
    "customer support": (
        ("pain", "Customers write to three mailboxes and we answer some of them twice"),
        ("need", "We need to see which service cases are overdue before the customer calls"),
        ("question", "How do your other customers handle complaints that come in by phone and mail?"),
        ("pain", "Nobody knows how many cases are open until month-end"),
    ),
    "sales enablement": (
        ("pain", "Every branch has its own price list in its own deck"),
        ("pain", "New people take half a year because they learn from whoever has time"),
        ("question", "Is there a way to see which slides are used in the deals we win?"),
    ),
    "analytics": (
        ("pain", "I build the board report by copying four exports into one sheet, every month"),
        ("need", "I need margin by customer next to the pipeline"),
        ("question", "Can the region heads see their own figures without asking controlling?"),
    ),
    "account planning": (
        ("pain", "Our account plans are slides from 2023 that nobody opens"),
        ("need", "We want one page per key account that is true on the day you read it"),
        ("question", "How do others decide where a key account manager spends the week?"),
    ),
    "content management": (
        ("pain", "We sent a customer last year's terms, from a folder named final"),
        ("need", "Product management wants one place for data sheets with approval"),
        ("question", "Can partners download documents without getting a login for everything?"),
    ),
    "integration": (
        ("pain", "Orders are typed into the merchandise system by hand, 80 a day"),
        ("need", "Our IT wants to read customers from you instead of keeping a copy"),
        ("question", "What does it take to connect the web shop?"),
    ),
    "compliance": (
        ("pain", "For the regulator we collect access logs by screenshot"),
        ("need", "From January we must delete applicants' files after six months, provably"),
    ),
    "workforce planning": (
        ("pain", "On Mondays we are too few and on Thursdays too many, every week"),
        ("need", "I need a shift plan that knows how many cases to expect"),
    ),
    "conversation quality": (
        ("pain", "We listen to ten calls a month and call it quality management"),
        ("question", "How do you score a conversation without a team of listeners?"),
    ),
    "telephony": (
        ("pain", "Calls do not show up in the case, so agents ask for everything again"),
        ("need", "Our telephone contract ends and we want calls inside the desk"),
    ),
    "support response": (
        ("pain", "Two days for an answer is too long when a whole branch stands still"),
        ("need", "We need somebody who answers at weekends during the season"),
    ),
    "sales": (
        ("pain", "When a sales colleague is on holiday nobody knows what was promised to whom"),
        ("need", "We need one list of open offers instead of one for each branch"),
        ("question", "Can the people in the field enter a visit on the way back?"),
    ),
}
"""What is said in each problem domain: kind and quote."""

REQUESTS: dict[str, tuple[str, ...]] = {
    "advanced-forecasting": (
        "We need a forecast by product group, not one number",
        "Can it weight a deal by how old it is?",
        "I would like to commit a number per region and see later how far off I was",
    ),
    "workflow-automation": (
        "A reminder after ten days would save us a weekly meeting",
        "The same three steps after every signature could run by themselves",
        "Who inherits an account should be told by the system, not by me",
    ),
    "custom-objects": (
        "We would like to keep machines next to contacts",
        "Tenders are neither deals nor accounts for us",
        "Where do I put a construction site that three customers share?",
    ),
    "forecast-scenarios": (
        "Management asks for a worst case every month",
        "What if the large deal slips: can I see the quarter without it?",
        "I keep two forecasts in a sheet because there is room for one",
    ),
    "scheduled-reports": (
        "Could the report arrive by mail on Mondays?",
        "Nobody opens the dashboard before the meeting, please send it",
        "The branches want their page every morning without logging in",
    ),
    "row-level-security": (
        "Branch managers must not see each other's margin",
        "The works council wants figures of single people hidden",
        "Partners may see their own customers and no others",
    ),
    "skills-routing": (
        "Cases in French should go to people who speak it",
        "Warranty cases land with whoever is free, not with who knows them",
        "Can the large customers go straight to the senior team?",
    ),
    "customer-portal": (
        "Our customers ask where they can see their own cases",
        "Half of our calls are people who want to know how far we are",
        "A page where dealers open and follow their cases themselves",
    ),
}
"""Features that people ask for, and how they say it."""

OBJECTIVES: dict[str, str] = {
    "sales": "Every region works from one pipeline by the end of the year",
    "analytics": "One set of figures for sales and finance by spring",
    "customer support": "Answer nine of ten cases on the same day",
    "account planning": "A living plan for each of our forty key accounts",
    "content management": "One approved version of every document that leaves the house",
}
"""What customers set out to reach, by domain."""

CHANGES: tuple[tuple[str, str, str], ...] = (
    ("new_leader", "customer support", "{name} appoints a head of customer service"),
    ("new_team", "customer support", "{name} sets up a service centre of its own"),
    ("new_business_area", "integration", "{name} starts a web shop for business customers"),
    ("new_site", "", "{name} opens a second location"),
    ("reorganisation", "account planning", "{name} bundles its large customers in a key account team"),
    ("new_leader", "sales", "A new head of sales starts at {name}"),
    ("layoff", "", "{name} cuts jobs in administration"),
    ("new_team", "sales enablement", "{name} builds a team for sales training"),
)
"""Changes of an organisation that the press or a network reports: kind, domain, quote."""

AIMS: dict[str, str] = {
    "customer support": "No customer waits longer than a day for an answer from next quarter on",
    "sales enablement": "Everybody who sells presents from the same material by the trade fair",
    "analytics": "Branch managers see their figures on Monday morning without asking anybody",
    "account planning": "The thirty largest customers have an owner and a plan before the budget round",
    "content management": "Nobody sends an outdated data sheet any more",
    "integration": "Orders from the shop arrive without anybody typing them",
    "compliance": "Pass the next audit without a finding on access rights",
    "workforce planning": "Shifts are planned four weeks ahead, for all sites",
    "conversation quality": "Every agent gets feedback on five conversations a month",
    "telephony": "Calls and mails of a customer stand in one place by the end of the year",
    "sales": "All offers of the group are in one system before the new price list",
}
"""What customers had set out to reach before they bought for it, by domain."""

ARRIVALS: dict[str, tuple[tuple[str, str], ...]] = {
    "customer support": (
        ("new_leader", "{name} brings in a head of customer service from a larger competitor"),
        ("new_team", "{name} brings its service desks together in one team"),
    ),
    "sales enablement": (("new_team", "{name} looks for three people for a new sales academy"),),
    "analytics": (
        ("new_leader", "A new head of controlling starts at {name}"),
        ("new_team", "{name} builds a data team under the finance director"),
    ),
    "account planning": (("new_leader", "{name} appoints a head of key accounts"),),
    "content management": (("new_leader", "{name} has a new head of product marketing"),),
    "integration": (("new_team", "{name} moves its interfaces into a team of their own"),),
    "compliance": (("new_leader", "{name} appoints a compliance officer who reports to the board"),),
    "workforce planning": (("new_team", "{name} plans the shifts of all sites from one office"),),
    "conversation quality": (("new_team", "{name} sets up quality coaching for its agents"),),
    "telephony": (("new_team", "{name} opens a telephone hotline for its customers"),),
    "sales": (("new_leader", "{name} hires a sales director"), ("new_team", "{name} builds an inside sales team")),
}
"""Teams and leaders that came before a product was bought, by domain: kind and quote."""

LOSS_REASONS = ("price", "no budget this year", "no decision", "competitor", "timing", "missing feature", "built it")
