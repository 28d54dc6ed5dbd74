"""Invented names: companies by region and trade, and the people who work there."""

from __future__ import annotations

TRADES = {
    "DACH": {
        "Manufacturing": ("Antriebstechnik", "Metallbau", "Werkzeuge", "Dichtungen", "Fördertechnik", "Armaturen"),
        "Logistics": ("Spedition", "Logistik", "Kontraktlogistik", "Lagerei", "Frachten"),
        "Retail": ("Handel", "Großhandel", "Versand", "Einrichtungen", "Warenhaus"),
        "Financial services": ("Bank", "Vermögen", "Leasing", "Factoring"),
        "Insurance": ("Versicherung", "Assekuranz", "Vorsorge"),
        "Health care": ("Kliniken", "Pflege", "Medizintechnik", "Labor"),
        "Software": ("Software", "Systemhaus", "Datenwerk", "Apps"),
        "Services": ("Beratung", "Facility", "Ingenieure", "Treuhand", "Gebäudedienste"),
        "Media": ("Verlag", "Medien", "Studios"),
        "Energy": ("Stadtwerke", "Wärme", "Solar", "Netze"),
        "Education": ("Akademie", "Schulen", "Weiterbildung"),
        "Hospitality": ("Hotels", "Reisen", "Gastro"),
        "Real estate": ("Immobilien", "Wohnbau", "Hausverwaltung"),
    },
    "ENGLISH": {
        "Manufacturing": ("Tooling", "Castings", "Bearings", "Instruments"),
        "Logistics": ("Freight", "Haulage", "Distribution"),
        "Retail": ("Stores", "Outfitters", "Homeware"),
        "Financial services": ("Capital", "Wealth", "Credit Union"),
        "Insurance": ("Mutual", "Underwriting"),
        "Health care": ("Care Homes", "Diagnostics", "Dental"),
        "Software": ("Systems", "Labs", "Games"),
        "Services": ("Consulting", "Facilities", "Surveyors", "Staffing"),
        "Media": ("Publishing", "Studios", "Press"),
        "Energy": ("Power", "Renewables", "Utilities"),
        "Education": ("College", "Learning", "Academy"),
        "Hospitality": ("Hotels", "Travel", "Catering"),
        "Real estate": ("Lettings", "Homes", "Estates"),
    },
    "NORTH": {
        "Manufacturing": ("Maskin", "Verktyg", "Machines"),
        "Logistics": ("Frakt", "Transport"),
        "Retail": ("Handel", "Møbler"),
        "Financial services": ("Finans", "Kapital"),
        "Insurance": ("Forsikring",),
        "Health care": ("Omsorg", "Zorg"),
        "Software": ("Data", "Software"),
        "Services": ("Konsult", "Advies"),
        "Media": ("Media", "Forlag"),
        "Energy": ("Kraft", "Energie"),
        "Education": ("Læring", "Opleiding"),
        "Hospitality": ("Hotell", "Reizen"),
        "Real estate": ("Bolig", "Vastgoed"),
    },
}
"""What a company's name ends with, by the language of its region and by its industry."""

PLACES = {
    "DACH": (
        "Ahornblick", "Amselgrund", "Auerfels", "Birkenlohe", "Blankenhof", "Borgwald", "Brandeck", "Buchenried",
        "Distelfink", "Dornfels", "Drosselau", "Eichgrund", "Ellernbach", "Erlenkamp", "Falkenroth", "Farnbühl",
        "Finkenschlag", "Fuchsrain", "Ginsterberg", "Goldammer", "Grauwacke", "Haselbrink", "Heidekrug", "Hohenlinde",
        "Holunder", "Igelsbach", "Immenhof", "Kiebitz", "Kornrade", "Kranichfeld", "Lerchensporn", "Lindwurm",
        "Marderstein", "Moosbrugg", "Morgenroth", "Nachtigall", "Nebelhorn", "Nordlicht", "Ottersberg", "Pirolstein",
        "Quellgrund", "Rabenhorst", "Rehwinkel", "Rohrdommel", "Salbeihof", "Schachtelhalm", "Schlehdorn",
        "Schwarzkiefer", "Silberdistel", "Sperlingslust", "Steinklee", "Sumpfdotter", "Tannenhäher", "Taubnessel",
        "Uferschwalbe", "Ulmenhain", "Vogelbeer", "Wacholder", "Waldkauz", "Weidenbohrer", "Wiesenknopf", "Zaunkönig",
    ),
    "ENGLISH": (
        "Alderwick", "Ashcombe Vale", "Bramblegate", "Brackenhurst", "Coldwater Mill", "Cresswell Brook", "Dunnock",
        "Elmsgrove", "Fernhollow", "Foxearth", "Gorsefield", "Greywether", "Harebell", "Hazelmoor", "Ivybridge Lane",
        "Juniper Hill", "Kestrel Point", "Larkspur", "Lindenmere", "Marlfield", "Nettlecombe", "Oakmantle",
        "Pebblebrook", "Quillmere", "Rookwood Park", "Sandmartin", "Stonechat", "Thistledown", "Umberleigh Cross",
        "Wagtail", "Whinberry", "Yarrowdale",
    ),
    "NORTH": (
        "Bjørkely", "Brevik Bro", "Dalsø", "Eikeland Vik", "Fjordgård", "Granholt", "Hemmersbro", "Kastanjelaan",
        "Kvistdal", "Lindehof", "Måkeberg", "Nattergal", "Ooievaar", "Polderzicht", "Rietgors", "Solbakke", "Tallskog",
        "Vesterlyng",
    ),
}  # fmt: skip

FIRST_NAMES = {
    "DACH": (
        "Anna", "Bernd", "Carolin", "Dirk", "Elena", "Florian", "Greta", "Holger", "Isabel", "Jan", "Katharina",
        "Lukas", "Mareike", "Niklas", "Olga", "Patrick", "Rebekka", "Stefan", "Theresa", "Uwe", "Verena", "Wolfgang",
        "Yvonne", "Zeynep", "Emre", "Milan", "Daria", "Andrea",
    ),
    "ENGLISH": (
        "Alice", "Benjamin", "Charlotte", "Dominic", "Eleanor", "Fraser", "Gemma", "Harvey", "Imogen", "Jared",
        "Kayla", "Leon", "Megan", "Nathan", "Priya", "Russell", "Sadie", "Trevor", "Vanessa", "Wesley",
    ),
    "NORTH": (
        "Astrid", "Bjørn", "Daan", "Eline", "Femke", "Gustav", "Hanne", "Ingrid", "Jeroen", "Lars", "Maaike", "Nils",
        "Pernille", "Ruben", "Signe", "Thijs",
    ),
}  # fmt: skip

LAST_NAMES = {
    "DACH": (
        "Ackermann", "Bertram", "Cordes", "Diekmann", "Ebeling", "Fechner", "Gerlach", "Heinemann", "Ihde", "Jahnke",
        "Kolbe", "Lorenzen", "Mertens", "Nolte", "Oswald", "Pohlmann", "Quast", "Reinhold", "Sievers", "Thoma",
        "Ulrich", "Voigt", "Wittmann", "Yilmaz", "Ziegler", "Brunner", "Egli", "Hofer", "Novak", "Petrović",
    ),
    "ENGLISH": (
        "Abbott", "Barlow", "Chandler", "Dawes", "Easton", "Fielding", "Garrett", "Hobbs", "Ingram", "Jarvis",
        "Keating", "Lowe", "Mercer", "Norris", "Okafor", "Patel", "Quinn", "Ramsey", "Sutton", "Tanner", "Underhill",
        "Vickers", "Whitaker", "Yates",
    ),
    "NORTH": (
        "Andersen", "Bakker", "Carlsen", "Dekker", "Eriksen", "Friis", "Holm", "Jansen", "Krogh", "Lindqvist",
        "Mulder", "Nygaard", "Olsen", "Postma", "Strand", "Visser",
    ),
}  # fmt: skip

LANGUAGES = {"DACH": "DACH", "UK": "ENGLISH", "North America": "ENGLISH", "Nordics": "NORTH", "Benelux": "NORTH"}
"""Which names a region has."""
