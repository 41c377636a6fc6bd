"""Who may see and print what."""

import re

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from contracts.envelope import new_id
from services.chassis.service import Service
from services.chassis.settings import Settings
from services.reports.tables import DocumentRow
from tests.integration.reports.conftest import WINDOW
from tests.integration.reports.test_printer import ask, wish
from tests.support import sign_in
from tests.unit.reports.samples import ORGANISATION, PROPOSAL

PROPOSAL_PAGE = f"/reports/proposals/{PROPOSAL}"
WINDOW_PAGE = f"/reports/windows/{WINDOW}"


@pytest.fixture
def lead(pages: TestClient, settings: Settings) -> TestClient:
    sign_in(pages, settings, "lead", organisation=ORGANISATION)
    return pages


@pytest.mark.usefixtures("told")
def test_a_lead_prints_the_proposals_of_the_own_organisation_only(
    lead: TestClient, settings: Settings, reports: Service
) -> None:
    assert PROPOSAL_PAGE in lead.get("/reports/proposals").text
    mine = lead.get(f"{PROPOSAL_PAGE}.pdf?lang=en")
    assert mine.status_code == 200
    with reports.read() as session:
        key = session.exec(select(DocumentRow.id)).one()
    briefing = ask(reports, wish(kind="briefing", subject=WINDOW))
    assert lead.get(f"/reports/documents/{key}").status_code == 200
    assert lead.get(f"/reports/documents/{briefing.id}").status_code == 404
    for path in ("/reports/windows", WINDOW_PAGE, f"{WINDOW_PAGE}/briefing.pdf"):
        assert lead.get(path).status_code == 403
    assert str(briefing.id) not in lead.get("/reports").text

    sign_in(lead, settings, "lead", organisation=new_id())
    assert PROPOSAL_PAGE not in lead.get("/reports/proposals").text
    assert str(key) not in lead.get("/reports").text
    unknown = lead.get(f"/reports/proposals/{new_id()}")
    theirs = lead.get(PROPOSAL_PAGE)
    assert (theirs.status_code, unknown.status_code) == (404, 404)
    assert blind(theirs.text) == blind(unknown.text)  # another's looks like none
    for path in (f"{PROPOSAL_PAGE}.pdf", f"/reports/documents/{key}", f"/reports/documents/{key}.pdf"):
        assert lead.get(path).status_code == 404
    token = re.search(r'name="csrf-token" content="([^"]+)"', theirs.text)
    assert token
    for path in (f"{PROPOSAL_PAGE}/print", f"/reports/documents/{key}/retry"):
        assert lead.post(path, data={"csrf": token[1], "language": "en"}).status_code == 404


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize("role", ["lead", "applicant"])
def test_people_without_an_organisation_see_nothing(pages: TestClient, settings: Settings, role: str) -> None:
    sign_in(pages, settings, role)
    assert 'class="empty"' in pages.get("/reports").text
    assert 'class="empty"' in pages.get("/reports/proposals").text
    assert pages.get(PROPOSAL_PAGE).status_code == 404


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize("role", ["coordinator", "secretariat", "administrator"])
def test_the_secretariat_sees_all(pages: TestClient, settings: Settings, role: str) -> None:
    sign_in(pages, settings, role)
    for path in ("/reports", "/reports/proposals", "/reports/windows", PROPOSAL_PAGE, WINDOW_PAGE):
        assert pages.get(path).status_code == 200


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize(
    "path",
    [
        "/reports", "/reports/proposals", "/reports/windows", PROPOSAL_PAGE, f"{PROPOSAL_PAGE}.pdf", WINDOW_PAGE,
        f"{WINDOW_PAGE}/briefing.pdf", f"/reports/documents/{PROPOSAL}", f"/reports/documents/{PROPOSAL}.pdf",
    ],
)  # fmt: skip
def test_nobody_comes_in_without_signing_in(pages: TestClient, path: str) -> None:
    answer = pages.get(path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/accounts/sign-in")


def blind(html: str) -> str:
    """A page without what differs from one visit to the next: ids and tokens."""
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|content=\"[\w.~-]{20,}\"|value=\"[\w.~-]{20,}\"", "", html)
