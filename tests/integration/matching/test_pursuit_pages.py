"""Pursuits on the page of a pair: who sees what, moving, undoing, and what goes wrong in words."""

import re
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import pytest

from contracts.windows import AmountRule
from services.matching.rules.settled import Question
from services.matching.tables import PursuitMove
from tests.integration.matching.answering import answer
from tests.integration.matching.conftest import NGO, OTHER_NGO, PROPOSAL, Pages
from tests.integration.matching.events import hand, published
from tests.integration.matching.pursuing import move, moves, pursuit
from tests.support import csrf_of
from tests.unit.matching.build import window

PAIR = f"/matching/proposals/{PROPOSAL}/windows/rufford-1"


def hidden(page: str, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found.group(1)


def send(pages: Pages, page: str, status: int = 303, to: str = f"{PAIR}/pursuit", **fields: Any) -> httpx.Response:
    """Send the form of `page`."""
    data = {
        "csrf": csrf_of(page),
        "once": hidden(page, "once"),
        "seen": hidden(page, "seen"),
        "pursuit-currency": "USD",
    }
    data |= {f"pursuit-{name}": value for name, value in fields.items()}
    response = pages.client.post(to, data=data, follow_redirects=False)
    assert response.status_code == status, response.text[:3000]
    return response  # type: ignore[return-value] - a test client of our own kind


def stands(pages: Pages, window_id: str = "rufford-1") -> str:
    now = pursuit(pages.service, PROPOSAL, window_id)
    return now.stage if now else "none"


def test_a_pursuit_is_moved_on_the_page_and_undone(filled: Pages) -> None:
    page = filled.get(PAIR)
    assert "Nobody has approached this donor for the proposal yet." in page
    answer = send(filled, page, stage="contacted", amount="12 000", owner="Dina", note="Wrote to Josh")
    assert answer.headers["location"] == f"{PAIR}#pursuit"
    page = filled.get(PAIR)
    assert "The pursuit now stands at: contacted." in page
    assert "USD\xa012,000" in page
    assert "Wrote to Josh" in page
    undo = {"csrf": csrf_of(page), "move": hidden(page, "move")}
    for _twice in range(2):
        assert filled.client.post(f"{PAIR}/pursuit/undo", data=undo, follow_redirects=False).status_code == 303
    assert stands(filled) == "none"
    assert len(moves(filled.service)) == 2
    assert "Undone; back to: Not pursued" in filled.get(PAIR)


def test_the_same_form_sent_twice_is_one_move(filled: Pages) -> None:
    page = filled.get(PAIR)
    for _twice in range(2):
        send(filled, page, stage="contacted")
    page = filled.get(PAIR)
    assert "The pursuit now stands at: contacted." in page  # both answers say so
    assert len(moves(filled.service)) == 1
    send(filled, page, stage="contacted", owner="Aigul Test")
    assert "Nothing was changed." not in filled.get(PAIR)
    send(filled, filled.get(PAIR), stage="contacted", owner="Aigul Test")
    assert "Nothing was changed." in filled.get(PAIR)
    assert len(moves(filled.service)) == 2


def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(filled: Pages) -> None:
    send(filled, filled.get(PAIR), stage="submitted")
    answer = send(filled, filled.get(PAIR), 400, stage="awarded", amount="", owner="Dina", note="Letter of 3 May")
    for name, text in (
        ("amount", "Please enter what the donor has granted."),
        ("day", "Please enter the day of the award."),
    ):
        error = re.search(rf'id="f-pursuit-{name}-error">.*?<span>(.*?)</span>', answer.text, re.DOTALL)
        assert error, name
        assert error.group(1) == text
    assert 'href="#f-pursuit-amount"' in answer.text
    assert "Letter of 3 May" in answer.text
    assert 'value="Dina"' in answer.text
    assert stands(filled) == "submitted"


@pytest.mark.parametrize(
    ("field", "value"),
    [("stage", "won"), ("amount", "much"), ("currency", "XXX"), ("day", "yesterday"), ("day", "2999-01-01"),
     ("owner", "x" * 200), ("reason", "x" * 1001), ("note", "x" * 2001)],
)  # fmt: skip
def test_bad_input_names_its_field(filled: Pages, field: str, value: str) -> None:
    answer = send(filled, filled.get(PAIR), 400, **{"stage": "contacted", "amount": "5", field: value})
    assert f'id="f-pursuit-{field}-error"' in answer.text
    assert stands(filled) == "none"


def test_the_second_of_two_people_sees_what_happened_and_may_send_again(filled: Pages) -> None:
    page = filled.get(PAIR)
    move(filled.service, PROPOSAL, "submitted", 9000, window_id="rufford-1", by="Dina")
    answer = send(filled, page, 409, stage="concept_note", reason="They want it shorter")
    assert "Dina has moved this pursuit since you opened the page; it stands at “With the donor” now." in answer.text
    assert "They want it shorter" in answer.text
    assert stands(filled) == "submitted"
    send(filled, answer.text, stage="concept_note", reason="They want it shorter")
    assert stands(filled) == "concept_note"


def test_who_made_the_proposal_sees_the_stage_and_nothing_else(filled: Pages) -> None:
    ranking = f"/matching/proposals/{PROPOSAL}"
    send(filled, filled.get(PAIR), stage="identified")
    filled.be("applicant", organisation=NGO)
    assert 'id="pursuit"' not in filled.get(PAIR)
    assert "Identified" not in filled.get(ranking)
    filled.be("coordinator")
    send(filled, filled.get(PAIR), stage="submitted", amount="7777", owner="Dina", reason="Why not", note="Secret")
    filled.be("applicant", organisation=NGO)
    page = filled.get(PAIR)
    assert "With the donor" in page
    assert "With the donor" in filled.get(ranking)
    for secret in ("7,777", "Dina", "Why not", "Secret", '/pursuit"', "/matching/pursuits"):
        assert secret not in page.replace('id="pursuit', "")
    filled.be("applicant", organisation=OTHER_NGO)
    filled.get(PAIR, 404)


def test_only_those_who_coordinate_move(filled: Pages) -> None:
    filled.be("lead", organisation=NGO)
    token = csrf_of(filled.get(PAIR))
    for where in ("pursuit", "pursuit/undo"):
        assert filled.client.post(f"{PAIR}/{where}", data={"csrf": token}).status_code == 403
    with filled.service.read() as session:
        assert session.get(PursuitMove, UUID(int=1)) is None
    assert moves(filled.service) == []


def test_awards_beyond_what_is_asked_are_told_of(filled: Pages) -> None:
    hand(filled.service, published(window("second", donor_name="Second")))
    send(filled, filled.get(PAIR), stage="submitted")
    send(filled, filled.get(PAIR), stage="awarded", amount="10000", day="2026-11-20")
    assert "All awards together" not in filled.get(PAIR)
    other = f"/matching/proposals/{PROPOSAL}/windows/second"
    send(filled, filled.get(other), to=f"{other}/pursuit", stage="submitted")
    send(filled, filled.get(other), to=f"{other}/pursuit", stage="awarded", amount="10000", day="2026-11-20")
    text = "All awards together come to USD\xa020,000; the proposal asks for USD\xa015,000."
    assert text in filled.get(other)
    assert text in filled.get(PAIR)


def test_an_amount_beyond_what_the_donor_told_is_remarked_on(filled: Pages) -> None:
    unsure = AmountRule(maximum=Decimal(14000), currency="USD", maximum_known=False)
    hand(filled.service, published(window("told", amount=unsure)))
    here = f"/matching/proposals/{PROPOSAL}/windows/told"
    send(filled, filled.get(here), to=f"{here}/pursuit", stage="submitted", amount="13000", reason="They asked for it")
    assert "More than the window’s largest grant" not in filled.get(here)
    answer(filled.service, Question("told", "ceiling"), "amount", number=12000)
    assert "More than the window’s largest grant: USD\xa012,000." in filled.get(here)


def test_what_has_granted_money_cannot_be_dismissed(filled: Pages) -> None:
    send(filled, filled.get(PAIR), stage="submitted")
    send(filled, filled.get(PAIR), stage="awarded", amount="10000", day="2026-11-20")
    data = {"csrf": csrf_of(filled.get(PAIR)), "stage": "dismissed", "reason": "No more"}
    answer = filled.client.post(f"{PAIR}/decision", data=data)
    assert answer.status_code == 409
    assert "this window has granted money for the proposal" in answer.text
    assert "No more" in answer.text


def test_a_made_up_move_is_not_undone(filled: Pages) -> None:
    page = filled.get(PAIR)
    for move_id, status in (("nonsense", 400), ("", 400), (str(UUID(int=5)), 404)):
        answer = filled.client.post(f"{PAIR}/pursuit/undo", data={"csrf": csrf_of(page), "move": move_id})
        assert answer.status_code == status, move_id
