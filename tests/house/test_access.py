"""Who may call what: one table of every route, and every route held to it.

A new route, or one that other people may call, fails here until the table says so too.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from contracts.envelope import new_id
from services.accounts.welcome import ORGANISATION_ID
from services.chassis.security import SESSION_COOKIE, csrf_token, open_session
from services.chassis.settings import Settings
from services.chassis.web import access_table
from services.chassis.web.access import ROLES
from tests.support import sign_in

TABLE: Final = """
GET  /                                                             public
GET  /accounts/link/{token}                                        public
GET  /accounts/me                                                  signed_in
GET  /accounts/operations                                          administrator
GET  /accounts/operations/parked/{parked_id}                       administrator
GET  /accounts/operations/parked/{parked_id}/{step}                administrator
GET  /accounts/organisation                                        lead, applicant
GET  /accounts/people                                              lead, coordinator, secretariat, administrator
GET  /accounts/register                                            public
GET  /accounts/sign-in                                             public
GET  /accounts/static/{path:path}                                  public
GET  /donors                                                       signed_in
GET  /donors/api/windows                                           signed_in
GET  /donors/api/windows/{window_id}                               signed_in
GET  /donors/operations                                            administrator
GET  /donors/operations/parked/{parked_id}                         administrator
GET  /donors/operations/parked/{parked_id}/{step}                  administrator
GET  /donors/static/{path:path}                                    public
GET  /donors/windows                                               signed_in
GET  /donors/windows/{window_id}                                   signed_in
GET  /donors/windows/{window_id}/edit                              coordinator, secretariat
GET  /donors/windows/{window_id}/history                           signed_in
GET  /healthz                                                      public
GET  /language/{code}                                              public
GET  /matching                                                     coordinator, secretariat, administrator
GET  /matching/actions                                             signed_in
GET  /matching/actions/{action_id}                                 signed_in
GET  /matching/actions/{action_id}/windows/{window_id}             signed_in
GET  /matching/api/proposals/{proposal_id}/pairs                   any role
GET  /matching/fit                                                 coordinator, secretariat, administrator
GET  /matching/fit/labelled                                        coordinator, secretariat, administrator
GET  /matching/fit/preview                                         coordinator, secretariat, administrator
GET  /matching/gaps                                                signed_in
GET  /matching/gaps.csv                                            signed_in
GET  /matching/gaps.xlsx                                           signed_in
GET  /matching/gaps/cell                                           signed_in
GET  /matching/gaps/history                                        signed_in
GET  /matching/operations                                          administrator
GET  /matching/operations/parked/{parked_id}                       administrator
GET  /matching/operations/parked/{parked_id}/{step}                administrator
GET  /matching/outcomes                                            coordinator, secretariat, administrator
GET  /matching/portfolios                                          coordinator, secretariat, administrator
GET  /matching/portfolios/compare                                  coordinator, secretariat, administrator
GET  /matching/portfolios/compare.xlsx                             coordinator, secretariat, administrator
GET  /matching/portfolios/new                                      coordinator, secretariat, administrator
GET  /matching/portfolios/{scenario_id}                            coordinator, secretariat, administrator
GET  /matching/portfolios/{scenario_id}/edit                       coordinator, secretariat, administrator
GET  /matching/portfolios/{scenario_id}/plan.xlsx                  coordinator, secretariat, administrator
GET  /matching/portfolios/{scenario_id}/progress                   coordinator, secretariat, administrator
GET  /matching/proposals/{proposal_id}                             any role
GET  /matching/proposals/{proposal_id}/packages                    any role
GET  /matching/proposals/{proposal_id}/windows/{window_id}         any role
GET  /matching/proposals/{proposal_id}/windows/{window_id}/questions/{key}  any role
GET  /matching/pursuits                                            coordinator, secretariat, administrator
GET  /matching/pursuits.csv                                        coordinator, secretariat, administrator
GET  /matching/pursuits.xlsx                                       coordinator, secretariat, administrator
GET  /matching/questions                                           coordinator, secretariat, administrator
GET  /matching/questions/answered                                  coordinator, secretariat, administrator
GET  /matching/questions/{window_id}/{key}                         coordinator, secretariat, administrator
GET  /matching/static/{path:path}                                  public
GET  /matching/steering                                            coordinator, secretariat, administrator
GET  /matching/steering/{study_id}                                 coordinator, secretariat, administrator
GET  /matching/steering/{study_id}/progress                        coordinator, secretariat, administrator
GET  /matching/unlock                                              coordinator, secretariat, administrator
GET  /matching/unlock/{study_id}                                   coordinator, secretariat, administrator
GET  /matching/unlock/{study_id}/progress                          coordinator, secretariat, administrator
GET  /matching/unlock/{study_id}/sheet                             coordinator, secretariat, administrator
GET  /matching/windows                                             coordinator, secretariat, administrator
GET  /matching/windows/{window_id}                                 coordinator, secretariat, administrator
GET  /metrics                                                      public
GET  /operations                                                   administrator
GET  /projects/actions                                             public
GET  /projects/actions/{action_id}                                 public
GET  /projects/api/actions                                         public
GET  /projects/api/actions/{action_id}                             public
GET  /projects/api/proposals/{proposal_id}                         any role
GET  /projects/operations                                          administrator
GET  /projects/operations/parked/{parked_id}                       administrator
GET  /projects/operations/parked/{parked_id}/{step}                administrator
GET  /projects/programme                                           public
GET  /projects/programmes/{programme_id}                           public
GET  /projects/programmes/{programme_id}/actions                   public
GET  /projects/programmes/{programme_id}/actions/{action_id}       public
GET  /projects/proposals                                           any role
GET  /projects/proposals/new                                       applicant, lead
GET  /projects/proposals/questions                                 public
GET  /projects/proposals/{proposal_id}                             any role
GET  /projects/proposals/{proposal_id}/check                       applicant, lead
GET  /projects/proposals/{proposal_id}/versions/{number}           any role
GET  /projects/proposals/{proposal_id}/versions/{number}/changes   any role
GET  /projects/proposals/{proposal_id}/{section}                   applicant, lead
GET  /projects/static/{path:path}                                  public
GET  /readyz                                                       public
GET  /reports                                                      signed_in
GET  /reports/documents/{document_id}                              signed_in
GET  /reports/documents/{document_id}.pdf                          signed_in
GET  /reports/operations                                           administrator
GET  /reports/operations/parked/{parked_id}                        administrator
GET  /reports/operations/parked/{parked_id}/{step}                 administrator
GET  /reports/proposals                                            signed_in
GET  /reports/proposals/{proposal_id}                              signed_in
GET  /reports/proposals/{proposal_id}.pdf                          signed_in
GET  /reports/static/{path:path}                                   public
GET  /reports/windows                                              coordinator, secretariat
GET  /reports/windows/{window_id}                                  coordinator, secretariat
GET  /reports/windows/{window_id}/briefing.pdf                     coordinator, secretariat
GET  /static/{path:path}                                           public
GET  /style                                                        public
POST /accounts/link/{token}                                        public
POST /accounts/me                                                  signed_in
POST /accounts/operations/parked/{parked_id}/{step}                administrator
POST /accounts/organisation                                        lead
POST /accounts/people                                              lead, coordinator, secretariat, administrator
POST /accounts/people/{person_id}/link                             lead, coordinator, secretariat, administrator
POST /accounts/people/{person_id}/{change}                         lead, coordinator, secretariat, administrator
POST /accounts/register                                            public
POST /accounts/sign-in                                             public
POST /accounts/sign-out                                            public
POST /donors/operations/parked/{parked_id}/{step}                  administrator
POST /donors/windows/{window_id}/close                             coordinator, secretariat
POST /donors/windows/{window_id}/edit                              coordinator, secretariat
POST /donors/windows/{window_id}/reopen                            coordinator, secretariat
POST /matching/fit/versions                                        coordinator, secretariat, administrator
POST /matching/operations/parked/{parked_id}/{step}                administrator
POST /matching/portfolios/new                                      coordinator, secretariat, administrator
POST /matching/portfolios/today                                    coordinator, secretariat, administrator
POST /matching/portfolios/{scenario_id}/archive                    coordinator, secretariat, administrator
POST /matching/portfolios/{scenario_id}/copy                       coordinator, secretariat, administrator
POST /matching/portfolios/{scenario_id}/edit                       coordinator, secretariat, administrator
POST /matching/portfolios/{scenario_id}/restore                    coordinator, secretariat, administrator
POST /matching/portfolios/{scenario_id}/runs                       coordinator, secretariat, administrator
POST /matching/portfolios/{scenario_id}/runs/{run_id}/cancel       coordinator, secretariat, administrator
POST /matching/portfolios/{scenario_id}/undo                       coordinator, secretariat, administrator
POST /matching/proposals/{proposal_id}/windows/{window_id}/decision  coordinator, secretariat, administrator
POST /matching/proposals/{proposal_id}/windows/{window_id}/pursuit  coordinator, secretariat, administrator
POST /matching/proposals/{proposal_id}/windows/{window_id}/pursuit/undo  coordinator, secretariat, administrator
POST /matching/proposals/{proposal_id}/windows/{window_id}/questions/{key}  any role
POST /matching/proposals/{proposal_id}/windows/{window_id}/questions/{key}/take-back  any role
POST /matching/questions/{window_id}/{key}                         coordinator, secretariat, administrator
POST /matching/questions/{window_id}/{key}/take-back               coordinator, secretariat, administrator
POST /matching/steering                                            coordinator, secretariat, administrator
POST /matching/unlock                                              coordinator, secretariat, administrator
POST /projects/operations/parked/{parked_id}/{step}                administrator
POST /projects/proposals/new                                       applicant, lead
POST /projects/proposals/{proposal_id}/delete                      applicant, lead
POST /projects/proposals/{proposal_id}/restore                     applicant, lead
POST /projects/proposals/{proposal_id}/submit                      lead
POST /projects/proposals/{proposal_id}/withdraw                    lead
POST /projects/proposals/{proposal_id}/{section}                   applicant, lead
POST /reports/documents/{document_id}/retry                        signed_in
POST /reports/operations/parked/{parked_id}/{step}                 administrator
POST /reports/proposals/{proposal_id}/print                        signed_in
POST /reports/windows/{window_id}/print                            coordinator, secretariat
"""

ROUTES: Final = [
    (row[0], row[1], ", ".join(ROLES) if row[2] == "any role" else row[2])
    for row in (line.split(maxsplit=2) for line in TABLE.strip().splitlines())
]
GUARDED: Final = [route for route in ROUTES if route[2] != "public"]
KNOWN: Final = {"window_id": "whitley", "action_id": "9.1", "number": "1", "section": "summary", "change": "close"}
"""What stands in an address where any id will not do; everything else is an id of nothing."""


def address(path: str) -> str:
    """The path with its parameters filled in."""
    parts = path.split("/")
    for at, part in enumerate(parts):
        if part.startswith("{"):
            name, _, tail = part[1:].partition("}")
            parts[at] = KNOWN.get(name, str(new_id())) + tail
    return "/".join(parts)


def allowed(who: str, role: str) -> bool:
    """Whether the table lets a person with this one role in. An administrator may do what the coordinating may."""
    roles = set(who.split(", "))
    coordinating = role == "administrator" and bool(roles & {"coordinator", "secretariat"})
    return who == "signed_in" or role in roles or coordinating


@pytest.fixture(scope="module")
def client(app: FastAPI) -> Iterator[TestClient]:
    """One client for all tests: entering it once is what makes hundreds of requests quick."""
    with TestClient(
        app, follow_redirects=False, headers={"accept": "text/html"}, raise_server_exceptions=False
    ) as opened:
        yield opened


@pytest.fixture
def browser(client: TestClient) -> TestClient:
    """Somebody who is not signed in."""
    client.cookies.clear()
    return client


def become(browser: TestClient, settings: Settings, role: str) -> dict[str, str]:
    """Sign in with one role; answers the headers that go with a form."""
    organisation: UUID | None = ORGANISATION_ID if role in ("applicant", "lead") else None
    sign_in(browser, settings, role, organisation=organisation)
    session = open_session(browser.cookies[SESSION_COOKIE], settings, datetime.now(UTC))
    assert session is not None
    return {"x-csrf-token": csrf_token(settings.key, f"session:{session.id}")}


def test_the_table_is_what_the_program_does(app: FastAPI) -> None:
    assert access_table(app) == sorted(ROUTES)


@pytest.mark.parametrize(("method", "path", "who"), GUARDED, ids=lambda value: value if "/" in value else None)
def test_nobody_is_sent_to_sign_in(browser: TestClient, method: str, path: str, who: str) -> None:
    answer = browser.request(method, address(path))
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/accounts/sign-in")


@pytest.mark.parametrize(("method", "path", "who"), GUARDED, ids=lambda value: value if "/" in value else None)
def test_programs_are_told_in_their_own_way(browser: TestClient, method: str, path: str, who: str) -> None:
    answer = browser.request(method, address(path), headers={"accept": "application/json"})
    assert answer.status_code == 401
    assert answer.json()["status"] == 401


@pytest.mark.parametrize(("method", "path", "who"), GUARDED, ids=lambda value: value if "/" in value else None)
def test_a_wrong_role_is_refused_and_a_right_one_is_not(
    browser: TestClient, house_settings: Settings, method: str, path: str, who: str
) -> None:
    for role in ROLES:
        headers = become(browser, house_settings, role)
        answer = browser.request(method, address(path), headers=headers)
        assert answer.status_code < 500, (role, answer.text)
        if allowed(who, role):
            assert answer.status_code not in (401, 403), (role, answer.text)
        else:
            assert answer.status_code == 403, (role, answer.text)
            assert "This page is not for your role" in answer.text, role
            assert "It needs one of these roles:" in answer.text, role


@pytest.mark.parametrize(
    ("method", "path"), [(method, path) for method, path, _ in ROUTES if method == "POST"],
    ids=lambda value: value if "/" in value else None,
)  # fmt: skip
def test_a_form_of_another_site_does_nothing(
    browser: TestClient, house_settings: Settings, method: str, path: str
) -> None:
    for role in ROLES:
        become(browser, house_settings, role)
        answer = browser.request(method, address(path), data={"csrf": "of another site"})
        assert answer.status_code == 403, role
