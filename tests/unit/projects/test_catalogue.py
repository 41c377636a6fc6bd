"""The shipped Programme of Work: complete, sound, and in three languages throughout."""

import json
import re
import shutil
from pathlib import Path

import pytest

from contracts import vocabulary
from services.projects.catalogue import (
    SHIPPED,
    BrokenCatalogue,
    edition_of,
    load_catalogue,
    parties,
    party_label,
    shipped_folders,
    wider_parties,
)
from services.projects.values.programmes import Action, Catalogue

FOLDER = SHIPPED / "cami-2021-2026"
CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
NARROW = "\N{NARROW NO-BREAK SPACE}"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """The catalogue for 2021-2026."""
    return load_catalogue(FOLDER)


def texts(action: Action) -> list[tuple[str, str, str]]:
    """(title or summary, language, text) of an action."""
    both = (("title", action.texts.title), ("summary", action.texts.summary))
    return [(name, language, version.text) for name, text in both for language, version in text.versions.items()]


def test_size(catalogue: Catalogue) -> None:
    assert (catalogue.id, catalogue.start, catalogue.end) == ("cami-2021-2026", 2021, 2026)
    assert len(catalogue.actions) == 228
    assert [section.facts.number for section in catalogue.sections] == list(range(1, 33))
    assert [part.facts.number for part in catalogue.parts] == ["I", "II", "III", "IV"]
    assert sum(species.listed for species in catalogue.species) == 15
    assert len(catalogue.species) == 18
    assert len(catalogue.states) == 14


def test_every_text_is_there_in_three_languages(catalogue: Catalogue) -> None:
    for action in catalogue.actions:
        assert action.texts.own, action.facts.id
        assert set(action.texts.title.versions) == set(action.texts.summary.versions) == {"en", "ru", "fr"}
    for named in (*catalogue.parts, *catalogue.sections):
        assert set(named.title.versions) == {"en", "ru", "fr"}


def test_texts_are_written_in_their_languages(catalogue: Catalogue) -> None:
    for action in catalogue.actions:
        for name in ("title", "summary"):
            versions = {language: text for kind, language, text in texts(action) if kind == name}
            assert len(set(versions.values())) == 3, action.facts.id
            assert CYRILLIC.search(versions["ru"]), action.facts.id
            assert not CYRILLIC.search(versions["en"] + versions["fr"]), action.facts.id


def test_lengths_fit_a_row_and_a_lead(catalogue: Catalogue) -> None:
    for action in catalogue.actions:
        for name, language, text in texts(action):
            least, most = (20, 90) if name == "title" else (80, 420)
            assert least <= len(text) <= most, (action.facts.id, name, language, len(text))


def test_nothing_is_left_to_be_filled_in(catalogue: Catalogue) -> None:
    bad = re.compile(r"\b(todo|tbd|xxx|lorem|fixme|placeholder)\b|\?\?|\.\.\.|[<>{}]|  |['\"]", re.IGNORECASE)
    for action in catalogue.actions:
        for name, language, text in texts(action):
            assert text == text.strip(), action.facts.id
            assert not bad.search(text), (action.facts.id, name, language)
            assert text.endswith(".") == (name == "summary") or text.endswith("?"), (action.facts.id, name, language)


def test_titles_are_distinct_in_every_language(catalogue: Catalogue) -> None:
    for language in vocabulary.LANGUAGES:
        titles = [action.texts.title.text(language) for action in catalogue.actions]
        assert len(set(titles)) == 228, language


def test_french_spacing(catalogue: Catalogue) -> None:
    for action in catalogue.actions:
        for name, language, text in texts(action):
            loose = re.search(rf"[^{NARROW}][:;!?»]|«[^{NARROW}]", text) if language == "fr" else NARROW in text
            assert not loose, (action.facts.id, name, language)


def test_codes_are_known(catalogue: Catalogue) -> None:
    for action in catalogue.actions:
        for name in ("themes", "species", "states", "landscapes"):
            codes = getattr(action.texts, name)
            assert set(codes) <= set(vocabulary.codes(name)), (action.facts.id, name)
            assert len(set(codes)) == len(codes)
        assert action.texts.themes
        assert action.texts.species
        assert action.texts.states


def test_everything_has_actions(catalogue: Catalogue) -> None:
    for one in catalogue.species:
        assert any(one.code in action.texts.species for action in catalogue.actions), one.code
    for state in catalogue.states:
        assert any(state.code in action.texts.states for action in catalogue.actions), state.code
    for theme in vocabulary.codes("themes"):
        assert any(theme in action.texts.themes for action in catalogue.actions), theme
    for section in catalogue.sections:
        assert any(action.facts.section == section.facts.number for action in catalogue.actions)


def test_actions_on_a_species_name_it(catalogue: Catalogue) -> None:
    sections = {section.facts.number: section.facts for section in catalogue.sections}
    for action in catalogue.actions:
        wanted = sections[action.facts.section].species
        assert set(wanted) <= set(action.texts.species), action.facts.id


def test_the_star_stands_for_listed_species_and_all_states(catalogue: Catalogue) -> None:
    first = catalogue.actions[0]
    assert first.facts.id == "1.1"
    assert list(first.texts.species) == [one.code for one in catalogue.species if one.listed]
    assert list(first.texts.states) == [one.code for one in catalogue.states]


def test_references_lead_to_something(catalogue: Catalogue) -> None:
    numbers = {action.facts.number for action in catalogue.actions}
    sections = {str(section.facts.number) for section in catalogue.sections}
    for action in catalogue.actions:
        assert set(action.facts.see_also) <= numbers | sections, action.facts.id


def test_every_responsible_party_has_a_name(catalogue: Catalogue) -> None:
    codes = {code for action in catalogue.actions for code in action.facts.responsible}
    assert codes <= set(parties())
    for code, labels in parties().items():
        assert set(labels) == {"en", "ru", "fr"}, code
        assert all(labels.values()), code


def test_party_names() -> None:
    assert party_label("ngos", "ru") == "НПО"
    assert party_label("fondation_lynx", "fr") == "Fondation lynx"
    assert wider_parties("national_ngos") == ("ngos",)
    assert wider_parties("ngos") == ()


def test_shipped_folders_are_named_after_their_programme() -> None:
    assert [folder.name for folder in shipped_folders()] == [load_catalogue(one).id for one in shipped_folders()]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the shipped folder that a test may spoil."""
    return Path(shutil.copytree(FOLDER, tmp_path / FOLDER.name))


def spoil(path: Path, old: str, new: str) -> None:
    """Replace the first `old` in a file."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_edition_changes_with_any_file(copy: Path) -> None:
    before = edition_of(copy)
    assert before == edition_of(FOLDER)
    spoil(copy / "texts" / "section-31.json", "donor", "donour")
    assert edition_of(copy) != before


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('"id": "31.5"', '"id": "31.99"', "action 31.5 has no texts"),
        ('"finance_mobilisation"', '"money"', "money is not among the themes"),
        ('"section": 31', '"section": 77', "section 31 has no title"),
    ],
)
def test_an_incomplete_catalogue_is_refused(copy: Path, old: str, new: str, fault: str) -> None:
    spoil(copy / "texts" / "section-31.json", old, new)
    with pytest.raises(BrokenCatalogue, match=fault):
        load_catalogue(copy)


def test_a_missing_language_is_refused(copy: Path) -> None:
    path = copy / "texts" / "section-09.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    del content["actions"][0]["summary"]["ru"]
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(BrokenCatalogue, match=r"action 9\.1 has no summary in ru"):
        load_catalogue(copy)
