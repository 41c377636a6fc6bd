"""What other NGOs bring in the demonstration: short proposals, so that a portfolio has something to choose from."""

from dataclasses import dataclass
from typing import Final

Line = tuple[str, ...]


@dataclass(frozen=True)
class Brought:
    """One short proposal. Budget lines: description, category, amount; co-financing: source, kind of source, kind,
    status, amount; both in US dollars."""

    title: str
    summary: str
    actions: tuple[str, ...]
    species: tuple[str, ...]
    states: tuple[str, ...]
    budget: tuple[Line, ...]
    cofinancing: tuple[Line, ...] = ()


@dataclass(frozen=True)
class Neighbour:
    """An NGO with what it proposes."""

    name: str
    person: str
    country: str
    founded: str
    income: str
    proposals: tuple[Brought, ...]


NEIGHBOURS: Final = (
    Neighbour(
        "Ustyurt Saiga Alliance", "Timur Bekov", "UZB", "2014", "92 000",
        (
            Brought(
                "Saiga across the Ustyurt: a fence opened, a herd counted",
                "Twenty-four openings in the border fence, agreed with both border services, and two joint counts.",
                ("1.7", "3.5", "8.2"), ("saiga",), ("KAZ", "UZB"),
                (("Openings in the fence", "works", "38 000"), ("Joint counts", "travel", "14 000")),
                (("Border service: machines", "government", "in_kind", "confirmed", "9 000"),),
            ),
            Brought(
                "Village rangers for the saiga's calving grounds",
                "Thirty herders guard the calving grounds in May and June and are paid for what survives.",
                ("2.6", "2.8", "4.7"), ("saiga",), ("UZB",),
                (("Rangers", "personnel", "11 400"), ("Motorcycles and radios", "equipment", "6 100")),
            ),
        ),
    ),
    Neighbour(
        "Gobi Wildlife Institute", "Sarnai Bold", "MNG", "1998", "410 000",
        (
            Brought(
                "Khulan and railway: crossings that are used",
                "Collars on thirty khulan and gazelles show where the railway stops them; four crossings are built.",
                ("3.5", "27.3", "3.4"), ("asiatic_wild_ass", "mongolian_gazelle"), ("MNG",),
                (("Crossings", "works", "265 000"), ("Collars and data", "equipment", "96 000")),
                (("Railway company", "private_sector", "cash", "confirmed", "90 000"),),
            ),
            Brought(
                "Wild camel on both sides of the border",
                "One survey by Chinese and Mongolian scientists, and the first joint action plan.",
                ("25.1", "25.2", "25.3"), ("wild_camel",), ("MNG", "CHN"),
                (("Camera traps", "equipment", "34 000"), ("Surveys", "travel", "42 000"),
                 ("Meetings", "meetings", "18 000")),
                (("Academy of Sciences", "government", "in_kind", "confirmed", "22 000"),),
            ),
            Brought(
                "Healthy herds, healthy gazelles",
                "Vaccination of 60,000 sheep and goats before the gazelles arrive, and a watch for disease.",
                ("4.11", "4.12", "5.8"), ("goitered_gazelle", "mongolian_gazelle", "saiga"), ("MNG",),
                (("Veterinary campaigns", "subgrants", "58 000"), ("Laboratory", "equipment", "21 000")),
            ),
        ),
    ),
    Neighbour(
        "Pamir Rangers Union", "Firuza Nazarova", "TJK", "2008", "58 000",
        (
            Brought(
                "Urial and markhor valleys that look after themselves",
                "Three community reserves earn their rangers' wages from visitors and lawful use.",
                ("24.6", "24.8", "5.9"), ("urial", "snow_leopard"), ("TJK",),
                (("Rangers' wages", "personnel", "27 000"), ("Guest houses", "subgrants", "24 000"),
                 ("Audit", "audit", "2 000")),
                (("Communities: labour", "beneficiaries", "in_kind", "confirmed", "12 000"),),
            ),
            Brought(
                "Corrals that keep the snow leopard out",
                "One hundred and twenty corrals in the Wakhan, built by the families that will use them.",
                ("5.3", "22.2", "22.7"), ("snow_leopard",), ("TJK", "AFG"),
                (("Materials", "equipment", "44 000"), ("Trainers", "personnel", "12 500")),
                (("Communities: labour", "beneficiaries", "in_kind", "confirmed", "18 000"),),
            ),
        ),
    ),
    Neighbour(
        "Altyn Dala Conservation Group", "Dana Serikova", "KAZ", "2006", "720 000",
        (
            Brought(
                "One pasture plan for argali, urial and sheep",
                "Grazing rules for nine districts of the Mangystau and the Karatau, written with those who graze.",
                ("4.2", "4.14", "24.7"), ("argali", "urial"), ("KAZ", "UZB"),
                (("Mapping and talks", "personnel", "118 000"), ("Grants to herders", "subgrants", "140 000")),
                (("Regional budget", "government", "cash", "confirmed", "80 000"),
                 ("Own funds", "own", "cash", "confirmed", "15 000")),
            ),
            Brought(
                "Seven states against wildlife crime",
                "Rangers and customs officers of seven states train together and share what they know.",
                ("2.2", "2.4", "2.5", "7.4"), ("saiga", "snow_leopard", "argali"),
                ("KAZ", "KGZ", "TJK", "UZB", "TKM", "MNG", "CHN"),
                (("Courses", "meetings", "240 000"), ("Equipment", "equipment", "310 000"),
                 ("Secretariat", "personnel", "190 000")),
                (("State forest committee", "government", "in_kind", "indicative", "160 000"),),
            ),
        ),
    ),
)  # fmt: skip
