"""Another Programme of Work of the same layout is read without a change of code."""

import json
import random
import unicodedata

import pytest

from services.projects.programme import (
    Action,
    NotAProgramme,
    Programme,
    broader_party,
    facts_text,
    parse_programme,
)
from services.projects.programme.vocabulary import Vocabulary, shipped_data
from tests.unit.projects.programme_text import next_programme, small_programme


@pytest.fixture(scope="module", params=["\f", " "], ids=["form feeds", "spaces"])
def programme(request: pytest.FixtureRequest) -> Programme:
    """The next programme, whose pages start with a form feed or with the space that is left of one."""
    return parse_programme(next_programme(request.param))


def only_action(rows: str) -> Action:
    """The one action of a programme that has no other."""
    actions = parse_programme(small_programme(rows)).actions
    assert len(actions) == 1
    return actions[0]


def anomalies(programme: Programme, code: str) -> list[str]:
    """Where the anomalies of that code are."""
    return [anomaly.where for anomaly in programme.anomalies if anomaly.code == code]


def test_frame(programme: Programme) -> None:
    assert programme.period == (2026, 2031)
    assert [(part.number, part.printed_number) for part in programme.parts] == [
        ("I", "I"),
        ("II", "III"),
        ("III", "III"),
    ]
    assert [section.number for section in programme.sections] == [1, 2, 3, 4, 5, 6]
    assert programme.sections[1].title == (
        "Financement durable et mécanismes de compensation dans les pays de l’aire de répartition"
    )
    assert len(programme.range_states) == 15
    assert [state.iso3 for state in programme.range_states if state.party][-2:] == ["GEO", "UZB"]


def test_species(programme: Programme) -> None:
    assert sum(species.listed for species in programme.species) == 17
    found = {species.code: species.scientific_name for species in programme.species}
    assert found["pallas_cat"] == "Otocolobus manul"
    assert found["eurasian_lynx"] == "Lynx lynx"
    assert found["snow_leopard"] == "Panthera uncia"
    assert found["vulpes_corsac"] == "Vulpes corsac"
    sections = {section.number: section for section in programme.sections}
    assert sections[3].title == "Chat de Pallas"
    assert sections[3].scientific_name == "Otocolobus manul"
    assert sections[4].scientific_name == "Lynx lynx"
    assert sections[5].species == ("hyaena_hyaena",)
    assert sections[6].states == ("MNG", "RUS", "KAZ")
    assert sections[6].species == ("argali", "pallas_cat", "vulpes_corsac", "snow_leopard")
    assert anomalies(programme, "misspelt_scientific_name") == ["section 4"]
    assert anomalies(programme, "species_not_in_table") == ["section 5"]


@pytest.mark.parametrize(
    ("id", "priority", "responsible", "sub_items", "see_also"),
    [
        ("1.1", None, ["cms", "alliance_manul", "government_agencies"], ["a", "b", "c"], ["2.1", "2.2"]),
        ("1.2", "high", ["alliance_manul", "national_ngos", "local_ngos", "international_ngos"], [], []),
        ("1.3", "medium_low", ["fondation_lynx", "government_agencies"], [], ["3"]),
        ("1.3-2", "high", ["autorites_coutumieres", "cms"], ["i", "ii"], []),
        ("2.1", "high", ["cms"], [], []),
        ("2.2", "medium", ["fondation_lynx", "agence_regionale_suivi"], [], ["1.1", "1.2", "1.3"]),
        ("2.4", "high_medium", ["fondation_lynx", "ngos", "government_agencies"], ["a", "b", "c"], []),
        ("3.1", "low", ["scientific_institutions"], [], []),
        ("4.1", "high", ["ngos"], [], []),
        ("5.1", "medium", ["scientific_institutions"], [], []),
        ("6.1", "high", ["protected_area_administrations"], [], ["9.9"]),
    ],
)
def test_action(
    id: str,
    priority: str | None,
    responsible: list[str],
    sub_items: list[str],
    see_also: list[str],
    programme: Programme,
) -> None:
    action = next(action for action in programme.actions if action.id == id)
    assert action.priority == priority
    assert list(action.responsible) == responsible
    assert list(action.sub_items) == sub_items
    assert list(action.see_also) == see_also


def test_oddities_are_reported(programme: Programme) -> None:
    assert len(programme.actions) == 11
    assert anomalies(programme, "wide_priority_span") == ["1.1"]
    assert anomalies(programme, "duplicate_number") == ["1.3-2"]
    assert anomalies(programme, "action_number_gap") == ["2.4"]
    assert anomalies(programme, "word_split_at_line_end") == ["2.4"]
    assert "2.4" in anomalies(programme, "page_break_in_cell")
    assert anomalies(programme, "dangling_cross_reference") == ["6.1"]
    assert anomalies(programme, "unknown_party") == ["1.1", "1.3", "1.3-2", "2.2", "2.2", "2.4"]
    assert anomalies(programme, "misnumbered_part") == ["part II"]
    action = next(action for action in programme.actions if action.id == "2.2")
    assert action.unconfirmed == ("agence_regionale_suivi",)
    action = next(action for action in programme.actions if action.id == "1.1")
    assert action.sub_item_priorities == {"a": "high", "b": "high", "c": "low"}


def test_a_second_reading_is_not_coloured_by_the_first() -> None:
    before = facts_text(parse_programme(small_programme("1.1 Agir vite.\n\nPICA\n\nHaute\n")))
    parse_programme(next_programme())
    assert facts_text(parse_programme(small_programme("1.1 Agir vite.\n\nPICA\n\nHaute\n"))) == before


def test_wider_parties() -> None:
    assert broader_party("national_ngos") == "ngos"
    assert broader_party("ngos") is None
    assert broader_party("fondation_lynx") is None


def test_another_vocabulary() -> None:
    data = json.loads(json.dumps(shipped_data()))
    data["parties"]["manul_group"] = {"spellings": ["Groupe manul"]}
    programme = parse_programme(small_programme("1.1 Agir.\n\nGroupe manul\n\nHaute\n"), Vocabulary(data))
    assert programme.actions[0].responsible == ("manul_group",)


@pytest.mark.parametrize(
    ("rows", "priority"),
    [
        ("1.1 Agir.\n\nCMS, ONG\n\nHaute/Moyenne\n", "high_medium"),
        ("1.1 Agir.\n\nCMS, ONG\n\nMoyenne / Haute\n", "high_medium"),
        ("1.1 Agir.\n\nCMS, ONG\n\nHaute/ \nMoyenne\n", "high_medium"),
        ("1.1 Agir.\n\nCMS, ONG\n\nHaute/Moyenn\ne\n", "high_medium"),
        ("1.1 Agir.\n\nCMS, ONG\n\nMoyenne à basse\n", "medium_low"),
        ("1.1 Agir.\n\nCMS, ONG\n\nHaute/\n\n\fMoyenne\n", "high_medium"),
        ("1.1 Agir.\n\nCMS, ONG Basse\n", "low"),
        ("1.1 Agir.\n\nCMS, ONG Haute/\nMoyenne\n", "high_medium"),
        ("1.1 Agir. CMS, ONG Faible\n", "low"),
        ("1.1 Agir.\n\nCMS, ONG\nMoyenne\n", "medium"),
        ("1.1 Agir.\n\nCMS, organismes\n\ngouvernementaux\nMoyenne\n", "medium"),
    ],
)
def test_places_of_a_priority(rows: str, priority: str) -> None:
    action = only_action(rows)
    assert action.priority == priority
    assert action.responsible[0] == "cms"
    assert len(action.responsible) == 2


@pytest.mark.parametrize(
    ("cell", "responsible"),
    [
        ("CMS et ONG", ["cms", "ngos"]),
        ("ONG locales et nationales", ["local_ngos", "national_ngos"]),
        ("ONGI, AME", ["international_ngos", "meas"]),
        ("UICN, partenaires\ninternationaux, dont la CITES", ["iucn", "international_partners", "cites"]),
        ("Agences gouvernementales\nfacilitées par des ONG", ["government_agencies", "ngos"]),
        ("Agences gouvernementales (p. ex.\nministère, parcs), ONG", ["government_agencies", "ngos"]),
        ("CMS, Fondation d’Élie (à\nconfirmer)", ["cms", "fondation_elie"]),
        ("WCPF UK, WCPF Mongolie\nONG", ["wcpf_uk", "wcpf_mongolia", "ngos"]),
        ("CMS, ONG, CMS", ["cms", "ngos"]),
        ("Ligue du manul et ONG", ["ligue_manul", "ngos"]),
    ],
)
def test_parties_of_a_cell(cell: str, responsible: list[str]) -> None:
    assert list(only_action(f"1.1 Agir ensemble.\n\n{cell}\n\nHaute\n").responsible) == responsible


@pytest.mark.parametrize(
    ("text", "see_also"),
    [
        ("Agir (voir aussi 7.5).", ["7.5"]),
        ("Agir (voir également la section 5).", ["5"]),
        ("Agir (voir 3.3. et 24.3), puis finir.", ["3.3", "24.3"]),
        ("Agir (voir aussi 5.1, 5.8 et 5.11).", ["5.1", "5.8", "5.11"]),
        ("Suivre le processus décrit au point 3.1 et la section 12.", ["3.1", "12"]),
        ("Agir (voir 3.1 et 3.1, puis voir 3.2).", ["3.1", "3.2"]),
        ("Agir (voir Action 3.1.10 du Plan d’action).", []),
        ("Agir (voir action 3.2 du Plan d’action).", []),
        ("Agir (voir action 3.2 du présent programme).", ["3.2"]),
        ("Respecter la norme de performance 6 et la catégorie V de 2015.", []),
        ("Traiter le point 4 et les 3.5 millions d’hectares.", []),
    ],
)
def test_references(text: str, see_also: list[str]) -> None:
    assert list(only_action(f"1.1 {text}\n\nCMS\n\nHaute\n").see_also) == see_also


@pytest.mark.parametrize(
    ("text", "sub_items"),
    [
        ("Agir :\na) un ;\ni. dedans ;\nii. encore ;\nb) deux.", ["a", "a.i", "a.ii", "b"]),
        ("Agir :\n• un ;\n• deux.", ["1", "2"]),
        ("a) un ;\n• dedans ;\nb) deux.", ["a", "a.1", "b"]),
        ("Agir : a) un ; b) deux et c) trois.", ["a", "b"]),
        ("Agir :\n" + "\n".join(f"{letter}) mot ;" for letter in "abcdefghij"), list("abcdefghij")),
        ("Agir selon l’annexe I.\nV. Dupont a écrit.", []),
    ],
)
def test_sub_items(text: str, sub_items: list[str]) -> None:
    assert list(only_action(f"1.1 {text}\n\nCMS\n\nHaute\n").sub_items) == sub_items


def test_a_letter_out_of_order_is_kept_and_reported() -> None:
    programme = parse_programme(small_programme("1.1 Agir :\na) un ;\nc) deux.\n\nCMS\n\nHaute\n"))
    assert programme.actions[0].sub_items == ("a", "c")
    assert anomalies(programme, "sub_item_out_of_order") == ["1.1"]


def test_windows_line_ends_and_decomposed_letters() -> None:
    text = next_programme()
    plain = parse_programme(text).as_json()
    assert parse_programme(text.replace("\n", "\r\n")).as_json() == plain
    assert parse_programme(unicodedata.normalize("NFD", text)).as_json() == plain
    assert parse_programme(text.replace("’", "'")).as_json() == plain


def test_any_damage_is_refused_or_read_but_never_breaks() -> None:
    chance = random.Random(2026)
    lines = next_programme().split("\n")
    for _ in range(150):
        damaged = list(lines)
        for _ in range(chance.randrange(1, 4)):
            place = chance.randrange(len(damaged))
            match chance.randrange(4):
                case 0:
                    del damaged[place]
                case 1:
                    damaged.insert(place, chance.choice(damaged))
                case 2:
                    damaged[place] = damaged[place][: chance.randrange(30)]
                case _:
                    damaged[place] += chance.choice([" Haute", ",", " (", " 4.5", "1"])
        error = _refused("\n".join(damaged))
        assert error is None or (1 <= error.line_number <= len(damaged) and error.reason)


def _refused(text: str) -> NotAProgramme | None:
    try:
        parse_programme(text)
    except NotAProgramme as error:
        return error
    return None
