"""The pages on which coordinators try other weights and put them in force."""

import re
from html import unescape
from urllib.parse import urlencode
from uuid import UUID

import pytest

from services.matching.commands.weights import PutWeights
from services.matching.handlers import put_weights
from tests.integration.matching.conftest import Pages
from tests.integration.matching.events import hand, published
from tests.support import csrf_of, form_post
from tests.unit.matching.build import window

HOME = "/matching/fit"
POINTS = {
    "priority": 4, "themes": 30, "species": 18, "states": 6, "size": 20, "time": 8, "cofinancing": 6, "history": 8,
}  # fmt: skip
RUFFORD = f"/matching/proposals/{UUID(int=1)}/windows/rufford-1"


def text(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def preview(base: int = 3, **points: object) -> str:
    return f"{HOME}/preview?" + urlencode({"base": base, **POINTS, **points})


def put(pages: Pages, page: str, **typed: object) -> tuple[int, str]:
    data = {"base": 3, **POINTS, "why_priority": "Too alike", "why_themes": "Decides", **typed}
    response = form_post(pages.client, page, data, to=f"{HOME}/versions")
    return response.status_code, response.text


def test_the_page_shows_points_reasons_versions_and_figures(filled: Pages) -> None:
    words = text(filled.get(HOME))
    assert "Version 3 is in force" in words
    assert "What a donor names as its subject decides whether a proposal is read to the end." in words
    assert "Since version 3, which came with the program." in words
    assert "Version 1 Came with the program." in words
    assert "They are no outcomes of real applications." in words
    assert "Event" in words
    filled.client.cookies.set("cami_lang", "ru")
    words = text(filled.get(HOME))
    assert "От того, что донор называет своей темой, зависит, дочитают ли заявку до конца." in words
    assert "What a donor names" not in words


def test_a_preview_tells_what_moves_and_changes_nothing(filled: Pages) -> None:
    hand(filled.service, published(window("other", name="Other Window", themes=["ecotourism"])))
    before = text(filled.get(RUFFORD))
    words = text(filled.get(preview()))
    assert "Programme priority: 12 → 4 (8 less)" in words
    assert "Themes: 22 → 30 (8 more)" in words
    assert "Pairs with another fit 1 of 3" in words
    assert "Other Window" in words
    assert "4 less" in words
    assert text(filled.get(RUFFORD)) == before


def test_points_that_do_not_make_a_hundred_are_named_and_kept(filled: Pages) -> None:
    page = filled.get(preview(themes=31), 400)
    assert "Themes: all points together make 101, not 100." in text(page)
    assert "Programme priority: all points together make 101, not 100." in text(page)
    assert "Species: all points" not in text(page)
    assert 'name="themes" value="31"' in page
    for wrong in ("-1", "many", "101", ""):
        page = filled.get(preview(themes=wrong), 400)
        assert 'href="#f-themes"' in page
        assert f'name="themes" value="{wrong}"' in page
    same = {"priority": 12, "themes": 22}
    assert "These are the points in force." in text(filled.get(preview(**same), 400))


def test_a_preview_without_points_asks_for_them(filled: Pages) -> None:
    assert "Themes: please fill this in." in text(filled.get(f"{HOME}/preview", 400))
    filled.get(f"{HOME}/preview?same_as=99", 404)
    filled.get(f"{HOME}/preview?same_as=x", 404)


def test_every_changed_part_needs_a_reason_and_nothing_typed_is_lost(filled: Pages) -> None:
    status, page = put(filled, preview(), why_themes="")
    assert status == 400
    assert "Themes: please say why these points change, so that the next person can follow." in text(page)
    assert "Too alike</textarea>" in page
    assert 'name="themes" value="30"' in page
    status, page = put(filled, preview(), why_themes="x" * 1001)
    assert (status, "x" * 1001 in page) == (400, True)


def test_points_are_put_in_force_and_every_page_says_so(filled: Pages) -> None:
    hand(filled.service, published(window("other", name="Other Window", themes=["ecotourism"])))
    status, _ = put(filled, preview())
    assert status == 303
    words = text(filled.get(HOME))
    assert "Version 4 of the weights is in force. Every pair has been weighed again." in words
    assert "Version 4 In force Aigul Test" in words
    assert "Themes: 22 → 30 (8 more) Decides" in words
    assert "Last news: other weights of the fit." in text(filled.get(f"/matching/proposals/{UUID(int=1)}"))
    page = text(filled.get(RUFFORD))
    assert "Weighed by version 4 of the weights." in page
    told = filled.client.get(f"/matching/api/proposals/{UUID(int=1)}/pairs").json()["pairs"]
    assert {pair["weights"] for pair in told if pair["fit"] is not None} == {4}
    status, _ = put(filled, preview(4, priority=6, themes=28))
    assert status == 303, "pressed twice"
    assert "Version 4 is in force" in (words := text(filled.get(HOME)))
    assert "Nothing has changed." in words


def test_the_second_of_two_sees_what_the_first_has_changed_and_keeps_what_was_typed(filled: Pages) -> None:
    first = PutWeights(3, {**POINTS, "size": 18, "history": 10}, {}, UUID(int=99), "Bolot")
    drawn = filled.get(preview())
    filled.service.run(lambda context: put_weights(context, first))
    data = {"csrf": csrf_of(drawn), "base": 3, **POINTS, "why_priority": "Too alike", "why_themes": "Decides"}
    response = filled.client.post(f"{HOME}/versions", data=data)
    assert response.status_code == 409
    words = text(response.text)
    assert "Other weights have been put in force since you opened the page." in words
    assert "Version 4, Bolot" in words
    assert "Size of the grant: 20 → 18 (2 less)" in words
    assert 'name="base" value="4"' in response.text
    assert 'name="themes" value="30"' in response.text
    assert "Version 4 is in force" in text(filled.get(HOME))


def test_one_goes_back_with_one_click_or_looks_first(filled: Pages) -> None:
    put(filled, preview())
    words = text(filled.get(f"{HOME}/preview?same_as=3&base=4"))
    assert "Going back to version 3" in words
    assert "Themes: 30 → 22 (8 less)" in words
    for _ in range(2):
        response = form_post(filled.client, HOME, {"base": 4, "same_as": 3}, to=f"{HOME}/versions")
        assert response.status_code == 303
    words = text(filled.get(HOME))
    assert "Goes back to version 3." in words
    assert "Version 5 is in force" in words
    assert "Version 6" not in words


@pytest.mark.parametrize("role", ["applicant", "lead"])
def test_others_neither_see_nor_change_the_weights(filled: Pages, role: str) -> None:
    token = csrf_of(filled.get(HOME))
    filled.be(role)
    filled.get(HOME, 403)
    filled.get(preview(), 403)
    filled.get(f"{HOME}/labelled", 403)
    assert filled.client.post(f"{HOME}/versions", data={"csrf": token, "base": 3, **POINTS}).status_code == 403
    filled.be("coordinator")
    assert "Version 3 is in force" in text(filled.get(HOME))


def test_without_proposals_the_preview_says_so(pages: Pages) -> None:
    assert "No pair has a fit yet" in text(pages.get(preview()))


def test_the_labelled_pairs_are_laid_open_with_their_reasons(filled: Pages) -> None:
    assert "No window is here yet" not in text(filled.get(f"{HOME}/labelled"))
    page = filled.get(f"{HOME}/labelled")
    words = text(page)
    assert "Where do urial still live in southern Tajikistan? A first survey with schools" in words
    assert "A conservationist at the start of a career, field work with education, within the ceiling." in words
    assert "Worth applying" in words
    assert 'href="/matching/windows/rufford-1"' in page
    assert "closed since 2019" not in words, "windows that are not known here are left out"
    assert f'href="{HOME}/labelled"' in filled.get(HOME)


def test_without_windows_the_labelled_pairs_say_so(pages: Pages) -> None:
    assert "No window is here yet" in text(pages.get(f"{HOME}/labelled"))
