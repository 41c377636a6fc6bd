"""Pages: choosing, printing, waiting, downloading, and who may."""

import io
import re
import threading
from typing import Any
from urllib.parse import unquote
from uuid import UUID

import html5lib
import pytest
from pypdf import PdfReader
from starlette.testclient import TestClient

from services.chassis.service import Service
from services.chassis.settings import Settings
from services.reports.handlers import documents
from services.reports.tables import READY
from tests.integration.reports.conftest import WINDOW, Tell
from tests.integration.reports.test_printer import SHORT, ask, lose_files, rendered_events, wait_for, wish
from tests.support import form_post, sign_in
from tests.unit.reports.samples import PROPOSAL, event, localized, proposal

PROPOSAL_PAGE = f"/reports/proposals/{PROPOSAL}"
WINDOW_PAGE = f"/reports/windows/{WINDOW}"


@pytest.fixture
def coordinator(pages: TestClient, settings: Settings) -> TestClient:
    sign_in(pages, settings, "coordinator", name="Nurlan Coordinator")
    return pages


def strictly(html: str) -> None:
    """The page is well-formed, and has no script or style of its own."""
    html5lib.HTMLParser(strict=True).parse(html)
    assert "<script>" not in html
    assert " style=" not in html


def print_it(browser: TestClient, page: str, language: str) -> Any:
    return form_post(browser, page, {"language": language}, to=f"{page}/print")


def document_of(location: str) -> str:
    found = re.fullmatch(r"/reports/documents/([0-9a-f-]{36})", location)
    assert found, location
    return found[1]


@pytest.mark.parametrize("path", ["/reports", "/reports/proposals", "/reports/windows"])
def test_empty_pages_say_what_to_do(coordinator: TestClient, path: str) -> None:
    answer = coordinator.get(path)
    assert answer.status_code == 200
    strictly(answer.text)
    assert 'class="empty"' in answer.text


@pytest.mark.parametrize("language", ["en", "ru", "fr"])
@pytest.mark.usefixtures("told")
def test_pages_are_whole_in_three_languages(coordinator: TestClient, reports: Service, language: str) -> None:
    coordinator.get(f"/language/{language}")
    row = ask(reports, wish())
    for path in ("/reports", "/reports/proposals", "/reports/windows", PROPOSAL_PAGE, WINDOW_PAGE,
                 f"/reports/documents/{row.id}"):  # fmt: skip
        answer = coordinator.get(path)
        assert answer.status_code == 200, path
        strictly(answer.text)
        assert f'<html lang="{language}"' in answer.text


@pytest.mark.usefixtures("told")
def test_printing_a_proposal_from_the_form_to_the_file(coordinator: TestClient, reports: Service) -> None:
    answer = print_it(coordinator, PROPOSAL_PAGE, "ru")
    assert answer.status_code == 303
    key = document_of(answer.headers["location"])
    under_way = coordinator.get(answer.headers["location"])
    assert under_way.status_code == 200
    row = wait_for(reports, UUID(key), READY)
    there = coordinator.get(answer.headers["location"]).text
    strictly(there)
    assert "http-equiv" not in there
    assert f"/reports/documents/{key}.pdf" in there
    file = coordinator.get(f"/reports/documents/{key}.pdf")
    assert file.status_code == 200
    assert file.headers["content-type"] == "application/pdf"
    assert "private" in file.headers["cache-control"]
    disposition = file.headers["content-disposition"]
    assert disposition.startswith("inline; filename=\"CAMI-2026-0042-ru.pdf\"; filename*=UTF-8''")
    assert "Открытые переходы" in unquote(disposition)
    assert disposition.isascii()
    pdf = PdfReader(io.BytesIO(file.content))
    assert len(pdf.pages) == row.pages
    assert pdf.trailer["/Root"]["/Lang"] == "ru"
    assert coordinator.get(f"/reports/documents/{key}.pdf?download=1").headers["content-disposition"].startswith("att")
    listed = coordinator.get("/reports").text
    strictly(listed)
    assert "CAMI-2026-0042" in listed
    assert "Nurlan Coordinator" in listed
    assert f"/reports/documents/{key}.pdf" in listed
    assert f"/reports/documents/{key}.pdf" in coordinator.get(PROPOSAL_PAGE).text


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize("path", [f"{PROPOSAL_PAGE}.pdf", f"{WINDOW_PAGE}/briefing.pdf"])
def test_a_file_can_be_had_at_once(coordinator: TestClient, reports: Service, path: str) -> None:
    first = coordinator.get(f"{path}?lang=fr")
    assert first.status_code == 200
    assert PdfReader(io.BytesIO(first.content)).trailer["/Root"]["/Lang"] == "fr"
    again = coordinator.get(f"{path}?lang=fr")
    assert again.content == first.content
    assert len(rendered_events(reports)) == 1


@pytest.mark.usefixtures("told")
def test_without_a_language_the_file_is_in_the_readers(coordinator: TestClient) -> None:
    coordinator.get("/language/ru")
    file = coordinator.get(f"{WINDOW_PAGE}/briefing.pdf")
    assert file.headers["content-language"] == "ru"
    assert file.headers["content-disposition"].startswith(f'inline; filename="{WINDOW}-ru.pdf"')


@pytest.mark.usefixtures("told")
def test_a_double_click_makes_one_document(coordinator: TestClient, reports: Service) -> None:
    page = coordinator.get(PROPOSAL_PAGE).text
    token = re.search(r'name="csrf" value="([^"]+)"', page)
    assert token
    places: list[str] = []

    def click() -> None:
        answer = coordinator.post(f"{PROPOSAL_PAGE}/print", data={"csrf": token[1], "language": "en"})
        places.append(answer.headers["location"])

    clicks = [threading.Thread(target=click) for _ in range(4)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join()
    assert len(places) == 4
    assert len(set(places)) == 1
    wait_for(reports, UUID(document_of(places[0])), READY)
    assert len(rendered_events(reports)) == 1


@pytest.mark.usefixtures("told")
def test_a_new_version_is_a_new_document(coordinator: TestClient, tell: Tell) -> None:
    first = print_it(coordinator, PROPOSAL_PAGE, "en").headers["location"]
    tell(event(proposal(version=3, title=localized(en="Third")), minutes=9))
    assert print_it(coordinator, PROPOSAL_PAGE, "en").headers["location"] != first


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize("page", [PROPOSAL_PAGE, WINDOW_PAGE])
@pytest.mark.parametrize("language", ["", "xx", "EN", "en,ru"])
def test_a_language_that_is_none_is_told_at_the_field(coordinator: TestClient, page: str, language: str) -> None:
    answer = print_it(coordinator, page, language)
    assert answer.status_code == 400
    strictly(answer.text)
    assert 'id="error-summary"' in answer.text


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize("path", [f"{PROPOSAL_PAGE}.pdf?lang=xx", f"{WINDOW_PAGE}/briefing.pdf?lang=xx",
                                  "/reports/proposals/nonsense", "/reports/proposals/nonsense.pdf",
                                  "/reports/documents/nonsense", f"/reports/documents/{PROPOSAL}.pdf",
                                  f"/reports/windows/{'x' * 200}",])  # fmt: skip
def test_what_there_is_not_is_404(coordinator: TestClient, path: str) -> None:
    assert coordinator.get(path).status_code == 404


def test_a_copy_that_is_on_its_way_is_looked_for_again(coordinator: TestClient, tell: Tell) -> None:
    missing = coordinator.get(PROPOSAL_PAGE)
    assert missing.status_code == 404
    strictly(missing.text)
    assert f'http-equiv="refresh" content="2; url={PROPOSAL_PAGE}?again=1"' in missing.text
    assert "http-equiv" not in coordinator.get(f"{PROPOSAL_PAGE}?again=15").text
    assert coordinator.get(f"{PROPOSAL_PAGE}?again=nonsense").status_code == 404
    tell(event(proposal()))
    assert coordinator.get(f"{PROPOSAL_PAGE}?again=2").status_code == 200


def test_while_it_is_made_the_page_looks_again_and_the_file_leads_to_it(
    coordinator: TestClient, reports: Service
) -> None:
    row = ask(reports, wish())
    page = coordinator.get(f"/reports/documents/{row.id}").text
    assert f'content="1; url=/reports/documents/{row.id}?again=1"' in page
    file = coordinator.get(f"/reports/documents/{row.id}.pdf")
    assert (file.status_code, file.headers["location"]) == (303, f"/reports/documents/{row.id}")


@pytest.mark.parametrize("error", ["interrupted", "timeout", "failed"])
def test_a_failure_is_put_into_words_and_can_be_tried_again(
    coordinator: TestClient, reports: Service, error: str
) -> None:
    row = ask(reports, wish())
    with reports.work() as context:
        documents.fail(context, row.id, error)
    page = coordinator.get(f"/reports/documents/{row.id}")
    strictly(page.text)
    assert "Make it again" in page.text
    answer = form_post(coordinator, f"/reports/documents/{row.id}", {}, to=f"/reports/documents/{row.id}/retry")
    assert answer.status_code == 303
    assert wait_for(reports, row.id, READY).pages == 1


def test_a_lost_file_can_be_made_again(coordinator: TestClient, reports: Service) -> None:
    row = ask(reports, wish())
    reports.extras.wake()
    wait_for(reports, row.id, READY)
    lose_files(reports)
    assert coordinator.get(f"/reports/documents/{row.id}.pdf").status_code == 303
    answer = form_post(coordinator, f"/reports/documents/{row.id}", {}, to=f"/reports/documents/{row.id}/retry")
    assert answer.status_code == 303
    wait_for(reports, row.id, READY)
    assert coordinator.get(f"/reports/documents/{row.id}.pdf").status_code == 200


@pytest.mark.usefixtures("told")
def test_a_form_without_its_token_prints_nothing(coordinator: TestClient) -> None:
    assert coordinator.post(f"{PROPOSAL_PAGE}/print", data={"language": "en"}).status_code == 403


def test_long_lists_have_pages(coordinator: TestClient, reports: Service) -> None:
    for number in range(30):
        ask(reports, wish(SHORT.replace("Short", str(number)), reference=f"CAMI-2026-1{number:03d}"))
    first, second = coordinator.get("/reports").text, coordinator.get("/reports?page=2").text
    assert "CAMI-2026-1029" in first
    assert "CAMI-2026-1000" not in first
    assert "CAMI-2026-1000" in second
    assert coordinator.get("/reports?page=nonsense").status_code == 200
