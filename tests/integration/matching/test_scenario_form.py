"""The form of a scenario does not grow with the inventory: lines are found, entries travel along, and all are kept."""

import json
import re
from html.parser import HTMLParser
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from services.chassis.service import Service
from services.chassis.web.bodies import MAX_FIELDS
from services.matching.rules.portfolios import Changes
from services.matching.tables import ProposalCopy, Scenario, WindowCopy
from tests.integration.matching.conftest import Pages
from tests.integration.matching.planning import scenario
from tests.integration.matching.test_planning import FIRST, SECOND, stocked
from tests.support import form_post

__all__ = ["stocked"]
NEW = "/matching/portfolios/new"
FORM = {"name": "Large", "unsure": "1", "parts": "1", "max_windows": "3", "least_by": "usual", "save": "1"}
LAST = UUID(int=90_000 + 2_999)


def crowd(service: Service, proposals: int, windows: int) -> None:
    """As many copies of the first proposal and of the first window."""
    with service.work() as context:
        one = context.session.get_one(ProposalCopy, FIRST)
        two = context.session.get_one(WindowCopy, "small-1")
        rows = [
            one.model_dump() | {"proposal_id": UUID(int=90_000 + n), "reference": f"CAMI-2027-{n:04}"}
            for n in range(proposals)
        ]
        context.session.execute(ProposalCopy.__table__.insert(), rows)  # type: ignore[attr-defined]
        terms = two.terms
        rows = [
            two.model_dump() | {
                "window_id": f"many-{n}", "name": f"Window {n}", "event_id": f"copy-{n}",
                "terms": {**terms, "window_id": f"many-{n}", "name": f"Window {n}"},
            }
            for n in range(windows)
        ]  # fmt: skip
        if rows:
            context.session.execute(WindowCopy.__table__.insert(), rows)  # type: ignore[attr-defined]


class Entered(HTMLParser):
    """What a browser would send of the form of a scenario, but for its buttons."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self._inside, self._select, self._area = False, "", ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = "scenario-form" in told.get("class", "")
        elif self._inside and tag == "input" and told.get("name"):
            if told.get("type") not in ("checkbox", "radio") or "checked" in told:
                self.fields[told["name"]] = told.get("value", "")
        elif self._inside and tag == "select":
            self._select = told["name"]
        elif self._select and tag == "option" and ("selected" in told or self._select not in self.fields):
            self.fields[self._select] = told.get("value", "")
        elif self._inside and tag == "textarea":
            self._area = told["name"]

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "form"
        self._select = "" if tag == "select" else self._select
        self._area = "" if tag == "textarea" else self._area

    def handle_data(self, data: str) -> None:
        if self._area:
            self.fields[self._area] = self.fields.get(self._area, "") + data


def entered(page: str) -> dict[str, str]:
    parser = Entered()
    parser.feed(page)
    return parser.fields


@pytest.fixture
def desk(pages: Pages, stocked: Any) -> Pages:
    """Pages of the service with three proposals and three windows."""
    return pages


def changes_of(pages: Pages) -> Changes:
    with pages.service.read() as session:
        (one,) = session.exec(select(Scenario)).all()
        return Changes.from_json(one.changes)


def test_three_thousand_proposals_and_a_thousand_windows_fit_the_form(desk: Pages) -> None:
    small = desk.get(NEW)
    crowd(desk.service, 3000, 1000)
    page = desk.get(NEW)
    fields = len(re.findall(r"<(?:input|select|textarea|button)\b", page))
    assert fields < MAX_FIELDS / 10
    assert len(page) < len(small) + 100_000
    assert "1 to 10 of 3,003 shown." in page
    assert "1 to 10 of 1,003 shown." in page
    # A proposal is found by its reference, wished for, and stays wished for while others are looked at.
    typed = {**entered(page), "name": "Large", "proposals-find": "2027-2999", "look": "proposals"}
    found = desk.client.post(NEW, data=typed)
    assert found.status_code == 200
    assert "1 to 1 of 1 shown." in found.text
    assert f'name="wish-{LAST}"' in found.text
    typed = {**entered(found.text), f"wish-{LAST}": "must", "proposals-find": "", "look": "proposals:3"}
    other = desk.client.post(NEW, data=typed)
    assert f'name="wish-{LAST}"' not in other.text
    assert "1 has an entry." in other.text
    typed = {**entered(other.text), "windows-find": "window 999", "look": "windows"}
    third = desk.client.post(NEW, data=typed)
    assert "Window 999" in third.text
    typed = {**entered(third.text), "budget-many-999": "70 000", "closed-small-2": "1", "save": "1"}
    saved = desk.client.post(NEW, data=typed, follow_redirects=False)
    assert saved.status_code == 303
    changes = changes_of(desk)
    assert (changes.must, changes.closed) == ({LAST}, {"small-2"})
    assert changes.budgets == {"many-999": 70_000}


def test_a_scenario_with_wishes_for_all_is_saved_as_it_was(desk: Pages) -> None:
    crowd(desk.service, 3000, 0)
    wished = frozenset(UUID(int=90_000 + n) for n in range(3000))
    own = f"/matching/portfolios/{scenario(desk.service, must_not=wished)}"
    page = desk.get(f"{own}/edit")
    assert "1 to 10 of 3,000 shown." in page  # those with an entry come first into view
    typed = {**entered(page), f"wish-{UUID(int=90_000)}": "must", "name": "Otherwise", "save": "1"}
    assert desk.client.post(f"{own}/edit", data=typed, follow_redirects=False).status_code == 303
    changes = changes_of(desk)
    assert changes.must == {UUID(int=90_000)}
    assert changes.must_not == wished - {UUID(int=90_000)}


def test_a_mistake_in_a_line_that_is_not_drawn_is_brought_into_view(desk: Pages) -> None:
    crowd(desk.service, 60, 60)
    folded = json.dumps({"budget-many-59": "lots", f"wish-{SECOND}": "must"})
    answer = form_post(desk.client, NEW, {**FORM, "folded": folded, "windows-find": "small", "windows-found": "small"})
    assert answer.status_code == 400
    assert 'id="f-budget-many-59-error"' in answer.text
    assert 'value="lots"' in answer.text
    assert str(SECOND) in answer.text


@pytest.mark.parametrize("folded", ["{", "[]", '{"name":"x"}', '{"wish-a":["must"]}', "[" * 100_000])
def test_entries_that_cannot_be_read_are_told_and_nothing_is_saved(desk: Pages, folded: str) -> None:
    answer = form_post(desk.client, NEW, {**FORM, "folded": folded})
    assert answer.status_code == 400
    assert "this page is out of date" in answer.text.casefold()
    with desk.service.read() as session:
        assert session.exec(select(Scenario)).all() == []


def test_enter_in_a_box_that_searches_searches_and_elsewhere_saves(desk: Pages) -> None:
    by_enter = {**FORM, "save": ""}
    answer = form_post(desk.client, NEW, {**by_enter, "proposals-find": "0002", "proposals-found": ""})
    assert answer.status_code == 200
    assert f'name="wish-{SECOND}"' in answer.text
    assert f'name="wish-{FIRST}"' not in answer.text
    first = re.search(r'<button class="[^"]*" type="submit"[^>]*>', answer.text[answer.text.index("scenario-form") :])
    assert first
    assert "name=" not in first[0]  # Enter adds no line of a new window
    searched = {**by_enter, "proposals-find": "0002", "proposals-found": "0002"}
    assert form_post(desk.client, NEW, searched).status_code == 303


def test_the_smallest_grant_is_chosen_and_a_figure_counts_with_its_choice_alone(desk: Pages) -> None:
    own = f"/matching/portfolios/{scenario(desk.service)}/edit"
    for number, (typed, expected) in enumerate([
        ({"least_by": "share", "least_share": "10", "least_grant": "7"}, ("share", 1000, 10)),
        ({"least_by": "amount", "least_share": "x", "least_grant": "2 500"}, ("amount", 2500, 25)),
        ({"least_by": "usual", "least_share": "x", "least_grant": "y"}, ("usual", 1000, 25)),
    ], start=1):  # fmt: skip
        assert form_post(desk.client, own, {**FORM, **typed, "revision": str(number)}).status_code == 303
        changes = changes_of(desk)
        assert (changes.least_by, changes.least_grant, changes.least_share) == expected
    wrong = form_post(desk.client, own, {**FORM, "least_by": "share", "least_share": "101", "revision": "4"})
    assert wrong.status_code == 400
    assert 'id="f-least_share-error"' in wrong.text
