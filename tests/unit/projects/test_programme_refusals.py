"""What is no Programme of Work is refused with the line that was not understood, and nothing is written."""

from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from services.projects.programme import NotAProgramme, parse_programme, read_programme, write_facts
from tests.unit.projects.programme_text import PREFACE, next_programme, small_programme, source_path
from tests.work import grows_with, within_reason, work_of

GOOD = "1.1 Agir vite.\n\nCMS, ONG\n\nHaute\n\n1.2 Agir encore.\n\nCMS\n\nMoyenne\n"


def refusal(text: str) -> NotAProgramme:
    """The error with which `text` is refused."""
    with pytest.raises(NotAProgramme) as caught:
        parse_programme(text)
    return caught.value


def number_of(text: str, line: str) -> int:
    """The number, from 1, of the first line that reads `line`."""
    return [row.strip() for row in text.split("\n")].index(line) + 1


def test_the_good_text_is_read() -> None:
    assert [action.id for action in parse_programme(small_programme(GOOD)).actions] == ["1.1", "1.2"]


@pytest.mark.parametrize("text", ["", "   ", "\n\n\n", "\ufeff"])
def test_empty(text: str) -> None:
    error = refusal(text)
    assert error.line_number == 1


def test_prose() -> None:
    error = refusal("\n\nIl était une fois un manul.\nIl dormait.\n")
    assert (error.line_number, error.line) == (3, "Il était une fois un manul.")


def test_binary() -> None:
    error = refusal("PROGRAMME DE TRAVAIL 2021-2026\n\x00\x01\x02\n")
    assert error.line_number == 2


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("PROGRAMME DE TRAVAIL\nÉté (2021-2026)\n".encode("latin-1"), 2),
        (b"\x89PNG\r\n\x1a\n\x00\x00", 1),
        (b"\x00" * 500, 1),
    ],
)
def test_files_that_are_no_text(content: bytes, line: int, tmp_path: Path) -> None:
    source = tmp_path / "source.txt"
    source.write_bytes(content)
    with pytest.raises(NotAProgramme) as caught:
        read_programme(source)
    assert caught.value.line_number == line


@pytest.mark.parametrize("unit", ["mot ", "1.1 Agir.\n\nCMS\n\nHaute\n", "\n", "(((", "a) "])
def test_a_huge_file_is_refused_unread(unit: str) -> None:
    def calls(size: int) -> int:
        text = small_programme("") + unit * (size // len(unit))
        assert "longer than" in refusal(text).reason
        return work_of(partial(refusal, text), characters=False)

    assert calls(5_000_000) == calls(2_500_000), "no more is looked at than the start, from which a line is quoted"


CELL = "1.1 Agir.\n\nONG nationales,\n\nHaute\n\n"
"""A row whose responsible cell goes on after its priority."""


@pytest.mark.parametrize(
    ("start", "unit"),
    [
        ("1.1 Agir.\n", "mot "),
        ("1.1 Agir.\n", "CMS,\n\n"),
        ("1.1 Agir.\n", "ONG et "),
        ("1.1 Agir.\n", "1.1 Agir.\n\nFondation Lynx\n\nHaute\n"),
        ("1.1 Agir.\n", "CMS\n"),
        ("1.1 Agir.\n", "Agir.\nONG\n"),
        ("1.1 Agir.\n", "(voir 1.1, "),
        ("1.1 Agir.\n", "; a) "),
        ("1.1 Agir.\n", "\n"),
        ("1.1 Agir.\n", "12\n"),
        ("1.1 Agir mot1 ici.\n\n1 Une note\n", "mot\n"),
        ("", "1.1 Agir.\n\nCMS\n\nHaute\n\n"),
        (CELL, "mot\n"),
        (CELL, "CMS,\n"),
        (CELL, "ONG et\n"),
        (CELL, "ONG/\n"),
        (CELL, "ONG (AB)\n"),
        (CELL, "\f\na) mot\n"),
    ],
)
def test_a_long_file_is_no_work_out_of_proportion(start: str, unit: str) -> None:
    def work(size: int) -> int:
        return work_of(partial(read_or_refuse, small_programme(start) + unit * (size // len(unit))))

    with within_reason():
        assert grows_with(8_000, work) < 2.5


def test_a_long_row_of_the_species_is_no_work_out_of_proportion() -> None:
    def work(size: int) -> int:
        text = PREFACE.replace("18 Renard", "18 Renard" + "\nmot" * (size // 4))
        return work_of(partial(read_or_refuse, text))

    with within_reason():
        assert grows_with(8_000, work) < 2.5


@pytest.mark.parametrize(
    "text",
    [
        "nom scientifique " * 50_000 + "\n" + PREFACE,
        small_programme("") + "1.1 Agir " + "voir " * 200_000 + "(et\n1.2 Agir.\n\nCMS\n\nHaute\n",
        small_programme("") + "1.1 Agir " + "Haute et " * 100_000 + "(Haute\n\n1.2 Agir.\n\nCMS\n\nHaute\n",
        PREFACE.replace("en majuscules", "parties " * 100_000) + "Partie I Mesures\n",
    ],
)
def test_no_long_line_keeps_an_expression_busy_for_ever(text: str) -> None:
    with within_reason():
        read_or_refuse(text)


def read_or_refuse(text: str) -> None:
    """The importer goes through `text`, whatever comes of it."""
    with suppress(NotAProgramme):
        parse_programme(text)


@pytest.mark.parametrize(
    ("rows", "odd"),
    [
        (GOOD.replace("Moyenne", "Urgente"), "Urgente"),
        (GOOD.replace("Haute", "Urgente"), "Urgente"),
        (GOOD.replace("CMS, ONG\n\nHaute", "CMS, ONG Urgente"), "CMS, ONG Urgente"),
        (GOOD.replace("vite.\n\nCMS, ONG\n\nHaute", "vite. CMS Urgente"), "1.1 Agir vite. CMS Urgente"),
        (GOOD.replace("1.2 Agir", "7.2 Agir"), "7.2 Agir encore."),
        (GOOD.replace("1.2 Agir", "Agir"), "Agir encore."),
        (GOOD.replace("Moyenne", "Moyenne\n\nHaute"), "Haute"),
        (GOOD.replace("Moyenne", "Moyenne\n\nEt puis rien."), "Et puis rien."),
        (GOOD + "\n1.3 Agir sans", "1.3 Agir sans"),
        (GOOD + "\n1.3 Agir sans fin.\n\nCMS, agences", "CMS, agences"),
        (GOOD + "\n1.3 Agir sans fin.\n\nCMS, ONG\n", "CMS, ONG"),
        (GOOD + "\n1.3 Agir sans fin.\n\nCMS, ONG\n\nHaute/\n", "Haute/"),
        (GOOD + "\n2. Suite Responsable Priorité\n", "2. Suite Responsable Priorité"),
        (GOOD + "\n1. Suite Responsable Priorité\n\n1.1 Agir.\n\nCMS\n\nHaute", "1. Suite Responsable Priorité"),
        (GOOD + "\nPartie II Suite\n", "Partie II Suite"),
        (GOOD + "\nPartie II Suite\n\n1.3 Agir.\n\nCMS\n\nHaute", "1.3 Agir."),
        ("Une phrase avant toute action.\n\n" + GOOD, "Une phrase avant toute action."),
        ("", "1. Coopération Responsable Priorité"),
    ],
)
def test_a_row_that_is_not_understood(rows: str, odd: str) -> None:
    text = small_programme(rows)
    error = refusal(text)
    assert error.line == odd
    lines = [row.strip() for row in text.split("\n")]
    assert lines[error.line_number - 1] == odd
    assert str(error.line_number) in str(error)


@pytest.mark.parametrize(
    ("old", "new", "odd"),
    [
        ("(2026-2031)", "(2031-2026)", "POUR L’INITIATIVE SUR LES MAMMIFÈRES D’ASIE CENTRALE (2031-2026)"),
        ("14 Chameau sauvage Camelus bactrianus Annexe I", "14 Chameau sauvage", "14 Chameau sauvage"),
        ("14 Chameau", "15 Chameau", "15 Chameau sauvage Camelus bactrianus Annexe I"),
        ("Camelus bactrianus", "sans nom", "14 Chameau sauvage sans nom Annexe I"),
        ("Bhoutan", "Atlantide", "répartition suivants :"),
    ],
)
def test_a_preface_that_is_not_understood(old: str, new: str, odd: str) -> None:
    error = refusal(next_programme().replace(old, new))
    assert error.line == odd


def test_a_missing_table() -> None:
    text = next_programme()
    assert "no table of species" in refusal(text.replace("(nom scientifique)", "")).reason
    states = text[text.index("Ces espèces sont") : text.index("\n Programme de travail 2026")]
    assert "no list of range states" in refusal(text.replace(states, "")).reason


def test_without_parts() -> None:
    error = refusal(PREFACE)
    assert (error.line, error.reason.startswith("no part")) == ("Des populations viables.", True)


def test_a_cut_text_is_never_read_wrongly() -> None:
    """Cut after any line, the text is refused, or what it gives are the first actions of the whole one."""
    lines = next_programme().split("\n")
    whole = [action.as_json() for action in parse_programme("\n".join(lines)).actions]
    page_break = {"2.4"}  # its cells go on on the page after its priority
    for count in range(len(lines)):
        try:
            found = parse_programme("\n".join(lines[:count])).actions
        except NotAProgramme:
            continue
        for action, expected in zip(found, whole, strict=False):
            if action.id not in page_break:
                assert action.as_json() == expected


def test_nothing_is_written_when_refused(tmp_path: Path) -> None:
    source, target = tmp_path / "source.txt", tmp_path / "facts" / "facts.json"
    source.write_text(small_programme(GOOD.replace("Haute", "Urgente")), encoding="utf-8")
    with pytest.raises(NotAProgramme):
        write_facts(source, target)
    assert not target.parent.exists()
    source.write_text(small_programme(GOOD), encoding="utf-8-sig")
    assert len(write_facts(source, target).actions) == 2
    assert target.is_file()


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("27.3 Évaluer", "72.3 Évaluer", 2184),
        ("DOE Haute", "DOE Forte", 1100),
        ("\nHaute/Moyen\nne", "\nGrande", 2517),
    ],
)
def test_a_spoilt_row_of_the_real_programme(old: str, new: str, line: int) -> None:
    text = source_path().read_text(encoding="utf-8")
    assert old in text
    assert refusal(text.replace(old, new)).line_number == line
