"""A proposal as PDF: what stands in it, in three languages, and that it holds at the extremes."""

import re
from typing import Any
from uuid import UUID

import pytest
from pypdf import PdfReader

from contracts.envelope import new_id
from contracts.values import Text
from services.chassis.i18n import translate
from services.chassis.pdf import PdfPool
from services.reports.documents.proposal import SECTIONS, compose_proposal
from services.reports.sources import Action, Origin, ProposalSource, Withdrawal
from tests.integration.reports.conftest import Printed, text_of
from tests.unit.reports.samples import (
    NOON,
    action,
    budget_line,
    cofinancing_line,
    localized,
    organisation,
    proposal,
    standard_lines,
)

EVENT = UUID("01935000-1111-7abc-8def-000000000042")


def source(**changes: Any) -> ProposalSource:
    actions = {number: Action(action(number), Origin(new_id(), NOON)) for number in ("9.2", "27.1")}
    return ProposalSource(proposal(**changes), Origin(EVENT, NOON), actions)


def headings(pdf: PdfReader) -> list[tuple[str, int]]:
    """(text, page from 1) of the bookmarks, the cover's title first."""
    found: list[tuple[str, int]] = []

    def walk(items: Any) -> None:
        for item in items:
            if isinstance(item, list):
                walk(item)
            else:
                found.append((" ".join(str(item.title).split()), (pdf.get_destination_page_number(item) or 0) + 1))

    walk(pdf.outline)
    return found


@pytest.mark.parametrize("language", ["en", "ru", "fr"])
def test_all_sections_are_there_in_the_language_and_the_contents_tell_their_pages(
    printed: Printed, language: str
) -> None:
    pdf = printed(compose_proposal(source(), language))
    wanted = [translate(language, title) for _, title in SECTIONS] + [translate(language, "Sources and figures")]
    marks = {re.sub(r"^(\d+|A) ?", "", text): page for text, page in headings(pdf)}
    contents = " ".join(pdf.pages[1].extract_text().split())
    for title in wanted:
        page = marks[title]
        assert title in " ".join(pdf.pages[page - 1].extract_text().split())
        assert re.search(rf"{re.escape(title)} {page}(?!\d)", contents), title


@pytest.mark.parametrize(
    ("language", "foot"), [("en", "Page {} of {}"), ("ru", "Стр. {} из {}"), ("fr", "Page {} sur {}")]
)
def test_every_page_but_the_cover_has_its_foot_and_running_head(printed: Printed, language: str, foot: str) -> None:
    pdf = printed(compose_proposal(source(), language))
    count = len(pdf.pages)
    assert count > 4
    assert foot.format(1, count) not in pdf.pages[0].extract_text()
    for number, page in enumerate(pdf.pages[1:], 2):
        text = page.extract_text()
        assert foot.format(number, count) in text
        assert "CAMI-2026-0042" in text
    assert translate(language, "Budget") in pdf.pages[4].extract_text()


def test_totals_amounts_and_their_record_are_printed(printed: Printed) -> None:
    text = text_of(printed(compose_proposal(source(), "en")))
    for figure in ("USD 803,250", "USD 568,250", "USD 235,000", "400,000", "249,250", "154,000", "29.3%"):
        assert figure in text, figure
    assert text.count(str(EVENT)) == 1
    assert "Sum of 17 budget lines" in text
    assert "Ministry of Ecology and Natural Resources" in text


@pytest.mark.parametrize(
    ("language", "total"),
    [("ru", "803\u202f250\u00a0USD"), ("fr", "803\u202f250\u00a0USD"), ("en", "USD\u00a0803,250")],
)
def test_numbers_are_written_as_the_language_does(language: str, total: str) -> None:
    assert total in compose_proposal(source(), language).html


def test_marks_stand_where_a_text_is_not_in_the_language_or_old(printed: Printed) -> None:
    russian = text_of(printed(compose_proposal(source(), "ru")))
    assert "На английском языке; не переведено" in russian
    assert "Сайгаки, куланы и джейраны" in russian
    french = text_of(printed(compose_proposal(source(), "fr")))
    assert "Traduction antérieure au texte source; traduction automatique, non relue" in french
    english = text_of(printed(compose_proposal(source(), "en")))
    assert "not translated" not in english
    assert "older than" not in english


def test_a_russian_title_in_an_english_document_is_marked(printed: Printed) -> None:
    pdf = printed(compose_proposal(source(title=localized("ru", ru="Снежный барс Тянь-Шаня"), written_in="ru"), "en"))
    cover = " ".join(pdf.pages[0].extract_text().split())
    assert "Снежный барс Тянь-Шаня" in cover
    assert "In Russian; not translated" in cover
    assert "Descriptions are in Russian" in text_of(pdf)


def test_exchange_rates_stand_with_date_and_source(printed: Printed) -> None:
    lines = [*standard_lines("EUR"), budget_line(99, "525000", currency="KZT")]
    text = text_of(printed(compose_proposal(source(currency="EUR", budget=lines), "en")))
    assert "1 USD = 0.87 EUR" in text
    assert "1 USD = 525 KZT" in text
    assert "1 November 2026" in text
    assert text.count("Planning rates of this project") >= 2  # as a footnote, and in the annexe
    assert "KZT 525,000" in text


HOSTILE = (
    "<script>alert(1)</script><img src='http://127.0.0.1:9/x.png'><style>*{display:none}</style> & {{ 7*7 }} %(x)s"
)


def test_hostile_text_is_printed_and_not_obeyed(printed: Printed) -> None:
    hostile = localized(en=HOSTILE)
    lines = [budget_line(1, "10", description=HOSTILE)]
    money = [cofinancing_line(2, "5", HOSTILE)]
    made = source(
        title=hostile, summary=hostile, problem=hostile, approach=hostile, results=hostile, budget=lines,
        cofinancing=money, organisation=organisation(name=HOSTILE, registration_number=HOSTILE), rates_source=HOSTILE,
        submitted_by=HOSTILE, reference="</style><b>", contacts=[],
    )  # fmt: skip
    text = text_of(printed(compose_proposal(made, "en")))
    assert text.count("<script>alert(1)</script>") >= 7
    assert "{{ 7*7 }} %(x)s" in text


def test_one_line_and_no_co_financing(printed: Printed) -> None:
    made = source(budget=[budget_line(1, "5000.50")], cofinancing=[], actions=[], species=[], contacts=[])
    text = text_of(printed(compose_proposal(made, "en")))
    assert "No co-financing is stated." in text
    assert "5,000.50" in text
    assert "No action of the Programme is named." in text


def test_two_hundred_lines_and_a_hundred_kilobytes_of_text(printed: Printed) -> None:
    lines = [budget_line(i, str(1000 + i), year=1 + i % 9, description=f"Item {i:03d} of the list") for i in range(200)]
    long = "\n\n".join(f"Paragraph {i}. " + "Saiga walk north in spring and south in autumn. " * 18 for i in range(115))
    assert len(long) > 100_000
    pdf = printed(compose_proposal(source(budget=lines, approach=localized(en=long)), "en"))
    text = text_of(pdf)
    for i in range(200):
        assert f"Item {i:03d} of the list" in text
    assert all(f"Paragraph {i}." in text for i in range(115))
    heads = sum("Description" in page.extract_text() and "Category" in page.extract_text() for page in pdf.pages)
    assert heads >= 5  # the head of the table is repeated on every page of it
    assert "Year 9" in text
    assert f"{sum(1000 + i for i in range(200)):,}" in text


def test_a_row_of_a_table_is_never_torn_apart(printed: Printed) -> None:
    lines = [
        budget_line(i, "10", description=f"Start{i:03d} " + "of a long description " * 9 + f"end{i:03d}")
        for i in range(60)
    ]
    pdf = printed(compose_proposal(source(budget=lines), "en"))
    texts = [page.extract_text() for page in pdf.pages]
    for i in range(60):
        starts = [n for n, text in enumerate(texts) if f"Start{i:03d}" in text]
        assert len(starts) == 1
        assert starts == [n for n, text in enumerate(texts) if f"end{i:03d}" in text]


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_very_long_title_stays_on_the_cover(printed: Printed, language: str) -> None:
    title = "Восстановление связности ареалов сайгака и кулана на плато Устюрт " * 4
    pdf = printed(compose_proposal(source(title=localized("ru", ru=title.strip())), language))
    assert "Aigul Serikova" in pdf.pages[0].extract_text()
    assert translate(language, "Contents") in pdf.pages[1].extract_text()


def test_a_withdrawn_proposal_says_so_on_its_cover(printed: Printed) -> None:
    made = source()
    made = ProposalSource(made.proposal, made.origin, made.actions, Withdrawal(NOON, Origin(new_id(), NOON)))
    assert "Withdrawn on 22 November 2026" in text_of(printed(compose_proposal(made, "en")))


def test_the_same_events_give_the_same_bytes(pool: PdfPool) -> None:
    made = source()
    first, second = (compose_proposal(made, "ru") for _ in range(2))
    assert first.html == second.html
    renderings = {pool.render(c.html, language="ru", title=c.title).pdf for c in (first, second)}
    assert len(renderings) == 1


@pytest.mark.parametrize(
    ("language", "kind", "agreed"),
    [("en", "University or research institute", "Agrees to lead if needed"),
     ("ru", "Университет или научный институт", "Согласен быть ведущим"),
     ("fr", "Université ou institut de recherche", "Accepte de conduire")],
)  # fmt: skip
def test_partners_are_listed(printed: Printed, language: str, kind: str, agreed: str) -> None:
    text = " ".join(text_of(printed(compose_proposal(source(), language))).split())
    for wanted in ("Institute of Zoology", "Ustyurt Reserve", "Counts from the air", kind, agreed):
        assert wanted in text


def test_a_proposal_of_an_older_writer_has_no_table_of_partners(printed: Printed) -> None:
    text = text_of(printed(compose_proposal(source(partners=[]), "en")))
    assert "People to write to" in text
    assert "Partner organisations" not in text


def test_a_text_that_is_missing_in_all_languages_says_so(printed: Printed) -> None:
    text = text_of(printed(compose_proposal(source(problem=localized(en=Text(text=""))), "en")))
    assert "Nothing was written here." in text


def test_pictures_and_tables_are_described_to_those_who_cannot_see_them(printed: Printed) -> None:
    pdf = printed(compose_proposal(source(), "en"))
    kinds: dict[str, int] = {}
    described = []

    def walk(element: Any) -> None:
        element = element.get_object()
        if isinstance(element, list):
            for child in element:
                walk(child)
        elif isinstance(element, dict):
            kind = str(element.get("/S", ""))
            kinds[kind] = kinds.get(kind, 0) + 1
            if kind == "/Figure":
                described.append(str(element.get("/Alt", "")))
            if "/K" in element:
                walk(element["/K"])

    walk(pdf.trailer["/Root"]["/StructTreeRoot"]["/K"])
    assert kinds["/Table"] >= 7
    assert kinds["/H1"] == 1
    assert kinds["/H2"] == len(SECTIONS) + 2
    assert kinds["/TH"] > 20
    assert len(described) == 3
    assert all(described)
