"""The pages of scenarios and plans: a coordinator's journey, mistakes, two people at once, and who may not."""

import io
import re
from typing import Any
from uuid import UUID

import openpyxl
import pytest
from sqlmodel import col, select
from starlette.testclient import TestClient

from contracts.envelope import new_id
from services.matching.rules.portfolios import Changes
from services.matching.tables import PlanRun, Scenario
from tests.integration.matching.conftest import Pages
from tests.integration.matching.events import hand, submitted, withdrawn
from tests.integration.matching.planning import asked, planned, scenario
from tests.integration.matching.test_planning import FIRST, SECOND, THIRD, stocked
from tests.support import csrf_of, form_post

__all__ = ["stocked"]
SHELF = "/matching/portfolios"
FORM = {"name": "Without the large one", "unsure": "1", "parts": "1", "max_windows": "3", "least_by": "usual"}


@pytest.fixture
def desk(pages: Pages, stocked: Any) -> Pages:
    """Pages of the service with three proposals and three windows."""
    return pages


def kept(pages: Pages) -> list[Scenario]:
    with pages.service.read() as session:
        return list(session.exec(select(Scenario).order_by(col(Scenario.scenario_id))))


def runs(pages: Pages) -> list[PlanRun]:
    with pages.service.read() as session:
        return list(session.exec(select(PlanRun)))


def quiet(pages: Pages) -> None:
    """Let no planner of the program itself take up what the test asks for."""
    pages.service.extras.close()


def once_of(client: TestClient, page: str) -> dict[str, str]:
    text = client.get(page).text
    found = re.search(r'name="once" value="([^"]+)"', text)
    assert found, page
    return {"csrf": csrf_of(text), "once": found[1]}


def test_without_a_proposal_there_is_nothing_to_plan(pages: Pages) -> None:
    assert "There is nothing to plan yet" in pages.get(SHELF)


def test_the_first_click_makes_the_plan_of_today(desk: Pages) -> None:
    quiet(desk)
    assert "3 proposals are waiting for money" in desk.get(SHELF)
    fields = once_of(desk.client, SHELF)
    for _ in range(2):  # pressed twice
        answer = desk.client.post(f"{SHELF}/today", data=fields, follow_redirects=False)
        assert answer.status_code == 303
    (one,) = kept(desk)
    (run,) = runs(desk)
    assert (one.name, run.scenario_id, run.state) == ("As it is today", one.scenario_id, "queued")
    page = desk.get(f"{SHELF}/{one.scenario_id}")
    assert "Waiting for its turn" in page
    assert '<noscript><meta http-equiv="refresh"' in page


def test_a_plan_is_shown_with_all_that_is_said_of_it(desk: Pages) -> None:
    run = planned(desk.service)
    page = desk.get(f"{SHELF}/{run.scenario_id}")
    assert "This plan funds 2 of 3 proposals with" in page
    assert "Proven to be the best possible" in page
    assert 'class="flow__svg"' in page
    assert "Money from windows to proposals" in page
    assert "1 proposal is left out" in page
    assert "What each adds" in page
    assert run.current_event in page
    assert "One grant at its maximum, USD" in page
    assert "2 of 3" in desk.get(SHELF)


def test_a_scenario_is_made_changed_copied_put_away_and_taken_out(desk: Pages) -> None:
    quiet(desk)
    made = form_post(desk.client, f"{SHELF}/new", {**FORM, "closed-large": "1", "budget-small-1": "40 000",
                                                   f"wish-{FIRST}": "must", "once": str(new_id())})  # fmt: skip
    assert made.status_code == 303
    (one,) = kept(desk)
    changes = Changes.from_json(one.changes)
    assert (changes.closed, changes.budgets, changes.must) == (
        frozenset({"large"}),
        {"small-1": 40000},
        frozenset({FIRST}),
    )
    page = desk.get(f"{SHELF}/{one.scenario_id}")
    assert "Closed: Large" in page
    assert "could give USD\N{NO-BREAK SPACE}40,000 in all" in page
    assert "Must be funded: CAMI-2026-0001" in page
    own = f"{SHELF}/{one.scenario_id}"
    form_post(desk.client, f"{own}/edit", {**FORM, "name": "Renamed", "revision": "1"})
    assert kept(desk)[0].name == "Renamed"
    assert Changes.from_json(kept(desk)[0].changes) == Changes()
    form_post(desk.client, own, {"revision": "2"}, to=f"{own}/undo")
    assert Changes.from_json(kept(desk)[0].changes).closed == {"large"}
    form_post(desk.client, own, {"revision": "2"}, to=f"{own}/undo")  # pressed twice: taken back once
    assert kept(desk)[0].revision == 3
    fields = once_of(desk.client, own)
    for _ in range(2):
        desk.client.post(f"{own}/copy", data=fields)
    assert [found.name for found in kept(desk)] == ["Without the large one", "Without the large one (copy)"]
    assert kept(desk)[1].copied_from == one.scenario_id
    form_post(desk.client, own, {}, to=f"{own}/archive")
    assert kept(desk)[0].archived
    assert "Put away (1)" in desk.get(SHELF)
    form_post(desk.client, own, {}, to=f"{own}/restore")
    assert not kept(desk)[0].archived


def test_what_is_otherwise_is_told_in_the_readers_language(desk: Pages) -> None:
    own = f"{SHELF}/{scenario(desk.service, 'Без крупного окна', closed=frozenset({'large'}))}"
    desk.client.cookies.set("cami_lang", "ru")
    assert "Закрыто: Large" in desk.get(own)
    assert "Закрыто: Large" in desk.get(SHELF)


def test_a_new_window_is_typed_with_what_it_takes(desk: Pages) -> None:
    typed = {**FORM, "new-0-name": "Steppe fund", "new-0-budget": "90,000", "new-0-largest": "60000",
             "new-0-ratio": "0.1", "new-0-states": ["KGZ", "KAZ"]}  # fmt: skip
    form_post(desk.client, f"{SHELF}/new", typed)
    (window,) = Changes.from_json(kept(desk)[0].changes).new_windows
    assert (window.name, window.budget, window.smallest, window.largest) == ("Steppe fund", 90000, 0, 60000)
    assert window.states == {"KGZ", "KAZ"}
    run = planned(desk.service, kept(desk)[0].scenario_id)
    assert run.summary is not None
    assert run.summary["funded"] == 3  # what today's windows cannot
    page = desk.get(f"{SHELF}/{run.scenario_id}")
    assert "Steppe fund" in page
    assert "A window that does not exist yet" in page


def test_mistakes_stand_beside_their_fields_and_nothing_is_lost(desk: Pages) -> None:
    wrong = {**FORM, "name": "", "description": "Why not", "budget-small-1": "lots", "max_windows": "0",
             "new-0-name": "", "new-0-budget": "5", "new-0-smallest": "9", f"wish-{FIRST}": "perhaps"}  # fmt: skip
    answer = form_post(desk.client, f"{SHELF}/new", wrong)
    assert answer.status_code == 400
    for field in ("name", "budget-small-1", "max_windows", "new-0-name", "new-0-smallest", f"wish-{FIRST}"):
        assert f'id="f-{field}-error"' in answer.text, field
    assert "Why not" in answer.text
    assert 'value="lots"' in answer.text
    assert kept(desk) == []


def test_lines_of_new_windows_come_and_go_without_scripts(desk: Pages) -> None:
    more = form_post(desk.client, f"{SHELF}/new", {**FORM, "new-0-name": "First", "add": "new"})
    assert 'id="f-new-1-name"' in more.text
    assert 'value="First"' in more.text
    fewer = form_post(desk.client, f"{SHELF}/new", {**FORM, "new-0-name": "First", "new-1-name": "Second",
                                                    "remove": "new-0"})  # fmt: skip
    assert 'value="Second"' in fewer.text
    assert 'value="First"' not in fewer.text
    assert 'id="f-new-1-name"' not in fewer.text
    assert kept(desk) == []


@pytest.mark.parametrize("name", ["new-999999999-name", "new-99-name", "new-\N{SUPERSCRIPT TWO}-name", "new-", "new--"])
def test_lines_that_nobody_could_have_typed_are_not_drawn(desk: Pages, name: str) -> None:
    for press in ({"add": "new"}, {"remove": "new-0"}, {"remove": "new-\N{SUPERSCRIPT TWO}"}, {"name": ""}):
        answer = form_post(desk.client, f"{SHELF}/new", {**FORM, name: "x", **press})
        assert answer.status_code in (200, 400)
        drawn = len(re.findall(r'name="new-[0-9]+-budget"', answer.text))
        assert (1 if "add" in press else 0) <= drawn <= 14  # with the one that the script copies
    assert kept(desk) == []


def test_of_two_who_change_the_same_scenario_the_second_is_told(desk: Pages) -> None:
    own = f"{SHELF}/{scenario(desk.service)}"
    form_post(desk.client, f"{own}/edit", {**FORM, "name": "Mine", "revision": "1"})
    late = form_post(desk.client, f"{own}/edit", {**FORM, "name": "Theirs", "revision": "1"})
    assert late.status_code == 409
    assert "has changed this scenario meanwhile" in late.text
    assert 'value="Theirs"' in late.text
    assert kept(desk)[0].name == "Mine"
    again = form_post(desk.client, f"{own}/edit", {**FORM, "name": "Theirs", "revision": "2"})
    assert again.status_code == 303
    assert kept(desk)[0].name == "Theirs"


def test_a_run_is_asked_for_once_followed_and_stopped(desk: Pages) -> None:
    quiet(desk)
    scenario_id = scenario(desk.service)
    own = f"{SHELF}/{scenario_id}"
    assert form_post(desk.client, own, {"time_limit": "7"}, to=f"{own}/runs").status_code == 400
    fields = once_of(desk.client, own) | {"time_limit": "30"}
    for _ in range(2):
        desk.client.post(f"{own}/runs", data=fields)
    (run,) = runs(desk)
    assert (run.time_limit, run.state) == (30, "queued")
    told = desk.client.get(f"{own}/progress").json()
    assert (told["state"], told["run"], told["text"]) == ("queued", str(run.run_id), "Waiting for its turn")
    form_post(desk.client, own, {}, to=f"{own}/runs/{run.run_id}/cancel")
    assert runs(desk)[0].state == "cancelled"
    assert "The last computation was stopped" in desk.get(own)
    assert desk.client.get(f"{own}/progress").json()["state"] == "cancelled"


def test_a_plan_that_cannot_be_says_so_in_words(desk: Pages) -> None:
    everything = frozenset({FIRST, SECOND, THIRD})
    run = planned(desk.service, must=everything, closed=frozenset({"large"}))
    page = desk.get(f"{SHELF}/{run.scenario_id}")
    assert "No plan keeps all that the scenario asks for" in page
    assert "What the solver said" in page
    # Proposals are called what people call them, also where the reader's language is another.
    told = page[page.index("The last computation came to nothing") : page.index("Time for the plan")]
    assert "It fails on: CAMI-2026-000" in told
    assert not any(str(one) in told for one in everything)
    desk.client.cookies.set("cami_lang", "fr")
    assert "L’obstacle" in desk.get(f"{SHELF}/{run.scenario_id}")


def test_a_plan_says_when_it_is_no_longer_todays(desk: Pages) -> None:
    run = planned(desk.service)
    own = f"{SHELF}/{run.scenario_id}"
    assert "since this plan was made" not in desk.get(own)
    hand(desk.service, submitted(UUID(int=4), reference="CAMI-2026-0004"))
    assert "its figures are no longer today’s" in desk.get(own)
    assert "Changed since" in desk.get(SHELF)
    form_post(desk.client, f"{own}/edit", {**FORM, "revision": "1", "each_state": "1"})
    assert "The scenario has been changed since this plan was made" in desk.get(own)


def test_another_name_makes_no_plan_out_of_date(desk: Pages) -> None:
    run = planned(desk.service)
    own = f"{SHELF}/{run.scenario_id}"
    form_post(desk.client, f"{own}/edit", {**FORM, "revision": "1", "name": "Spring plan", "description": "For May"})
    page = desk.get(own)
    assert "Spring plan" in page
    assert "since this plan was made" not in page
    assert "Changed since" not in desk.get(SHELF)
    form_post(desk.client, f"{own}/edit", {**FORM, "revision": "2", "max_windows": "1"})
    assert "The scenario has been changed since this plan was made" in desk.get(own)
    assert "Changed since" in desk.get(SHELF)
    form_post(desk.client, own, {"revision": "3"}, to=f"{own}/undo")
    assert "since this plan was made" not in desk.get(own)


def test_long_lists_of_a_plan_are_folded_and_every_line_is_there(desk: Pages) -> None:
    short = desk.get(f"{SHELF}/{planned(desk.service).scenario_id}")
    assert "more in this list" not in short
    references = [f"CAMI-2026-{1000 + n}" for n in range(30)]
    for number, reference in enumerate(references):
        hand(desk.service, submitted(UUID(int=500 + number), reference=reference))
    run = planned(desk.service)
    page = desk.get(f"{SHELF}/{run.scenario_id}")
    assert run.summary is not None
    left = len(references) + 3 - run.summary["funded"]
    out = page[page.index('id="left-head"') : page.index('id="adds-head"')]
    shown, folded = out.split("<details", 1)
    assert shown.count("<tr>") == 1 + 12
    assert folded.count("<tr>") == 1 + left - 12
    assert f"{left - 12} more in this list" in folded
    funded = page[: page.index('id="cover-head"')]
    assert all((one in funded) != (one in out) for one in references)


def test_a_plan_says_that_a_proposal_it_was_to_fund_is_gone(desk: Pages) -> None:
    hand(desk.service, withdrawn(submitted(FIRST, reference="CAMI-2026-0001")))
    run = planned(desk.service, must=frozenset({FIRST}))
    page = desk.get(f"{SHELF}/{run.scenario_id}")
    assert "1 proposal that the scenario names is not submitted any more" in page
    assert "Must be funded: a proposal that is not submitted any more." in page
    assert str(FIRST) not in page


def test_an_older_plan_keeps_its_address(desk: Pages) -> None:
    first = planned(desk.service)
    second = planned(desk.service, first.scenario_id)
    page = desk.get(f"{SHELF}/{first.scenario_id}?run={first.run_id}")
    assert "This is an older plan" in page
    assert str(second.run_id) in page
    desk.get(f"{SHELF}/{first.scenario_id}?run={new_id()}", 404)
    desk.get(f"{SHELF}/{first.scenario_id}?run=nonsense", 404)


def test_plans_stand_side_by_side_and_say_in_a_word_what_differs(desk: Pages) -> None:
    one, two = planned(desk.service), planned(desk.service, must_not=frozenset({FIRST}))
    address = f"{SHELF}/compare?plan={one.scenario_id}&plan={two.scenario_id}"
    page = desk.get(address)
    assert "Proposals in and out" in page
    assert page.count('class="differs__mark"') > 0
    # Both plans are worth the same, and fund two proposals.
    only = desk.get(f"{address}&only=differences")
    assert only.count("<tr") < page.count("<tr")
    assert "Please choose two to four plans" in desk.get(f"{SHELF}/compare?plan={one.scenario_id}")
    assert "Please choose two to four plans" in desk.get(f"{SHELF}/compare?plan=nonsense")
    book = openpyxl.load_workbook(io.BytesIO(desk.client.get(address.replace("compare?", "compare.xlsx?")).content))
    assert book.sheetnames[:4] == ["Figures", "Otherwise than today", "Proposals", "Windows"]


def test_of_many_proposals_side_by_side_those_that_differ_stand_first(desk: Pages) -> None:
    for number in range(20):
        hand(desk.service, submitted(UUID(int=500 + number), reference=f"CAMI-2026-{1000 + number}"))
    one, two = planned(desk.service), planned(desk.service, must_not=frozenset({FIRST}))
    page = desk.get(f"{SHELF}/compare?plan={one.scenario_id}&plan={two.scenario_id}")
    part = page[page.index('id="in-head"') : page.index('id="windows-head"')]
    shown, folded = part.split("<details", 1)
    assert "proposals are the same in all" in folded
    assert 'class="differs__mark"' not in folded
    assert shown.count("CAMI-2026-") == shown.count('class="differs__mark"') > 0
    assert shown.count("CAMI-2026-") + folded.count("CAMI-2026-") == 23


def test_a_plan_is_taken_away_as_a_workbook(desk: Pages) -> None:
    run = planned(desk.service)
    answer = desk.client.get(f"{SHELF}/{run.scenario_id}/plan.xlsx")
    assert answer.status_code == 200
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames == ["Grants", "Proposals", "Windows", "What each adds", "Notes"]
    assert run.answer is not None
    amounts = [row[3].value for row in book["Grants"].iter_rows(min_row=2)]
    assert sorted(map(str, amounts)) == sorted(str(amount) for _, _, amount in run.answer["grants"])
    desk.get(f"{SHELF}/{scenario(desk.service)}/plan.xlsx", 404)


@pytest.mark.parametrize("role", ["lead", "applicant"])
def test_people_who_do_not_coordinate_see_and_change_nothing(desk: Pages, role: str) -> None:
    own = f"{SHELF}/{scenario(desk.service)}"
    csrf = csrf_of(desk.get(own))
    desk.be(role, organisation=UUID(int=100))
    for path in (SHELF, own, f"{own}/edit", f"{SHELF}/new", f"{SHELF}/compare", f"{own}/progress"):
        desk.get(path, 403)
    for step in ("runs", "copy", "archive", "undo"):
        assert desk.client.post(f"{own}/{step}", data={"csrf": csrf}).status_code == 403
    assert runs(desk) == []


def test_what_is_not_there_is_not_found(desk: Pages) -> None:
    for path in (
        f"{SHELF}/{new_id()}",
        f"{SHELF}/nonsense",
        f"{SHELF}/{new_id()}/edit",
        f"{SHELF}/{new_id()}/progress",
    ):
        desk.get(path, 404)
    own = f"{SHELF}/{scenario(desk.service)}"
    assert form_post(desk.client, own, {}, to=f"{own}/runs/{new_id()}/cancel").status_code == 404


def test_a_run_of_another_scenario_is_not_cancelled(desk: Pages) -> None:
    quiet(desk)
    mine, other = scenario(desk.service), scenario(desk.service)
    run_id = asked(desk.service, other)
    answer = form_post(desk.client, f"{SHELF}/{mine}", {}, to=f"{SHELF}/{mine}/runs/{run_id}/cancel")
    assert answer.status_code == 404
    assert runs(desk)[0].state == "queued"
