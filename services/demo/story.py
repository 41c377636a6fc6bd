"""What the demonstration types: one NGO, one proposal, in the words of people who could exist."""

from collections.abc import Sequence
from typing import Final

ORGANISATION: Final = {
    "name": "Naryn Mountain Wildlife Society",
    "legal_form": "association",
    "country": "KGZ",
    "year_founded": "2011",
    "income": "165 000",
    "income_currency": "USD",
    "registration_number": "NMWS-2011-044",
    "person_name": "Nurgul Sadykova",
    "language": "en",
}
PASSWORD: Final = "pass over the summer meadow"  # noqa: S105  # of a person who does not exist

SUMMARY: Final = {
    "title-en": "Safe passage for argali and snow leopard in the Central Tian Shan",
    "title-ru": "Безопасные пути аргали и снежного барса в Центральном Тянь-Шане",
    "title-fr": "Un passage sûr pour l’argali et la panthère des neiges dans le Tian Shan central",
    "summary-en": (
        "Border fences and new livestock camps cut the routes on which argali move between summer and "
        "winter pastures. "
        "With six herder communities and two protected areas we will open four passages, agree "
        "grazing-free weeks, and "
        "count argali and snow leopards on both sides of the ridge for three years."
    ),
    "summary-ru": (
        "Пограничные ограждения и новые стойбища перерезают пути, по которым аргали переходят с летних "
        "пастбищ на зимние. "
        "Вместе с шестью общинами скотоводов и двумя охраняемыми территориями мы откроем четыре "
        "прохода, договоримся "
        "о неделях без выпаса и три года будем вести учёт аргали и снежного барса по обе стороны хребта."
    ),
    "summary-fr": (
        "Les clôtures frontalières et de nouveaux camps d’élevage coupent les routes que suit l’argali "
        "entre pâturages "
        "d’été et d’hiver. Avec six communautés d’éleveurs et deux aires protégées, nous ouvrirons "
        "quatre passages, "
        "conviendrons de semaines sans pâturage et compterons argalis et panthères des neiges pendant trois ans."
    ),
    "problem-en": (
        "Counts since 2012 show that argali use only two of the five passes they used before the fence "
        "was renewed. Herds that "
        "stay on the winter side meet livestock in late spring, when both need the same grass. Snow "
        "leopards follow the "
        "argali, and losses of sheep near the new camps have doubled in four years."
    ),
    "approach-en": (
        "We map the movements of twelve collared argali, agree with the border service on sections of "
        "fence that can be "
        "lowered in May and October, and pay herder households for weeks without grazing on the passes. "
        "Predator-proof "
        "corrals go to the forty households that lose most animals. Rangers of both protected areas count together."
    ),
    "results-en": (
        "Four passages open and used by argali in two migration seasons; grazing-free weeks kept on "
        "9,000 hectares; livestock "
        "losses to snow leopards down by half in forty households; one joint count each year, published "
        "in Russian and English."
    ),
}
ACTIONS: Final = ("1.7", "4.13", "5.3", "9.1", "22.2", "22.4")
SPECIES: Final = ("argali", "snow_leopard")
STATES: Final = ("KGZ",)
DATES: Final = {"starts": "2027-04-01", "ends": "2029-03-31"}
BUDGET: Final = (
    ("Field coordinator and two monitors", "personnel", "1", "21 000", "USD"),
    ("Field coordinator and two monitors", "personnel", "2", "21 000", "USD"),
    ("Twelve satellite collars", "equipment", "1", "19 200", "EUR"),
    ("Predator-proof corrals for forty households", "equipment", "1", "1 200 000", "KGS"),
    ("Weeks without grazing: agreements with herders", "subgrants", "2", "640 000", "KGS"),
    ("Meetings with the border service and communities", "meetings", "1", "4 500", "USD"),
    ("Joint count of argali and snow leopard", "travel", "2", "9 800", "USD"),
    ("Independent audit", "audit", "2", "3 000", "USD"),
)
COFINANCING: Final = (
    ("Naryn State Reserve: rangers and vehicles", "government", "in_kind", "confirmed", "14 000", "USD"),
    ("Own funds from members", "own", "cash", "confirmed", "6 000", "USD"),
    ("Herder households: labour for the corrals", "beneficiaries", "in_kind", "indicative", "350 000", "KGS"),
)
PARTNERS: Final = (
    ("Naryn State Reserve", "government", "KGZ", "Patrols, and the counts inside the reserve", "agreed"),
    ("Institute of Biology of the National Academy of Sciences", "research", "KGZ", "Collars and counts", "open"),
)
CONTACTS: Final = (
    ("Nurgul Sadykova", "Director", "nurgul@example.org"),
    ("Azamat Toktogulov", "Field coordinator", "azamat@example.org"),
)


def budget_fields() -> dict[str, str]:
    """The budget section's fields."""
    names = ("description", "category", "year", "amount", "currency")
    return {"currency": "USD"} | lines(names, BUDGET)


def cofinancing_fields() -> dict[str, str]:
    """The co-financing section's fields."""
    return lines(("source_name", "source", "kind", "status", "amount", "currency"), COFINANCING)


def partner_fields() -> dict[str, str]:
    """The partners section's fields."""
    return lines(("name", "kind", "country", "role", "lead"), PARTNERS)


def contact_fields() -> dict[str, str]:
    """The contacts section's fields."""
    return lines(("name", "role", "email"), CONTACTS)


def lines(names: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, str]:
    """The fields of a section of lines: one name a column, one row a line."""
    return {f"lines-{n}-{name}": value for n, row in enumerate(rows) for name, value in zip(names, row, strict=True)}
