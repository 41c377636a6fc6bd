"""Who may see and decide what."""

from uuid import UUID

import pytest
from sqlalchemy import select

from services.matching.tables import PairDecision
from tests.integration.matching.conftest import NGO, OTHER_NGO, PROPOSAL, Pages
from tests.support import csrf_of, form_post

RANKING = f"/matching/proposals/{PROPOSAL}"
RUFFORD = f"{RANKING}/windows/rufford-1"
API = f"/matching/api/proposals/{PROPOSAL}/pairs"
STAFF_PAGES = ["/matching", "/matching/windows", "/matching/windows/rufford-1"]
OWN_PAGES = [RANKING, RUFFORD, API]


@pytest.mark.parametrize("role", ["coordinator", "secretariat", "administrator"])
def test_those_who_coordinate_see_everything(filled: Pages, role: str) -> None:
    filled.be(role)
    for path in (*STAFF_PAGES, *OWN_PAGES, "/matching/actions", "/matching/actions/3.1"):
        filled.get(path)


@pytest.mark.parametrize("role", ["lead", "applicant"])
def test_an_ngo_sees_its_own_ranking_and_decides_nothing(filled: Pages, role: str) -> None:
    form_post(filled.client, RUFFORD, {"stage": "dismissed", "reason": "Between us"}, to=f"{RUFFORD}/decision")
    filled.be(role, organisation=NGO)
    for path in OWN_PAGES:
        page = filled.get(path)
        assert "Between us" not in page
        assert "ismissed" not in page
    for path in STAFF_PAGES:
        filled.get(path, 403)
    filled.get("/matching/actions/3.1")
    token = csrf_of(filled.get(RUFFORD))
    response = filled.client.post(f"{RUFFORD}/decision", data={"csrf": token, "stage": "none"})
    assert response.status_code == 403
    with filled.service.read() as session:
        assert len(session.execute(select(PairDecision)).all()) == 1


@pytest.mark.parametrize("organisation", [OTHER_NGO, None])
def test_what_is_another_ngos_looks_like_what_is_not_there(filled: Pages, organisation: UUID | None) -> None:
    filled.be("lead", organisation=organisation)
    for path in OWN_PAGES:
        filled.get(path, 404)


def test_what_is_not_there_is_not_found(filled: Pages) -> None:
    for path in ("/matching/proposals/not-a-uuid", f"/matching/proposals/{UUID(int=5)}", f"{RANKING}/windows/nothing",
                 "/matching/windows/nothing", "/matching/actions/99.9", "/matching/api/proposals/x/pairs"):  # fmt: skip
        filled.get(path, 404)


def test_a_stranger_is_asked_to_sign_in(filled: Pages) -> None:
    filled.client.cookies.clear()
    for path in (*STAFF_PAGES, *OWN_PAGES, "/matching/actions"):
        response = filled.client.get(path)
        assert response.status_code in (303, 401)


def test_a_decision_without_a_token_is_refused(filled: Pages) -> None:
    response = filled.client.post(f"{RUFFORD}/decision", data={"stage": "shortlisted"})
    assert response.status_code == 403


def test_the_pairs_as_json(filled: Pages) -> None:
    told = filled.client.get(API).json()
    assert told["reference"] == "CAMI-2026-0042"
    pairs = {pair["window_id"]: pair for pair in told["pairs"]}
    assert [pair["place"] for pair in told["pairs"]] == [1, 2, 3]
    assert (pairs["rufford-1"]["overall"], pairs["rufford-1"]["fit"]) == ("eligible", 96)
    assert (pairs["gef-msp"]["unknown"], pairs["gef-msp"]["fund"]) == (1, "gef")
    assert (pairs["darwin"]["overall"], pairs["darwin"]["fit"], pairs["darwin"]["changed"]) == (
        "not_eligible",
        None,
        None,
    )
    assert pairs["rufford-1"]["because"] == told["because"]
