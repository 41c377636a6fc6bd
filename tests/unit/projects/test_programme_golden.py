"""The real Programme of Work, checked against values that were read off the source by hand, and the shipped facts."""

import json
from collections import Counter
from pathlib import Path
from typing import Any, Final

import pytest

from services.projects.programme import Action, Programme, facts_text, read_programme
from tests.unit.projects.programme_text import source_path

FACTS: Final = Path(__file__).parents[3] / "services/projects/data/programmes/cami-2021-2026/facts.json"

GOV: Final = "government_agencies"
SCI: Final = "scientific_institutions"
NATIONAL_SCI: Final = "national_scientific_institutions"

AWKWARD: Final[dict[str, tuple[str | None, list[str], list[str], list[str]]]] = {
    # id: (priority, responsible, sub-items, see also)
    "1.1": ("medium", ["cms", GOV], ["a", "b"], []),
    "1.2": (
        "medium",
        ["cms", "international_ngos", "ngos", "meas", "international_forums", GOV],
        ["a", "b", "c", "d", "e"],
        [],
    ),
    "1.3": ("high", ["cms", "iucn", GOV, "ngos", "gslep"], ["a", "b", "c", "d", "e", "f"], []),
    "1.4": ("high_medium", ["cms", "ngos", SCI], ["a", "b"], []),
    "2.2": ("high", [GOV, "ngos"], [], ["7.5"]),
    "2.4": ("high_medium", [GOV, "ngos"], [], []),
    "2.5": ("high_medium", [GOV, "ngos", "traffic", "cites"], [], []),
    "2.8": ("high", [GOV, "ngos"], [], ["5"]),
    "3.1": ("high", ["cms", GOV, "ngos", SCI], ["a", "b", "c", "d"], ["3.2"]),
    "3.2": (
        "high_medium",
        [GOV, NATIONAL_SCI, "ngos", "cms", "unep"],
        ["a", "a.i", "a.ii", "a.iii", "a.iv", "a.v", "b", "c", "d"],
        ["3.1"],
    ),
    "3.4": ("high", ["cms", GOV, NATIONAL_SCI, "ngos", "media"], ["a", "b", "c", "d"], ["3.1"]),
    "3.5": (
        "high",
        ["cms", GOV, NATIONAL_SCI, "ngos", "private_sector"],
        ["a", "b", "c", "d", "e", "f"],
        ["3.1", "3.2"],
    ),
    "3.6": (
        "high_medium",
        ["cms", GOV, NATIONAL_SCI, "ngos", "private_sector"],
        ["a", "b", "c", "d", "e", "f", "g"],
        [],
    ),
    "4.4": ("high", ["ngos", GOV], [], []),
    "4.6": ("high", [GOV, "ngos"], [], []),
    "4.7": ("high", [GOV, "local_communities", "ngos"], [], ["5.1", "5.8", "5.11"]),
    "4.8": ("high", [GOV, SCI, "ngos", "herders", "local_communities"], [], []),
    "4.9": ("medium", [GOV, "insurance_sector", "ngos"], [], []),
    "5.2": ("medium", [GOV, "international_ngos", "development_agencies"], [], []),
    "5.4": ("high_medium", ["cms", "national_ngos", "international_ngos"], [], []),
    "5.6": ("medium", ["national_ngos", "international_ngos", GOV], [], []),
    "5.7": ("medium", [GOV, "community_leaders", "local_government_agencies", "ngos"], [], []),
    "5.8": ("high", ["local_ngos", "national_ngos", SCI], [], []),
    "5.9": ("medium", ["ngos", "tourism_agencies"], [], []),
    "5.11": ("high", ["national_government_agencies", "local_government_agencies", "ngos"], [], []),
    "5.12": ("medium", ["cms", "international_ngos"], [], []),
    "6.2": ("high_medium", [GOV, "ngos"], [], []),
    "6.5": ("high", ["cms", "international_ngos", GOV], [], []),
    "7.4": ("high", [GOV, SCI, "ngos"], [], []),
    "8.1": ("high", ["cms_scientific_council", SCI, "ngos"], ["a", "b", "c"], []),
    "8.2": ("medium", [SCI], [], []),
    "8.3": ("medium", [SCI, GOV, "ngos"], [], ["8.1"]),
    "8.5": ("low", [SCI], [], []),
    "9.2": ("high", ["cms", GOV, SCI, "ngos"], [], []),
    "9.4": ("medium", [GOV, SCI, "dauria_special_protection_area"], [], []),
    "9.5": ("low", [GOV, SCI, "ngos"], [], []),
    "10.1": ("high", ["iran_doe", "iranian_cheetah_society", "ngos"], [], []),
    "10.4": ("high", ["iran_doe"], [], []),
    "10.5": ("medium", ["iran_doe"], [], []),
    "10.6": ("high", ["iran_doe", "iranian_cheetah_society", "ngos"], [], []),
    "10.8": ("medium", ["ngos", "iran_doe"], [], []),
    "10.10": ("high", [GOV, "iranian_cheetah_society", "ngos", "iucn_ssc_cat_sg", "cms"], [], []),
    "11.2": ("high", ["iucn_ssc_equid_sg", "cms", GOV, SCI, "ngos"], [], []),
    "11.3": ("high", [GOV, "ngos", SCI], [], ["3.3", "24.3"]),
    "11.4": ("low", [GOV, "ngos", SCI, "international_partners", "private_sector"], [], ["2.1"]),
    "11.6": ("medium_low", [GOV, "ngos", SCI], [], []),
    "12.1": ("high", ["cms", GOV, SCI, "ngos"], ["1", "2", "3", "4"], []),
    "13.1": ("high_medium", [GOV], [], []),
    "14.1": ("high_medium", [GOV], [], []),
    "15.1": ("high", [GOV, "ngos", "gobi_bear_project", SCI], [], []),
    "15.2": ("medium", ["gobi_bear_project", "gobi_bear_technical_assistance", GOV, "ngos"], [], []),
    "15.3": ("high", ["gobi_bear_project", "gobi_bear_technical_assistance", GOV, "ngos"], [], []),
    "16.2": (
        "high_medium",
        [GOV, "ngos", SCI, "iucn_ssc_antelope_sg", "international_partners", "cms"],
        [],
        [],
    ),
    "16.3": ("low", [GOV, "ngos", SCI], [], ["2.1"]),
    "16.8": ("low", [GOV, "ngos", SCI, "international_partners", "iucn"], [], []),
    "16.11": ("medium_low", [GOV, "ngos", SCI], [], []),
    "18.1": (
        "high",
        [GOV, SCI, "ngos", "daursky_biosphere_reserve", "dauria", "sokhondinsky_biosphere_reserve"],
        [],
        [],
    ),
    "18.3": ("medium", [GOV, SCI, "ngos"], [], []),
    "18.4": ("medium", [GOV, "ngos", SCI], ["1", "2", "3", "4", "5"], []),
    "18.5": ("medium", [GOV, "ngos", SCI], ["1", "2", "3", "4"], []),
    "19.11": ("medium", [GOV, SCI, "ngos"], [], []),
    "20.1": (
        "high_medium",
        [GOV, SCI, "cms", "iucn_ssc_equid_sg", "ngos", "international_takhi_group", "khomyn_talyn_takhi"],
        [],
        [],
    ),
    "20.5": ("high", ["international_takhi_group", "khomyn_talyn_takhi", "ngos"], [], []),
    "20.6": ("high_medium", ["protected_area_administrations", "ngos", "local_stakeholders"], [], []),
    "20.7": ("high_medium", [GOV], [], []),
    "23.1": ("high_medium", [GOV], [], []),
    "24.3": ("high", [GOV, SCI, "ngos"], [], []),
    "24.4": ("high", [GOV, SCI, "ngos"], [], ["1.3"]),
    "25.2": ("high", ["protected_area_administrations", GOV, "wcpf_uk", "wcpf_mongolia", SCI], [], []),
    "25.3": ("medium", ["wcpf_uk", "wcpf_mongolia", GOV, SCI, "ngos"], [], []),
    "25.4": ("high", ["wcpf_uk", "wcpf_mongolia", GOV, "ngos"], [], []),
    "26.4": ("high", [GOV, SCI, "ngos"], [], []),
    "27.3": ("high", [GOV, "ngos", SCI, "international_partners", "private_sector"], [], ["3.3", "3.4"]),
    "27.4": ("high", ["ngos", SCI, "international_partners", "private_sector"], [], []),
    "28.1": ("high", [GOV, SCI, "ngos"], [], []),
    "28.5": ("high_medium", [GOV, "ngos"], [], []),
    "29.4": ("high", ["cms"], [], []),
    "29.9": ("high", [GOV], [], []),
    "29.10": ("high", ["cms", "ngos", GOV], [], []),
    "29.10-2": (None, ["cms", "ngos", GOV], [], []),
    "29.11": (None, ["cms_scientific_council"], [], []),
    "31.1": ("high", ["iucn", GOV, "ngos"], [], []),
    "31.5": ("medium", ["cms", "ngos"], [], []),
    "31.7": ("medium", [GOV, "donors", "cms"], [], []),
    "31.8": ("low", [GOV, "ngos", "cms"], [], []),
    "31.9": ("high_medium", ["cms", "ngos", "international_ngos"], [], []),
    "31.11": ("medium", [GOV, "cms", "private_sector"], [], []),
    "31.12": ("medium", ["cms", GOV, "ngos"], [], []),
    "32.3": ("high_medium", ["cms", GOV, "ngos", "meas"], [], []),
    "32.4": ("medium", ["cms", GOV], [], ["1.2"]),
}

PRIORITIES_BY_SECTION: Final = {
    # One sign per action, read down the priority column: H high, h high/medium, M medium, m medium/low, L low, - none
    1: "MMHhHMHH", 2: "HHhhhHMH", 3: "HhHHHh", 4: "HHHHHHHHMMHHHhH", 5: "HMHhhMMHMHHMHMH", 6: "HhhMH",
    7: "HHMHM", 8: "HMMHLM", 9: "HHHML", 10: "HHHHMHHMHHHMH", 11: "HHHLHmHM", 12: "HH", 13: "h", 14: "h",
    15: "HMHH", 16: "MhLHHLMLMHmLHLML", 17: "HHHHMH", 18: "HHMMMM", 19: "HHHHHHHHMMM", 20: "hHMMHhhHM", 21: "H",
    22: "HHHHHMHHH", 23: "h", 24: "HHHHHHHHHHHHHHMM", 25: "HHMH", 26: "HMHHHH", 27: "HMHH", 28: "HHHHh",
    29: "HHHHHhMhHH--", 30: "HHHH", 31: "HhHhMhMLhhMM", 32: "HMhM",
}  # fmt: skip
SIGNS: Final = {"high": "H", "high_medium": "h", "medium": "M", "medium_low": "m", "low": "L", None: "-"}


@pytest.fixture(scope="module")
def programme() -> Programme:
    """The Programme of Work 2021-2026, read from the resolution's text."""
    return read_programme(source_path())


@pytest.fixture(scope="module")
def actions(programme: Programme) -> dict[str, Action]:
    """Its actions by id."""
    return {action.id: action for action in programme.actions}


def test_frame(programme: Programme) -> None:
    assert programme.period == (2021, 2026)
    assert [(part.number, part.printed_number) for part in programme.parts] == [
        ("I", "I"), ("II", "II"), ("III", "III"), ("IV", "VI"),
    ]  # fmt: skip
    assert programme.parts[3].title == "Soutien pour la mise en œuvre"
    assert [section.number for section in programme.sections] == list(range(1, 33))
    parts = [section.part for section in programme.sections]
    assert parts == ["I"] * 8 + ["II"] * 18 + ["III"] * 2 + ["IV"] * 4
    assert len(programme.actions) == 228
    assert len({action.id for action in programme.actions}) == 228


def test_every_priority(programme: Programme) -> None:
    found: dict[int, str] = {}
    for action in programme.actions:
        found[action.section] = found.get(action.section, "") + SIGNS[action.priority]
    assert found == PRIORITIES_BY_SECTION


def test_totals_per_priority(programme: Programme) -> None:
    assert Counter(action.priority for action in programme.actions) == {
        "high": 135, "high_medium": 27, "medium": 52, "medium_low": 2, "low": 10, None: 2,
    }  # fmt: skip


@pytest.mark.parametrize("id", AWKWARD)
def test_awkward_action(id: str, actions: dict[str, Action]) -> None:
    action = actions[id]
    found = (action.priority, list(action.responsible), list(action.sub_items), list(action.see_also))
    assert found == AWKWARD[id]
    assert action.number == id.removesuffix("-2")


def test_only_these_have_sub_items_and_references(actions: dict[str, Action]) -> None:
    expected = {id for id, values in AWKWARD.items() if values[2]}
    assert {"3.3"} | expected == {action.id for action in actions.values() if action.sub_items}
    assert actions["3.3"].sub_items == ("a", "b")
    referring = {id for id, values in AWKWARD.items() if values[3]} | {"4.2"}
    assert referring == {action.id for action in actions.values() if action.see_also}
    assert actions["4.2"].see_also == ("6.1",)


def test_priorities_of_sub_items(actions: dict[str, Action]) -> None:
    assert actions["3.2"].sub_item_priorities == {"a": "high", "b": "high", "c": "high", "d": "medium"}
    assert [action.id for action in actions.values() if action.sub_item_priorities] == ["3.2"]


def test_unconfirmed_parties(actions: dict[str, Action]) -> None:
    found = {action.id: action.unconfirmed for action in actions.values() if action.unconfirmed}
    assert found == {"2.5": ("traffic", "cites"), "2.6": ("traffic", "cites")}


def test_joined_responsible_cells(actions: dict[str, Action]) -> None:
    assert actions["15.3"].responsible_text == (
        "Projet Gobi Bear, Projet d’assistance technique pour l’ours de Gobi (Chine-Mongolie), "
        "agences gouvernementales, ONG"
    )
    assert actions["29.11"].responsible_text == "Conseil scientifique de la CMS"
    assert actions["1.3"].source_lines == (288, 308)


def test_every_party(programme: Programme) -> None:
    """How often each party stands in the tables, counted with a text search over the source."""
    found = Counter(code for action in programme.actions for code in action.responsible)
    expected = {
        "gslep": 10, "unep": 1, "traffic": 2, "cites": 2, "media": 1, "donors": 1, "iran_doe": 7,
        "iranian_cheetah_society": 7, "international_takhi_group": 3, "khomyn_talyn_takhi": 2, "wcpf_uk": 3,
        "wcpf_mongolia": 3, "gobi_bear_project": 4, "gobi_bear_technical_assistance": 3, "herders": 5,
        "local_communities": 7, "international_partners": 9, "protected_area_administrations": 4,
        "cms_scientific_council": 2, "meas": 2, "international_ngos": 10, "national_ngos": 5, "local_ngos": 1,
        "private_sector": 8, "insurance_sector": 1, "iucn": 5, "iucn_ssc_equid_sg": 3, "iucn_ssc_cat_sg": 1,
        "iucn_ssc_antelope_sg": 1,
    }  # fmt: skip
    assert {code: found[code] for code in expected} == expected
    assert not [anomaly for anomaly in programme.anomalies if anomaly.code == "unknown_party"]


def test_sections_of_species_and_landscapes(programme: Programme) -> None:
    sections = {section.number: section.as_json() for section in programme.sections}
    assert sections[1] == {"number": 1, "title": "Coopération transfrontalière", "part": "I"}
    assert sections[11] == {
        "number": 11, "title": "Âne sauvage asiatique", "part": "II", "scientific_name": "Equus hemionus",
        "species": ["asiatic_wild_ass"],
    }  # fmt: skip
    assert sections[12]["scientific_name"] == "Cervus elaphus yarkandensis"
    assert sections[22]["scientific_name"] == "Uncia uncia"
    assert sections[26]["scientific_name"] == "Bos grunniens"
    assert sections[27] == {
        "number": 27, "title": "Écosystème Gobi-steppe", "part": "III", "states": ["CHN", "MNG", "RUS"],
        "species": [
            "asiatic_wild_ass", "gobi_bear", "goitered_gazelle", "mongolian_gazelle", "przewalskis_horse",
            "saiga", "wild_camel",
        ],
    }  # fmt: skip
    assert sections[28] == {
        "number": 28, "title": "Plateau Qinghai-Tibétain", "part": "III",
        "states": ["BTN", "CHN", "IND", "NPL", "PAK"],
        "species": ["argali", "tibetan_antelope", "kiang", "snow_leopard", "tibetan_gazelle", "wild_yak"],
    }  # fmt: skip
    assert sections[3]["title"] == "Développement de l’industrie et des infrastructures/obstacles au mouvement"


def test_species(programme: Programme) -> None:
    found = [(one.code, one.scientific_name, one.cms_appendix, one.listed) for one in programme.species]
    assert found == [
        ("argali", "Ovis ammon", "II", True),
        ("asiatic_cheetah", "Acinonyx jubatus", "I", True),
        ("asiatic_wild_ass", "Equus hemionus", "II", True),
        ("bukhara_deer", "Cervus elaphus yarkandensis", "I/II", True),
        ("gobi_bear", "Ursus arctos isabellinus", "II", True),
        ("goitered_gazelle", "Gazella subgutturosa", "II", True),
        ("kiang", "Equus kiang", "II", True),
        ("mongolian_gazelle", "Procapra gutturosa", "II", True),
        ("persian_leopard", "Panthera pardus saxicolor", "II", True),
        ("przewalskis_horse", "Equus ferus przewalskii", "I", True),
        ("saiga", "Saiga spp.", "II", True),
        ("snow_leopard", "Uncia uncia", "I", True),
        ("urial", "Ovis vignei", "II", True),
        ("wild_camel", "Camelus bactrianus", "I", True),
        ("wild_yak", "Bos grunniens", "I", True),
        ("tibetan_antelope", "Pantholops hodgsonii", None, False),
        ("tibetan_gazelle", "Procapra picticaudata", None, False),
        ("chinkara", "Gazella bennettii", None, False),
    ]
    assert programme.species[15].name == "Antilope du Tibet"


def test_range_states(programme: Programme) -> None:
    parties = [state.iso3 for state in programme.range_states if state.party]
    others = [state.iso3 for state in programme.range_states if not state.party]
    assert parties == ["AFG", "IND", "IRN", "KAZ", "KGZ", "MNG", "PAK", "TJK", "UZB"]
    assert others == ["BTN", "CHN", "NPL", "RUS", "TKM"]
    assert [state.iso2 for state in programme.range_states][:5] == ["AF", "BT", "CN", "IN", "IR"]


@pytest.mark.parametrize(
    ("code", "places"),
    [
        ("duplicate_number", ["29.10-2"]),
        ("missing_priority", ["29.10-2", "29.11"]),
        ("sub_item_priorities", ["3.2"]),
        ("reversed_priority", ["11.6", "16.2", "16.11", "20.6", "20.7"]),
        ("page_break_in_cell", ["1.3", "15.3", "section 28"]),
        ("sub_item_after_priority", ["1.3"]),
        ("misnumbered_part", ["part IV"]),
        ("misnamed_species", ["species 16"]),
        ("misspelt_scientific_name", ["section 11", "section 26"]),
        ("word_split_at_line_end", ["23.1", "28.5", "32.3"]),
        ("duplicate_party", ["11.2"]),
        ("missing_separator", ["25.4"]),
        ("unclear_party", ["18.1"]),
        ("party_with_example", ["4.4", "5.6"]),
        ("qualified_party", ["1.4", "5.12", "20.5"]),
        ("number_with_trailing_point", ["1.2", "2.4", "4.11", "11.7", "11.8", "17.6", "31.5"]),
        ("heading_words_apart", ["section 27", "section 28"]),
        ("ambiguous_term", ["1.2", "1.3", "17.4", "29.4", "29.5", "29.8"]),
        ("footnote_glued_to_name", [f"line {line}" for line in (185, 215, 1249, 1806, 2062, 2210)]),
        ("other_scientific_name", [f"line {line}" for line in (1249, 1806, 2062)]),
        ("inconsistent_species_name", ["section 11", "section 13", "section 21"]),
        ("dangling_cross_reference", []),
        ("action_number_gap", []),
        ("missing_responsible", []),
    ],
)
def test_anomalies(code: str, places: list[str], programme: Programme) -> None:
    assert [anomaly.where for anomaly in programme.anomalies if anomaly.code == code] == places


def test_inconsistent_spellings(programme: Programme) -> None:
    found = Counter(one.where for one in programme.anomalies if one.code == "inconsistent_party_spelling")
    assert found == {
        "1.2": 1, "3.1": 1, "4.5": 1, "5.2": 1, "5.8": 1, "5.13": 1, "6.4": 1, "6.5": 1, "13.1": 1, "14.1": 1,
        "20.1": 1, "23.1": 1, "25.2": 1, "25.4": 2, "29.9": 1, "31.1": 1, "31.2": 1, "31.3": 1, "31.9": 1,
        "31.11": 1, "31.12": 1, "32.2": 1, "32.3": 1,
    }  # fmt: skip


def test_shape_of_the_json(programme: Programme) -> None:
    content: dict[str, Any] = json.loads(facts_text(programme))
    assert list(content) == ["period", "parts", "sections", "species", "range_states", "actions", "anomalies"]
    required = {
        "id", "number", "section", "priority", "sub_item_priorities", "responsible", "sub_items", "see_also",
    }  # fmt: skip
    assert all(required <= set(action) for action in content["actions"])
    assert all(set(anomaly) == {"code", "where", "detail"} for anomaly in content["anomalies"])


def test_shipped_facts_are_those_of_a_fresh_import(programme: Programme) -> None:
    assert FACTS.read_text(encoding="utf-8") == facts_text(programme)
